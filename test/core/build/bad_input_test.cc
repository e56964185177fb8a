// The builders on input that no API server would have let through: a failure that names the field,
// never an exception.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/build/cluster.h"
#include "core/build/ingress.h"
#include "core/build/patch.h"
#include "core/build/pod.h"
#include "core/build/redis_cleanup.h"
#include "core/build/service.h"
#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

using testing::HasSubstr;

// A cluster that uses every field the builders read.
Json rich_cluster() {
  Json cluster = sample_cluster_of_service();
  cluster["metadata"]["annotations"] = {{"ray.io/ft-enabled", "true"}, {"a", "b"}};
  cluster["spec"].merge_patch(Json::parse(R"({
    "enableInTreeAutoscaling": true,
    "headServiceAnnotations": {"a": "b"},
    "authOptions": {"mode": "token", "secretName": "s", "enableK8sTokenAuth": false},
    "autoscalerOptions": {
      "version": "v2", "image": "i", "imagePullPolicy": "Always", "command": ["c"], "args": ["a"],
      "resources": {"limits": {"cpu": "1"}}, "securityContext": {"runAsUser": 1},
      "env": [{"name": "A", "value": "1"}], "envFrom": [{"configMapRef": {"name": "c"}}],
      "volumeMounts": [{"name": "v", "mountPath": "/v"}]},
    "gcsFaultToleranceOptions": {
      "backend": "redis", "redisAddress": "r", "externalStorageNamespace": "n",
      "redisUsername": {"value": "u"}, "redisPassword": {"value": "p"}},
    "headGroupSpec": {
      "serviceType": "ClusterIP",
      "headService": {
        "metadata": {"name": "h", "labels": {"a": "b"}, "annotations": {"a": "b"}},
        "spec": {"type": "NodePort", "ports": [{"name": "p", "port": 1, "protocol": "TCP"}]}}}})"));
  const Json group = Json::parse(R"({
    "rayStartParams": {"port": "1", "resources": "'{\"a\": 1}'", "dashboard-port": "2"},
    "resources": {"cpu": "1", "custom": "2", "gpu": "1", "memory": "1Gi"},
    "labels": {"a": "b"},
    "template": {
      "metadata": {"labels": {"a": "b"}, "annotations": {"a": "b"}, "finalizers": ["a.b/c"]},
      "spec": {"serviceAccountName": "s", "volumes": [{"name": "v", "emptyDir": {}}],
               "initContainers": [{"name": "i", "env": [{"name": "A", "value": "1"}]}]}}})");
  const Json container = Json::parse(R"({
    "command": ["c"], "args": ["a"], "imagePullPolicy": "Always", "securityContext": {},
    "env": [{"name": "A", "value": "1"}], "ports": [{"name": "serve", "containerPort": 8000}],
    "volumeMounts": [{"name": "v", "mountPath": "/v"}],
    "livenessProbe": {"httpGet": {"port": 1}}, "readinessProbe": {"httpGet": {"port": 1}},
    "resources": {"limits": {"google.com/tpu": "1", "nvidia.com/gpu": "1"}}})");
  cluster["spec"]["headGroupSpec"].merge_patch(group);
  cluster["spec"]["workerGroupSpecs"][0]["numOfHosts"] = 2;
  cluster["spec"]["workerGroupSpecs"][0]["suspend"] = false;
  head_container(cluster).merge_patch(container);
  cluster["spec"]["upgradeStrategy"] = {{"type", "Recreate"}};
  cluster["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "nginx";
  cluster["spec"]["headGroupSpec"]["ingressOptions"] =
      Json::parse(R"({"host": "h", "path": "/", "pathType": "Prefix", "tls": [{"hosts": ["h"]}]})");
  return cluster;
}

Json rich_service() {
  Json service = sample_service();
  service["metadata"]["labels"] = {{"a", "b"}};
  service["metadata"]["annotations"] = {{"ray.io/ft-enabled", "true"}};
  service["spec"]["serveService"] = Json::parse(R"({
    "metadata": {"name": "s", "labels": {"a": "b"}, "annotations": {"a": "b"}},
    "spec": {"type": "NodePort", "ports": [{"name": "serve", "port": 1, "nodePort": 2}]}})");
  return service;
}

