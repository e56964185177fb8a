#include "formats/ray_spec.h"

#include <algorithm>
#include <limits>

#include "core/build/gpu.h"
#include "core/build/quantity.h"
#include "core/text.h"

namespace raycord {
namespace {

struct Sums {
  Quantity cpu, memory, gpu, tpu;

  void add(std::string_view resource, const Quantity& amount) {
    if (resource == "cpu") cpu = cpu.plus(amount);
    if (resource == "memory") memory = memory.plus(amount);
    if (resource == "google.com/tpu") tpu = tpu.plus(amount);
    if (is_gpu(resource)) gpu = gpu.plus(amount);
  }
};

// Requests, and the limits of what is not requested, of all containers, `times` over.
void add_pods(const JsonObject& group, std::int64_t times, Sums& sums) {
  if (times == 0) return;
  const JsonObject pod = group.object("template").object("spec");
  for (const JsonObject& container : pod.objects("containers")) {
    const JsonObject requests = container.object("resources").object("requests");
    const JsonObject limits = container.object("resources").object("limits");
    const auto add = [&](const JsonObject& from, const std::string& resource) {
      const auto amount = Quantity::parse(from.text_or_number(resource));
      if (amount) sums.add(resource, amount->times(times));
    };
    for (const std::string& resource : requests.keys()) add(requests, resource);
    for (const std::string& resource : limits.keys()) {
      if (!requests.has(resource)) add(limits, resource);
    }
  }
}

}  // namespace

JsonObject ray_container_of(const JsonObject& group) {
  const JsonObject pod = group.object("template").object("spec");
  const std::vector<JsonObject> containers = pod.objects("containers");
  return containers.empty() ? pod.object("no containers") : containers[0];
}

std::optional<std::string> env_of(const JsonObject& container, std::string_view name) {
  for (const JsonObject& variable : container.objects("env")) {
    if (variable.text("name") == name) return variable.text("value");
  }
  return std::nullopt;
}

std::int32_t hosts_of(const JsonObject& worker_group) {
  return std::max(1, worker_group.small_integer("numOfHosts").value_or(1));
}

// As KubeRay: the lower bound first, so that bounds the wrong way round give the lower one.
std::int32_t replicas_of(const JsonObject& worker_group) {
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
  const std::int32_t least = worker_group.small_integer("minReplicas").value_or(0);
  const std::int32_t most = worker_group.small_integer("maxReplicas").value_or(kMax);
  const std::int32_t asked = worker_group.small_integer("replicas").value_or(least);
  if (asked < least) return least;
  return std::min(asked, most);
}

bool is_fault_tolerant(const JsonObject& cluster_spec, const JsonObject& annotations) {
  return cluster_spec.has("gcsFaultToleranceOptions") ||
         equals_true(annotations.text("ray.io/ft-enabled"));
}

bool asks_for_autoscaler_v2(const JsonObject& cluster_spec) {
  if (cluster_spec.object("autoscalerOptions").text("version") == "v2") return true;
  const auto variable =
      env_of(ray_container_of(cluster_spec.object("headGroupSpec")), "RAY_enable_autoscaler_v2");
  return variable == "1" || variable == "true";
}

std::optional<std::int32_t> port_named(const JsonObject& container, std::string_view name) {
  for (const JsonObject& port : container.objects("ports")) {
    if (port.text("name") == name) return port.small_integer("containerPort");
  }
  return std::nullopt;
}

bool declares_serve(const JsonObject& head_group) {
  const std::vector<JsonObject> ports = ray_container_of(head_group).objects("ports");
  if (ports.empty()) return true;
  for (const JsonObject& port : ports) {
    const std::string name = port.text("name");
    if (name == "serve" || name.starts_with("serve-")) return true;
  }
  return false;
}

bool is_ours_to_manage(const JsonObject& spec) {
  return !spec.has("managedBy") || spec.text("managedBy") == "ray.io/kuberay-operator";
}

DesiredResources desired_resources(const JsonObject& cluster_spec) {
  Sums sums;
  add_pods(cluster_spec.object("headGroupSpec"), 1, sums);
  for (const JsonObject& group : cluster_spec.objects("workerGroupSpecs")) {
    if (group.flag("suspend")) continue;
    add_pods(group, std::int64_t{hosts_of(group)} * replicas_of(group), sums);
  }
  return {sums.cpu.canonical(), sums.memory.canonical(), sums.gpu.canonical(),
          sums.tpu.canonical()};
}

}  // namespace raycord
