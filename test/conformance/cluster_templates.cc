// RayCluster 17 to 30: pods of RayServices, templates, names.

#include <set>

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void of_a_ray_service(Stage& stage) {
  stage.use_cluster();
  stage.manifest()["metadata"]["labels"] = {{"ray.io/originated-from-crd", "RayService"}};
}

std::string readiness(const Json& pod) {
  return Stage::at(container_of(pod), "/readinessProbe/exec/command").dump();
}

void workers_of_services_check_the_proxy(Stage& stage) {
  of_a_ray_service(stage);
  stage.apply_for(1s);
  const Json worker = stage.workers().at(0);
  stage.holds(readiness(worker).find("http://localhost:8000/-/healthz") != std::string::npos,
              "the worker's probe asks the proxy");
  stage.is(Stage::at(container_of(worker), "/readinessProbe/failureThreshold"), 1, "threshold");
  stage.is(label_of(worker, "ray.io/serve"), "true", "the worker's label");
  stage.is(label_of(stage.head(), "ray.io/serve"), "false", "the head's label");
  stage.is(readiness(stage.head()).find("-/healthz"), std::string::npos, "the head's proxy check");
}

void services_have_three_variables(Stage& stage) {
  of_a_ray_service(stage);
  stage.apply_for(1s);
  const std::vector<std::pair<const char*, const char*>> expected = {
      {"RAY_timeout_ms_task_wait_for_death_info", "0"},
      {"RAY_gcs_server_request_timeout_seconds", "5"},
      {"RAY_SERVE_KV_TIMEOUT_S", "5"}};
  const auto value = [&](const std::string& cluster, const char* name) {
    return Stage::text(env_of(container_of(stage.head(cluster)), name), "/value");
  };
  for (const auto& [name, text] : expected) stage.is(value("rc", name), text, name);
  stage.manifest()["metadata"] = {{"name", "rc2"}, {"namespace", stage.space()}};
  stage.apply_for(1s);
  for (const auto& [name, text] : expected) stage.is(value("rc2", name), "", name);
}

void serve_port_is_used(Stage& stage) {
  of_a_ray_service(stage);
  stage.worker_container()["ports"] = {{{"name", "serve"}, {"containerPort", 9000}}};
  stage.apply_for(1s);
  stage.holds(
      readiness(stage.workers().at(0)).find("localhost:9000/-/healthz") != std::string::npos,
      "the probe uses 9000");
}

void own_probes_are_kept(Stage& stage) {
  of_a_ray_service(stage);
  const Json probe = {{"tcpSocket", {{"port", 1234}}}};
  stage.worker_container()["readinessProbe"] = probe;
  stage.head_container()["livenessProbe"] = probe;
  stage.apply_for(1s);
  const Json worker = container_of(stage.workers().at(0));
  stage.is(Stage::at(worker, "/readinessProbe/tcpSocket/port"), 1234, "the worker's port");
  stage.is(Stage::at(worker, "/readinessProbe/exec"), Json(), "the worker's command");
  const Json head = container_of(stage.head());
  stage.is(Stage::at(head, "/livenessProbe/tcpSocket/port"), 1234, "the head's port");
}

void shared_memory(Stage& stage) {
  stage.use_cluster();
  stage.head_container()["resources"] = {{"limits", {{"memory", "5Gi"}}}};
  stage.group()["rayStartParams"]["plasma-directory"] = "/tmp/plasma";
  stage.apply_for(1s);
  const Json volume = Stage::at(stage.head(), "/spec/volumes/0");
  stage.is(volume["name"], "shared-mem", "the volume");
  stage.is(Stage::at(volume, "/emptyDir"), Json({{"medium", "Memory"}, {"sizeLimit", "5Gi"}}),
           "its emptyDir");
  stage.is(Stage::text(container_of(stage.head()), "/volumeMounts/0/mountPath"), "/dev/shm",
           "mount");
  stage.is(stage.workers().at(0).dump().find("shared-mem"), std::string::npos, "in the worker");
}

void own_command_is_kept(Stage& stage) {
  stage.use_cluster();
  stage.annotate("ray.io/overwrite-container-cmd", "true");
  stage.head_container()["command"] = {"/bin/sh"};
  stage.head_container()["args"] = {"run.sh"};
  stage.apply_for(1s);
  const Json head = container_of(stage.head());
  stage.is(head["command"], Json({"/bin/sh"}), "command");
  stage.is(head["args"], Json({"run.sh"}), "args");
  stage.holds(Stage::text(env_of(head, "KUBERAY_GEN_RAY_START_CMD"), "/value")
                  .starts_with("ray start --head "),
              "the generated command is in the environment");
}

void own_command_comes_first(Stage& stage) {
  stage.use_cluster();
  stage.worker_container()["command"] = {"echo", "hi"};
  stage.apply_for(1s);
  const std::string args = Stage::text(container_of(stage.workers().at(0)), "/args/0");
  stage.holds(args.starts_with(" echo  hi  && ulimit -n "), "the command comes first: " + args);
}

void template_cannot_move_pods(Stage& stage) {
  stage.use_cluster();
  stage.group()["template"]["metadata"] = {{"namespace", "other"}};
  stage.apply_for(1s);
  stage.is(stage.workers().size(), 1U, "workers in the cluster's namespace");
}

void template_cannot_rename_the_cluster(Stage& stage) {
  stage.use_cluster();
  stage.group()["template"]["metadata"] = {{"labels", {{"ray.io/cluster", "x"}, {"mine", "y"}}}};
  stage.apply_for(1s);
  stage.is(stage.workers().size(), 1U, "workers of rc");
  stage.is(label_of(stage.workers().at(0), "mine"), "y", "the other label");
}

