// Which Serve config each cluster should run, and when it is PUT.
//
// A cluster whose revision is the one asked for gets the config asked for; one of an older revision
// keeps its own while a new cluster is prepared. What is deployed is what the dashboard's answer
// shows, not what we remember having sent: a head that restarted, an application that vanished or a
// manual change is repaired the same way.

#include <algorithm>

#include "core/deployed.h"
#include "core/illness.h"
#include "core/incremental.h"
#include "core/limits.h"
#include "core/readiness.h"
#include "core/roles.h"
#include "core/rules.h"
#include "core/serve_put.h"
#include "core/service_phase.h"
#include "core/wish.h"

namespace raycord {
namespace {

constexpr std::int32_t kWholeCapacity = 100;

bool is_config_for(const View& view, const Cluster& cluster) {
  const RayServiceSlice& service = view.partition.service->value;
  const RayClusterSlice& slice = cluster.object->value;
  if (is_current(service, slice) || only_appends_groups(service, slice)) return true;
  return !upgrades_by_new_cluster(view);
}

// How long an accepted config may take to show. Where it never does (a head that rewrites its
// config), it is not sent at that rate for ever.
Millis settle_time(const ConfigRecord& config) {
  Millis time = kConfigSettleTime;
  for (std::uint32_t i = 0; i < config.repeats && time < kRetryMax; ++i) time *= 2;
  return std::min(time, kRetryMax);
}

// What stands beside the applications (proxies, capacity, logging) is not seen in an answer: an
// edit of that alone is sent because the last config known to be there is another. A PUT with
// unknown outcome has arrived if what is shown has changed since.
bool is_edited_beside_apps(const Cluster& cluster, Hash wanted) {
  const ConfigRecord& config = cluster.config;
  const bool arrived = config.asked == wanted && config.doubt_at >= config.asked_at &&
                       config.shown_before != shown_in(cluster.dashboard.serve.value);
  const Hash last = config.accepted ? config.accepted : config.shown_for;
  return last && last != wanted && !arrived;
}

// The PUT was accepted a moment ago; the next answers must show it.
bool is_settling(const View& view, const Cluster& cluster, Hash wanted, Wishes& wishes) {
  const ConfigRecord& config = cluster.config;
  const bool same_head = config.head_uid == cluster.dashboard.head_uid &&
                         config.head_restarts == cluster.dashboard.head_restarts;
  if (!same_head || config.accepted != wanted || config.asked != wanted) return false;
  if (config.accepted_by < config.asked_by) return false;
  const Time due = config.accepted_at + settle_time(config);
  if (due <= view.now) return false;
  wishes.wake_at(due);
  return true;
}

// What Serve is asked for beside the config, in an incremental upgrade: a new cluster begins with
// nothing, unless it is to take over at once. One that always had all of it is left alone.
std::optional<std::int32_t> capacity_to_send(const View& view, const Roles& roles,
                                             const Cluster& cluster) {
  if (!is_incremental(view.partition)) return std::nullopt;
  const bool begins = &cluster == roles.pending && roles.active != nullptr &&
                      cluster.object->value.purpose == Purpose::Upgrade &&
                      cluster.share.traffic.value_or(0) == 0;
  return capacity_of(cluster, begins ? 0 : kWholeCapacity);
}

// Shown otherwise than it was accepted: the head forgot it, or somebody changed it.
bool has_other_capacity(const Cluster& cluster) {
  const auto& shown = cluster.dashboard.serve.value.target_capacity;
  return shown && cluster.share.capacity && *shown != *cluster.share.capacity;
}

void keep_config(const View& view, Wishes& wishes, const Roles& roles, const Cluster& cluster) {
  const Known<RayServiceSlice>& service = *view.partition.service;
  const ServeConfig& wanted = service.value.serve_config;
  if (!may_be_put_to(cluster)) return;
  const auto capacity = capacity_to_send(view, roles, cluster);
  const bool edited = is_edited_beside_apps(cluster, wanted.hash);
  const bool drifted = capacity && has_other_capacity(cluster);
  const bool unasked =
      capacity.value_or(kWholeCapacity) != kWholeCapacity && !cluster.share.capacity;
  if (is_deployed(wanted, cluster) && !edited && !drifted && !unasked) return;
  if (is_settling(view, cluster, wanted.hash, wishes)) return;
  wishes.want(Rule::SendServeConfig, causes_of_put(view, cluster),
              put_to(view, cluster, wanted.hash, service.since, capacity));
}

}  // namespace

void rule_serve_config(const View& view, Wishes& wishes) {
  if (!view.partition.service) return;
  const RayServiceSlice& service = view.partition.service->value;
  if (!may_have_clusters(view.partition, view.now) || !service.invalid.reason.empty()) return;
  const ServeConfig& wanted = service.serve_config;
  if (!wanted.error.empty()) return;
  const Roles roles = roles_of(view.partition);
  for (const Cluster* cluster : {roles.active, roles.pending}) {
    if (cluster == nullptr || cluster->delete_decided || !is_config_for(view, *cluster)) continue;
    keep_config(view, wishes, roles, *cluster);
  }
}

}  // namespace raycord
