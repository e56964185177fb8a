#include "core/build/pod.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> env_names(const Json& container) {
  std::vector<std::string> names;
  for (const Json& variable : container.value("env", Json::array()))
    names.push_back(variable["name"]);
  return names;
}

const Json& ray(const Json& pod) { return pod.at("spec").at("containers").at(0); }

TEST(HeadPod, CarriesTheSevenDefaultLabels) {
  const Json labels = {{"app.kubernetes.io/created-by", "kuberay-operator"},
                       {"app.kubernetes.io/name", "kuberay"},
                       {"ray.io/cluster", "rc"},
                       {"ray.io/group", "headgroup"},
                       {"ray.io/identifier", "rc-head"},
                       {"ray.io/is-ray-node", "yes"},
                       {"ray.io/node-type", "head"}};
  EXPECT_EQ(head_pod(sample_cluster())["metadata"]["labels"], labels);
}

TEST(HeadPod, IsACompleteObjectOwnedByItsCluster) {
  Json cluster = sample_cluster();
  cluster["spec"]["headGroupSpec"]["template"]["metadata"] = {
      {"name", "mine"}, {"namespace", "other"}, {"finalizers", {"example.com/keep"}}};
  const Json pod = head_pod(cluster);
  EXPECT_EQ(pod["apiVersion"], "v1");
  EXPECT_EQ(pod["kind"], "Pod");
  EXPECT_EQ(pod["metadata"]["name"], "rc-head-x2k4b");
  EXPECT_EQ(pod["metadata"]["namespace"], "ns1");
  EXPECT_EQ(pod["metadata"]["finalizers"], Json::array({"example.com/keep"}));
  EXPECT_EQ(pod["metadata"]["ownerReferences"], Json::parse(R"([{
    "apiVersion": "ray.io/v1", "kind": "RayCluster", "name": "rc", "uid": "uid-of-rc",
    "controller": true, "blockOwnerDeletion": true}])"));
  EXPECT_EQ(pod["metadata"]["annotations"], Json::parse(R"({
    "raycord.io/intent": "abcde:17", "ray.io/ft-enabled": "false",
    "ray.io/kuberay-version": "raycord-0.1.0"})"));
}

TEST(HeadPod, CarriesTheHashThatChangesAreComparedWith) {
  const PodParameters parameters = {
      .name = "h", .intent = "abcde:1", .group = "", .spec_hash = "0V9", .replica_name = ""};
  const Json pod = parsed(build_head_pod(sample_cluster().dump(), parameters, {}));
  EXPECT_EQ(pod["metadata"]["annotations"]["ray.io/upgrade-strategy-recreate-hash"], "0V9");
}

TEST(HeadPod, StartsRayWithSortedParametersAndItsLimits) {
  const Json pod = head_pod(sample_cluster());
  EXPECT_EQ(ray(pod)["command"], Json::array({"/bin/bash", "-c", "--"}));
  EXPECT_EQ(argument_of(pod),
            "ulimit -n ${RAY_START_ULIMIT_OPEN_FILES:-65536}; ray start --head  --block  "
            "--dashboard-agent-listen-port=52365  --dashboard-host=0.0.0.0  --memory=5368709120  "
            "--metrics-export-port=8080  --num-cpus=2 ");
  EXPECT_EQ(env_of(ray(pod), "KUBERAY_GEN_RAY_START_CMD"),
            argument_of(pod).substr(
                std::string("ulimit -n ${RAY_START_ULIMIT_OPEN_FILES:-65536}; ").size()));
}

TEST(HeadPod, UsesALoginShellByOption) {
  BuildOptions options;
  options.login_shell = true;
  EXPECT_EQ(ray(head_pod(sample_cluster(), options))["command"][1], "-cl");
  const Json worker = worker_pod(sample_cluster(), options);
  EXPECT_EQ(worker["spec"]["initContainers"][0]["command"][1], "-cl");
}

