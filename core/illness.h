// When a cluster is ill past its threshold, and whether a replacement may be started for it.
//
// Ill health is evidence about the cluster, not about the observer: see IllClock, the arming of
// dashboards (core/state.h) and the fleet hold. Guide, "case 1" and "case 2".

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/rules.h"

namespace raycord {

struct Illness {
  Rule rule = Rule::FailOverSilentDashboard;  // The failover rule that it is a reason for.
  std::vector<Seq> causes;
  // For people: "app fruit_app is UNHEALTHY since 2026-11-23T18:05:33Z". It stays the same while
  // the illness lasts, so that a status which shows it is not written again and again.
  std::string what;
};

Millis silent_dashboard_threshold(const RayServiceSlice& service);
Millis unhealthy_app_threshold(const RayServiceSlice& service);

// Nothing: not ill, or not for long enough. Asks `wishes` to look again when time alone decides.
std::optional<Illness> illness_of(const View& view, const Cluster& cluster, Wishes& wishes);

// The earliest time at which a further bad answer of the dashboard makes the cluster ill, or ill
// in another way.
std::optional<Time> next_illness(const View& view, const Cluster& cluster);

// All applications have been running as asked, with a Ready head, for kWellAgain.
bool is_well_again(const View& view, const Cluster& cluster);

// The weaker of what the fleet allows and the service asks for; strategy None means off unless the
// service's annotation says otherwise.
FailoverMode failover_mode(const View& view);

// A new cluster is made for a changed spec (upgradeStrategy, ENABLE_ZERO_DOWNTIME).
bool upgrades_by_new_cluster(const View& view);

// Attempts that failed for what is asked for now.
std::uint32_t failed_attempts(const Partition& partition);

// No attempt is made at present, because earlier ones failed; wakes when waiting ends it.
bool is_backing_off(const View& view, Wishes& wishes);

}  // namespace raycord