// The builders that between them read every field; the others read some of the same.
std::vector<Result<std::string>> build_all(const std::string& service, const std::string& cluster) {
  PodParameters worker;
  worker.group = "small-group";
  return {build_head_pod(cluster, {}, {}),
          build_worker_pod(cluster, worker, {}),
          build_cluster_head_service(cluster, "", {}),
          build_serve_service(service, cluster, ""),
          build_redis_cleanup(cluster, "", {}),
          build_ingress(cluster, "")};
}

// Every value of the document, replaced one at a time by each of these; null is as good as absent.
void for_each_damage(const Json& document, const std::function<void(const Json&)>& use) {
  const std::vector<Json> wrong = {nullptr, -7, Json::array({nullptr}), Json{{"x", nullptr}}};
  std::set<std::string> places;
  const Json leaves = document.flatten();
  for (const auto& [path, value] : leaves.items()) {
    for (Json::json_pointer place(path); !place.empty(); place = place.parent_pointer()) {
      places.insert(place.to_string());
    }
  }
  for (const std::string& path : places) {
    const Json::json_pointer place(path);
    for (const Json& other : wrong) {
      Json damaged = document;
      damaged[place] = other;
      use(damaged);
    }
  }
}

void expect_json_or_reason(const std::vector<Result<std::string>>& built, const Json& input) {
  for (const Result<std::string>& result : built) {
    if (!result) {
      EXPECT_FALSE(result.error().message.empty()) << input.dump();
      EXPECT_EQ(result.error().message.find('\n'), std::string::npos);
    }
  }
}

TEST(BadInput, OfAClusterIsNeverAnException) {
  const std::string service = rich_service().dump();
  for (const Result<std::string>& result : build_all(service, rich_cluster().dump())) {
    ASSERT_TRUE(result) << result.error().message;
  }
  for_each_damage(rich_cluster(), [&](const Json& damaged) {
    expect_json_or_reason(build_all(service, damaged.dump()), damaged);
  });
}

TEST(BadInput, OfAServiceIsNeverAnException) {
  const std::string cluster = sample_cluster_of_service().dump();
  for_each_damage(rich_service(), [&](const Json& damaged) {
    const std::string text = damaged.dump();
    expect_json_or_reason(
        {build_service_head_service(text, cluster, "", {}), build_serve_service(text, cluster, ""),
         build_ray_cluster(text, {}, {}), build_cluster_groups_patch(text, cluster, {}, {})},
        damaged);
  });
}

TEST(BadInput, OfAChangedIngressIsNeverAnException) {
  const std::string cluster = rich_cluster().dump();
  const auto ingress = build_ingress(cluster, "a:1");
  ASSERT_TRUE(ingress) << ingress.error().message;
  for_each_damage(Json::parse(*ingress), [&](const Json& damaged) {
    expect_json_or_reason({build_ingress_update(damaged.dump(), cluster, "a:2", "7")}, damaged);
  });
}

TEST(BadInput, OfASwitchedServiceIsNeverAnException) {
  const Json service = Json::parse(R"({
    "metadata": {"uid": "u", "annotations": {"raycord.io/intent": "a:1"}},
    "spec": {"type": "NodePort", "clusterIP": "None", "selector": {"a": "b"},
             "ports": [{"name": "serve", "port": 1, "nodePort": 30000}]}})");
  for_each_damage(service, [&](const Json& damaged) {
    expect_json_or_reason({build_service_switch(damaged.dump(), service.dump(), "1"),
                           build_service_switch(service.dump(), damaged.dump(), "1")},
                          damaged);
  });
}

std::string failure_of_head(const Json& cluster) {
  return parsed(build_head_pod(cluster.dump(), {}, {})).value("failure", "");
}