TEST(HeadPod, GetsVersionAndKindIntoTheUsageTags) {
  EXPECT_EQ(env_of(ray(head_pod(sample_cluster())), "RAY_USAGE_STATS_EXTRA_TAGS"),
            "kuberay_version=raycord-0.1.0;kuberay_crd=RayCluster");
  EXPECT_EQ(env_of(ray(head_pod(sample_cluster_of_service())), "RAY_USAGE_STATS_EXTRA_TAGS"),
            "kuberay_version=raycord-0.1.0;kuberay_crd=RayService");
}

TEST(WorkerPod, ReachesTheHeadByItsServiceName) {
  const Json pod = worker_pod(sample_cluster());
  const std::string domain = "rc-head-svc.ns1.svc.cluster.local";
  EXPECT_THAT(argument_of(pod), HasSubstr(" --address=" + domain + ":6379 "));
  EXPECT_EQ(env_of(ray(pod), "RAY_ADDRESS"), domain + ":6379");
  EXPECT_EQ(env_of(ray(pod), "FQ_RAY_IP"), domain);
  EXPECT_EQ(env_of(ray(pod), "RAY_IP"), "rc-head-svc");
}

TEST(WorkerPod, FollowsTheClusterDomain) {
  BuildOptions options;
  options.cluster_domain = "corp.example";
  EXPECT_EQ(env_of(ray(worker_pod(sample_cluster(), options)), "FQ_RAY_IP"),
            "rc-head-svc.ns1.svc.corp.example");
}

TEST(WorkerPod, UsesThePortOfTheHead) {
  Json cluster = sample_cluster();
  cluster["spec"]["headGroupSpec"]["rayStartParams"]["port"] = "6380";
  const Json pod = worker_pod(cluster);
  EXPECT_THAT(argument_of(pod), HasSubstr("rc-head-svc.ns1.svc.cluster.local:6380 "));
  EXPECT_EQ(env_of(ray(pod), "RAY_PORT"), "6380");
  EXPECT_THAT(pod["spec"]["initContainers"][0]["args"][0], HasSubstr(":6380"));
  EXPECT_EQ(env_of(ray(head_pod(cluster)), "RAY_ADDRESS"), "127.0.0.1:6380");
}

TEST(WorkerPod, UsesTheNameOfTheUsersHeadService) {
  Json cluster = sample_cluster();
  cluster["spec"]["headGroupSpec"]["headService"]["metadata"]["name"] = "my-head";
  EXPECT_EQ(env_of(ray(worker_pod(cluster)), "FQ_RAY_IP"), "my-head.ns1.svc.cluster.local");
}

TEST(WorkerPod, WaitsForTheGcsWithTheImageOfRay) {
  Json cluster = sample_cluster();
  worker_container(cluster)["imagePullPolicy"] = "Always";
  worker_container(cluster)["securityContext"] = {{"runAsUser", 1000}};
  worker_container(cluster)["env"] = {{{"name", "MINE"}, {"value", "1"}}};
  worker_container(cluster)["volumeMounts"] = {{{"name", "v"}, {"mountPath", "/v"}}};
  cluster["spec"]["workerGroupSpecs"][0]["template"]["spec"]["initContainers"] = {
      {{"name", "first"}, {"image", "busybox"}}};
  const Json init = worker_pod(cluster)["spec"]["initContainers"];
  ASSERT_EQ(init.size(), 2U);
  EXPECT_EQ(env_names(init[0]), (std::vector<std::string>{"FQ_RAY_IP", "RAY_IP"}));
  const Json& wait = init[1];
  EXPECT_EQ(wait["name"], "wait-gcs-ready");
  EXPECT_EQ(wait["image"], "rayproject/ray:2.52.0");
  EXPECT_EQ(wait["imagePullPolicy"], "Always");
  EXPECT_EQ(wait["securityContext"]["runAsUser"], 1000);
  EXPECT_EQ(wait["volumeMounts"].size(), 1U);
  EXPECT_EQ(env_names(wait), (std::vector<std::string>{"MINE", "FQ_RAY_IP", "RAY_IP"}));
  EXPECT_EQ(wait["resources"]["limits"], (Json{{"cpu", "200m"}, {"memory", "256Mi"}}));
  EXPECT_EQ(wait["resources"]["requests"], wait["resources"]["limits"]);
  EXPECT_THAT(wait["args"][0],
              HasSubstr("ray health-check --address rc-head-svc.ns1.svc.cluster.local:6379"));
}

