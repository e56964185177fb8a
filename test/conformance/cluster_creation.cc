// RayCluster 1 to 16: what is made first, and how Ray is started.

#include <algorithm>

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

std::string fqdn(const Stage& stage) {
  return "rc-head-svc." + stage.space() + ".svc.cluster.local";
}

std::string start_of(const Json& pod) { return Stage::text(container_of(pod), "/args/0"); }
bool starts_with(const Json& pod, const std::string& parameter) {
  return start_of(pod).find(" " + parameter + " ") != std::string::npos;
}
std::string env(const Json& pod, const char* name) {
  return Stage::text(env_of(container_of(pod), name), "/value");
}

void children_are_made_at_once(Stage& stage) {
  stage.use_cluster();
  stage.group()["replicas"] = 3;
  stage.apply_for(50ms);  // No pod runs yet.
  const std::string uid = object_uid(stage.object());
  std::vector<Json> children = stage.pods("rc");
  stage.is(children.size(), 4U, "the number of pods");
  children.push_back(stage.service("rc-head-svc"));
  for (const Json& child : children) {
    stage.is(Stage::text(child, "/metadata/ownerReferences/0/uid"), uid, "the owner");
    stage.is(Stage::at(child, "/metadata/ownerReferences/0/controller"), true, "the controller");
  }
}

void ports_of(Stage& stage, const Json& expected) {
  Json found = Json::object();
  std::vector<std::string> order;
  for (const Json& port : Stage::at(stage.service("rc-head-svc"), "/spec/ports")) {
    found[port["name"].get<std::string>()] = port["port"];
    order.push_back(port["name"]);
    stage.is(port.value("appProtocol", ""), "tcp", "appProtocol");
  }
  stage.is(found, expected, "the ports");
  stage.holds(std::is_sorted(order.begin(), order.end()), "they are sorted");
}

void default_ports(Stage& stage) {
  stage.use_cluster();
  stage.apply_for(1s);
  ports_of(stage, {{"client", 10001},
                   {"dashboard", 8265},
                   {"gcs-server", 6379},
                   {"metrics", 8080},
                   {"serve", 8000}});
}

void head_service_has_an_address(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const Json service = stage.service("rc-head-svc");
  stage.is(Stage::at(service, "/spec/publishNotReadyAddresses"), true, "publishNotReadyAddresses");
  stage.holds(Stage::text(service, "/spec/clusterIP") != "None", "it has a cluster IP");
  stage.is(Stage::text(stage.status(), "/head/serviceIP"), Stage::text(service, "/spec/clusterIP"),
           "head.serviceIP");
}

void headless_by_option(Stage& stage) {
  stage.options().options.headless_head_service = true;
  stage.use_cluster();
  stage.run_cluster();
  const Json service = stage.service("rc-head-svc");
  stage.is(Stage::text(service, "/spec/clusterIP"), "None", "clusterIP");
  stage.is(Stage::text(stage.status(), "/head/serviceIP"),
           Stage::text(stage.head(), "/status/podIP"), "head.serviceIP");
}

void declared_ports_only(Stage& stage) {
  stage.use_cluster();
  stage.head_container()["ports"] = {{{"name", "dashboard"}, {"containerPort", 8265}},
                                     {{"name", "serve"}, {"containerPort", 8000}}};
  stage.apply_for(1s);
  ports_of(stage, {{"dashboard", 8265}, {"metrics", 8080}, {"serve", 8000}});
}

void head_labels(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const Json head = stage.head();
  const Json expected = {{"ray.io/is-ray-node", "yes"},
                         {"ray.io/cluster", "rc"},
                         {"ray.io/node-type", "head"},
                         {"ray.io/group", "headgroup"},
                         {"ray.io/identifier", "rc-head"},
                         {"app.kubernetes.io/name", "kuberay"},
                         {"app.kubernetes.io/created-by", "kuberay-operator"}};
  stage.is(Stage::at(head, "/metadata/labels"), expected, "the head's labels");
  const Json all = stage.items(stage.home("pods") + "?labelSelector=ray.io/is-ray-node%3Dyes");
  stage.is(all.size(), 2U, "pods that the label selects");
}

