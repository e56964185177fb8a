// What must survive the loss of the log is written on the objects: the name counter, attempts and
// back-off on the RayService, the accepted Serve config on the RayCluster (shared design, 3.14).

#include <algorithm>

#include "core/roles.h"
#include "core/rules.h"

namespace raycord {
namespace {

// The counter is to be written when no cluster shows it any more: one that is there, or is being
// made, does.
bool is_counter_known(const Partition& partition) {
  const std::uint32_t counter = partition.memory.name_counter;
  if (partition.service->value.name_counter >= counter) return true;
  if (roles_of(partition).creating) return true;
  return std::any_of(partition.clusters.begin(), partition.clusters.end(), [&](const auto& entry) {
    const Cluster& cluster = entry.second;
    return cluster.object && !cluster.delete_decided && !cluster.delete_accepted &&
           cluster.object->value.counter >= counter;
  });
}

void remember_on_service(const View& view, Wishes& wishes) {
  const Known<RayServiceSlice>& service = *view.partition.service;
  const ServiceMemory& memory = view.partition.memory;
  const std::optional<Time> until =
      memory.attempts > 0 ? std::optional<Time>(memory.back_off_until) : std::nullopt;
  if (is_counter_known(view.partition) && service.value.attempts == memory.attempts &&
      service.value.back_off_until == until) {
    return;
  }
  const Meta& meta = service.value.meta;
  wishes.want(
      Rule::RememberOnService, {service.since, memory.attempts_since},
      RememberOnService{meta.ns, meta.name, meta.uid, memory.name_counter, memory.attempts, until});
}

void remember_on_cluster(Wishes& wishes, const Cluster& cluster) {
  const RayClusterSlice& slice = cluster.object->value;
  if (!cluster.config.accepted || slice.accepted_config == cluster.config.accepted) return;
  wishes.want(Rule::RememberAcceptedConfig, {cluster.object->since, cluster.config.accepted_by},
              RememberOnCluster{slice.meta.ns, slice.meta.name, slice.meta.uid, slice.delete_after,
                                cluster.config.accepted});
}

}  // namespace

void rule_memory(const View& view, Wishes& wishes) {
  if (!view.partition.service || view.partition.service->value.meta.deleting_since) return;
  if (view.partition.service->value.has_finalizer) remember_on_service(view, wishes);
  for (const auto& [name, cluster] : view.partition.clusters) {
    if (cluster.object && !cluster.delete_decided && !cluster.delete_accepted) {
      remember_on_cluster(wishes, cluster);
    }
  }
}

}  // namespace raycord