TEST(WorkerPod, HasNoInitContainerWhereInjectionIsOff) {
  BuildOptions options;
  options.inject_init_container = false;
  EXPECT_FALSE(worker_pod(sample_cluster(), options)["spec"].contains("initContainers"));
}

TEST(WorkerPod, BelongsToItsGroup) {
  Json cluster = sample_cluster();
  Json second = cluster["spec"]["workerGroupSpecs"][0];
  second["groupName"] = "gpu-group";
  cluster["spec"]["workerGroupSpecs"].push_back(second);
  PodParameters parameters;
  parameters.name = "w";
  parameters.group = "gpu-group";
  parameters.replica_index = 3;
  const Json pod = parsed(build_worker_pod(cluster.dump(), parameters, {}));
  EXPECT_EQ(pod["metadata"]["labels"]["ray.io/group"], "gpu-group");
  EXPECT_EQ(pod["metadata"]["labels"]["ray.io/node-type"], "worker");
  EXPECT_EQ(pod["metadata"]["labels"]["ray.io/identifier"], "rc-worker");
  EXPECT_EQ(pod["metadata"]["labels"]["ray.io/worker-group-replica-index"], "3");
  EXPECT_FALSE(pod["metadata"]["labels"].contains("ray.io/replica-host-index"));
  EXPECT_EQ(env_of(ray(pod), "RAY_NODE_TYPE_NAME")["valueFrom"]["fieldRef"]["fieldPath"],
            "metadata.labels['ray.io/group']");
}

TEST(WorkerPod, OfAGroupOfSeveralHostsNamesItsReplicaAndHost) {
  Json cluster = sample_cluster();
  cluster["spec"]["workerGroupSpecs"][0]["numOfHosts"] = 4;
  PodParameters parameters;
  parameters.name = "w";
  parameters.group = "small-group";
  parameters.replica_index = 1;
  parameters.replica_name = "small-group-x2k4b";
  parameters.host_index = 2;
  const Json labels =
      parsed(build_worker_pod(cluster.dump(), parameters, {}))["metadata"]["labels"];
  EXPECT_EQ(labels["ray.io/worker-group-replica-index"], "1");
  EXPECT_EQ(labels["ray.io/worker-group-replica-name"], "small-group-x2k4b");
  EXPECT_EQ(labels["ray.io/replica-host-index"], "2");
}

TEST(RayPod, KeepsItsClusterLabelWhateverTheTemplateSays) {
  Json cluster = sample_cluster();
  Json& head = cluster["spec"]["headGroupSpec"];
  head["template"]["metadata"]["labels"] = {
      {"ray.io/cluster", "x"}, {"app.kubernetes.io/name", "llm"}, {"team", "a"}};
  head["labels"] = {{"ray.io/node-type", "worker"}, {"team", "b"}};
  const Json labels = head_pod(cluster)["metadata"]["labels"];
  EXPECT_EQ(labels["ray.io/cluster"], "rc");
  EXPECT_EQ(labels["ray.io/node-type"], "head");
  EXPECT_EQ(labels["app.kubernetes.io/name"], "llm");
  EXPECT_EQ(labels["team"], "b");
}

TEST(RayPod, GetsTheOperatorsDefaultsOnlyWhereTheUserIsSilent) {
  BuildOptions options;
  options.default_pod_labels = {{"team", "platform"}, {"ray.io/cluster", "x"}};
  options.default_pod_annotations = {{"note", "default"}, {"mine", "default"}};
  options.default_container_env = R"([{"name": "A", "value": "1"}, {"name": "B", "value": "1"}])";
  options.head_sidecars = R"([{"name": "logs", "image": "fluent"}])";
  Json cluster = sample_cluster();
  head_container(cluster)["env"] = {{{"name", "A"}, {"value", "user"}}};
  cluster["spec"]["headGroupSpec"]["template"]["metadata"]["annotations"] = {{"mine", "user"}};
  const Json pod = head_pod(cluster, options);
  EXPECT_EQ(pod["metadata"]["labels"]["team"], "platform");
  EXPECT_EQ(pod["metadata"]["labels"]["ray.io/cluster"], "rc");
  EXPECT_EQ(pod["metadata"]["annotations"]["note"], "default");
  EXPECT_EQ(pod["metadata"]["annotations"]["mine"], "user");
  EXPECT_EQ(env_of(ray(pod), "A"), "user");
  EXPECT_EQ(env_of(ray(pod), "B"), "1");
  EXPECT_EQ(pod["spec"]["containers"][1]["name"], "logs");
  EXPECT_EQ(worker_pod(cluster, options)["spec"]["containers"].size(), 1U);
}

