#include "core/roles.h"

#include <algorithm>
#include <set>

#include "core/incremental.h"
#include "core/names.h"

namespace raycord {
namespace {

bool counts(const Partition& partition, const Cluster& cluster) {
  if (!cluster.object || cluster.delete_accepted) return false;
  // A cluster of an earlier RayService of this name is not ours: garbage collection has it.
  const bool ours = !partition.service ||
                    cluster.object->value.meta.owner.uid == partition.service->value.meta.uid;
  return ours;
}

// Later made is greater: by name counter, then (adopted clusters) by creation.
bool made_before(const Cluster& a, const Cluster& b) {
  const RayClusterSlice& x = a.object->value;
  const RayClusterSlice& y = b.object->value;
  return std::tie(x.counter, x.meta.created, x.meta.name) <
         std::tie(y.counter, y.meta.created, y.meta.name);
}

bool is_on_its_way_out(const Cluster& cluster) {
  return cluster.object->value.delete_after || cluster.delete_decided;
}

bool has_route_traffic(const Partition& partition, const std::string& cluster) {
  const auto route = partition.routes.find(route_name(partition.name));
  const bool seen =
      route != partition.routes.end() && weight_in(route->second.value.backends, cluster) > 0;
  if (seen) return true;
  const Cluster* known = find_cluster(partition, cluster);
  if (known == nullptr || known->share.traffic_asked.value_or(0) == 0) return false;
  return is_routing_moving(partition);
}

// The serve Service of the RayService, and those that an HTTPRoute divides traffic among.
std::set<std::string> services_with_traffic(const Partition& partition) {
  std::set<std::string> names;
  if (const auto* service = service_of(partition, ServiceRole::Serve)) {
    names.insert(service->value.meta.name);
  }
  if (!is_incremental(partition) && partition.routes.empty()) return names;
  for (const auto& [name, cluster] : partition.clusters) {
    const bool stays =
        cluster.object && !cluster.object->value.delete_after && !cluster.delete_accepted;
    if (!stays && name != partition.memory.active) continue;
    const auto own = cluster.services.find(serve_service_name(name));
    if (own != cluster.services.end() && own->second.value.selects_serve) names.insert(own->first);
  }
  return names;
}

// Of several adopted clusters the one that the status calls pending is it.
bool is_named_pending(const Partition& partition, const Cluster& cluster) {
  return partition.service &&
         partition.service->value.status.pending.cluster == cluster.object->value.meta.name;
}

}  // namespace

Roles roles_of(const Partition& partition) {
  Roles roles;
  std::vector<const Cluster*> others;
  for (const auto& [name, cluster] : partition.clusters) {
    if (!counts(partition, cluster)) continue;
    ++roles.counted;
    if (name == partition.memory.active) {
      roles.active = &cluster;
    } else {
      others.push_back(&cluster);
    }
  }
  for (const auto& [target, write] : partition.in_flight) {
    if (write.object.kind != Kind::RayCluster || !write.creates) continue;
    roles.creating = true;
    if (!find_cluster(partition, write.object.name)) ++roles.counted;
  }
  for (const Cluster* cluster : others) {
    const bool older = roles.active != nullptr && made_before(*cluster, *roles.active);
    const bool candidate = !is_on_its_way_out(*cluster) && !older;
    const bool better =
        candidate && (roles.pending == nullptr || (made_before(*roles.pending, *cluster) &&
                                                   !is_named_pending(partition, *roles.pending)));
    if (!better) {
      roles.leaving.push_back(cluster);
      continue;
    }
    if (roles.pending != nullptr) roles.leaving.push_back(roles.pending);
    roles.pending = cluster;
  }
  return roles;
}

const Known<PodSlice>* head_pod_of(const Cluster& cluster) {
  const Known<PodSlice>* head = nullptr;
  for (const auto& [name, pod] : cluster.pods) {
    if (pod.value.node_type != NodeType::Head || pod.value.meta.deleting_since) continue;
    if (head != nullptr) return nullptr;
    head = &pod;
  }
  return head;
}

bool is_head_ready(const Cluster& cluster) {
  const Known<PodSlice>* head = head_pod_of(cluster);
  return head != nullptr && head->value.phase == PodPhase::Running && head->value.ready;
}

std::string service_name_of(const RayServiceSlice& service, ServiceRole role) {
  if (role == ServiceRole::Serve) {
    return service.serve_service_name.empty() ? serve_service_name(service.meta.name)
                                              : service.serve_service_name;
  }
  return head_service_name(service.meta.name);
}

const Known<ServiceSlice>* service_of(const Partition& partition, ServiceRole role) {
  if (!partition.service) return nullptr;
  const auto found = partition.services.find(service_name_of(partition.service->value, role));
  return found == partition.services.end() ? nullptr : &found->second;
}

bool serves(const Partition& partition, const std::string& cluster) {
  if (partition.memory.active == cluster) return true;
  if (has_route_traffic(partition, cluster)) return true;
  return std::any_of(partition.services.begin(), partition.services.end(), [&](const auto& entry) {
    return entry.second.value.selected_cluster == cluster;
  });
}

std::size_t ready_endpoints(const Partition& partition, const Cluster* cluster) {
  const std::set<std::string> services = services_with_traffic(partition);
  if (services.empty()) return 0;
  std::set<std::string> of_cluster;
  if (cluster != nullptr) {
    for (const auto& [name, pod] : cluster->pods) of_cluster.insert(pod.value.meta.uid);
  }
  std::set<std::string> ready;
  for (const auto& [name, slice] : partition.endpoint_slices) {
    if (services.count(slice.value.service) == 0) continue;
    for (const std::string& uid : slice.value.ready_uids) {
      if (cluster == nullptr || of_cluster.count(uid) > 0) ready.insert(uid);
    }
  }
  return ready.size();
}

}  // namespace raycord
