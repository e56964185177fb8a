#include "core/build/pod.h"

#include <algorithm>
#include <array>

#include "core/build/autoscaler.h"
#include "core/build/environment.h"
#include "core/build/labels.h"
#include "core/build/metadata.h"
#include "core/build/pod_labels.h"
#include "core/build/probes.h"
#include "core/build/ray_cluster.h"
#include "core/build/ray_start.h"
#include "core/names.h"
#include "core/text.h"

namespace raycord {
namespace {

constexpr std::string_view kSharedMemory = "shared-mem";
constexpr std::string_view kSharedMemoryPath = "/dev/shm";
constexpr int kMetricsPort = 8080;

// What the operator's own configuration adds to every pod.
struct Additions {
  Json env;
  Json sidecars;
};

Result<Additions> read_additions(NodeType type, const BuildOptions& options) {
  const bool head = type == NodeType::Head;
  const std::string_view what = head ? "headSidecarContainers" : "workerSidecarContainers";
  Result<Json> env = parse_array(options.default_container_env, "defaultContainerEnvs");
  if (!env) return fail(env.error());
  Result<Json> sidecars = parse_array(head ? options.head_sidecars : options.worker_sidecars, what);
  if (!sidecars) return fail(sidecars.error());
  constexpr std::array kElement = {Field{"[]", Shape::Members}};
  const Outcome env_checked = check_fields(*env, "defaultContainerEnvs", kElement);
  if (!env_checked) return fail(env_checked.error());
  const Outcome sidecars_checked = check_fields(*sidecars, std::string(what), kElement);
  if (!sidecars_checked) return fail(sidecars_checked.error());
  return Additions{std::move(*env), std::move(*sidecars)};
}

bool names(const Json& list, const char* key, std::string_view value) {
  return std::any_of(list.begin(), list.end(),
                     [&](const Json& item) { return text_at(item, {key}) == value; });
}

// Waits for the head before Ray starts: quietly at first, since a head takes its time, then with
// the check's own words and where to look for help.
std::string wait_script(const std::string& address) {
  const std::string check = "ray health-check --address " + address;
  return "until\n"
         "  if (( SECONDS <= 120 )); then\n"
         "    " +
         check +
         " > /dev/null 2>&1\n"
         "  else\n"
         "    " +
         check +
         "\n"
         "  fi\n"
         "do\n"
         "  echo \"GCS at " +
         address +
         " does not answer yet; waited $SECONDS seconds.\"\n"
         "  if (( SECONDS > 120 )); then\n"
         "    echo \"For help see "
         "https://docs.ray.io/en/master/cluster/kubernetes/troubleshooting.html\"\n"
         "  fi\n"
         "  sleep 5\n"
         "done\n"
         "echo \"GCS at " +
         address + " answers.\"\n";
}

void add_wait_for_gcs(Json& spec, const RayClusterView& cluster, const BuildOptions& options) {
  const Json& ray = spec["containers"].front();
  const Json amounts = {{"cpu", "200m"}, {"memory", "256Mi"}};
  Json container = {{"name", "wait-gcs-ready"},
                    {"command", shell_command(options)},
                    {"args", Json::array({wait_script(cluster.head_address(options))})},
                    {"resources", {{"limits", amounts}, {"requests", amounts}}}};
  for (const char* key : {"image", "imagePullPolicy", "securityContext", "env", "volumeMounts"}) {
    if (const Json* given = find(ray, {key})) container[key] = *given;
  }
  add_auth_environment(container, cluster);
  array_in(spec, "initContainers").push_back(std::move(container));
}

void add_shared_memory(Json& spec, const Json& group) {
  Json& ray = spec["containers"].front();
  if (find(group, {"rayStartParams", "plasma-directory"})) return;
  if (names(items_at(ray, {"volumeMounts"}), "mountPath", kSharedMemoryPath)) return;
  array_in(ray, "volumeMounts")
      .push_back({{"name", kSharedMemory}, {"mountPath", kSharedMemoryPath}});
  if (names(items_at(spec, {"volumes"}), "name", kSharedMemory)) return;
  Json directory = {{"medium", "Memory"}};
  for (const char* kind : {"requests", "limits"}) {  // the limit, else what is asked for
    const Quantity memory = checked_quantity(ray, {"resources", kind, "memory"});
    if (!memory.is_zero()) directory["sizeLimit"] = memory.canonical();
  }
  array_in(spec, "volumes").push_back({{"name", kSharedMemory}, {"emptyDir", directory}});
}

void add_token_volume(Json& spec, const RayClusterView& cluster) {
  if (!cluster.token_auth() || !flag_at(cluster.spec(), {"authOptions", "enableK8sTokenAuth"})) {
    return;
  }
  const Json source = {{"serviceAccountToken", {{"path", "token"}}}};
  Json volume = {{"name", "ray-token"}};
  volume["projected"]["sources"] = Json::array({source});
  array_in(spec, "volumes").push_back(std::move(volume));
}

void add_metrics_port(Json& ray) {
  if (names(items_at(ray, {"ports"}), "name", "metrics")) return;
  array_in(ray, "ports").push_back({{"name", "metrics"}, {"containerPort", kMetricsPort}});
}

void set_labels(Json& pod, const RayClusterView& cluster, const Json& group, NodeType type,
                const PodParameters& parameters, const BuildOptions& options) {
  Labels labels = pod_labels(cluster, group, type, options);
  if (cluster.of_ray_service()) {
    labels[std::string(kServeLabel)] = type == NodeType::Head ? "false" : "true";
  }
  if (type == NodeType::Worker) {
    labels[std::string(kReplicaIndexLabel)] = std::to_string(parameters.replica_index);
    if (whole_at(group, {"numOfHosts"}).value_or(1) > 1) {
      labels[std::string(kReplicaNameLabel)] = parameters.replica_name;
      labels[std::string(kHostIndexLabel)] = std::to_string(parameters.host_index);
    }
  }
  for (const auto& [key, value] : labels) set_label(pod, key, value);
}

void set_annotations(Json& pod, const RayClusterView& cluster, const Json& group, NodeType type,
                     const PodParameters& parameters, const BuildOptions& options) {
  Labels annotations;
  if (type == NodeType::Head) {
    const bool tolerant = cluster.fault_tolerant();
    annotations[std::string(kFaultToleranceAnnotation)] = tolerant ? "true" : "false";
    annotations[std::string(kVersionAnnotation)] = options.version;
    if (tolerant) {
      annotations[std::string(kStorageNamespaceAnnotation)] = storage_namespace(cluster);
    }
    if (!parameters.spec_hash.empty()) {
      annotations[std::string(kRecreateHashAnnotation)] = parameters.spec_hash;
    }
  }
  const bool recreates = text_at(cluster.spec(), {"upgradeStrategy", "type"}) == "Recreate";
  if (type == NodeType::Worker && recreates && !parameters.spec_hash.empty()) {
    annotations[kSpecRevisionAnnotation] = parameters.spec_hash;
  }
  if (cluster.keeps_user_command()) annotations[std::string(kKeepCommandAnnotation)] = "true";
  annotations.merge(texts_at(group, {"template", "metadata", "annotations"}));
  annotations.merge(Labels(options.default_pod_annotations));
  annotations[std::string(kIntentAnnotation)] = parameters.intent;
  for (const auto& [key, value] : annotations) set_annotation(pod, key, value);
  if (const Json* finalizers = find(group, {"template", "metadata", "finalizers"})) {
    pod["metadata"]["finalizers"] = *finalizers;
  }
}

void inject(Json& spec, const RayClusterView& cluster, const Json& group, NodeType type,
            const Additions& additions, const BuildOptions& options) {
  const std::string ray_start = ray_start_command(cluster, group, type, options);
  if (type == NodeType::Worker && options.inject_init_container) {
    add_wait_for_gcs(spec, cluster, options);
  }
  if (find(spec, {"initContainers"})) {
    for (Json& container : spec["initContainers"]) {
      add_head_environment(container, cluster, options);
    }
  }
  Json& ray = spec["containers"].front();
  const bool keep =
      cluster.keeps_user_command() ||
      equals_true(text_at(group, {"template", "metadata", "annotations", kKeepCommandAnnotation}));
  add_ray_environment(ray, cluster, type, ray_start, additions.env, options);
  set_ray_command(ray, ray_start, keep, options);
  add_metrics_port(ray);
  add_shared_memory(spec, group);
  add_token_volume(spec, cluster);
  if (options.inject_probes) add_probes(ray, cluster, group, type);
  if (type == NodeType::Head && cluster.autoscaling()) {
    add_autoscaler(spec, cluster, options);
    spec["serviceAccountName"] = autoscaler_account(cluster);
  }
  if (cluster.autoscaler_is_v2()) spec["restartPolicy"] = "Never";
  for (const Json& sidecar : additions.sidecars) spec["containers"].push_back(sidecar);
}

Result<std::string> build_pod(const RayClusterView& cluster, const Json& group, NodeType type,
                              const PodParameters& parameters, const BuildOptions& options) {
  const Result<Additions> additions = read_additions(type, options);
  if (!additions) return fail(additions.error());
  const OwnerReference owner = {"RayCluster", cluster.name, cluster.name_space, cluster.uid};
  Json pod = new_object("v1", "Pod", parameters.name, owner, parameters.intent);
  set_labels(pod, cluster, group, type, parameters, options);
  set_annotations(pod, cluster, group, type, parameters, options);
  Json& spec = pod["spec"];
  spec = group.at("template").at("spec");
  inject(spec, cluster, group, type, *additions, options);
  return dump(pod);
}

}  // namespace

Result<std::string> build_head_pod(std::string_view ray_cluster, const PodParameters& parameters,
                                   const BuildOptions& options) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  return build_pod(*cluster, cluster->head_group(), NodeType::Head, parameters, options);
}

Result<std::string> build_worker_pod(std::string_view ray_cluster, const PodParameters& parameters,
                                     const BuildOptions& options) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const Json* group = cluster->worker_group(parameters.group);
  if (!group) {
    return fail(ErrorCode::NotFound, "RayCluster " + cluster->name_space + "/" + cluster->name +
                                         ": spec.workerGroupSpecs has no group named " +
                                         parameters.group);
  }
  return build_pod(*cluster, *group, NodeType::Worker, parameters, options);
}

}  // namespace raycord
