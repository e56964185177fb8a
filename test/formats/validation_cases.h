// Every rule that makes a RayService or RayCluster invalid: an edit that breaks it, and what is
// said.
//
//   for (const ValidationCase& each : all_validation_cases()) {
//     edit(manifest, each.edits);
//     …
//   }
//
// "$" is the RayCluster's spec, wherever it stands: in edits a JSON pointer, in messages a path.

#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace raycord {

struct ManifestEdit {
  std::string pointer;  // Of the field that is set.
  std::string value;    // JSON.
};

enum class Concerns : std::uint8_t { Service, Cluster, Both };

struct ValidationCase {
  const char* name;  // Of the rule.
  Concerns concerns;
  std::vector<ManifestEdit> edits;
  std::string message;
  const char* part = "Spec";  // "Metadata": of the reason.

  std::string reason() const {
    const bool cluster = concerns == Concerns::Cluster;
    return std::string("InvalidRay") + (cluster ? "Cluster" : "Service") + part;
  }
};

inline std::string with_root(std::string text, const std::string& root) {
  for (std::size_t at = 0; (at = text.find('$', at)) != std::string::npos; at += root.size()) {
    text.replace(at, 1, root);
  }
  return text;
}

inline ValidationCase concrete(ValidationCase each, Concerns kind) {
  const bool service = kind == Concerns::Service;
  each.concerns = kind;
  for (ManifestEdit& edit : each.edits) {
    edit.pointer = with_root(edit.pointer, service ? "/spec/rayClusterConfig" : "/spec");
  }
  each.message = with_root(each.message, service ? "spec.rayClusterConfig" : "spec");
  return each;
}

inline void edit(nlohmann::json& manifest, const std::vector<ManifestEdit>& edits) {
  for (const ManifestEdit& each : edits) {
    manifest[nlohmann::json::json_pointer(each.pointer)] = nlohmann::json::parse(each.value);
  }
}

