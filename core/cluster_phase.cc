#include "core/cluster_phase.h"

#include <algorithm>

#include "core/names.h"
#include "core/status.h"

namespace raycord {
namespace {

bool is_true(const Cluster& cluster, const char* type) {
  const Condition* condition = find_condition(cluster.status.value.conditions, type);
  return condition != nullptr && condition->status == "True";
}

// The RayService that owns the cluster is gone, going, or another one of the same name.
bool has_lost_its_service(const Partition& partition, const RayClusterSlice& cluster) {
  if (partition.root != Kind::RayService) return false;
  if (!partition.service) return true;
  const Meta& owner = partition.service->value.meta;
  return owner.deleting_since.has_value() || owner.uid != cluster.meta.owner.uid;
}

bool is_deleted_in_this_turn(const Wishes& wishes, const RayClusterSlice& cluster) {
  const ObjectName name{Kind::RayCluster, cluster.meta.ns, cluster.meta.name};
  const auto& decisions = wishes.decisions();
  return std::any_of(decisions.begin(), decisions.end(), [&](const Decision& decision) {
    const auto* deletion = std::get_if<DeleteObject>(&decision.effect);
    return deletion != nullptr && deletion->object == name;
  });
}

}  // namespace

SuspendStep suspend_step_of(const Cluster& cluster) {
  const bool asked = cluster.object && cluster.object->value.suspended;
  if (is_true(cluster, "RayClusterSuspending")) return SuspendStep::Suspending;
  if (is_true(cluster, "RayClusterSuspended")) {
    return asked ? SuspendStep::Suspended : SuspendStep::Resuming;
  }
  return asked ? SuspendStep::Asked : SuspendStep::Running;
}

bool wants_redis_cleanup(const View& view, const RayClusterSlice& cluster) {
  return cluster.redis_tolerant && view.fleet.options.redis_cleanup;
}

bool lacks_redis_finalizer(const View& view, const RayClusterSlice& cluster) {
  return wants_redis_cleanup(view, cluster) && !cluster.has_redis_finalizer;
}

bool is_to_be_run(const View& view, const Wishes& wishes, const Cluster& cluster) {
  return may_be_run(view, wishes, cluster) && !lacks_redis_finalizer(view, cluster.object->value);
}

bool may_be_run(const View& view, const Wishes& wishes, const Cluster& cluster) {
  if (!cluster.object || cluster.delete_accepted || cluster.delete_decided) return false;
  const RayClusterSlice& slice = cluster.object->value;
  if (slice.meta.deleting_since || slice.managed_elsewhere) return false;
  if (!slice.invalid.reason.empty()) return false;
  return !has_lost_its_service(view.partition, slice) && !is_deleted_in_this_turn(wishes, slice);
}

Template template_of(const Cluster& cluster) {
  const Meta& meta = cluster.object->value.meta;
  return {{Kind::RayCluster, meta.ns, meta.name}, cluster.object->since};
}

std::string head_service_name_of(const RayClusterSlice& cluster) {
  return cluster.head_service_name.empty() ? head_service_name(cluster.meta.name)
                                           : cluster.head_service_name;
}

const Known<ServiceSlice>* cluster_head_service(const Cluster& cluster) {
  const Known<ServiceSlice>* found = nullptr;
  for (const auto& [name, service] : cluster.services) {
    if (!service.value.is_head_service) continue;
    const bool expected = cluster.object && name == head_service_name_of(cluster.object->value);
    if (found == nullptr || expected) found = &service;
  }
  return found;
}

}  // namespace raycord