TEST(RayPod, OfAServiceGetsShortTimeouts) {
  for (const Json& pod :
       {head_pod(sample_cluster_of_service()), worker_pod(sample_cluster_of_service())}) {
    EXPECT_EQ(env_of(ray(pod), "RAY_timeout_ms_task_wait_for_death_info"), "0");
    EXPECT_EQ(env_of(ray(pod), "RAY_gcs_server_request_timeout_seconds"), "5");
    EXPECT_EQ(env_of(ray(pod), "RAY_SERVE_KV_TIMEOUT_S"), "5");
  }
  for (const Json& pod : {head_pod(sample_cluster()), worker_pod(sample_cluster())}) {
    EXPECT_EQ(env_of(ray(pod), "RAY_SERVE_KV_TIMEOUT_S"), Json());
    EXPECT_FALSE(pod["metadata"]["labels"].contains("ray.io/serve"));
  }
}

TEST(RayPod, OfAServiceIsLabelledForTraffic) {
  EXPECT_EQ(head_pod(sample_cluster_of_service())["metadata"]["labels"]["ray.io/serve"], "false");
  EXPECT_EQ(worker_pod(sample_cluster_of_service())["metadata"]["labels"]["ray.io/serve"], "true");
}

TEST(RayPod, KeepsTheUsersEnvironmentInFrontAndOurIdentityLast) {
  Json cluster = sample_cluster();
  head_container(cluster)["env"] = {{{"name", "RAY_PORT"}, {"value", "1"}},
                                    {{"name", "RAY_CLUSTER_NAME"}, {"value", "mine"}}};
  const Json pod = head_pod(cluster);
  EXPECT_EQ(env_of(ray(pod), "RAY_PORT"), "1");
  EXPECT_EQ(env_of(ray(pod), "RAY_CLUSTER_NAME")["valueFrom"]["fieldRef"]["fieldPath"],
            "metadata.labels['ray.io/cluster']");
}

TEST(RayPod, SharesMemoryUpToItsLimit) {
  const Json pod = head_pod(sample_cluster());
  EXPECT_EQ(pod["spec"]["volumes"], Json::parse(R"([{
    "name": "shared-mem", "emptyDir": {"medium": "Memory", "sizeLimit": "5Gi"}}])"));
  EXPECT_EQ(ray(pod)["volumeMounts"],
            Json::parse(R"([{"name": "shared-mem", "mountPath": "/dev/shm"}])"));
  Json cluster = sample_cluster();
  head_container(cluster)["resources"]["limits"].erase("memory");
  EXPECT_EQ(head_pod(cluster)["spec"]["volumes"][0]["emptyDir"]["sizeLimit"], "2Gi");
  head_container(cluster).erase("resources");
  EXPECT_EQ(head_pod(cluster)["spec"]["volumes"][0]["emptyDir"], (Json{{"medium", "Memory"}}));
}

TEST(RayPod, LeavesTheUsersSharedMemoryAlone) {
  Json plasma = sample_cluster();
  plasma["spec"]["headGroupSpec"]["rayStartParams"]["plasma-directory"] = "/tmp";
  EXPECT_FALSE(head_pod(plasma)["spec"].contains("volumes"));
  Json mounted = sample_cluster();
  head_container(mounted)["volumeMounts"] = {{{"name", "own"}, {"mountPath", "/dev/shm"}}};
  EXPECT_FALSE(head_pod(mounted)["spec"].contains("volumes"));
  Json volume = sample_cluster();
  volume["spec"]["headGroupSpec"]["template"]["spec"]["volumes"] = {
      {{"name", "shared-mem"}, {"emptyDir", Json::object()}}};
  EXPECT_EQ(head_pod(volume)["spec"]["volumes"].size(), 1U);
}

