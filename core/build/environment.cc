#include "core/build/environment.h"

#include <algorithm>

#include "core/build/labels.h"
#include "core/names.h"

namespace raycord {
namespace {

constexpr std::string_view kTokenMountPath = "/var/run/secrets/ray.io/serviceaccount";

bool has_env(const Json& container, std::string_view name) {
  const Json& env = items_at(container, {"env"});
  return std::any_of(env.begin(), env.end(),
                     [name](const Json& variable) { return text_at(variable, {"name"}) == name; });
}

// A credential of the user: a literal value, or where it is to be found.
void append_credential(Json& container, const char* name, const Json* credential) {
  if (!credential) return;
  Json variable = {{"name", name}};
  for (const char* key : {"value", "valueFrom"}) {
    if (const Json* given = find(*credential, {key})) variable[key] = *given;
  }
  array_in(container, "env").push_back(std::move(variable));
}

void add_storage_environment(Json& container, const RayClusterView& cluster) {
  append_env_if_absent(container, "RAY_external_storage_namespace", storage_namespace(cluster));
  if (const Json* ft = find(cluster.spec(), {"gcsFaultToleranceOptions"})) {
    append_env(container, "RAY_REDIS_ADDRESS", text_at(*ft, {"redisAddress"}));
    append_credential(container, "REDIS_USERNAME", find(*ft, {"redisUsername"}));
    append_credential(container, "REDIS_PASSWORD", find(*ft, {"redisPassword"}));
    return;
  }
  const std::string password = text_at(cluster.head_group(), {"rayStartParams", "redis-password"});
  if (!password.empty()) append_env_if_absent(container, "REDIS_PASSWORD", password);
}

void add_head_options(Json& container, const RayClusterView& cluster) {
  const std::string version = text_at(cluster.spec(), {"autoscalerOptions", "version"});
  if (cluster.autoscaling() && !version.empty()) {
    append_env(container, "RAY_enable_autoscaler_v2", version == "v2" ? "true" : "false");
  }
  if (cluster.fault_tolerant()) add_storage_environment(container, cluster);
}

void add_default_environment(Json& container, const Json& default_env) {
  for (const Json& variable : default_env) {
    if (!has_env(container, text_at(variable, {"name"}))) {
      array_in(container, "env").push_back(variable);
    }
  }
}

void add_identity(Json& container) {
  append_field_env(container, "RAY_CLUSTER_NAME", "metadata.labels['ray.io/cluster']");
  append_field_env(container, "RAY_CLUSTER_NAMESPACE", "metadata.namespace");
  append_field_env(container, "RAY_CLOUD_INSTANCE_ID", "metadata.name");
  append_field_env(container, "RAY_NODE_TYPE_NAME", "metadata.labels['ray.io/group']");
}

// Serve survives the loss of a head only if nobody waits for it longer than this.
void add_serve_timeouts(Json& container) {
  append_env_if_absent(container, "RAY_timeout_ms_task_wait_for_death_info", "0");
  append_env_if_absent(container, "RAY_gcs_server_request_timeout_seconds", "5");
  append_env_if_absent(container, "RAY_SERVE_KV_TIMEOUT_S", "5");
}

}  // namespace

void append_env(Json& container, std::string_view name, std::string_view value) {
  array_in(container, "env").push_back({{"name", name}, {"value", value}});
}

void append_env_if_absent(Json& container, std::string_view name, std::string_view value) {
  if (!has_env(container, name)) append_env(container, name, value);
}

void append_field_env(Json& container, std::string_view name, std::string_view field_path) {
  Json variable = {{"name", name}};
  variable["valueFrom"]["fieldRef"]["fieldPath"] = field_path;
  array_in(container, "env").push_back(std::move(variable));
}

void add_ray_environment(Json& container, const RayClusterView& cluster, NodeType type,
                         const std::string& ray_start, const Json& default_env,
                         const BuildOptions& options) {
  const bool head = type == NodeType::Head;
  if (head) {
    add_head_options(container, cluster);
  } else if (cluster.fault_tolerant()) {
    append_env_if_absent(container, "RAY_gcs_rpc_server_reconnect_timeout_s", "600");
  }
  add_auth_environment(container, cluster);
  add_default_environment(container, default_env);
  if (!head) add_head_environment(container, cluster, options);
  add_identity(container);
  append_env(container, "KUBERAY_GEN_RAY_START_CMD", ray_start);
  append_env_if_absent(container, "RAY_PORT", cluster.head_port());
  if (cluster.of_ray_service()) add_serve_timeouts(container);
  append_env_if_absent(container, "RAY_ADDRESS",
                       head ? "127.0.0.1:" + cluster.head_port() : cluster.head_address(options));
  append_env_if_absent(container, "RAY_USAGE_STATS_KUBERAY_IN_USE", "1");
  if (head) {
    append_env(container, "RAY_USAGE_STATS_EXTRA_TAGS",
               "kuberay_version=" + options.version + ";kuberay_crd=" + cluster.origin_kind());
  }
  append_env_if_absent(container, "RAY_DASHBOARD_ENABLE_K8S_DISK_USAGE", "1");
}

void add_head_environment(Json& container, const RayClusterView& cluster,
                          const BuildOptions& options) {
  append_env(container, "FQ_RAY_IP", cluster.head_domain(options));
  append_env(container, "RAY_IP", cluster.head_service());
}

void add_auth_environment(Json& container, const RayClusterView& cluster) {
  if (!cluster.token_auth()) return;
  append_env_if_absent(container, "RAY_AUTH_MODE", "token");
  if (flag_at(cluster.spec(), {"authOptions", "enableK8sTokenAuth"})) {
    append_env_if_absent(container, "RAY_ENABLE_K8S_TOKEN_AUTH", "true");
    array_in(container, "volumeMounts")
        .push_back({{"name", "ray-token"}, {"mountPath", kTokenMountPath}, {"readOnly", true}});
    return;
  }
  if (has_env(container, "RAY_AUTH_TOKEN")) return;
  const std::string secret = text_at(cluster.spec(), {"authOptions", "secretName"});
  Json variable = {{"name", "RAY_AUTH_TOKEN"}};
  variable["valueFrom"]["secretKeyRef"] = {
      {"name", secret.empty() ? checked_name(cluster.name) : secret}, {"key", "auth_token"}};
  array_in(container, "env").push_back(std::move(variable));
}

std::string storage_namespace(const RayClusterView& cluster) {
  const std::string chosen =
      text_at(cluster.spec(), {"gcsFaultToleranceOptions", "externalStorageNamespace"});
  if (!chosen.empty()) return chosen;
  const std::string annotated = cluster.annotation(kStorageNamespaceAnnotation);
  return annotated.empty() ? cluster.uid : annotated;
}

}  // namespace raycord
