// Objects of shapes that were not recorded from KubeRay. Plain pods are compared with recordings
// (kuberay_test.cc); here stands, derived from raycluster-behaviour.md by hand, all that a shape
// adds to a plain one. Each row has its section there.

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/build/ingress.h"
#include "core/build/redis_cleanup.h"
#include "core/build/token_secret.h"
#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

struct Row {
  const char* section;
  std::string path;
  std::string value;  // As JSON, or "gone".
};

void expect_rows(const std::map<std::string, std::string>& found, const std::vector<Row>& rows) {
  std::map<std::string, std::string> wanted;
  for (const Row& row : rows) wanted[row.path] = row.value;
  for (const Row& row : rows) {
    const auto at = found.find(row.path);
    EXPECT_EQ(at == found.end() ? "nothing" : at->second, row.value)
        << row.path << ", section " << row.section;
  }
  for (const auto& [path, value] : found) {
    EXPECT_EQ(wanted.count(path), 1u) << "in no row: " << path << " = " << value;
  }
}

std::string quoted(const std::string& text) { return Json(text).dump(); }

const std::string kHead = "/spec/containers/ray-head";
const std::string kWorker = "/spec/containers/ray-worker";
const std::string kWait = "/spec/initContainers/wait-gcs-ready";
const std::string kUlimit = "ulimit -n ${RAY_START_ULIMIT_OPEN_FILES:-65536}; ";

// The ray start text stands in the arguments and in the environment.
void add_start(std::vector<Row>& rows, const std::string& container, const std::string& text) {
  rows.push_back({"4.4, 4.5", container + "/args/0", quoted(kUlimit + text)});
  rows.push_back({"4.6 row 15", container + "/env/KUBERAY_GEN_RAY_START_CMD/value", quoted(text)});
}

// Behind `rows`, the reference to the RayCluster that owns the object.
std::vector<Row> owned(std::vector<Row> rows) {
  const std::string owner = "/metadata/ownerReferences/rc/";
  rows.push_back({"3.2", owner + "apiVersion", quoted("ray.io/v1")});
  rows.push_back({"3.2", owner + "kind", quoted("RayCluster")});
  rows.push_back({"3.2", owner + "name", quoted("rc")});
  rows.push_back({"3.2", owner + "uid", quoted("uid-of-rc")});
  rows.push_back({"3.2", owner + "controller", "true"});
  rows.push_back({"3.2", owner + "blockOwnerDeletion", "true"});
  return rows;
}

// --- Fault tolerance in Redis -------------------------------------------------------------------

Json tolerant_cluster() {
  Json cluster = sample_cluster();
  cluster["spec"]["gcsFaultToleranceOptions"] = Json::parse(R"({
    "redisAddress": "rediss://redis:6380", "externalStorageNamespace": "space",
    "redisUsername": {"value": "me"},
    "redisPassword": {"valueFrom": {"secretKeyRef": {"name": "redis", "key": "word"}}}})");
  return cluster;
}

TEST(Shapes, HeadOfAClusterThatKeepsItsStateInRedis) {
  const std::string env = kHead + "/env/";
  std::vector<Row> rows = {
      {"4.3", "/metadata/annotations/ray.io/ft-enabled", quoted("true")},
      {"4.3", "/metadata/annotations/ray.io/external-storage-namespace", quoted("space")},
      {"4.6 row 3", env + "RAY_external_storage_namespace/name",
       quoted("RAY_external_storage_namespace")},
      {"4.6 row 3", env + "RAY_external_storage_namespace/value", quoted("space")},
      {"4.6 row 4", env + "RAY_REDIS_ADDRESS/name", quoted("RAY_REDIS_ADDRESS")},
      {"4.6 row 4", env + "RAY_REDIS_ADDRESS/value", quoted("rediss://redis:6380")},
      {"4.6 row 5", env + "REDIS_USERNAME/name", quoted("REDIS_USERNAME")},
      {"4.6 row 5", env + "REDIS_USERNAME/value", quoted("me")},
      {"4.6 row 5", env + "REDIS_PASSWORD/name", quoted("REDIS_PASSWORD")},
      {"4.6 row 5", env + "REDIS_PASSWORD/valueFrom/secretKeyRef/name", quoted("redis")},
      {"4.6 row 5", env + "REDIS_PASSWORD/valueFrom/secretKeyRef/key", quoted("word")},
  };
  add_start(rows, kHead,
            "ray start --head  --block  --dashboard-agent-listen-port=52365  "
            "--dashboard-host=0.0.0.0  --memory=5368709120  --metrics-export-port=8080  "
            "--num-cpus=2  --redis-password=$REDIS_PASSWORD  --redis-username=$REDIS_USERNAME ");
  expect_rows(changes(head_pod(sample_cluster()), head_pod(tolerant_cluster())), rows);
}