TEST(BadInput, IsNamedByItsPath) {
  Json cluster = sample_cluster();
  worker_container(cluster)["resources"]["limits"]["cpu"] = "2 cores";
  EXPECT_EQ(failure_of_head(cluster),
            "RayCluster ns1/rc: spec.workerGroupSpecs[0].template.spec.containers[0].resources."
            "limits.cpu: \"2 cores\" is not a quantity such as 500m, 2, 1.5Gi or 1e3");
  cluster = sample_cluster();
  cluster["spec"]["headGroupSpec"]["template"]["spec"]["containers"] = Json::array();
  EXPECT_EQ(failure_of_head(cluster),
            "RayCluster ns1/rc: spec.headGroupSpec.template.spec.containers is empty; the first "
            "container runs Ray");
  cluster = sample_cluster();
  cluster["spec"]["headGroupSpec"].erase("template");
  EXPECT_THAT(failure_of_head(cluster), HasSubstr("spec.headGroupSpec.template.spec.containers"));
  cluster = sample_cluster();
  cluster["spec"]["headGroupSpec"]["rayStartParams"]["num-cpus"] = 4;
  EXPECT_EQ(failure_of_head(cluster),
            "RayCluster ns1/rc: spec.headGroupSpec.rayStartParams is not an object of texts");
  cluster = sample_cluster();
  cluster["metadata"].erase("uid");
  EXPECT_EQ(failure_of_head(cluster), "RayCluster ns1/rc: metadata.uid is missing");
  EXPECT_EQ(parsed(build_head_pod("", {}, {}))["failure"], "RayCluster is not JSON");
  EXPECT_EQ(parsed(build_head_pod("[]", {}, {}))["failure"], "RayCluster is not a JSON object");
  EXPECT_EQ(parsed(build_ray_cluster(R"({"metadata": {"name": "a", "namespace": "b", "uid": "c"}})",
                                     {}, {}))["failure"],
            "RayService b/a: spec.rayClusterConfig.headGroupSpec is missing");
}

TEST(BadInput, OfAGroupThatDoesNotExistNamesIt) {
  PodParameters parameters;
  parameters.group = "large-group";
  const Result<std::string> built = build_worker_pod(sample_cluster().dump(), parameters, {});
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::NotFound);
  EXPECT_EQ(built.error().message,
            "RayCluster ns1/rc: spec.workerGroupSpecs has no group named large-group");
}

TEST(BadInput, OfTheOperatorsOwnConfigurationIsNamed) {
  BuildOptions options;
  options.default_container_env = "{}";
  EXPECT_EQ(head_pod(sample_cluster(), options)["failure"],
            "defaultContainerEnvs is not a JSON array");
  options.default_container_env = R"([{"name": "A"}, 1])";
  EXPECT_EQ(head_pod(sample_cluster(), options)["failure"],
            "defaultContainerEnvs[1] is not an object");
}

TEST(BadInput, DoesNotOverflowTheStack) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(parsed(build_head_pod(R"({"spec":)" + deep, {}, {}))["failure"],
            "RayCluster is nested deeper than 200 levels");
}

TEST(BadInput, IsNotBuiltWithoutTheEncryptionOrStorageItAsksFor) {
  Json cluster = sample_cluster();
  cluster["spec"]["tlsOptions"]["enabled"] = true;
  EXPECT_EQ(failure_of_head(cluster),
            "RayCluster ns1/rc: spec.tlsOptions.enabled is not supported");
  cluster["spec"].erase("tlsOptions");
  cluster["spec"]["gcsFaultToleranceOptions"]["backend"] = "rocksdb";
  EXPECT_THAT(failure_of_head(cluster), HasSubstr("backend rocksdb is not supported"));
  cluster["spec"].erase("gcsFaultToleranceOptions");
  cluster["spec"]["historyServerOptions"] = Json::object();
  EXPECT_THAT(failure_of_head(cluster), HasSubstr("historyServerOptions is not supported"));
}

}  // namespace
}  // namespace raycord::test