namespace validation_tables {

inline const std::vector<ValidationCase> kMetadata = {
    {"name_of_service_too_long",
     Concerns::Service,
     {{"/metadata/name", "\"" + std::string(48, 'a') + "\""}},
     "metadata.name is \"" + std::string(48, 'a') + "\" with 48 characters: at most 47 are allowed",
     "Metadata"},
    {"name_of_cluster_too_long",
     Concerns::Cluster,
     {{"/metadata/name", "\"" + std::string(54, 'a') + "\""}},
     "metadata.name is \"" + std::string(54, 'a') + "\" with 54 characters: at most 53 are allowed",
     "Metadata"},
    {"name_no_label",
     Concerns::Both,
     {{"/metadata/name", R"("1st")"}},
     "metadata.name is \"1st\": lower-case letters, digits and '-' are allowed, beginning with a "
     "letter and not ending in '-'",
     "Metadata"},
    {"initializing_timeout",
     Concerns::Service,
     {{"/metadata/annotations/ray.io~1initializing-timeout", R"("0")"}},
     "metadata.annotations[ray.io/initializing-timeout] is \"0\": a positive duration such as 30m, "
     "or whole seconds, is allowed",
     "Metadata"},
    {"failover_mode",
     Concerns::Service,
     {{"/metadata/annotations/raycord.io~1failover", R"("Off")"}},
     "metadata.annotations[raycord.io/failover] is \"Off\": enforce, shadow and off are allowed",
     "Metadata"},
};

inline const std::vector<ValidationCase> kService = {
    {"kubernetes_token_auth",
     Concerns::Service,
     {{"$/authOptions", R"({"mode": "token", "enableK8sTokenAuth": true})"}},
     "$.authOptions.enableK8sTokenAuth is true: only false is allowed for a RayService"},
    {"name_of_head_service",
     Concerns::Service,
     {{"$/headGroupSpec/headService", R"({"metadata": {"name": "mine"}})"}},
     "$.headGroupSpec.headService.metadata.name is \"mine\": only none is allowed, the operator "
     "names it"},
    {"upgrade_type",
     Concerns::Service,
     {{"/spec/upgradeStrategy", R"({"type": "Sideways"})"}},
     "spec.upgradeStrategy.type is \"Sideways\": NewCluster, NewClusterWithIncrementalUpgrade and "
     "None are allowed"},
    {"incremental_without_autoscaler",
     Concerns::Service,
     {{"/spec/upgradeStrategy",
       R"({"type": "NewClusterWithIncrementalUpgrade", "clusterUpgradeOptions": {
           "stepSizePercent": 5, "intervalSeconds": 1, "gatewayClassName": "g"}})"}},
     "$.enableInTreeAutoscaling is false: only true is allowed with "
     "NewClusterWithIncrementalUpgrade, since the clusters grow and shrink with their share of the "
     "traffic"},
    {"incremental_without_options",
     Concerns::Service,
     {{"$/enableInTreeAutoscaling", "true"},
      {"/spec/upgradeStrategy", R"({"type": "NewClusterWithIncrementalUpgrade"})"}},
     "spec.upgradeStrategy.clusterUpgradeOptions is not set: needed with "
     "NewClusterWithIncrementalUpgrade"},
    {"incremental_surge",
     Concerns::Service,
     {{"$/enableInTreeAutoscaling", "true"},
      {"/spec/upgradeStrategy",
       R"({"type": "NewClusterWithIncrementalUpgrade", "clusterUpgradeOptions": {"stepSizePercent": 5, "intervalSeconds": 1, "gatewayClassName": "g", "maxSurgePercent": 101}})"}},
     "spec.upgradeStrategy.clusterUpgradeOptions.maxSurgePercent is 101: 0 to 100 is allowed"},
    {"incremental_step",
     Concerns::Service,
     {{"$/enableInTreeAutoscaling", "true"},
      {"/spec/upgradeStrategy",
       R"({"type": "NewClusterWithIncrementalUpgrade", "clusterUpgradeOptions": {"stepSizePercent": -1, "intervalSeconds": 1, "gatewayClassName": "g"}})"}},
     "spec.upgradeStrategy.clusterUpgradeOptions.stepSizePercent is -1: 0 to 100 is allowed"},
    {"incremental_step_above_surge",
     Concerns::Service,
     {{"$/enableInTreeAutoscaling", "true"},
      {"/spec/upgradeStrategy",
       R"({"type": "NewClusterWithIncrementalUpgrade", "clusterUpgradeOptions": {"stepSizePercent": 20, "intervalSeconds": 1, "gatewayClassName": "g", "maxSurgePercent": 10}})"}},
     "spec.upgradeStrategy.clusterUpgradeOptions.stepSizePercent is 20: at most maxSurgePercent, "
     "which is 10, is allowed"},
    {"incremental_interval",
     Concerns::Service,
     {{"$/enableInTreeAutoscaling", "true"},
      {"/spec/upgradeStrategy",
       R"({"type": "NewClusterWithIncrementalUpgrade", "clusterUpgradeOptions": {"stepSizePercent": 5, "intervalSeconds": 0, "gatewayClassName": "g"}})"}},
     "spec.upgradeStrategy.clusterUpgradeOptions.intervalSeconds is 0: 1 or more is allowed"},
    {"incremental_gateway_class",
     Concerns::Service,
     {{"$/enableInTreeAutoscaling", "true"},
      {"/spec/upgradeStrategy",
       R"({"type": "NewClusterWithIncrementalUpgrade", "clusterUpgradeOptions": {"stepSizePercent": 5, "intervalSeconds": 1, "gatewayClassName": ""}})"}},
     "spec.upgradeStrategy.clusterUpgradeOptions.gatewayClassName is not set: the name of a class "
     "is needed"},
    {"deletion_delay",
     Concerns::Service,
     {{"/spec/rayClusterDeletionDelaySeconds", "-1"}},
     "spec.rayClusterDeletionDelaySeconds is -1: 0 or more is allowed"},
    {"upgrade_type_of_the_cluster",
     Concerns::Service,
     {{"$/upgradeStrategy", R"({"type": "None"})"}},
     "$.upgradeStrategy.type is \"None\": not allowed for a RayService, use spec.upgradeStrategy"},
};

