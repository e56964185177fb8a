#include "core/believed.h"

#include <algorithm>

namespace raycord {
namespace {

class Collector {
 public:
  Collector(Kind kind, const std::string& ns) : kind_(kind), ns_(ns) {}

  template <class Slice>
  void add(Kind kind, const Known<Slice>& known) {
    const Meta& meta = known.value.meta;
    if (kind == kind_) add_name({{kind, meta.ns, meta.name}, meta.uid, meta.version});
  }

  template <class Slice>
  void add_all(Kind kind, const std::map<std::string, Known<Slice>>& objects) {
    if (kind != kind_) return;
    for (const auto& [name, known] : objects) add(kind, known);
  }

  void add_name(Believed believed) {
    if (ns_.empty() || believed.name.ns == ns_) found_.push_back(std::move(believed));
  }

  void add_cluster(const std::string& ns, const Cluster& cluster) {
    if (cluster.object) add(Kind::RayCluster, *cluster.object);
    add_all(Kind::Pod, cluster.pods);
    add_all(Kind::Service, cluster.services);
    add_all(Kind::Job, cluster.jobs);
    add_all(Kind::Ingress, cluster.ingresses);
    for (const auto& [kind, name] : cluster.access) {
      if (kind == kind_) add_name({{kind, ns, name}, "", 0});
    }
  }

  void add_partition(const Partition& partition) {
    if (partition.service) add(Kind::RayService, *partition.service);
    for (const auto& [name, cluster] : partition.clusters) add_cluster(partition.ns, cluster);
    add_all(Kind::Service, partition.services);
    add_all(Kind::EndpointSlice, partition.endpoint_slices);
    add_all(Kind::Gateway, partition.gateways);
    add_all(Kind::HTTPRoute, partition.routes);
  }

  std::vector<Believed> take() {
    const auto by_name = [](const Believed& a, const Believed& b) { return a.name < b.name; };
    const auto same = [](const Believed& a, const Believed& b) { return a.name == b.name; };
    std::stable_sort(found_.begin(), found_.end(), by_name);
    found_.erase(std::unique(found_.begin(), found_.end(), same), found_.end());
    return std::move(found_);
  }

 private:
  Kind kind_;
  const std::string& ns_;
  std::vector<Believed> found_;
};

}  // namespace

std::vector<Believed> believed_objects(const State& state, Kind kind, const std::string& ns) {
  Collector collector(kind, ns);
  for (const auto& [name, partition] : state.partitions) collector.add_partition(partition);
  for (const auto& [name, known] : state.fleet.unrooted) {
    if (name.kind != kind) continue;
    const Meta& meta = meta_of(known.value);
    collector.add_name({name, meta.uid, meta.version});
  }
  return collector.take();
}

bool is_believed(const State& state, const ObjectName& name) {
  const Fleet& fleet = state.fleet;
  if (fleet.homes.count(name) > 0 || fleet.unrooted.count(name) > 0) return true;
  switch (name.kind) {
    case Kind::RayService:
      return state.partitions.count({Kind::RayService, name.ns, name.name}) > 0;
    case Kind::RayCluster:
      return fleet.roots.count({name.ns, name.name}) > 0;
    case Kind::Pod:
    case Kind::Service:
    case Kind::EndpointSlice:
    case Kind::ServiceAccount:
    case Kind::Role:
    case Kind::RoleBinding:
    case Kind::Job:
    case Kind::Ingress:
    case Kind::Gateway:
    case Kind::HTTPRoute:
    case Kind::Secret:
      break;
  }
  return false;
}

}  // namespace raycord
