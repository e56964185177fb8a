// A RayCluster's own Services: one to its head, one that names the workers of multi-host groups,
// and one to Serve for those who ask by annotation.
//
// Each is created once, where none is seen; what users change on it afterwards is theirs
// (raycluster-behaviour.md 3.5).

#include <algorithm>

#include "core/cluster_phase.h"
#include "core/names.h"
#include "core/rules.h"

namespace raycord {
namespace {

CreateService service_for(const Cluster& cluster, ServiceRole role, const std::string& name) {
  CreateService create;
  create.ns = cluster.object->value.meta.ns;
  create.name = name;
  create.role = role;
  create.selects = cluster.object->value.meta.name;
  create.cluster = template_of(cluster);
  return create;
}

bool has_headless_service(const Cluster& cluster) {
  return std::any_of(cluster.services.begin(), cluster.services.end(),
                     [](const auto& entry) { return entry.second.value.is_headless_workers; });
}

}  // namespace

void rule_cluster_services(const View& view, Wishes& wishes) {
  for (const auto& [name, cluster] : view.partition.clusters) {
    if (!is_to_be_run(view, wishes, cluster)) continue;
    const RayClusterSlice& slice = cluster.object->value;
    if (cluster_head_service(cluster) == nullptr) {
      wishes.want(Rule::CreateClusterHeadService, {cluster.object->since},
                  service_for(cluster, ServiceRole::ClusterHead, head_service_name_of(slice)));
    }
    if (slice.has_multi_host_group && !has_headless_service(cluster)) {
      wishes.want(Rule::CreateHeadlessService, {cluster.object->since},
                  service_for(cluster, ServiceRole::HeadlessWorkers, headless_service_name(name)));
    }
    // Of incremental upgrades it has one of that name already (core/rule_routing.cc).
    const bool divided = view.partition.service && view.partition.service->value.incremental;
    if (slice.wants_serve_service && !divided &&
        cluster.services.count(serve_service_name(name)) == 0) {
      wishes.want(Rule::CreateClusterServeService, {cluster.object->since},
                  service_for(cluster, ServiceRole::ClusterServe, serve_service_name(name)));
    }
  }
}

}  // namespace raycord