inline const std::vector<ValidationCase> kGroups = {
    {"containers_of_head",
     Concerns::Both,
     {{"$/headGroupSpec/template/spec/containers", "[]"}},
     "$.headGroupSpec.template.spec.containers is empty: one container or more is allowed"},
    {"resources_of_head",
     Concerns::Both,
     {{"$/headGroupSpec/resources", R"({"CPU": "2"})"},
      {"$/headGroupSpec/rayStartParams/num-cpus", R"("1")"}},
     "$.headGroupSpec.rayStartParams.num-cpus is \"1\": not allowed beside "
     "$.headGroupSpec.resources, use one of them"},
    {"labels_in_start_parameters",
     Concerns::Both,
     {{"$/headGroupSpec/rayStartParams/labels", R"("a=b")"}},
     "$.headGroupSpec.rayStartParams.labels is \"a=b\": not allowed, use $.headGroupSpec.labels"},
    {"label_key",
     Concerns::Both,
     {{"$/headGroupSpec/labels", R"({"-bad": "x"})"}},
     "$.headGroupSpec.labels has the key \"-bad\": a qualified name, such as example.com/zone, is "
     "allowed"},
    {"label_value",
     Concerns::Both,
     {{"$/workerGroupSpecs/0/labels", R"({"example.com/zone": "-"})"}},
     "$.workerGroupSpecs[0].labels[example.com/zone] is \"-\": at most 63 letters, digits, '-', "
     "'_' and '.' are allowed, with a letter or digit at both ends"},
    {"containers_of_workers",
     Concerns::Both,
     {{"$/workerGroupSpecs/0/template/spec/containers", "[]"}},
     "$.workerGroupSpecs[0].template.spec.containers is empty: one container or more is allowed"},
    {"negative_minimum",
     Concerns::Both,
     {{"$/workerGroupSpecs/0/minReplicas", "-1"}},
     "$.workerGroupSpecs[0].minReplicas is -1: 0 or more is allowed"},
    {"negative_maximum",
     Concerns::Both,
     {{"$/workerGroupSpecs/0/maxReplicas", "-1"}},
     "$.workerGroupSpecs[0].maxReplicas is -1: 0 or more is allowed"},
    {"minimum_above_maximum",
     Concerns::Both,
     {{"$/workerGroupSpecs/0/minReplicas", "6"}, {"$/workerGroupSpecs/0/maxReplicas", "5"}},
     "$.workerGroupSpecs[0].minReplicas is 6: at most maxReplicas, which is 5, is allowed"},
    {"resources_of_workers",
     Concerns::Both,
     {{"$/workerGroupSpecs/0/resources", R"({"memory": "2"})"},
      {"$/workerGroupSpecs/0/rayStartParams/memory", R"("1")"}},
     "$.workerGroupSpecs[0].rayStartParams.memory is \"1\": not allowed beside "
     "$.workerGroupSpecs[0].resources, use one of them"},
    {"negative_idle_timeout_of_workers",
     Concerns::Both,
     {{"$/enableInTreeAutoscaling", "true"},
      {"$/autoscalerOptions", R"({"version": "v2"})"},
      {"$/workerGroupSpecs/0/idleTimeoutSeconds", "-1"}},
     "$.workerGroupSpecs[0].idleTimeoutSeconds is -1: 0 or more is allowed"},
    {"idle_timeout_without_autoscaler",
     Concerns::Both,
     {{"$/workerGroupSpecs/0/idleTimeoutSeconds", "5"}},
     "$.workerGroupSpecs[0].idleTimeoutSeconds is 5: allowed only with autoscaler v2, that is "
     "enableInTreeAutoscaling and autoscalerOptions.version: v2"},
    {"priority_of_an_old_ray",
     Concerns::Both,
     {{"$/enableInTreeAutoscaling", "true"},
      {"$/autoscalerOptions", R"({"version": "v2"})"},
      {"$/rayVersion", R"("2.55.9")"},
      {"$/workerGroupSpecs/0/priority", "1"}},
     "$.workerGroupSpecs[0].priority is 1: other than 0 is allowed only with autoscaler v2 and "
     "rayVersion 2.56.0 or later, which is \"2.55.9\""},
};