TEST(Shapes, WorkerOfAClusterThatKeepsItsStateInRedis) {
  const std::string env = kWorker + "/env/RAY_gcs_rpc_server_reconnect_timeout_s/";
  expect_rows(changes(worker_pod(sample_cluster()), worker_pod(tolerant_cluster())),
              {{"4.6 row 2", env + "name", quoted("RAY_gcs_rpc_server_reconnect_timeout_s")},
               {"4.6 row 2", env + "value", quoted("600")}});
}

Json cleanup_of(const Json& cluster) {
  return parsed(build_redis_cleanup(cluster.dump(), "abcde:9", {}));
}

TEST(Shapes, JobThatCleansRedisUpIsAHeadPodThatRunsNothingElse) {
  Json cluster = tolerant_cluster();
  cluster["spec"]["enableInTreeAutoscaling"] = true;
  Json& pod = cluster["spec"]["headGroupSpec"]["template"]["spec"];
  pod["initContainers"] = Json::array({{{"name", "users"}, {"image", "i"}}});
  pod["restartPolicy"] = "Always";
  const Json job = cleanup_of(cluster);
  const Json head = head_pod(cluster);
  Json rest = job;
  rest["spec"].erase("template");
  for (const char* key : {"labels", "annotations", "ownerReferences"}) rest["metadata"].erase(key);
  expect_rows(values_of(rest), {{"3.3", "/apiVersion", quoted("batch/v1")},
                                {"3.3", "/kind", quoted("Job")},
                                {"3.3", "/metadata/name", quoted("rc-redis-cleanup")},
                                {"3.3", "/metadata/namespace", quoted("ns1")},
                                {"3.3", "/spec/backoffLimit", "0"},
                                {"3.3", "/spec/activeDeadlineSeconds", "300"}});
  EXPECT_EQ(job["metadata"]["ownerReferences"], head["metadata"]["ownerReferences"]);  // 3.2
  const Json& made = job["spec"]["template"];
  EXPECT_EQ(made["metadata"]["labels"], job["metadata"]["labels"]);
  expect_rows(changes(head["metadata"]["labels"], made["metadata"]["labels"]),
              {{"3.3", "/ray.io/node-type", quoted("redis-cleanup")}});
  expect_rows(changes(head["metadata"]["annotations"], made["metadata"]["annotations"]),
              {{"3.3", "/raycord.io/intent", quoted("abcde:9")}});

  const std::string ray = "/containers/ray-head/";
  Json spec = made["spec"];
  const std::string script = spec["containers"][0]["args"][0];
  spec["containers"][0].erase("args");
  Json before = head["spec"];
  before["containers"] = Json::array({before["containers"][0]});  // 3.3: only the Ray container.
  before["containers"][0].erase("args");
  before["containers"][0].erase("livenessProbe");  // 3.3
  before["containers"][0].erase("readinessProbe");
  expect_rows(changes(before, spec),
              {{"3.3", "/restartPolicy", quoted("Never")},
               {"3.3", ray + "resources/limits/cpu", quoted("200m")},
               {"3.3", ray + "resources/limits/memory", quoted("256Mi")},
               {"3.3", ray + "resources/requests/cpu", quoted("200m")},
               {"3.3", ray + "resources/requests/memory", quoted("256Mi")},
               {"3.3", ray + "env/RAY_redis_db_connect_retries/name",
                quoted("RAY_redis_db_connect_retries")},
               {"3.3", ray + "env/RAY_redis_db_connect_retries/value", quoted("120")},
               {"3.3", ray + "env/RAY_redis_db_connect_wait_milliseconds/name",
                quoted("RAY_redis_db_connect_wait_milliseconds")},
               {"3.3", ray + "env/RAY_redis_db_connect_wait_milliseconds/value", quoted("500")}});
  for (const char* word : {"cleanup_redis_storage", "RAY_REDIS_ADDRESS", "rediss", "REDIS_PASSWORD",
                           "REDIS_USERNAME", "RAY_external_storage_namespace", "sys.exit"}) {
    EXPECT_THAT(script, testing::HasSubstr(word));
  }
}

