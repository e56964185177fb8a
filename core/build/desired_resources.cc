#include "core/build/desired_resources.h"

#include <map>

#include "core/build/ray_cluster.h"

namespace raycord {
namespace {

using Amounts = std::map<std::string, Quantity>;

// Requests, and limits where there is no request, of all containers of one pod.
Amounts pod_amounts(const Json& group) {
  Amounts sum;
  for (const Json& container : items_at(group, {"template", "spec", "containers"})) {
    Json wanted = object_at(container, {"resources", "limits"});
    wanted.update(object_at(container, {"resources", "requests"}));
    for (const auto& [key, value] : wanted.items()) {
      sum[key] = sum[key].plus(checked_quantity(wanted, {key}));
    }
  }
  return sum;
}

void add(Amounts& sum, const Amounts& amounts, std::int64_t replicas, std::int64_t hosts) {
  for (const auto& [key, amount] : amounts) {
    sum[key] = sum[key].plus(amount.times(replicas).times(hosts));
  }
}

}  // namespace

Result<DesiredResources> desired_resources(std::string_view ray_cluster) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  Amounts sum = pod_amounts(cluster->head_group());
  for (const Json& group : items_at(cluster->spec(), {"workerGroupSpecs"})) {
    if (flag_at(group, {"suspend"})) continue;
    // The replicas as written, without their bounds: what KubeRay shows.
    const std::int64_t replicas = whole_at(group, {"replicas"}).value_or(0);
    const std::int64_t hosts = whole_at(group, {"numOfHosts"}).value_or(1);
    add(sum, pod_amounts(group), replicas, hosts);
  }
  Quantity gpu;
  for (const auto& [key, amount] : sum) {
    if (is_gpu(key)) gpu = gpu.plus(amount);
  }
  return DesiredResources{sum["cpu"].canonical(), sum["memory"].canonical(), gpu.canonical(),
                          sum["google.com/tpu"].canonical()};
}

}  // namespace raycord
