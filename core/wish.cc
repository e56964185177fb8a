#include "core/wish.h"

namespace raycord {

Hash wish_of(const Partition& partition) {
  if (!partition.service) return {};
  const RayServiceSlice& service = partition.service->value;
  return hash_of(to_hex(wanted_revision(service)) + to_hex(service.serve_config.hash));
}

Hash wanted_revision(const RayServiceSlice& service) {
  return service.cluster_hashes.empty() ? Hash{} : service.cluster_hashes.back();
}

bool is_current(const RayServiceSlice& service, const RayClusterSlice& cluster) {
  return cluster.spec_revision == wanted_revision(service);
}

bool only_appends_groups(const RayServiceSlice& service, const RayClusterSlice& cluster) {
  if (is_current(service, cluster)) return false;
  const auto stamped = cluster.stamped_groups >= 0
                           ? static_cast<std::size_t>(cluster.stamped_groups)
                           : cluster.groups.size();
  if (stamped + 1 >= service.cluster_hashes.size()) return false;
  return service.cluster_hashes[stamped] == cluster.spec_revision;
}

bool fits(const RayServiceSlice& service, const RayClusterSlice& cluster) {
  return is_current(service, cluster) || only_appends_groups(service, cluster);
}

}  // namespace raycord
