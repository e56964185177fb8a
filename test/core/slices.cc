#include "test/core/slices.h"

#include <algorithm>

namespace raycord {
namespace {

PodSlice pod_slice(const std::string& cluster, const std::string& name, const std::string& group) {
  PodSlice pod;
  pod.meta = meta_named(name);
  pod.meta.owner = {"RayCluster", cluster, "uid-" + cluster};
  pod.cluster = cluster;
  pod.group = group;
  pod.phase = PodPhase::Running;
  pod.has_ready_condition = true;
  pod.ready = true;
  pod.ip = "10.0.0.1";
  pod.node = "node-1";
  pod.ray_started = kHistoryStart;
  return pod;
}

}  // namespace

Meta meta_named(const std::string& name) {
  Meta meta;
  meta.ns = "default";
  meta.name = name;
  meta.uid = "uid-" + name;
  meta.generation = 1;
  meta.created = kHistoryStart;
  return meta;
}

ServeConfig serve_config(const std::vector<std::string>& apps, int revision) {
  ServeConfig config;
  std::string all = "revision " + std::to_string(revision);
  for (const std::string& app : apps) {
    config.apps[app] = hash_of(app + " of revision " + std::to_string(revision));
    all += " " + app;
  }
  config.hash = hash_of(all);
  return config;
}

std::vector<Hash> cluster_hashes(const std::string& spec, std::size_t groups) {
  std::vector<Hash> hashes;
  for (std::size_t i = 0; i <= groups; ++i) hashes.push_back(hash_of(spec + std::to_string(i)));
  return hashes;
}

RayServiceSlice service_slice(const std::string& name) {
  RayServiceSlice service;
  service.meta = meta_named(name);
  service.cluster_hashes = cluster_hashes("spec 1");
  service.muted_hash = hash_of("muted 1");
  service.groups = {"workers"};
  service.serve_config = serve_config({"app"});
  service.has_serve_port = true;
  return service;
}

WorkerGroup worker_group(const std::string& name, std::int32_t replicas, std::int32_t min_replicas,
                         std::int32_t max_replicas) {
  WorkerGroup group;
  group.name = name;
  group.replicas = std::clamp(replicas, min_replicas, max_replicas);
  group.min_replicas = min_replicas;
  group.max_replicas = max_replicas;
  return group;
}

RayClusterSlice cluster_slice(const std::string& name) {
  RayClusterSlice cluster;
  cluster.meta = meta_named(name);
  cluster.groups = {worker_group("workers", 1)};
  cluster.desired = {"3", "7Gi", "0", "0"};
  cluster.own_hashes = cluster_hashes("spec 1");
  cluster.spec_revision = cluster.own_hashes.back();
  return cluster;
}

PodSlice head_slice(const std::string& cluster, const std::string& name) {
  PodSlice pod = pod_slice(cluster, name, "headgroup");
  pod.node_type = NodeType::Head;
  return pod;
}

PodSlice worker_slice(const std::string& cluster, const std::string& group, const std::string& name,
                      std::int32_t index) {
  PodSlice pod = pod_slice(cluster, name, group);
  pod.node_type = NodeType::Worker;
  pod.replica_index = index;
  return pod;
}

ServeAnswer with_status(const ServeConfig& config, const std::string& status) {
  ServeAnswer answer;
  for (const auto& [app, hash] : config.apps) {
    const bool well = status == "RUNNING";
    answer.apps.push_back(
        {app, status, "", hash, {{"Main", well ? "HEALTHY" : "UPDATING", "UNSPECIFIED", ""}}});
  }
  answer.proxies["HEALTHY"] = 1;
  return answer;
}

ServeAnswer running(const ServeConfig& config) { return with_status(config, "RUNNING"); }

}  // namespace raycord
