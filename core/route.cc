#include "core/route.h"

#include <algorithm>
#include <cstdint>

#include "core/overloaded.h"

namespace raycord {
namespace {

std::optional<PartitionName> root_of_cluster(const Fleet& fleet, const std::string& ns,
                                             const std::string& cluster) {
  const auto found = fleet.roots.find({ns, cluster});
  if (found == fleet.roots.end()) return std::nullopt;
  return found->second;
}

std::optional<PartitionName> home_of(const Fleet& fleet, const ObjectName& name) {
  const auto found = fleet.homes.find(name);
  if (found == fleet.homes.end()) return std::nullopt;
  return found->second;
}

std::optional<PartitionName> owning_service(const Meta& meta) {
  if (meta.owner.kind != "RayService") return std::nullopt;
  return PartitionName{Kind::RayService, meta.ns, meta.owner.name};
}

std::optional<PartitionName> partition_of_object(const Fleet& fleet, const Object& object) {
  return std::visit(
      Overloaded{
          [](const RayServiceSlice& service) -> std::optional<PartitionName> {
            return PartitionName{Kind::RayService, service.meta.ns, service.meta.name};
          },
          [](const RayClusterSlice& cluster) -> std::optional<PartitionName> {
            const Meta& meta = cluster.meta;
            if (meta.owner.kind == "RayService") {
              return PartitionName{Kind::RayService, meta.ns, meta.owner.name};
            }
            return PartitionName{Kind::RayCluster, meta.ns, meta.name};
          },
          [&](const PodSlice& pod) { return root_of_cluster(fleet, pod.meta.ns, pod.cluster); },
          [&](const ServiceSlice& service) -> std::optional<PartitionName> {
            const Meta& meta = service.meta;
            if (meta.owner.kind == "RayService") {
              return PartitionName{Kind::RayService, meta.ns, meta.owner.name};
            }
            return root_of_cluster(fleet, meta.ns, meta.owner.name);
          },
          [&](const EndpointsSlice& slice) {
            return home_of(fleet, {Kind::Service, slice.meta.ns, slice.service});
          },
          [&](const AccessSlice& access) {
            return root_of_cluster(fleet, access.meta.ns, access.cluster);
          },
          [&](const JobSlice& job) { return root_of_cluster(fleet, job.meta.ns, job.cluster); },
          [&](const IngressSlice& ingress) {
            return root_of_cluster(fleet, ingress.meta.ns, ingress.cluster);
          },
          [](const GatewaySlice& gateway) { return owning_service(gateway.meta); },
          [](const RouteSlice& route) { return owning_service(route.meta); },
      },
      object);
}

std::optional<PartitionName> partition_of_gone(const Fleet& fleet, const ObjectName& name) {
  if (name.kind == Kind::RayService) return PartitionName{Kind::RayService, name.ns, name.name};
  if (name.kind == Kind::RayCluster) return root_of_cluster(fleet, name.ns, name.name);
  return home_of(fleet, name);
}

template <class Map>
const Meta* find_meta(const Map& known, const std::string& name) {
  const auto found = known.find(name);
  return found == known.end() ? nullptr : &found->second.value.meta;
}

const Meta* find_in_clusters(const Partition& partition, const ObjectName& name) {
  for (const auto& [cluster_name, cluster] : partition.clusters) {
    const Meta* meta = nullptr;
    if (name.kind == Kind::Pod) meta = find_meta(cluster.pods, name.name);
    if (name.kind == Kind::Service) meta = find_meta(cluster.services, name.name);
    if (name.kind == Kind::Job) meta = find_meta(cluster.jobs, name.name);
    if (name.kind == Kind::Ingress) meta = find_meta(cluster.ingresses, name.name);
    if (meta != nullptr) return meta;
  }
  return nullptr;
}

// What we believe of the object with this name, whatever its UID; nothing when there is none.
const Meta* believed_meta(const Partition& partition, const ObjectName& name) {
  switch (name.kind) {
    case Kind::RayService:
      return partition.service ? &partition.service->value.meta : nullptr;
    case Kind::RayCluster: {
      const Cluster* cluster = find_cluster(partition, name.name);
      return cluster && cluster->object ? &cluster->object->value.meta : nullptr;
    }
    case Kind::Service:
      if (const Meta* meta = find_meta(partition.services, name.name)) return meta;
      return find_in_clusters(partition, name);
    case Kind::Pod:
    case Kind::Job:
    case Kind::Ingress:
      return find_in_clusters(partition, name);
    case Kind::EndpointSlice:
      return find_meta(partition.endpoint_slices, name.name);
    case Kind::Gateway:
      return find_meta(partition.gateways, name.name);
    case Kind::HTTPRoute:
      return find_meta(partition.routes, name.name);
    case Kind::ServiceAccount:
    case Kind::Role:
    case Kind::RoleBinding:
    case Kind::Secret:
      return nullptr;
  }
  return nullptr;
}

bool is_known_access(const Partition& partition, const Object& object) {
  const auto* access = std::get_if<AccessSlice>(&object);
  if (access == nullptr) return false;
  const Cluster* cluster = find_cluster(partition, access->cluster);
  return cluster && cluster->access.count({access->kind, access->meta.name}) > 0;
}

const Partition* find_partition(const State& state, const std::optional<PartitionName>& home) {
  if (!home) return nullptr;
  const auto found = state.partitions.find(*home);
  return found == state.partitions.end() ? nullptr : &found->second;
}

// Versions of one kind tell old from new across UIDs too: a watch that is resumed tells once more
// of an object that had this name before.
bool is_news_of_object(const State& state, const Object& object) {
  const Partition* partition = find_partition(state, partition_of_object(state.fleet, object));
  if (partition == nullptr) return true;
  const Meta& meta = meta_of(object);
  const auto stone = partition->tombstones.find(name_of(object));
  if (stone != partition->tombstones.end() && meta.version != 0) {
    const bool same = stone->second.uid == meta.uid || stone->second.version != UINT64_MAX;
    if (same && meta.version <= stone->second.version) return false;
  }
  if (is_known_access(*partition, object)) return false;
  const Meta* believed = believed_meta(*partition, name_of(object));
  if (believed == nullptr || meta.version == 0 || believed->version == 0) return true;
  return meta.version > believed->version;
}

// That something went which had this name before what we believe.
bool is_news_of_gone(const State& state, const ObjectGone& gone) {
  const Partition* partition = find_partition(state, partition_of_gone(state.fleet, gone.name));
  const Meta* believed = partition == nullptr ? nullptr : believed_meta(*partition, gone.name);
  if (believed == nullptr) return true;
  if (!gone.uid.empty() && gone.uid != believed->uid) return false;
  return gone.version == 0 || believed->version <= gone.version;
}

}  // namespace

std::optional<PartitionName> partition_of(const Fleet& fleet, const Fact& fact) {
  using Home = std::optional<PartitionName>;
  return std::visit(
      Overloaded{
          [](const Started&) -> Home { return std::nullopt; },
          [](const Gap&) -> Home { return std::nullopt; },
          [](const LeadershipGained&) -> Home { return std::nullopt; },
          [](const LeadershipLost&) -> Home { return std::nullopt; },
          [&](const ObjectSeen& seen) { return partition_of_object(fleet, seen.object); },
          [&](const ObjectGone& gone) { return partition_of_gone(fleet, gone.name); },
          [](const KindListed&) -> Home { return std::nullopt; },
          [](const KindCaughtUp&) -> Home { return std::nullopt; },
          [](const LeftScope&) -> Home { return std::nullopt; },
          [](const WorldRestored&) -> Home { return std::nullopt; },
          [&](const ProbeRun& run) { return root_of_cluster(fleet, run.ns, run.cluster); },
          [](const DeadlineFired&) -> Home { return std::nullopt; },
          [&](const WriteDone& done) -> Home {
            const auto found = fleet.open_writes.find(done.decided);
            if (found == fleet.open_writes.end()) return std::nullopt;
            return found->second;
          },
          [](const Unreadable&) -> Home { return std::nullopt; },
          [](const Quarantined& poison) -> Home { return poison.partition; },
          [](const FleetHoldChanged&) -> Home { return std::nullopt; },
      },
      fact);
}

std::vector<Fact> facts_to_rehome(const Fleet& fleet) {
  std::vector<Fact> facts;
  for (const auto& [name, known] : fleet.unrooted) {
    if (partition_of_object(fleet, known.value)) facts.push_back(ObjectSeen{known.value});
  }
  return facts;
}

bool is_news(const State& state, const Fact& fact) {
  if (const auto* gone = std::get_if<ObjectGone>(&fact)) return is_news_of_gone(state, *gone);
  const auto* seen = std::get_if<ObjectSeen>(&fact);
  return seen == nullptr || is_news_of_object(state, seen->object);
}

}  // namespace raycord