inline const std::vector<ValidationCase> kFaultTolerance = {
    {"annotation_beside_options",
     Concerns::Both,
     {{"$/gcsFaultToleranceOptions", R"({"redisAddress": "r:6379"})"},
      {"/metadata/annotations/ray.io~1ft-enabled", R"("true")"}},
     "metadata.annotations[ray.io/ft-enabled] is \"true\": not allowed beside "
     "$.gcsFaultToleranceOptions"},
    {"redis_address_without_fault_tolerance",
     Concerns::Both,
     {{"$/headGroupSpec/template/spec/containers/0/env",
       R"([{"name": "RAY_REDIS_ADDRESS", "value": "r:6379"}])"}},
     "$.headGroupSpec.template.spec.containers[0].env has RAY_REDIS_ADDRESS: allowed only with "
     "fault tolerance, use $.gcsFaultToleranceOptions"},
    {"redis_password_parameter",
     Concerns::Both,
     {{"$/gcsFaultToleranceOptions", R"({"redisAddress": "r:6379"})"},
      {"$/headGroupSpec/rayStartParams/redis-password", R"("secret")"}},
     "$.headGroupSpec.rayStartParams.redis-password is set: not allowed, use "
     "$.gcsFaultToleranceOptions.redisPassword"},
    {"redis_password_variable",
     Concerns::Both,
     {{"$/gcsFaultToleranceOptions", R"({"redisAddress": "r:6379"})"},
      {"$/headGroupSpec/template/spec/containers/0/env",
       R"([{"name": "REDIS_PASSWORD", "value": "secret"}])"}},
     "$.headGroupSpec.template.spec.containers[0].env has REDIS_PASSWORD: not allowed beside "
     "$.gcsFaultToleranceOptions, use its redisPassword"},
    {"redis_address_variable",
     Concerns::Both,
     {{"$/gcsFaultToleranceOptions", R"({"redisAddress": "r:6379"})"},
      {"$/headGroupSpec/template/spec/containers/0/env",
       R"([{"name": "RAY_REDIS_ADDRESS", "value": "r:6379"}])"}},
     "$.headGroupSpec.template.spec.containers[0].env has RAY_REDIS_ADDRESS: not allowed beside "
     "$.gcsFaultToleranceOptions, use its redisAddress"},
    {"external_storage_annotation",
     Concerns::Both,
     {{"$/gcsFaultToleranceOptions", R"({"redisAddress": "r:6379"})"},
      {"/metadata/annotations/ray.io~1external-storage-namespace", R"("mine")"}},
     "metadata.annotations[ray.io/external-storage-namespace] is \"mine\": not allowed beside "
     "$.gcsFaultToleranceOptions, use its externalStorageNamespace"},
    {"backend",
     Concerns::Both,
     {{"$/gcsFaultToleranceOptions", R"({"backend": "rocksdb"})"}},
     "$.gcsFaultToleranceOptions.backend is \"rocksdb\": redis is allowed"},
    {"storage_with_redis",
     Concerns::Both,
     {{"$/gcsFaultToleranceOptions", R"({"redisAddress": "r:6379", "storage": {}})"}},
     "$.gcsFaultToleranceOptions.storage is set: allowed only with backend rocksdb"},
    {"redis_username_parameter",
     Concerns::Both,
     {{"$/headGroupSpec/rayStartParams/redis-username", R"("u")"}},
     "$.headGroupSpec.rayStartParams.redis-username is set: not allowed, use "
     "$.gcsFaultToleranceOptions.redisUsername"},
    {"redis_username_variable",
     Concerns::Both,
     {{"$/headGroupSpec/template/spec/containers/0/env",
       R"([{"name": "REDIS_USERNAME", "value": "u"}])"}},
     "$.headGroupSpec.template.spec.containers[0].env has REDIS_USERNAME: not allowed, use "
     "$.gcsFaultToleranceOptions.redisUsername"},
};

inline const std::vector<ValidationCase> kAutoscaler = {
    {"autoscaler_variable_without_autoscaling",
     Concerns::Both,
     {{"$/headGroupSpec/template/spec/containers/0/env",
       R"([{"name": "RAY_enable_autoscaler_v2", "value": "1"}])"}},
     "$.headGroupSpec.template.spec.containers[0].env has RAY_enable_autoscaler_v2=1: allowed only "
     "with enableInTreeAutoscaling"},
    {"suspended_group",
     Concerns::Both,
     {{"$/enableInTreeAutoscaling", "true"}, {"$/workerGroupSpecs/0/suspend", "true"}},
     "$.workerGroupSpecs[0].suspend is true: only false is allowed with enableInTreeAutoscaling"},
    {"autoscaler_variable_beside_version",
     Concerns::Both,
     {{"$/enableInTreeAutoscaling", "true"},
      {"$/autoscalerOptions", R"({"version": "v2"})"},
      {"$/headGroupSpec/template/spec/containers/0/env",
       R"([{"name": "RAY_enable_autoscaler_v2", "value": "1"}])"}},
     "$.headGroupSpec.template.spec.containers[0].env has RAY_enable_autoscaler_v2: not allowed "
     "beside $.autoscalerOptions.version, use one of them"},
    {"restart_policy_of_head",
     Concerns::Both,
     {{"$/enableInTreeAutoscaling", "true"},
      {"$/autoscalerOptions", R"({"version": "v2"})"},
      {"$/headGroupSpec/template/spec/restartPolicy", R"("Always")"}},
     "$.headGroupSpec.template.spec.restartPolicy is \"Always\": Never or none is allowed with "
     "autoscaler v2"},
    {"restart_policy_of_workers",
     Concerns::Both,
     {{"$/enableInTreeAutoscaling", "true"},
      {"$/autoscalerOptions", R"({"version": "v2"})"},
      {"$/workerGroupSpecs/0/template/spec/restartPolicy", R"("OnFailure")"}},
     "$.workerGroupSpecs[0].template.spec.restartPolicy is \"OnFailure\": Never or none is allowed "
     "with autoscaler v2"},
    {"negative_idle_timeout",
     Concerns::Both,
     {{"$/autoscalerOptions", R"({"idleTimeoutSeconds": -1})"}},
     "$.autoscalerOptions.idleTimeoutSeconds is -1: 0 or more is allowed"},
    {"generated_command",
     Concerns::Both,
     {{"$/autoscalerOptions",
       R"({"env": [{"name": "KUBERAY_GEN_AUTOSCALER_START_CMD", "value": "x"}]})"}},
     "$.autoscalerOptions.env has KUBERAY_GEN_AUTOSCALER_START_CMD: not allowed, the operator sets "
     "it"},
};

