#include "core/build/autoscaler.h"

#include <algorithm>

#include "core/build/environment.h"
#include "core/build/labels.h"
#include "core/names.h"

namespace raycord {
namespace {

constexpr std::string_view kLogVolume = "ray-logs";
constexpr std::string_view kLogPath = "/tmp/ray";
constexpr std::string_view kStartCommand =
    "ray kuberay-autoscaler --cluster-name $(RAY_CLUSTER_NAME) "
    "--cluster-namespace $(RAY_CLUSTER_NAMESPACE)";

Json sidecar(const RayClusterView& cluster, const Json& ray, const BuildOptions& options) {
  const Json amounts = {{"cpu", "500m"}, {"memory", "512Mi"}};
  Json container = {{"name", "autoscaler"},
                    {"image", text_at(ray, {"image"})},
                    {"imagePullPolicy", "IfNotPresent"},
                    {"resources", {{"limits", amounts}, {"requests", amounts}}},
                    {"command", shell_command(options)},
                    {"args", Json::array({kStartCommand})}};
  append_field_env(container, "RAY_CLUSTER_NAME", "metadata.labels['ray.io/cluster']");
  append_field_env(container, "RAY_CLUSTER_NAMESPACE", "metadata.namespace");
  append_field_env(container, "RAY_HEAD_POD_NAME", "metadata.name");
  append_env(container, "KUBERAY_CRD_VER", "v1");
  append_env(container, "KUBERAY_GEN_AUTOSCALER_START_CMD", kStartCommand);
  add_auth_environment(container, cluster);
  return container;
}

void apply_options(Json& container, const Json& options) {
  for (const char* key :
       {"resources", "image", "imagePullPolicy", "securityContext", "command", "args"}) {
    const Json* given = find(options, {key});
    if (given && !given->empty()) container[key] = *given;
  }
  for (const char* key : {"env", "envFrom", "volumeMounts"}) {
    for (const Json& item : items_at(options, {key})) array_in(container, key).push_back(item);
  }
}

const Json* log_mount_of(const Json& container) {
  for (const Json& mount : items_at(container, {"volumeMounts"})) {
    if (text_at(mount, {"mountPath"}) == kLogPath) return &mount;
  }
  return nullptr;
}

// Ray and its autoscaler share their logs: on the user's volume where Ray's are on one. KubeRay
// gives the autoscaler a volume of its own then (raycluster-behaviour.md 8.17).
void share_logs(Json& ray, Json& autoscaler) {
  if (!log_mount_of(ray)) {
    array_in(ray, "volumeMounts").push_back({{"name", kLogVolume}, {"mountPath", kLogPath}});
  }
  if (log_mount_of(autoscaler)) return;
  const Json mount = *log_mount_of(ray);
  array_in(autoscaler, "volumeMounts").push_back(mount);
}

bool uses_log_volume(const Json& container) {
  const Json* mount = log_mount_of(container);
  return mount != nullptr && text_at(*mount, {"name"}) == kLogVolume;
}

}  // namespace

std::string autoscaler_account(const RayClusterView& cluster) {
  const std::string chosen =
      text_at(cluster.head_group(), {"template", "spec", "serviceAccountName"});
  return chosen.empty() ? checked_name(cluster.name) : chosen;
}

void add_autoscaler(Json& pod_spec, const RayClusterView& cluster, const BuildOptions& options) {
  Json& containers = pod_spec["containers"];
  Json container = sidecar(cluster, containers.front(), options);
  apply_options(container, object_at(cluster.spec(), {"autoscalerOptions"}));
  share_logs(containers.front(), container);
  const bool needed = uses_log_volume(containers.front()) || uses_log_volume(container);
  containers.push_back(std::move(container));
  if (!needed) return;
  Json& volumes = array_in(pod_spec, "volumes");
  const bool present = std::any_of(volumes.begin(), volumes.end(), [](const Json& volume) {
    return text_at(volume, {"name"}) == kLogVolume;
  });
  if (!present) volumes.push_back({{"name", kLogVolume}, {"emptyDir", Json::object()}});
}

}  // namespace raycord