void limits_become_parameters(Stage& stage) {
  stage.use_cluster();
  stage.head_container()["resources"] = {{"limits", {{"cpu", "2"}, {"memory", "5Gi"}}}};
  stage.apply_for(1s);
  const Json head = stage.head();
  stage.is(Stage::at(container_of(head), "/command"), Json({"/bin/bash", "-c", "--"}), "command");
  stage.is(start_of(head),
           "ulimit -n ${RAY_START_ULIMIT_OPEN_FILES:-65536}; ray start --head  --block  "
           "--dashboard-agent-listen-port=52365  --dashboard-host=0.0.0.0  --memory=5368709120  "
           "--metrics-export-port=8080  --num-cpus=2 ",
           "args");
}

void worker_finds_the_head(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const Json worker = stage.workers().at(0);
  const std::string address = fqdn(stage) + ":6379";
  stage.holds(starts_with(worker, "--address=" + address), "--address");
  stage.is(env(worker, "RAY_ADDRESS"), address, "RAY_ADDRESS");
  stage.is(env(worker, "FQ_RAY_IP"), fqdn(stage), "FQ_RAY_IP");
  stage.is(env(worker, "RAY_IP"), "rc-head-svc", "RAY_IP");
}

void another_port(Stage& stage) {
  stage.use_cluster();
  stage.spec()["headGroupSpec"]["rayStartParams"]["port"] = "6380";
  stage.run_cluster();
  const Json worker = stage.workers().at(0);
  const std::string address = fqdn(stage) + ":6380";
  stage.holds(starts_with(worker, "--address=" + address), "--address");
  stage.is(env(worker, "RAY_PORT"), "6380", "RAY_PORT");
  const Json init = Stage::at(worker, "/spec/initContainers/0");
  stage.holds(init.dump().find(address) != std::string::npos, "wait-gcs-ready uses the port");
}

void zero_cpus_are_kept(Stage& stage) {
  stage.use_cluster();
  stage.spec()["headGroupSpec"]["rayStartParams"]["num-cpus"] = "0";
  stage.head_container()["resources"] = {{"limits", {{"cpu", "2"}}}};
  stage.apply_for(1s);
  stage.holds(starts_with(stage.head(), "--num-cpus=0"), "--num-cpus=0");
}

void partial_resources(Stage& stage) {
  stage.use_cluster();
  stage.head_container()["resources"] = {{"limits", {{"cpu", "500m"}}}};
  stage.worker_container()["resources"] = {{"requests", {{"cpu", "1500m"}, {"memory", "1Gi"}}}};
  stage.apply_for(1s);
  stage.holds(starts_with(stage.head(), "--num-cpus=1"), "500m is one CPU");
  const Json worker = stage.workers().at(0);
  stage.holds(starts_with(worker, "--num-cpus=2"), "a request of 1500m is two");
  stage.is(start_of(worker).find("--memory"), std::string::npos, "where --memory stands");
}

void accelerators(Stage& stage) {
  stage.use_cluster();
  stage.head_container()["resources"] = {{"limits", {{"nvidia.com/gpu", "1"}}}};
  stage.worker_container()["resources"] = {{"limits", {{"google.com/tpu", "4"}}}};
  stage.apply_for(1s);
  stage.holds(starts_with(stage.head(), "--num-gpus=1"), "--num-gpus=1");
  stage.holds(starts_with(stage.workers().at(0), R"(--resources='{"TPU":4}')"), "--resources");
}

void group_resources(Stage& stage) {
  stage.use_cluster();
  stage.group()["resources"] = {{"cpu", "4"}, {"custom", "2"}};
  stage.apply_for(1s);
  const Json worker = stage.workers().at(0);
  stage.holds(starts_with(worker, "--num-cpus=4"), "--num-cpus=4");
  stage.holds(starts_with(worker, R"(--resources='{"custom":2}')"), "--resources");
  stage.manifest()["metadata"]["name"] = "rc2";
  stage.group()["rayStartParams"]["num-cpus"] = "4";
  stage.apply_for(2s);
  stage.is(stage.pods("rc2").size(), 0U, "pods of the invalid one");
  stage.is(stage.events("InvalidRayClusterSpec"), 1U, "Events");
}