// --- Autoscaler ---------------------------------------------------------------------------------

Json autoscaled_cluster(const char* version) {
  Json cluster = sample_cluster();
  cluster["spec"]["enableInTreeAutoscaling"] = true;
  if (*version) cluster["spec"]["autoscalerOptions"] = {{"version", version}};
  return cluster;
}

std::vector<Row> sidecar_rows() {
  const std::string side = "/spec/containers/autoscaler/";
  const std::string command =
      "ray kuberay-autoscaler --cluster-name $(RAY_CLUSTER_NAME) --cluster-namespace "
      "$(RAY_CLUSTER_NAMESPACE)";
  std::vector<Row> rows = {
      {"3.4, 4.7", "/spec/serviceAccountName", quoted("rc")},
      {"4.9", side + "name", quoted("autoscaler")},
      {"4.9", side + "image", quoted("rayproject/ray:2.52.0")},
      {"4.9", side + "imagePullPolicy", quoted("IfNotPresent")},
      {"4.9", side + "resources/limits/cpu", quoted("500m")},
      {"4.9", side + "resources/limits/memory", quoted("512Mi")},
      {"4.9", side + "resources/requests/cpu", quoted("500m")},
      {"4.9", side + "resources/requests/memory", quoted("512Mi")},
      {"4.9", side + "command/0", quoted("/bin/bash")},
      {"4.9", side + "command/1", quoted("-c")},
      {"4.9", side + "command/2", quoted("--")},
      {"4.9", side + "args/0", quoted(command)},
      {"4.9", side + "env/KUBERAY_CRD_VER/value", quoted("v1")},
      {"4.9", side + "env/KUBERAY_GEN_AUTOSCALER_START_CMD/value", quoted(command)},
      {"4.7", side + "volumeMounts/ray-logs/name", quoted("ray-logs")},
      {"4.7", side + "volumeMounts/ray-logs/mountPath", quoted("/tmp/ray")},
      {"4.7", kHead + "/volumeMounts/ray-logs/name", quoted("ray-logs")},
      {"4.7", kHead + "/volumeMounts/ray-logs/mountPath", quoted("/tmp/ray")},
      {"4.7", "/spec/volumes/ray-logs/name", quoted("ray-logs")},
      {"4.7", "/spec/volumes/ray-logs/emptyDir", "{}"},
  };
  const std::map<std::string, std::string> fields = {
      {"RAY_CLUSTER_NAME", "metadata.labels['ray.io/cluster']"},
      {"RAY_CLUSTER_NAMESPACE", "metadata.namespace"},
      {"RAY_HEAD_POD_NAME", "metadata.name"}};
  for (const auto& [name, path] : fields) {
    rows.push_back({"4.9", side + "env/" + name + "/valueFrom/fieldRef/fieldPath", quoted(path)});
    rows.push_back({"4.9", side + "env/" + name + "/name", quoted(name)});
  }
  for (const char* name : {"KUBERAY_CRD_VER", "KUBERAY_GEN_AUTOSCALER_START_CMD"}) {
    rows.push_back({"4.9", side + "env/" + name + "/name", quoted(name)});
  }
  add_start(rows, kHead,
            "ray start --head  --block  --dashboard-agent-listen-port=52365  "
            "--dashboard-host=0.0.0.0  --memory=5368709120  --metrics-export-port=8080  "
            "--no-monitor  --num-cpus=2 ");
  return rows;
}