TEST(RayPod, ExposesMetricsOnceAndNothingElse) {
  EXPECT_EQ(ray(head_pod(sample_cluster()))["ports"],
            Json::parse(R"([{"name": "metrics", "containerPort": 8080}])"));
  Json cluster = sample_cluster();
  head_container(cluster)["ports"] = {{{"name", "metrics"}, {"containerPort", 9090}}};
  EXPECT_EQ(ray(head_pod(cluster))["ports"].size(), 1U);
}

TEST(RayPod, KeepsTheRestOfTheTemplate) {
  Json cluster = sample_cluster();
  Json& spec = cluster["spec"]["workerGroupSpecs"][0]["template"]["spec"];
  spec["nodeSelector"] = {{"zone", "a"}};
  spec["serviceAccountName"] = "runner";
  spec["restartPolicy"] = "OnFailure";
  spec["containers"].push_back({{"name", "sidecar"}, {"image", "busybox"}});
  const Json pod = worker_pod(cluster);
  EXPECT_EQ(pod["spec"]["nodeSelector"]["zone"], "a");
  EXPECT_EQ(pod["spec"]["serviceAccountName"], "runner");
  EXPECT_EQ(pod["spec"]["restartPolicy"], "OnFailure");
  EXPECT_EQ(pod["spec"]["containers"][1], (Json{{"name", "sidecar"}, {"image", "busybox"}}));
}

TEST(RayPod, IsTheSameBytesForTheSameInput) {
  const std::string cluster = sample_cluster_of_service().dump();
  const Result<std::string> once = build_head_pod(cluster, {}, {});
  const Result<std::string> again = build_head_pod(cluster, {}, {});
  ASSERT_TRUE(once);
  EXPECT_EQ(*once, *again);
}

TEST(FaultTolerance, WithRedisConfiguresHeadAndWorkers) {
  Json cluster = sample_cluster();
  cluster["spec"]["gcsFaultToleranceOptions"] = Json::parse(R"({
    "redisAddress": "redis:6379",
    "redisPassword": {"valueFrom": {"secretKeyRef": {"name": "redis", "key": "password"}}}})");
  const Json head = head_pod(cluster);
  EXPECT_EQ(env_of(ray(head), "RAY_REDIS_ADDRESS"), "redis:6379");
  EXPECT_EQ(env_of(ray(head), "RAY_external_storage_namespace"), "uid-of-rc");
  EXPECT_EQ(env_of(ray(head), "REDIS_PASSWORD")["valueFrom"]["secretKeyRef"]["name"], "redis");
  EXPECT_THAT(argument_of(head), HasSubstr(" --redis-password=$REDIS_PASSWORD "));
  EXPECT_EQ(head["metadata"]["annotations"]["ray.io/ft-enabled"], "true");
  EXPECT_EQ(head["metadata"]["annotations"]["ray.io/external-storage-namespace"], "uid-of-rc");
  EXPECT_EQ(env_of(ray(worker_pod(cluster)), "RAY_gcs_rpc_server_reconnect_timeout_s"), "600");
}

TEST(FaultTolerance, ByAnnotationUsesThePasswordOfTheStartParameters) {
  Json cluster = sample_cluster();
  cluster["metadata"]["annotations"] = {{"ray.io/ft-enabled", "TRUE"},
                                        {"ray.io/external-storage-namespace", "mine"}};
  cluster["spec"]["headGroupSpec"]["rayStartParams"]["redis-password"] = "$PASSWORD";
  const Json head = head_pod(cluster);
  EXPECT_EQ(env_of(ray(head), "RAY_external_storage_namespace"), "mine");
  EXPECT_EQ(env_of(ray(head), "REDIS_PASSWORD"), "$PASSWORD");
  EXPECT_EQ(env_of(ray(head), "RAY_REDIS_ADDRESS"), Json());
}

