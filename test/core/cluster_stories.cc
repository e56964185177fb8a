#include "test/core/cluster_stories.h"

#include <utility>

namespace raycord {

RayClusterSlice cluster_of(std::vector<WorkerGroup> groups) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.groups = std::move(groups);
  for (const WorkerGroup& group : cluster.groups) {
    if (group.hosts > 1) cluster.has_multi_host_group = true;
  }
  return cluster;
}

History running_cluster(const RayClusterSlice& cluster) {
  History history;
  history.see(cluster);
  history.settle_for(5s);
  history.start_pods("rc");
  history.settle_for(5s);
  return history;
}

std::vector<std::string> workers_of(const History& history, const std::string& group) {
  std::vector<std::string> names;
  for (const auto& [name, pod] : history.cluster("rc").pods) {
    const bool worker = pod.value.node_type == NodeType::Worker && pod.value.group == group;
    if (worker && !pod.value.meta.deleting_since) names.push_back(name);
  }
  return names;
}

std::vector<std::int32_t> indexes_of(const History& history, const std::string& group) {
  std::vector<std::int32_t> indexes;
  for (const std::string& name : workers_of(history, group)) {
    indexes.push_back(history.pod(name).replica_index);
  }
  return indexes;
}

std::vector<std::string> deleted(const std::vector<Decision>& decisions) {
  std::vector<std::string> names;
  for (const DeleteObject& deletion : effects_of<DeleteObject>(decisions)) {
    names.push_back(deletion.object.name);
  }
  return names;
}

ObjectName pod_name(const std::string& name) { return {Kind::Pod, "default", name}; }

}  // namespace raycord
