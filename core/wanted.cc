#include "core/wanted.h"

#include <algorithm>

#include "core/ill_clock.h"
#include "core/illness.h"
#include "core/limits.h"
#include "core/names.h"
#include "core/roles.h"
#include "core/state.h"

namespace raycord {
namespace {

bool is_ill(const Dashboard& dashboard) {
  return is_running(dashboard.silent) || !dashboard.ill_apps.empty();
}

// When the next answer decides something: a threshold, or an active cluster that is well again.
Time urgent_time(const View& view, const Cluster& cluster, const Roles& roles) {
  const auto next = next_illness(view, cluster);
  Time urgent = next ? *next : Time{};
  const bool replaced = &cluster == roles.active && roles.pending != nullptr &&
                        roles.pending->object->value.purpose == Purpose::Failover;
  const Dashboard& dashboard = cluster.dashboard;
  if (replaced && dashboard.running_since != Time{} &&
      dashboard.running_until - dashboard.running_since < kWellAgain) {
    const Time well = dashboard.running_since + kWellAgain;
    if (urgent == Time{} || well < urgent) urgent = well;
  }
  return urgent;
}

void add_probes(const View& view, const Cluster& cluster, const Roles& roles, Wanted& wanted) {
  const Known<PodSlice>* head = head_pod_of(cluster);
  if (head == nullptr || !cluster.object || cluster.delete_accepted) return;
  const PodSlice& pod = head->value;
  if (pod.phase != PodPhase::Running || pod.ip.empty()) return;
  const RayClusterSlice& slice = cluster.object->value;
  WantedProbe probe;
  probe.ns = slice.meta.ns;
  probe.cluster = slice.meta.name;
  probe.head_uid = pod.meta.uid;
  probe.head_restarts = pod.ray_restarts;
  probe.target = ProbeTarget::Dashboard;
  probe.address = pod.ip;
  probe.port = slice.dashboard_port;
  probe.agent_port = slice.agent_port;
  probe.head_pod = pod.meta.name;
  probe.head_service = slice.head_service_name.empty() ? head_service_name(slice.meta.name)
                                                       : slice.head_service_name;
  probe.token_secret = slice.token_auth ? slice.token_secret : "";
  probe.flush_every = is_ill(cluster.dashboard) ? kRunFlushIll : kRunFlushWell;
  probe.urgent_at = urgent_time(view, cluster, roles);
  wanted.probes.push_back(probe);
  if (view.partition.service->value.exclude_head_from_serve) return;  // Its label is false anyway.
  probe.target = ProbeTarget::Proxy;
  probe.port = slice.serve_port;
  probe.token_secret.clear();
  probe.flush_every = kRunFlushWell;
  probe.urgent_at = Time{};
  wanted.probes.push_back(std::move(probe));
}

bool is_watched_on_demand(Kind kind) {
  return kind == Kind::Job || kind == Kind::Ingress || kind == Kind::Gateway ||
         kind == Kind::HTTPRoute;
}

void add_routing_kinds(const Partition& partition, Wanted& wanted) {
  const bool asked = partition.service && partition.service->value.incremental &&
                     !partition.service->value.managed_elsewhere;
  if (!asked && partition.gateways.empty() && partition.routes.empty()) return;
  wanted.kinds.insert({Kind::Gateway, Kind::HTTPRoute});
}

void add_kinds(const Fleet& fleet, const Cluster& cluster, Wanted& wanted) {
  const bool ours = cluster.object && !cluster.object->value.managed_elsewhere;
  const bool cleans_up =
      ours && cluster.object->value.redis_tolerant && fleet.options.redis_cleanup;
  const bool has_way_in = ours && !cluster.object->value.ingress.empty();
  if (cleans_up || !cluster.jobs.empty()) wanted.kinds.insert(Kind::Job);
  if (has_way_in || !cluster.ingresses.empty()) wanted.kinds.insert(Kind::Ingress);
}

void add_barrier(Wanted& wanted, Kind kind, Seq asked) {
  const auto found = std::find_if(wanted.barriers.begin(), wanted.barriers.end(),
                                  [&](const WantedBarrier& b) { return b.kind == kind; });
  if (found == wanted.barriers.end()) {
    wanted.barriers.push_back({kind, asked});
  } else {
    found->asked = std::max(found->asked, asked);
  }
}

}  // namespace

void add_wanted(const State& state, const PartitionName& name, Wanted& wanted) {
  const auto found = state.partitions.find(name);
  if (found == state.partitions.end()) return;
  const Partition& partition = found->second;
  for (const auto& [target, write] : partition.in_flight) {
    if (!write.doubt) continue;
    add_barrier(wanted, write.object.kind, write.doubt);
    if (is_watched_on_demand(write.object.kind)) wanted.kinds.insert(write.object.kind);
  }
  add_routing_kinds(partition, wanted);
  for (const auto& [cluster_name, cluster] : partition.clusters) {
    add_kinds(state.fleet, cluster, wanted);
  }
  if (!state.fleet.leading || !partition.service) return;
  if (partition.service->value.managed_elsewhere) return;
  const View view{partition, state.fleet, state.now};
  const Roles roles = roles_of(partition);
  for (const auto& [cluster_name, cluster] : partition.clusters) {
    add_probes(view, cluster, roles, wanted);
  }
}

void add_wanted_of_fleet(const State& state, Wanted& wanted) {
  wanted.newest = state.last;
  for (const auto& [kind, view] : state.fleet.kinds) {
    if (!view.listed || view.caught_up || is_watched_on_demand(kind)) continue;
    add_barrier(wanted, kind, state.fleet.started);
  }
}

Wanted wanted_of(const State& state) {
  Wanted wanted;
  add_wanted_of_fleet(state, wanted);
  for (const auto& [name, partition] : state.partitions) add_wanted(state, name, wanted);
  return wanted;
}

}  // namespace raycord