inline const std::vector<ValidationCase> kAccess = {
    {"token_auth_of_an_old_ray",
     Concerns::Both,
     {{"$/authOptions", R"({"mode": "token"})"}, {"$/rayVersion", R"("2.51.9")"}},
     "$.rayVersion is \"2.51.9\": authOptions.mode: token needs 2.52.0 or later"},
    {"token_auth_of_an_unknown_ray",
     Concerns::Both,
     {{"$/authOptions", R"({"mode": "token"})"}, {"$/rayVersion", R"("nightly")"}},
     "$.rayVersion is \"nightly\": authOptions.mode: token needs 2.52.0 or later"},
    {"kubernetes_token_without_mode",
     Concerns::Cluster,
     {{"$/authOptions", R"({"enableK8sTokenAuth": true})"}},
     "$.authOptions.enableK8sTokenAuth is true: allowed only with mode: token"},
    {"kubernetes_token_of_an_old_ray",
     Concerns::Cluster,
     {{"$/authOptions", R"({"mode": "token", "enableK8sTokenAuth": true})"},
      {"$/rayVersion", R"("2.54.0")"}},
     "$.rayVersion is \"2.54.0\": authOptions.enableK8sTokenAuth needs 2.55.0 or later"},
    {"kubernetes_token_beside_secret",
     Concerns::Cluster,
     {{"$/authOptions", R"({"mode": "token", "enableK8sTokenAuth": true, "secretName": "s"})"},
      {"$/rayVersion", R"("2.55.0")"}},
     "$.authOptions.secretName is \"s\": only none is allowed with enableK8sTokenAuth"},
    {"history_server",
     Concerns::Both,
     {{"$/historyServerOptions", "{}"}},
     "$.historyServerOptions is set: not supported, leave it out"},
    {"network_policy",
     Concerns::Both,
     {{"$/networkPolicy", "{}"}},
     "$.networkPolicy is set: not supported, leave it out"},
    {"tls",
     Concerns::Both,
     {{"$/tlsOptions", "{}"}},
     "$.tlsOptions is set: not supported, leave it out"},
    {"upgrade_type_made_from_a_service",
     Concerns::Cluster,
     {{"/metadata/labels/ray.io~1originated-from-crd", R"("RayService")"},
      {"$/upgradeStrategy", R"({"type": "Recreate"})"}},
     "$.upgradeStrategy.type is \"Recreate\": not allowed for a RayCluster made from a RayService"},
    {"upgrade_type_of_a_cluster",
     Concerns::Cluster,
     {{"$/upgradeStrategy", R"({"type": "Sideways"})"}},
     "$.upgradeStrategy.type is \"Sideways\": Recreate and None are allowed"},
};

}  // namespace validation_tables

// What concerns both, once for each.
inline std::vector<ValidationCase> all_validation_cases() {
  namespace tables = validation_tables;
  std::vector<ValidationCase> all;
  for (const auto* table : {&tables::kMetadata, &tables::kService, &tables::kGroups,
                            &tables::kFaultTolerance, &tables::kAutoscaler, &tables::kAccess}) {
    for (const ValidationCase& each : *table) {
      if (each.concerns != Concerns::Cluster) all.push_back(concrete(each, Concerns::Service));
      if (each.concerns != Concerns::Service) all.push_back(concrete(each, Concerns::Cluster));
    }
  }
  return all;
}

}  // namespace raycord