void head_can_have_another_app_name(Stage& stage) {
  stage.use_cluster();
  stage.spec()["headGroupSpec"]["template"]["metadata"] = {
      {"labels", {{"app.kubernetes.io/name", "x"}}}};
  stage.run_cluster();
  const Json selector = Stage::at(stage.service("rc-head-svc"), "/spec/selector");
  stage.is(selector["app.kubernetes.io/name"], "x", "what the Service selects");
  for (const auto& [key, value] : selector.items()) {
    stage.is(label_of(stage.head(), key), value.get<std::string>(), "the head's label " + key);
  }
}

void longest_name(Stage& stage) {
  stage.use_cluster();
  const std::string name(53, 'a');
  stage.manifest()["metadata"]["name"] = name;
  stage.annotate("ray.io/enable-serve-service", "true");
  stage.group()["numOfHosts"] = 2;
  stage.apply_for(2s);
  stage.is(stage.pods(name).size(), 3U, "pods");
  for (const char* suffix : {"-head-svc", "-serve-svc", "-headless"}) {
    stage.holds(!stage.service(name + suffix).is_null(), std::string("a Service ") + suffix);
  }
  stage.manifest()["metadata"]["name"] = name + "a";
  stage.apply_for(2s);
  stage.is(stage.pods(name + "a").size(), 0U, "pods of the longer one");
  stage.is(stage.events("InvalidRayClusterMetadata"), 1U, "Events");
}

void two_groups(Stage& stage) {
  stage.use_cluster();
  stage.spec()["workerGroupSpecs"].push_back(stage.another_group("large"));
  stage.spec()["workerGroupSpecs"][1]["replicas"] = 2;
  stage.run_cluster();
  std::map<std::string, int> by_group;
  for (const Json& worker : stage.workers()) {
    ++by_group[label_of(worker, "ray.io/group")];
    const Json type = env_of(container_of(worker), "RAY_NODE_TYPE_NAME");
    stage.is(Stage::text(type, "/valueFrom/fieldRef/fieldPath"), "metadata.labels['ray.io/group']",
             "RAY_NODE_TYPE_NAME");
  }
  stage.is(by_group["small-group"], 1, "workers of the one");
  stage.is(by_group["large"], 2, "workers of the other");
}

void custom_head_service(Stage& stage) {
  stage.use_cluster();
  stage.spec()["headGroupSpec"]["headService"] = {
      {"metadata", {{"name", "mine"}}},
      {"spec",
       {{"type", "LoadBalancer"},
        {"selector", {{"app", "x"}}},
        {"ports", {{{"name", "extra"}, {"port", 1234}}}}}}};
  stage.apply_for(1s);
  const Json made = stage.service("mine");
  stage.is(Stage::text(made, "/spec/type"), "LoadBalancer", "type");
  stage.is(Stage::at(made, "/spec/ports").size(), 6U, "the number of ports");
  stage.holds(Stage::at(made, "/spec/ports").dump().find("extra") != std::string::npos, "the port");
  stage.is(Stage::text(made, "/spec/selector/ray.io~1cluster"), "rc", "the selector");
  stage.is(Stage::text(made, "/spec/selector/app"), "", "the user's selector");
  stage.is(Stage::text(env_of(container_of(stage.workers().at(0)), "FQ_RAY_IP"), "/value"),
           "mine." + stage.space() + ".svc.cluster.local", "FQ_RAY_IP");
}

void indexes_are_filled(Stage& stage) {
  stage.use_cluster();
  stage.group()["replicas"] = 3;
  stage.run_cluster();
  const auto indexes = [&] {
    std::set<std::string> found;
    for (const Json& worker : stage.workers()) {
      found.insert(label_of(worker, "ray.io/worker-group-replica-index"));
    }
    return found;
  };
  stage.is(indexes(), std::set<std::string>{"0", "1", "2"}, "indexes");
  for (const Json& worker : stage.workers()) {
    if (label_of(worker, "ray.io/worker-group-replica-index") != "1") continue;
    stage.remove(stage.home("pods") + "/" + object_name(worker));
  }
  stage.run(5s);
  stage.is(indexes(), std::set<std::string>{"0", "1", "2"}, "indexes after a deletion");
}

}  // namespace

std::vector<Scenario> cluster_templates() {
  using enum Tag;
  return {
      {17, Core, "cluster of a RayService: workers check the Serve proxy, labels of both",
       workers_of_services_check_the_proxy, same()},
      {18, Core, "cluster of a RayService: three more variables, else none",
       services_have_three_variables, same()},
      {19, Core, "port named serve: the worker's check uses it", serve_port_is_used, same()},
      {20, Plus, "the user's probes are kept", own_probes_are_kept, same()},
      {21, Core, "shared memory as large as the limit; none beside `plasma-directory`",
       shared_memory, same()},
      {22, Plus, "`overwrite-container-cmd`: the user's command is kept", own_command_is_kept,
       same()},
      {23, Plus, "the user's command comes before `ray start`", own_command_comes_first, same()},
      {24, Plus, "template with another namespace: pods are in the cluster's",
       template_cannot_move_pods, same()},
      {25, Plus, "template with label `ray.io/cluster`: pods carry the cluster's",
       template_cannot_rename_the_cluster, same()},
      {26, Plus, "head template with another `app.kubernetes.io/name`: the Service selects it",
       head_can_have_another_app_name, same()},
      {27, Plus, "name of 53 characters works, of 54 is told", longest_name, same()},
      {28, Core, "two worker groups have their own pods", two_groups, same()},
      {29, Plus, "custom headService: name and type kept, ports appended, selector ours",
       custom_head_service,
       different("ports are sorted by name; with KubeRay their order is random")},
      {30, Plus, "replica indexes without gaps, a free one is used again", indexes_are_filled,
       same()},
  };
}

}  // namespace raycord