TEST(Shapes, HeadWithAutoscaler) {
  expect_rows(changes(head_pod(sample_cluster()), head_pod(autoscaled_cluster(""))),
              sidecar_rows());
  expect_rows(changes(worker_pod(sample_cluster()), worker_pod(autoscaled_cluster(""))), {});
}

TEST(Shapes, HeadAndWorkerWithAnAutoscalerThatSaysItsVersion) {
  const std::string env = kHead + "/env/RAY_enable_autoscaler_v2/";
  for (const std::string version : {"v1", "v2"}) {
    std::vector<Row> rows = sidecar_rows();
    rows.push_back({"4.6 row 1", env + "name", quoted("RAY_enable_autoscaler_v2")});
    rows.push_back({"4.6 row 1", env + "value", quoted(version == "v2" ? "true" : "false")});
    std::vector<Row> of_worker;
    if (version == "v2") {
      rows.push_back({"4.7", "/spec/restartPolicy", quoted("Never")});
      of_worker.push_back({"4.7", "/spec/restartPolicy", quoted("Never")});
    }
    const Json cluster = autoscaled_cluster(version.c_str());
    expect_rows(changes(head_pod(sample_cluster()), head_pod(cluster)), rows);
    expect_rows(changes(worker_pod(sample_cluster()), worker_pod(cluster)), of_worker);
  }
}

// --- Accelerators and several hosts -------------------------------------------------------------

TEST(Shapes, WorkerWithGpus) {
  Json cluster = sample_cluster();
  worker_container(cluster)["resources"]["limits"]["nvidia.com/gpu"] = 2;
  std::vector<Row> rows = {{"4", kWorker + "/resources/limits/nvidia.com/gpu", "2"}};
  add_start(rows, kWorker,
            "ray start  --address=rc-head-svc.ns1.svc.cluster.local:6379  --block  "
            "--dashboard-agent-listen-port=52365  --memory=2147483648  "
            "--metrics-export-port=8080  --num-cpus=1  --num-gpus=2 ");
  expect_rows(changes(worker_pod(sample_cluster()), worker_pod(cluster)), rows);
}

TEST(Shapes, WorkerOfATpuSliceOfFourHosts) {
  Json cluster = sample_cluster();
  cluster["spec"]["workerGroupSpecs"][0]["numOfHosts"] = 4;
  worker_container(cluster)["resources"]["limits"]["google.com/tpu"] = "4";
  PodParameters parameters;
  parameters.name = "rc-small-group-worker-9mm7s";
  parameters.intent = "abcde:18";
  parameters.group = "small-group";
  parameters.replica_index = 1;
  parameters.replica_name = "small-group-x7k2p";
  parameters.host_index = 3;
  const Json pod = parsed(build_worker_pod(cluster.dump(), parameters, {}));
  const std::string labels = "/metadata/labels/ray.io/";
  std::vector<Row> rows = {
      {"4.2", labels + "worker-group-replica-index", quoted("1")},
      {"4.2, 3.11", labels + "worker-group-replica-name", quoted("small-group-x7k2p")},
      {"4.2, 3.11", labels + "replica-host-index", quoted("3")},
      {"4", kWorker + "/resources/limits/google.com/tpu", quoted("4")}};
  add_start(rows, kWorker,
            "ray start  --address=rc-head-svc.ns1.svc.cluster.local:6379  --block  "
            "--dashboard-agent-listen-port=52365  --memory=2147483648  "
            "--metrics-export-port=8080  --num-cpus=1  --resources='{\"TPU\":4}' ");
  expect_rows(changes(worker_pod(sample_cluster()), pod), rows);
}

// --- Token --------------------------------------------------------------------------------------