TEST(TokenAuth, ReachesEveryContainerThatSpeaksToRay) {
  Json cluster = sample_cluster();
  cluster["spec"]["authOptions"] = {{"mode", "token"}};
  cluster["spec"]["enableInTreeAutoscaling"] = true;
  const Json head = head_pod(cluster);
  const Json worker = worker_pod(cluster);
  for (const Json& container : {ray(head), head["spec"]["containers"][1], ray(worker),
                                worker["spec"]["initContainers"][0]}) {
    EXPECT_EQ(env_of(container, "RAY_AUTH_MODE"), "token");
    EXPECT_EQ(env_of(container, "RAY_AUTH_TOKEN")["valueFrom"]["secretKeyRef"],
              (Json{{"name", "rc"}, {"key", "auth_token"}}));
  }
  cluster["spec"]["authOptions"]["secretName"] = "mine";
  EXPECT_EQ(env_of(ray(head_pod(cluster)), "RAY_AUTH_TOKEN")["valueFrom"]["secretKeyRef"]["name"],
            "mine");
}

TEST(TokenAuth, OfKubernetesIsAProjectedVolume) {
  Json cluster = sample_cluster();
  cluster["spec"]["authOptions"] = {{"mode", "token"}, {"enableK8sTokenAuth", true}};
  const Json pod = worker_pod(cluster);
  EXPECT_EQ(env_of(ray(pod), "RAY_ENABLE_K8S_TOKEN_AUTH"), "true");
  EXPECT_EQ(named(pod["spec"]["volumes"], "ray-token")["projected"]["sources"],
            Json::parse(R"([{"serviceAccountToken": {"path": "token"}}])"));
  for (const Json& container : {ray(pod), pod["spec"]["initContainers"][0]}) {
    const Json mount = named(container["volumeMounts"], "ray-token");
    EXPECT_EQ(mount["mountPath"], "/var/run/secrets/ray.io/serviceaccount");
    EXPECT_EQ(mount["readOnly"], true);
  }
}

TEST(HeadPod, LeavesTheUsersCommandAloneWhereAsked) {
  Json cluster = sample_cluster();
  head_container(cluster)["command"] = {"sleep", "infinity"};
  cluster["metadata"]["annotations"]["ray.io/overwrite-container-cmd"] = "true";
  const Json pod = head_pod(cluster);
  EXPECT_EQ(ray(pod)["command"], Json::array({"sleep", "infinity"}));
  EXPECT_FALSE(ray(pod).contains("args"));
  EXPECT_EQ(pod["metadata"]["annotations"]["ray.io/overwrite-container-cmd"], "true");
  EXPECT_THAT(env_of(ray(pod), "KUBERAY_GEN_RAY_START_CMD"), HasSubstr("ray start --head"));
}

TEST(HeadPod, LeavesTheUsersCommandAloneWhereTheTemplateAsks) {
  Json cluster = sample_cluster();
  head_container(cluster)["command"] = {"sleep", "infinity"};
  cluster["spec"]["headGroupSpec"]["template"]["metadata"]["annotations"] = {
      {"ray.io/overwrite-container-cmd", "true"}};
  EXPECT_EQ(ray(head_pod(cluster))["command"], Json::array({"sleep", "infinity"}));
}

TEST(HeadPod, RunsTheUsersCommandBeforeRay) {
  Json cluster = sample_cluster();
  head_container(cluster)["command"] = {"echo", "hi"};
  EXPECT_THAT(argument_of(head_pod(cluster)),
              testing::StartsWith(" echo  hi  && ulimit -n "
                                  "${RAY_START_ULIMIT_OPEN_FILES:-65536}; ray start --head "));
}

TEST(HeadPod, KeepsACommandThatStartsRayItself) {
  Json cluster = sample_cluster();
  head_container(cluster)["args"] = {"ray start --head --block"};
  const Json pod = head_pod(cluster);
  EXPECT_EQ(ray(pod)["args"], Json::array({"ray start --head --block"}));
  EXPECT_THAT(ray(pod).dump(), Not(HasSubstr("/bin/bash")));
}

}  // namespace
}  // namespace raycord::test
