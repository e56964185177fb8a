// How much of each cluster's capacity is asked of Serve in an incremental upgrade: target_capacity,
// in percent of what the config says, one step at a time (core/incremental.h).
//
// A cluster of another revision than the one asked for keeps the config that it was sent: that is
// fetched from the log, and sent again with another capacity. Whoever leaves the strategy gets all
// capacity back.

#include "core/incremental.h"
#include "core/rules.h"
#include "core/serve_put.h"
#include "core/service_phase.h"
#include "core/wish.h"

namespace raycord {
namespace {

constexpr std::int32_t kWhole = 100;

void send(const View& view, Wishes& wishes, Rule rule, const Cluster& cluster,
          std::optional<std::int32_t> capacity) {
  const auto sent = config_sent_to(view, cluster);
  if (!sent || !may_be_put_to(cluster)) return;
  std::vector<Seq> causes = causes_of_put(view, cluster);
  causes.push_back(cluster.config.accepted_by);
  if (const auto* route = route_of(view.partition)) causes.push_back(route->since);
  if (const auto* gateway = gateway_of(view.partition)) causes.push_back(gateway->since);
  wishes.want(rule, std::move(causes), put_to(view, cluster, sent->config, sent->from, capacity));
}

// Serve has more or less of it than it was asked for: its head forgot, or somebody changed it.
bool has_drifted(const Cluster& cluster) {
  const auto& shown = cluster.dashboard.serve.value.target_capacity;
  return shown && cluster.share.capacity && *shown != *cluster.share.capacity;
}

// The config of an old cluster is not sent by rule_serve_config, which knows the new one only.
void mend_old(const View& view, Wishes& wishes, const Cluster& cluster) {
  if (cluster.delete_decided || fits(view.partition.service->value, cluster.object->value)) return;
  if (cluster.dashboard.latest.since < cluster.config.accepted_by) return;
  const bool lost = cluster.dashboard.serve.value.apps.empty() && cluster.config.accepted;
  if (!lost && !has_drifted(cluster)) return;
  send(view, wishes, Rule::MendOldConfig, cluster, cluster.share.capacity);
}

void move_on(const View& view, Wishes& wishes, const Increment& it) {
  if (it.pending->delete_decided) return;
  if (it.at_once) {
    if (it.shares.pending_capacity == kWhole) return;
    return send(view, wishes, Rule::RaiseCapacity, *it.pending, kWhole);
  }
  if (!it.pending->share.capacity || !is_routing_ready(view.partition)) return;
  const IncrementalOptions& options = *view.partition.service->value.incremental;
  const auto step = next_capacity(it.shares, options, it.heading, it.giver_fixed);
  if (!step) return;
  const Cluster& cluster = step->of_pending ? *it.pending : *it.active;
  const std::int32_t now =
      step->of_pending ? it.shares.pending_capacity : it.shares.active_capacity;
  if (step->to == now) return;
  send(view, wishes, step->to > now ? Rule::RaiseCapacity : Rule::LowerCapacity, cluster, step->to);
}

void restore(const View& view, Wishes& wishes, const Roles& roles) {
  for (const Cluster* cluster : {roles.active, roles.pending}) {
    if (cluster == nullptr || cluster->delete_decided || !cluster->share.capacity) continue;
    send(view, wishes, Rule::RestoreCapacity, *cluster, std::nullopt);
  }
}

}  // namespace

void rule_capacity(const View& view, Wishes& wishes) {
  if (!may_have_clusters(view.partition, view.now)) return;
  const RayServiceSlice& service = view.partition.service->value;
  if (!service.invalid.reason.empty() || !service.serve_config.error.empty()) return;
  const Roles roles = roles_of(view.partition);
  if (!service.incremental) return restore(view, wishes, roles);
  if (is_routing_moving(view.partition)) return;
  if (const auto it = increment_of(view, roles, wishes)) move_on(view, wishes, *it);
  if (takes_over(view, roles) && roles.pending->share.capacity.value_or(kWhole) < kWhole) {
    send(view, wishes, Rule::RaiseCapacity, *roles.pending, kWhole);
  }
  for (const Cluster* cluster : {roles.active, roles.pending}) {
    if (cluster != nullptr) mend_old(view, wishes, *cluster);
  }
}

}  // namespace raycord
