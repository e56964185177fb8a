// What seeing an object, or seeing it gone, changes in its partition.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/apply_parts.h"
#include "core/incremental.h"
#include "core/limits.h"
#include "core/names.h"
#include "core/overloaded.h"
#include "core/wish.h"

namespace raycord {
namespace {

// At first sight after the log was lost, the object says what the log would have said.
void recall_from_object(Partition& partition, const RayServiceSlice& service, Seq seq) {
  ServiceMemory& memory = partition.memory;
  memory.name_counter = std::max(memory.name_counter, service.name_counter);
  if (partition.service) return;
  if (service.attempts > 0 && !memory.attempts_since) {
    memory.attempts = service.attempts;
    memory.back_off_until = service.back_off_until.value_or(Time{});
    memory.attempts_since = seq;
  }
  if (memory.active.empty() && !service.status.active.cluster.empty()) {
    memory.active = service.status.active.cluster;
    memory.active_since = seq;
  }
}

// After the log was lost: what a head shows and the HTTPRoute say more, and are believed first.
void recall_share(const RayServiceStatus& status, const std::string& name, Share& share) {
  for (const ClusterView* view : {&status.active, &status.pending}) {
    if (view->cluster != name) continue;
    if (!share.capacity) share.capacity = view->target_capacity;
    if (share.traffic_moved == Time{}) share.traffic_moved = view->traffic_moved.value_or(Time{});
  }
}

// Objects below the RayService may have been listed before it.
void recall_increment(Partition& partition, Seq seq) {
  const RayServiceSlice& service = partition.service->value;
  const auto head = partition.services.find(head_service_name(partition.name));
  const bool points =
      head != partition.services.end() && !head->second.value.selected_cluster.empty();
  if (points && head->second.value.selected_cluster != partition.memory.active) {
    partition.memory.active = head->second.value.selected_cluster;
    partition.memory.active_since = seq;
  }
  for (auto& [name, cluster] : partition.clusters) {
    recall_share(service.status, name, cluster.share);
  }
}

// Attempts were for what was asked for then; an edit begins anew. What the object remembers counts
// for what it asks for when it is first seen.
void forget_attempts_for_others(Partition& partition, Seq seq) {
  ServiceMemory& memory = partition.memory;
  if (memory.attempts == 0) return;
  const Hash wish = wish_of(partition);
  if (!memory.attempted_for) memory.attempted_for = wish;
  if (memory.attempted_for == wish) return;
  memory.attempts = 0;
  memory.attempted_for = {};
  memory.back_off_until = Time{};
  memory.attempts_since = seq;
}

void see_service(Partition& partition, const Event& event, const RayServiceSlice& slice) {
  const bool replaced = partition.service && partition.service->value.meta.uid != slice.meta.uid;
  if (replaced) partition.memory = ServiceMemory{};
  recall_from_object(partition, slice, event.seq);
  const bool first = !partition.service;
  partition.service = Known<RayServiceSlice>{slice, event.seq};
  if (first && slice.incremental) recall_increment(partition, event.seq);
  forget_attempts_for_others(partition, event.seq);
  partition.status.value = slice.status;
}

// Nobody tells us of a Secret that goes: it is believed as long as the cluster that owns it.
void forget_secret(Cluster& cluster) {
  std::erase_if(cluster.access, [](const auto& access) { return access.first == Kind::Secret; });
}

// Pods and Services outlive their cluster for a while; nothing else of it is true of the next one.
Cluster what_outlived(Cluster& earlier) {
  Cluster cluster;
  cluster.pods = std::move(earlier.pods);
  cluster.services = std::move(earlier.services);
  cluster.access = std::move(earlier.access);
  cluster.jobs = std::move(earlier.jobs);
  cluster.ingresses = std::move(earlier.ingresses);
  forget_secret(cluster);
  return cluster;
}

// The answer to a status write of ours, or its echo. The write named the version it was based on,
// so nothing but the status differs from what we believed: templates and causes stay where they
// are.
bool is_own_status(const Partition& partition, const Cluster& cluster,
                   const RayClusterSlice& slice) {
  WriteClusterStatus write;
  write.ns = slice.meta.ns;
  write.name = slice.meta.name;
  if (partition.in_flight.count(target_of(write)) == 0) return false;
  RayClusterSlice expected = cluster.object->value;
  expected.meta.version = slice.meta.version;
  expected.status = cluster.status.in_flight.value_or(RayClusterStatus{});
  return slice == expected;
}

void see_cluster(Partition& partition, const Event& event, const RayClusterSlice& slice) {
  Cluster& cluster = partition.clusters[slice.meta.name];
  const bool known = cluster.object && cluster.object->value.meta.uid == slice.meta.uid;
  if (!known) {
    cluster = what_outlived(cluster);
    cluster.head_unready_since = event.at;
    cluster.head_unready = event.seq;
    cluster.config.accepted = slice.accepted_config;
    cluster.config.accepted_by = slice.accepted_config ? event.seq : Seq{};
    if (partition.service) {
      recall_share(partition.service->value.status, slice.meta.name, cluster.share);
    }
    const auto route = partition.routes.find(route_name(partition.name));
    if (route != partition.routes.end()) {
      const std::int32_t weight = weight_in(route->second.value.backends, slice.meta.name);
      if (weight > 0) cluster.share.traffic = weight;
    }
  }
  const bool own = known && is_own_status(partition, cluster, slice);
  cluster.object = Known<RayClusterSlice>{slice, own ? cluster.object->since : event.seq};
  cluster.object->value.status = {};
  cluster.status.value = slice.status;
  if (slice.meta.deleting_since) cluster.delete_accepted = true;
  for (const Condition& condition : slice.status.conditions) {
    if (condition.type == "RayClusterProvisioned" && condition.status == "True") {
      cluster.provisioned = true;
    }
  }
  partition.memory.name_counter = std::max(partition.memory.name_counter, slice.counter);
}

const PodSlice* head_pod(const Cluster& cluster) {
  for (const auto& [name, pod] : cluster.pods) {
    if (pod.value.node_type == NodeType::Head && !pod.value.meta.deleting_since) return &pod.value;
  }
  return nullptr;
}

void note_head_readiness(Cluster& cluster, const Event& event) {
  const PodSlice* head = head_pod(cluster);
  const bool ready = head != nullptr && head->ready;
  if (ready) {
    cluster.head_unready_since = Time{};
    cluster.head_unready = {};
  } else if (cluster.head_unready_since == Time{}) {
    cluster.head_unready_since = event.at;
    cluster.head_unready = event.seq;
  }
}

void see_pod(Partition& partition, const Event& event, const PodSlice& slice) {
  Cluster& cluster = partition.clusters[slice.cluster];
  cluster.pods[slice.meta.name] = {slice, event.seq};
  note_head_readiness(cluster, event);
}

// The Service that shows where traffic goes. In incremental upgrades an HTTPRoute divides it, and
// the head Service is switched when all of it has arrived.
bool carries_traffic(const Partition& partition, const ServiceSlice& service) {
  if (partition.service && partition.service->value.incremental) {
    return service.meta.name == head_service_name(partition.name);
  }
  if (service.selects_serve) return true;
  return partition.service && !partition.service->value.has_serve_port && service.is_head_service;
}

void take_for_active(Partition& partition, const std::string& cluster, Seq seq) {
  ServiceMemory& memory = partition.memory;
  memory.active = cluster;
  memory.active_since = seq;
  memory.attempts = 0;
  memory.attempted_for = {};
  memory.back_off_until = Time{};
  memory.attempts_since = seq;
}

void see_kube_service(Partition& partition, const Event& event, const ServiceSlice& slice) {
  if (slice.meta.owner.kind != "RayService") {
    partition.clusters[slice.meta.owner.name].services[slice.meta.name] = {slice, event.seq};
    return;
  }
  partition.services[slice.meta.name] = {slice, event.seq};
  if (!carries_traffic(partition, slice) || slice.selected_cluster.empty()) return;
  if (partition.memory.active == slice.selected_cluster) return;
  take_for_active(partition, slice.selected_cluster, event.seq);
}

// Weights that we asked for are settled when they are seen. Others' are not: they are mended. After
// the log was lost nobody knows better than the HTTPRoute.
void see_route(Partition& partition, const Event& event, const RouteSlice& slice) {
  partition.routes[slice.meta.name] = {slice, event.seq};
  if (slice.meta.name != route_name(partition.name)) return;
  const auto& clusters = partition.clusters;
  const bool unknown = std::none_of(clusters.begin(), clusters.end(), [](const auto& entry) {
    return entry.second.share.traffic || entry.second.share.traffic_asked;
  });
  const bool as_asked = std::all_of(clusters.begin(), clusters.end(), [&](const auto& entry) {
    return entry.second.share.traffic_asked.value_or(0) == weight_in(slice.backends, entry.first);
  });
  if (!unknown && !as_asked) return;
  for (auto& [name, cluster] : partition.clusters) {
    Share& share = cluster.share;
    const std::int32_t weight = weight_in(slice.backends, name);
    const bool moved = share.traffic.value_or(0) != weight;
    // Whole seconds, for the status has no more; never earlier than it was.
    if (moved && (share.traffic_asked || share.traffic_moved == Time{})) {
      share.traffic_moved = std::chrono::ceil<std::chrono::seconds>(event.at);
    }
    share.traffic = weight;
  }
}

bool is_older(const Meta& believed, const ObjectGone& gone) {
  if (!gone.uid.empty() && gone.uid != believed.uid) return true;
  return gone.version != 0 && believed.version > gone.version;
}

void bury(Partition& partition, const ObjectGone& gone, const Meta& meta) {
  if (partition.tombstones.size() >= kTombstonesMax) {
    partition.tombstones.erase(partition.tombstones.begin());
  }
  // The answer to an own delete bears no version: whatever still shows this UID is older.
  const bool answered = gone.how == GoneHow::Answered && !gone.uid.empty();
  const std::uint64_t version = answered ? UINT64_MAX : std::max(meta.version, gone.version);
  partition.tombstones[gone.name] = {meta.uid, version};
}

bool is_empty(const Cluster& cluster) {
  return !cluster.object && cluster.pods.empty() && cluster.services.empty() &&
         cluster.access.empty() && cluster.jobs.empty() && cluster.ingresses.empty();
}

// Erases `name` from a map of Known slices; true if it was there and the news is not stale.
template <class Map>
bool erase_known(Partition& partition, Map& map, const ObjectGone& gone) {
  const auto found = map.find(gone.name.name);
  if (found == map.end() || is_older(found->second.value.meta, gone)) return false;
  bury(partition, gone, found->second.value.meta);
  map.erase(found);
  return true;
}

void lose_cluster(Partition& partition, const ObjectGone& gone) {
  const auto found = partition.clusters.find(gone.name.name);
  if (found == partition.clusters.end() || !found->second.object) return;
  if (is_older(found->second.object->value.meta, gone)) return;
  bury(partition, gone, found->second.object->value.meta);
  found->second.object.reset();
  forget_secret(found->second);
}

}  // namespace

void forget_versions(Partition& partition, Kind kind) {
  const auto forget = [](auto& known) { known.value.meta.version = 0; };
  if (kind == Kind::RayService && partition.service) forget(*partition.service);
  if (kind == Kind::Service) {
    for (auto& [name, service] : partition.services) forget(service);
  }
  if (kind == Kind::EndpointSlice) {
    for (auto& [name, slice] : partition.endpoint_slices) forget(slice);
  }
  if (kind == Kind::Gateway) {
    for (auto& [name, gateway] : partition.gateways) forget(gateway);
  }
  if (kind == Kind::HTTPRoute) {
    for (auto& [name, route] : partition.routes) forget(route);
  }
  for (auto& [cluster_name, cluster] : partition.clusters) {
    if (kind == Kind::RayCluster && cluster.object) forget(*cluster.object);
    if (kind == Kind::Pod) {
      for (auto& [name, pod] : cluster.pods) forget(pod);
    }
    if (kind == Kind::Service) {
      for (auto& [name, service] : cluster.services) forget(service);
    }
    if (kind == Kind::Job) {
      for (auto& [name, job] : cluster.jobs) forget(job);
    }
    if (kind == Kind::Ingress) {
      for (auto& [name, ingress] : cluster.ingresses) forget(ingress);
    }
  }
}

void see_object(Partition& partition, const Event& event, const Object& object) {
  partition.tombstones.erase(name_of(object));
  std::visit(
      Overloaded{
          [&](const RayServiceSlice& slice) { see_service(partition, event, slice); },
          [&](const RayClusterSlice& slice) { see_cluster(partition, event, slice); },
          [&](const PodSlice& slice) { see_pod(partition, event, slice); },
          [&](const ServiceSlice& slice) { see_kube_service(partition, event, slice); },
          [&](const EndpointsSlice& slice) {
            partition.endpoint_slices[slice.meta.name] = {slice, event.seq};
          },
          [&](const AccessSlice& slice) {
            partition.clusters[slice.cluster].access.insert({slice.kind, slice.meta.name});
          },
          [&](const JobSlice& slice) {
            partition.clusters[slice.cluster].jobs[slice.meta.name] = {slice, event.seq};
          },
          [&](const IngressSlice& slice) {
            partition.clusters[slice.cluster].ingresses[slice.meta.name] = {slice, event.seq};
          },
          [&](const GatewaySlice& slice) {
            partition.gateways[slice.meta.name] = {slice, event.seq};
          },
          [&](const RouteSlice& slice) { see_route(partition, event, slice); },
      },
      object);
}

void lose_object(Partition& partition, const Event& event, const ObjectGone& gone) {
  const std::string& name = gone.name.name;
  switch (gone.name.kind) {
    case Kind::RayService:
      if (partition.service && !is_older(partition.service->value.meta, gone)) {
        bury(partition, gone, partition.service->value.meta);
        partition.service.reset();
        partition.memory = ServiceMemory{};
      }
      break;
    case Kind::RayCluster:
      lose_cluster(partition, gone);
      break;
    case Kind::Pod:
      for (auto& [cluster_name, cluster] : partition.clusters) {
        if (!erase_known(partition, cluster.pods, gone)) continue;
        cluster.pod_gone = event.seq;
        note_head_readiness(cluster, event);
      }
      break;
    case Kind::Service:
      erase_known(partition, partition.services, gone);
      for (auto& [cluster_name, cluster] : partition.clusters) {
        erase_known(partition, cluster.services, gone);
      }
      break;
    case Kind::EndpointSlice:
      erase_known(partition, partition.endpoint_slices, gone);
      break;
    case Kind::ServiceAccount:
    case Kind::Role:
    case Kind::RoleBinding:
      for (auto& [cluster_name, cluster] : partition.clusters) {
        cluster.access.erase({gone.name.kind, name});
      }
      break;
    case Kind::Job:
      for (auto& [cluster_name, cluster] : partition.clusters) {
        erase_known(partition, cluster.jobs, gone);
      }
      break;
    case Kind::Ingress:
      for (auto& [cluster_name, cluster] : partition.clusters) {
        erase_known(partition, cluster.ingresses, gone);
      }
      break;
    case Kind::Gateway:
      erase_known(partition, partition.gateways, gone);
      break;
    case Kind::HTTPRoute:
      erase_known(partition, partition.routes, gone);
      break;
    case Kind::Secret:
      break;
  }
  std::erase_if(partition.clusters, [](const auto& entry) { return is_empty(entry.second); });
}

}  // namespace raycord
