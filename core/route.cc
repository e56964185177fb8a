#include "core/route.h"

#include <algorithm>

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
      },
      object);
}

std::optional<PartitionName> partition_of_gone(const Fleet& fleet, const ObjectName& name) {
  if (name.kind == Kind::RayService) return PartitionName{Kind::RayService, name.ns, name.name};
  if (name.kind == Kind::RayCluster) return root_of_cluster(fleet, name.ns, name.name);
  return home_of(fleet, name);
}

// The version we believe of the object, if we know one with the same UID; 0 if we know none.
std::uint64_t believed_version(const Partition& partition, const Object& object) {
  const Meta& meta = meta_of(object);
  const auto version_in = [&](const Meta& known) {
    return known.uid == meta.uid ? known.version : 0;
  };
  const auto in_map = [&](const auto& map) -> std::uint64_t {
    const auto found = map.find(meta.name);
    return found == map.end() ? 0 : version_in(found->second.value.meta);
  };
  return std::visit(
      Overloaded{
          [&](const RayServiceSlice&) {
            return partition.service ? version_in(partition.service->value.meta) : 0;
          },
          [&](const RayClusterSlice&) -> std::uint64_t {
            const Cluster* cluster = find_cluster(partition, meta.name);
            return cluster && cluster->object ? version_in(cluster->object->value.meta) : 0;
          },
          [&](const PodSlice& pod) -> std::uint64_t {
            const Cluster* cluster = find_cluster(partition, pod.cluster);
            return cluster ? in_map(cluster->pods) : 0;
          },
          [&](const ServiceSlice&) -> std::uint64_t {
            if (meta.owner.kind == "RayService") return in_map(partition.services);
            const Cluster* cluster = find_cluster(partition, meta.owner.name);
            return cluster ? in_map(cluster->services) : 0;
          },
          [&](const EndpointsSlice&) { return in_map(partition.endpoint_slices); },
          [](const AccessSlice&) -> std::uint64_t { return 0; },
      },
      object);
}

bool is_known_access(const Partition& partition, const Object& object) {
  const auto* access = std::get_if<AccessSlice>(&object);
  if (access == nullptr) return false;
  const Cluster* cluster = find_cluster(partition, access->cluster);
  return cluster && cluster->access.count({access->kind, access->meta.name}) > 0;
}

bool is_news_of_object(const State& state, const Object& object) {
  const auto home = partition_of_object(state.fleet, object);
  if (!home) return true;
  const auto found = state.partitions.find(*home);
  if (found == state.partitions.end()) return true;
  const Partition& partition = found->second;
  const Meta& meta = meta_of(object);
  const auto stone = partition.tombstones.find(name_of(object));
  if (stone != partition.tombstones.end() && meta.version != 0 && stone->second.uid == meta.uid &&
      meta.version <= stone->second.version) {
    return false;
  }
  if (is_known_access(partition, object)) return false;
  const std::uint64_t believed = believed_version(partition, object);
  return meta.version == 0 || believed == 0 || meta.version > believed;
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
  const auto* seen = std::get_if<ObjectSeen>(&fact);
  return seen == nullptr || is_news_of_object(state, seen->object);
}

}  // namespace raycord