void init_container_waits(Stage& stage) {
  stage.use_cluster();
  stage.apply_for(1s);
  const Json init = Stage::at(stage.workers().at(0), "/spec/initContainers/0");
  stage.is(init["name"], "wait-gcs-ready", "its name");
  stage.is(init["image"], "rayproject/ray:2.52.1", "its image");
  stage.is(Stage::at(init, "/resources/limits"), Json({{"cpu", "200m"}, {"memory", "256Mi"}}),
           "its limits");
  stage.holds(
      init.dump().find("ray health-check --address " + fqdn(stage) + ":6379") != std::string::npos,
      "it checks the head");
}

void no_init_container(Stage& stage) {
  stage.options().options.inject_init_container = false;
  stage.use_cluster();
  stage.apply_for(1s);
  stage.is(Stage::at(stage.workers().at(0), "/spec/initContainers"), Json(), "init containers");
}

void probes_follow_the_version(Stage& stage) {
  stage.use_cluster();
  stage.spec()["rayVersion"] = "2.52.0";
  stage.apply_for(1s);
  const Json probe = Stage::at(container_of(stage.head()), "/readinessProbe");
  const std::string command = Stage::at(probe, "/exec/command").dump();
  stage.holds(command.find("api/local_raylet_healthz") != std::string::npos, "raylet check");
  stage.holds(command.find("api/gcs_healthz") != std::string::npos, "GCS check");
  stage.is(Json({probe["initialDelaySeconds"], probe["timeoutSeconds"], probe["periodSeconds"],
                 probe["failureThreshold"]}),
           Json({10, 5, 5, 10}), "its times");
  stage.manifest()["metadata"]["name"] = "rc2";
  stage.spec()["rayVersion"] = "2.53.0";
  stage.apply_for(1s);
  const Json get = Stage::at(container_of(stage.head("rc2")), "/livenessProbe/httpGet");
  stage.is(get["path"], "/api/healthz", "the path");
  stage.is(get["port"], 52365, "the port");
}

}  // namespace

std::vector<Scenario> cluster_creation() {
  using enum Tag;
  return {
      {1, Core, "head Service, head and workers are made at once, owned by the cluster",
       children_are_made_at_once, same()},
      {2, Core, "no container ports: five default ports on the head Service", default_ports,
       same()},
      {3, Core, "head Service of a default cluster", head_service_has_an_address,
       different("a ClusterIP that publishes addresses not Ready, as in the guide; headless by "
                 "`--headless-head-service`")},
      {4, Plus, "head Service, headless or not, by option", headless_by_option,
       different("the option is the other way round: `--headless-head-service`, see 3")},
      {5, Core, "ports declared: those and metrics, nothing else", declared_ports_only, same()},
      {6, Core, "seven default labels of the head; one label selects all Ray pods", head_labels,
       same()},
      {7, Core, "limits become `ray start` parameters, sorted, behind the ulimit",
       limits_become_parameters, same()},
      {8, Core, "worker: address and environment agree", worker_finds_the_head, same()},
      {9, Core, "another GCS port is used everywhere", another_port, same()},
      {10, Core, "`num-cpus: \"0\"` beats limits", zero_cpus_are_kept, same()},
      {11, Plus, "CPUs are rounded up; requests count for CPUs, not for memory", partial_resources,
       same()},
      {12, Plus, "GPU and TPU limits", accelerators, same()},
      {13, Plus, "group `resources`; together with parameters invalid", group_resources, same()},
      {14, Core, "init container wait-gcs-ready", init_container_waits, same()},
      {15, Plus, "`ENABLE_INIT_CONTAINER_INJECTION=false`", no_init_container, same()},
      {16, Core, "probes: exec before Ray 2.53, HTTP since", probes_follow_the_version, same()},
  };
}

}  // namespace raycord
