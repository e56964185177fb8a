// RayCluster 73 to 80: validation, who manages it, what else it can have.

#include <set>

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void invalid_spec(Stage& stage) {
  stage.use_cluster();
  stage.group()["minReplicas"] = 3;
  stage.group()["maxReplicas"] = 2;
  stage.apply_for(5min);
  stage.is(stage.events("InvalidRayClusterSpec"), 1U, "Events");
  stage.is(stage.pods("rc").size(), 0U, "pods");
  stage.is(stage.service("rc-head-svc"), Json(), "the head Service");
  stage.is(stage.status(), Json(), "the status");
}

void managed_by_another(Stage& stage) {
  stage.use_cluster();
  stage.spec()["managedBy"] = "kueue.x-k8s.io/multikueue";
  stage.apply_for(20s);
  stage.is(stage.pods("rc").size(), 0U, "pods");
  stage.is(stage.service("rc-head-svc"), Json(), "the head Service");
  stage.is(stage.status(), Json(), "the status");
}

void multi_host_group(Stage& stage) {
  stage.use_cluster();
  stage.group()["numOfHosts"] = 4;
  stage.group()["replicas"] = 2;
  stage.run_cluster();
  std::map<std::string, std::set<std::string>> hosts;
  std::set<std::string> before;
  const auto look = [&] {
    hosts.clear();
    for (const Json& worker : stage.workers()) {
      hosts[label_of(worker, "ray.io/worker-group-replica-name")].insert(
          label_of(worker, "ray.io/replica-host-index"));
    }
  };
  look();
  stage.is(hosts.size(), 2U, "replicas");
  for (const auto& [replica, indexes] : hosts) {
    stage.is(indexes, std::set<std::string>{"0", "1", "2", "3"}, "host indexes");
  }
  stage.holds(!stage.service("rc-headless").is_null(), "the headless Service");
  const Json victim = stage.workers().at(0);
  const std::string name = label_of(victim, "ray.io/worker-group-replica-name");
  stage.remove(stage.home("pods") + "/" + object_name(victim));
  stage.run(30s);
  look();
  stage.is(stage.workers().size(), 8U, "workers after a deletion");
  stage.is(hosts.count(name), 0U, "pods of the old replica");
}

void serve_service(Stage& stage) {
  stage.use_cluster();
  stage.annotate("ray.io/enable-serve-service", "true");
  stage.run_cluster();
  const Json service = stage.service("rc-serve-svc");
  stage.is(Stage::at(service, "/spec/selector"), Json({{"ray.io/cluster", "rc"}}), "selector");
  stage.is(Stage::at(service, "/spec/ports/0/port"), 8000, "port");
}

void ingress(Stage& stage) {
  stage.use_cluster();
  stage.spec()["headGroupSpec"]["enableIngress"] = true;
  stage.run_cluster();
  const std::string path = stage.home("ingresses") + "/rc-head-ingress";
  const Json rule = Stage::at(stage.get(path), "/spec/rules/0/http/paths/0");
  stage.is(Stage::text(rule, "/backend/service/name"), "rc-head-svc", "the backend");
  stage.is(Stage::at(rule, "/backend/service/port/number"), 8265, "its port");
  stage.is(Stage::text(rule, "/path"), "/", "the path");
  stage.is(Stage::text(rule, "/pathType"), "Prefix", "its type");
  Json foreign = {
      {"apiVersion", "networking.k8s.io/v1"},
      {"kind", "Ingress"},
      {"metadata", {{"name", "rc2-head-ingress"}}},
      {"spec",
       {{"ingressClassName", "theirs"},
        {"defaultBackend", {{"service", {{"name", "x"}, {"port", {{"number", 80}}}}}}}}}};
  const auto made = stage.create(stage.home("ingresses"), foreign);
  stage.is(made.status, 201, "making a foreign Ingress");
  stage.manifest()["metadata"]["name"] = "rc2";
  stage.run_cluster();
  stage.is(Stage::text(stage.get(stage.home("ingresses") + "/rc2-head-ingress"),
                       "/spec/ingressClassName"),
           "theirs", "the foreign Ingress");
  stage.holds(stage.events("FailedToCreateIngress") > 0, "an Event says so");
}

void token_auth(Stage& stage) {
  stage.use_cluster();
  stage.spec()["rayVersion"] = "2.52.0";
  stage.spec()["authOptions"] = {{"mode", "token"}};
  stage.spec()["enableInTreeAutoscaling"] = true;
  stage.run_cluster();
  const Json secret = stage.get(stage.home("secrets") + "/rc");
  stage.holds(!Stage::text(secret, "/data/auth_token").empty() ||
                  !Stage::text(secret, "/stringData/auth_token").empty(),
              "a Secret with the token");
  const Json head = stage.head();
  const Json worker = stage.workers().at(0);
  for (const Json& container : {container_of(head), container_of(head, 1), container_of(worker),
                                Stage::at(worker, "/spec/initContainers/0")}) {
    const std::string where = container.value("name", "?");
    stage.is(Stage::text(env_of(container, "RAY_AUTH_MODE"), "/value"), "token",
             "mode of " + where);
    stage.is(Stage::text(env_of(container, "RAY_AUTH_TOKEN"), "/valueFrom/secretKeyRef/name"), "rc",
             "token of " + where);
  }
  stage.manifest()["metadata"]["name"] = "rc2";
  stage.spec()["rayVersion"] = "2.51.0";
  stage.apply_for(5s);
  stage.is(stage.pods("rc2").size(), 0U, "pods of the invalid one");
  stage.is(stage.events("InvalidRayClusterSpec"), 1U, "Events");
}

void operator_restarts(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const Json pods = stage.items(stage.home("pods"));
  const Json services = stage.items(stage.home("services"));
  stage.crash();
  stage.run(60s);
  stage.is(stage.items(stage.home("pods")), pods, "the pods");
  stage.is(stage.items(stage.home("services")), services, "the Services");
}

void watched_namespaces(Stage& stage) {
  stage.use_cluster();
  stage.options().options.namespaces = {stage.space()};
  stage.run_cluster();
  const std::string other = stage.space() + "-other";
  const Json space = {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", other}}}};
  stage.create("/api/v1/namespaces", space);
  stage.manifest()["metadata"]["namespace"] = other;
  stage.apply_for(20s);
  stage.is(stage.pods("rc").size(), 0U, "pods in the other namespace");
  stage.is(stage.status(), Json(), "the status there");
}

}  // namespace

std::vector<Scenario> cluster_extras() {
  using enum Tag;
  return {
      {73, Core, "minimum above maximum: one Event, nothing made, no status", invalid_spec, same()},
      {74, Core, "managed by MultiKueue: nothing happens", managed_by_another,
       different("that `managedBy` cannot be changed is a rule of the resource definition, which "
                 "`test/e2e/definitions.py` shows on a real API server")},
      {75, Plus, "multi-host group: whole replicas, headless Service", multi_host_group, same()},
      {76, Plus, "serve Service by annotation", serve_service, same()},
      {77, Plus, "Ingress of the dashboard; one of others is left alone", ingress, same()},
      {78, Plus, "token authentication: Secret, variables everywhere; old Ray is invalid",
       token_auth, same()},
      {79, Core, "operator restarted: nothing changes", operator_restarts, same()},
      {80, Core, "`--watch-namespace`: others are ignored; metrics are served", watched_namespaces,
       different(
           "the metrics' port is shown by `test/operator` and `test/e2e`: a simulated operator "
           "has none")},
  };
}

}  // namespace raycord