std::vector<Row> token_rows(const std::string& container) {
  const std::string env = container + "/env/";
  return {{"4.6 row 7", env + "RAY_AUTH_MODE/name", quoted("RAY_AUTH_MODE")},
          {"4.6 row 7", env + "RAY_AUTH_MODE/value", quoted("token")},
          {"4.6 row 7", env + "RAY_AUTH_TOKEN/name", quoted("RAY_AUTH_TOKEN")},
          {"4.6 row 7", env + "RAY_AUTH_TOKEN/valueFrom/secretKeyRef/name", quoted("rc")},
          {"4.6 row 7", env + "RAY_AUTH_TOKEN/valueFrom/secretKeyRef/key", quoted("auth_token")}};
}

TEST(Shapes, PodsThatKnowEachOtherByAToken) {
  Json cluster = sample_cluster();
  cluster["spec"]["authOptions"] = {{"mode", "token"}};
  expect_rows(changes(head_pod(sample_cluster()), head_pod(cluster)), token_rows(kHead));
  std::vector<Row> rows = token_rows(kWorker);
  for (const Row& row : token_rows(kWait)) rows.push_back(row);  // 4.10
  expect_rows(changes(worker_pod(sample_cluster()), worker_pod(cluster)), rows);
}

TEST(Shapes, SecretWithTheToken) {
  const Json secret = parsed(build_token_secret(sample_cluster().dump(), "abcde:9", "dG9rZW4="));
  expect_rows(values_of(secret),
              owned({{"3.5", "/apiVersion", quoted("v1")},
                     {"3.5", "/kind", quoted("Secret")},
                     {"3.5, 6.1", "/metadata/name", quoted("rc")},
                     {"3.5", "/metadata/namespace", quoted("ns1")},
                     {"3.5", "/metadata/labels/ray.io/cluster", quoted("rc")},
                     {"3.5", "/stringData/auth_token", quoted("dG9rZW4=")},
                     {"ours", "/metadata/annotations/raycord.io/intent", quoted("abcde:9")}}));
}

// --- Ingress ------------------------------------------------------------------------------------

std::vector<Row> ingress_rows() {
  const std::string path = "/spec/rules/0/http/paths/0/";
  return owned(
      {{"5.5", "/apiVersion", quoted("networking.k8s.io/v1")},
       {"5.5", "/kind", quoted("Ingress")},
       {"5.5, 6.1", "/metadata/name", quoted("rc-head-ingress")},
       {"5.5", "/metadata/namespace", quoted("ns1")},
       {"5.5", "/metadata/labels/ray.io/cluster", quoted("rc")},
       {"5.5", "/metadata/labels/ray.io/identifier", quoted("rc-head")},
       {"5.5", "/metadata/labels/app.kubernetes.io/name", quoted("kuberay")},
       {"5.5", "/metadata/labels/app.kubernetes.io/created-by", quoted("kuberay-operator")},
       {"ours", "/metadata/annotations/raycord.io/intent", quoted("abcde:9")},
       {"5.5, 1.3", path + "path", quoted("/")},
       {"5.5, 1.3", path + "pathType", quoted("Prefix")},
       {"5.5", path + "backend/service/name", quoted("rc-head-svc")},
       {"5.5", path + "backend/service/port/number", "8265"}});
}

Json ingress_of(const Json& cluster) { return parsed(build_ingress(cluster.dump(), "abcde:9")); }

TEST(Shapes, IngressToTheDashboard) {
  expect_rows(values_of(ingress_of(sample_cluster())), ingress_rows());
}

