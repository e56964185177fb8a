#include "core/illness.h"

#include <algorithm>

#include "core/ill_clock.h"
#include "core/limits.h"
#include "core/readiness.h"
#include "core/wish.h"

namespace raycord {
namespace {

Millis threshold_or(const std::optional<std::int32_t>& seconds, Millis otherwise) {
  return seconds && *seconds > 0 ? Millis(std::chrono::seconds(*seconds)) : otherwise;
}

bool is_about_present_head(const Cluster& cluster) {
  const Known<PodSlice>* head = head_pod_of(cluster);
  return head != nullptr && cluster.dashboard.head_uid == head->value.meta.uid &&
         cluster.dashboard.head_restarts == head->value.ray_restarts;
}

std::vector<Seq> evidence(const View& view, const Cluster& cluster, const IllClock& clock) {
  return {clock.first, clock.latest, cluster.object->since, view.partition.service->since};
}

std::optional<Illness> silent_dashboard(const View& view, const Cluster& cluster) {
  const IllClock& clock = cluster.dashboard.silent;
  if (!is_about_present_head(cluster)) return std::nullopt;
  if (!has_reached(clock, silent_dashboard_threshold(view.partition.service->value))) {
    return std::nullopt;
  }
  return Illness{Rule::FailOverSilentDashboard, evidence(view, cluster, clock),
                 "the dashboard has not answered since " + to_rfc3339(clock.since)};
}

// A config that never ran anywhere gets one replacement: another cluster would fail the same way.
bool had_its_replacement(const View& view, const Cluster& cluster) {
  const Hash config = view.partition.service->value.serve_config.hash;
  return cluster.config.ran != config && view.partition.memory.replaced_config == config;
}

std::optional<Illness> unhealthy_app(const View& view, const Cluster& cluster) {
  if (!is_about_present_head(cluster) || had_its_replacement(view, cluster)) return std::nullopt;
  const Millis threshold = unhealthy_app_threshold(view.partition.service->value);
  for (const auto& [app, clock] : cluster.dashboard.ill_apps) {
    if (!has_reached(clock, threshold)) continue;
    std::string status = "ill";
    for (const AppAnswer& answer : cluster.dashboard.serve.value.apps) {
      if (answer.name == app) status = answer.status;
    }
    return Illness{Rule::FailOverUnhealthyApp, evidence(view, cluster, clock),
                   "app " + app + " is " + status + " since " + to_rfc3339(clock.since)};
  }
  return std::nullopt;
}

// A head that never became ready: no dashboard has answered, so no dashboard clock runs.
std::optional<Illness> head_not_ready(const View& view, const Cluster& cluster, Wishes& wishes) {
  if (cluster.head_unready_since == Time{}) return std::nullopt;
  if (is_about_present_head(cluster) && cluster.dashboard.armed) return std::nullopt;
  const Millis limit =
      std::max(kHeadStartLimit, silent_dashboard_threshold(view.partition.service->value));
  const Time due = cluster.head_unready_since + limit;
  if (due > view.now) {
    wishes.wake_at(due);
    return std::nullopt;
  }
  return Illness{Rule::FailOverHeadNotReady,
                 {cluster.head_unready, cluster.object->since, view.partition.service->since},
                 "the head pod is not ready since " + to_rfc3339(cluster.head_unready_since)};
}

int strength(FailoverMode mode) {
  switch (mode) {
    case FailoverMode::Off:
      return 0;
    case FailoverMode::Shadow:
      return 1;
    case FailoverMode::Unset:
    case FailoverMode::Enforce:
      return 2;
  }
  return 0;
}

}  // namespace

Millis silent_dashboard_threshold(const RayServiceSlice& service) {
  return threshold_or(service.deployment_unhealthy_s, kSilentDashboardDefault);
}

Millis unhealthy_app_threshold(const RayServiceSlice& service) {
  return threshold_or(service.service_unhealthy_s, kUnhealthyAppDefault);
}

std::optional<Illness> illness_of(const View& view, const Cluster& cluster, Wishes& wishes) {
  if (!view.partition.service || !cluster.object) return std::nullopt;
  if (auto illness = silent_dashboard(view, cluster)) return illness;
  if (auto illness = unhealthy_app(view, cluster)) return illness;
  return head_not_ready(view, cluster, wishes);
}

std::optional<Time> next_illness(const View& view, const Cluster& cluster) {
  if (!view.partition.service) return std::nullopt;
  const RayServiceSlice& service = view.partition.service->value;
  std::optional<Time> next;
  const auto consider = [&](const IllClock& clock, Millis threshold) {
    if (!is_running(clock) || has_reached(clock, threshold)) return;
    const Time reach = earliest_reach(clock, threshold);
    if (!next || reach < *next) next = reach;
  };
  consider(cluster.dashboard.silent, silent_dashboard_threshold(service));
  for (const auto& [app, clock] : cluster.dashboard.ill_apps) {
    consider(clock, unhealthy_app_threshold(service));
  }
  return next;
}

bool is_well_again(const View& view, const Cluster& cluster) {
  const Dashboard& dashboard = cluster.dashboard;
  return is_head_ready(cluster) && runs_as_asked(view, cluster) &&
         dashboard.running_since != Time{} &&
         dashboard.running_until - dashboard.running_since >= kWellAgain;
}

bool upgrades_by_new_cluster(const View& view) {
  switch (view.partition.service->value.upgrade) {
    case UpgradeType::NewCluster:
      return true;
    case UpgradeType::Unset:
      return view.fleet.options.zero_downtime;
    case UpgradeType::None:
      return false;
    case UpgradeType::Incremental:  // Logs of before have no options: it was refused.
      return view.partition.service->value.incremental.has_value();
  }
  return false;
}

FailoverMode failover_mode(const View& view) {
  const FailoverMode cap = view.fleet.options.failover;
  const FailoverMode asked = view.partition.service->value.failover;
  if (asked == FailoverMode::Unset && !upgrades_by_new_cluster(view)) return FailoverMode::Off;
  const FailoverMode weaker = strength(asked) < strength(cap) ? asked : cap;
  return weaker == FailoverMode::Unset ? FailoverMode::Enforce : weaker;
}

std::uint32_t failed_attempts(const Partition& partition) {
  const ServiceMemory& memory = partition.memory;
  const bool same = !memory.attempted_for || memory.attempted_for == wish_of(partition);
  return same ? memory.attempts : 0;
}

bool is_backing_off(const View& view, Wishes& wishes) {
  const std::uint32_t attempts = failed_attempts(view.partition);
  if (attempts == 0) return false;
  if (attempts >= kAttemptsMax) return true;
  const Time until = view.partition.memory.back_off_until;
  if (until <= view.now) return false;
  wishes.wake_at(until);
  return true;
}

}  // namespace raycord
