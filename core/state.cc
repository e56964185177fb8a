#include "core/state.h"

#include "core/archive.h"

namespace raycord {

const Cluster* find_cluster(const Partition& partition, const std::string& name) {
  const auto found = partition.clusters.find(name);
  return found == partition.clusters.end() ? nullptr : &found->second;
}

PartitionName name_of(const Partition& partition) {
  return {partition.root, partition.ns, partition.name};
}

Hash digest_of(const Partition& partition) { return hash_of(pack(partition)); }

Hash digest_of(const State& state) {
  Packer packer;
  packer.add(state.last);
  packer.add(state.fleet.options);
  packer.add(state.fleet.leading);
  packer.add(state.fleet.epoch);
  packer.add(state.fleet.kinds);
  packer.add(state.fleet.held);
  packer.add(state.fleet.calm_until);
  for (const auto& [name, partition] : state.partitions) {
    packer.add(to_text(name));
    packer.add(digest_of(partition));
  }
  return hash_of(packer.take());
}

}  // namespace raycord