TEST(Shapes, IngressAsItsOptionsAndAnnotationsSay) {
  Json cluster = sample_cluster();
  cluster["metadata"]["annotations"] = {{"kubernetes.io/ingress.class", "nginx"},
                                        {"nginx.ingress.kubernetes.io/rewrite-target", "/$1"},
                                        // About the RayCluster, not about the way to it (8.28).
                                        {"kubectl.kubernetes.io/last-applied-configuration", "{}"},
                                        {"ray.io/ft-enabled", "false"},
                                        {"raycord.io/purpose", "first"}};
  Json& head = cluster["spec"]["headGroupSpec"];
  head["ingressOptions"] = Json::parse(R"({"host": "ray.example.com", "path": "/rc/.*",
    "pathType": "Exact", "tls": [{"hosts": ["ray.example.com"], "secretName": "tls"}]
})");
  head["headService"]["metadata"]["name"] = "door";
  head_container(cluster)["ports"] = Json::parse(R"([{"name": "dashboard", "containerPort": 80}])");
  const std::string path = "/spec/rules/0/http/paths/0/";
  expect_rows(
      changes(ingress_of(sample_cluster()), ingress_of(cluster)),
      {{"5.5", "/spec/ingressClassName", quoted("nginx")},
       {"5.5", "/metadata/annotations/nginx.ingress.kubernetes.io/rewrite-target", quoted("/$1")},
       {"1.3", "/spec/rules/0/host", quoted("ray.example.com")},
       {"1.3", path + "path", quoted("/rc/.*")},
       {"1.3", path + "pathType", quoted("Exact")},
       {"5.2", path + "backend/service/name", quoted("door")},
       {"5.5", path + "backend/service/port/number", "80"},
       {"1.3", "/spec/tls/0/hosts/0", quoted("ray.example.com")},
       {"1.3", "/spec/tls/0/secretName", quoted("tls")}});
}

TEST(IngressUpdate, MakesItSayWhatIsAskedForAndNothingElse) {
  Json existing = ingress_of(sample_cluster());
  existing["metadata"]["uid"] = "uid-of-it";
  existing["metadata"]["resourceVersion"] = "7";
  existing["metadata"]["annotations"]["old"] = "x";
  existing["spec"]["ingressClassName"] = "chosen-by-the-server";
  existing["spec"]["tls"] = Json::array({{{"secretName", "old"}}});
  Json cluster = sample_cluster();
  cluster["spec"]["headGroupSpec"]["ingressOptions"] = {{"host", "new.example.com"}};
  const Json patch = parsed(build_ingress_update(existing.dump(), cluster.dump(), "abcde:12", "7"));
  EXPECT_EQ(patch["metadata"]["resourceVersion"], "7");
  EXPECT_EQ(patch["metadata"]["uid"], "uid-of-it");
  Json after = existing;
  after.merge_patch(patch);
  expect_rows(changes(existing, after),
              {{"3.5", "/metadata/annotations/old", "gone"},
               {"ours", "/metadata/annotations/raycord.io/intent", quoted("abcde:12")},
               {"3.5", "/spec/tls/0/secretName", "gone"},
               {"3.5", "/spec/rules/0/host", quoted("new.example.com")}});
}

TEST(IngressUpdate, SaysWhatCannotBeRead) {
  EXPECT_FALSE(build_ingress_update("{", sample_cluster().dump(), "", "1"));
  EXPECT_FALSE(build_ingress_update(R"({"spec": 3})", sample_cluster().dump(), "", "1"));
  EXPECT_FALSE(build_ingress_update("{}", "{}", "", "1"));
  Json odd = sample_cluster();
  odd["spec"]["headGroupSpec"]["ingressOptions"] = {{"host", 3}};
  EXPECT_FALSE(build_ingress(odd.dump(), ""));
}

TEST(Stamps, OfASpecStandOnHeadsAndWhereTheStrategyNeedsThemOnWorkers) {
  Json cluster = sample_cluster();
  PodParameters parameters;
  parameters.name = "rc-small-group-worker-9mm7s";
  parameters.intent = "abcde:18";
  parameters.group = "small-group";
  parameters.spec_hash = "0123456789abcdef";
  const auto stamps = [&](const char* key) {
    const Json pod = parsed(build_worker_pod(cluster.dump(), parameters, {}));
    return pod["metadata"]["annotations"].value(key, "");
  };
  EXPECT_EQ(stamps("raycord.io/spec-revision"), "");
  cluster["spec"]["upgradeStrategy"] = {{"type", "Recreate"}};
  EXPECT_EQ(stamps("raycord.io/spec-revision"), "0123456789abcdef");
  EXPECT_EQ(stamps("ray.io/upgrade-strategy-recreate-hash"), "");
}

}  // namespace
}  // namespace raycord::test
