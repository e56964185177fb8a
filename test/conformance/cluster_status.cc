// RayCluster 31 to 41: the status.

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void head_ready_before_workers(Stage& stage) {
  stage.use_cluster();
  stage.worker_container()["image"] = "rayproject/no-such-image";
  stage.apply_for(10s);
  stage.is(stage.condition("HeadPodReady"), "True, HeadPodRunningAndReady", "HeadPodReady");
  stage.is(stage.status().value("readyWorkerReplicas", 0), 0, "readyWorkerReplicas");
}

void no_head(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  stage.fault("faults", {{"target", "apiserver"},
                         {"mode", "error"},
                         {"method", "POST"},
                         {"path", stage.home("pods")}});
  stage.remove(stage.home("pods") + "/" + object_name(stage.head()));
  stage.run(5s);
  stage.is(stage.condition("HeadPodReady"), "False, HeadPodNotFound", "HeadPodReady");
  stage.is(Stage::text(stage.status(), "/head/podName"), "", "head.podName");
}

void all_ready(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  stage.is(stage.status()["state"], "ready", "state");
  stage.is(stage.condition("RayClusterProvisioned"), "True, AllPodRunningAndReadyFirstTime",
           "RayClusterProvisioned");
  stage.holds(!Stage::text(stage.status(), "/stateTransitionTimes/ready").empty(), "its time");
  stage.is(stage.status()["desiredWorkerReplicas"], 1, "desiredWorkerReplicas");
  stage.is(stage.status()["availableWorkerReplicas"], 1, "availableWorkerReplicas");
}

void worker_not_ready_later(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const std::string path = stage.home("pods") + "/" + object_name(stage.workers().at(0));
  const Json ready = {{{"type", "Ready"}, {"status", "False"}}};
  stage.is(stage.patch(path + "/status", {{"status", {{"conditions", ready}}}}).status, 200,
           "patch");
  stage.run(3s);
  stage.is(stage.status().value("readyWorkerReplicas", 0), 0, "readyWorkerReplicas");
  stage.is(stage.status().value("availableWorkerReplicas", 0), 1, "availableWorkerReplicas");
  stage.is(stage.status()["state"], "ready", "state");
  stage.is(stage.condition("RayClusterProvisioned"), "True, AllPodRunningAndReadyFirstTime",
           "RayClusterProvisioned");
}

void endpoints_are_listed(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  stage.is(Stage::at(stage.status(), "/endpoints"),
           Json({{"client", "10001"},
                 {"dashboard", "8265"},
                 {"gcs-server", "6379"},
                 {"metrics", "8080"},
                 {"serve", "8000"}}),
           "endpoints");
}

void replicas_above_the_maximum(Stage& stage) {
  stage.use_cluster();
  stage.group()["replicas"] = 3;
  stage.group()["maxReplicas"] = 2;
  stage.worker_container()["resources"] = {{"limits", {{"cpu", "1"}}}};
  stage.run_cluster();
  stage.is(stage.status()["desiredWorkerReplicas"], 2, "desiredWorkerReplicas");
  stage.is(stage.status()["desiredCPU"], "2", "desiredCPU");
}

void unlimited_maximum(Stage& stage) {
  stage.use_cluster();
  stage.group().erase("maxReplicas");
  stage.spec()["workerGroupSpecs"].push_back(stage.another_group("second"));
  stage.run_cluster();
  stage.is(stage.status()["maxWorkerReplicas"], 2147483647, "maxWorkerReplicas");
}

void idle_writes_nothing(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const Json before = stage.object();
  stage.run(30min);
  stage.is(stage.object(), before, "the object");
}

void image_missing(Stage& stage) {
  stage.use_cluster();
  stage.head_container()["image"] = "rayproject/no-such-image";
  stage.apply_for(10s);
  stage.is(stage.condition("HeadPodReady"), "False, ImagePullBackOff", "HeadPodReady");
  stage.holds(Stage::at(stage.status(), "/conditions").dump().find("ray-head") != std::string::npos,
              "the message names the container");
}

void quota_blocks_the_head(Stage& stage) {
  stage.use_cluster();
  stage.fault("faults", {{"target", "apiserver"},
                         {"mode", "error"},
                         {"code", 403},
                         {"method", "POST"},
                         {"path", stage.home("pods")}});
  stage.apply_for(10s);
  stage.is(stage.condition("ReplicaFailure"), "True, FailedCreateHeadPod", "ReplicaFailure");
  stage.holds(stage.events("FailedToCreateHeadPod") > 0, "an Event says so");
  stage.fault("faults", {{"target", "apiserver"}, {"mode", "clear"}});
  stage.within(
      "the cluster is ready", [&] { return stage.status()["state"] == "ready"; }, 10min);
  stage.run(60s);
  stage.is(stage.condition("ReplicaFailure"), "", "ReplicaFailure in the end");
}

void columns(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  stage.is(stage.columns(stage.home("rayclusters")),
           Json({"Name", "desired workers", "available workers", "cpus", "memory", "gpus", "status",
                 "age"}),
           "the columns");
}

}  // namespace

std::vector<Scenario> cluster_status() {
  using enum Tag;
  return {
      {31, Core, "head Ready: HeadPodReady, whatever workers do", head_ready_before_workers,
       same()},
      {32, Core, "no head pod: HeadPodNotFound, no pod name", no_head, same()},
      {33, Core, "all pods Ready: state ready, Provisioned, its time", all_ready, same()},
      {34, Core, "a worker NotReady later: only readyWorkerReplicas falls", worker_not_ready_later,
       same()},
      {35, Core, "endpoints are the head Service's ports", endpoints_are_listed, same()},
      {36, Plus, "replicas above the maximum are clamped", replicas_above_the_maximum,
       different("for desiredCPU too; KubeRay counts there what is never made")},
      {37, Plus, "no maximum in two groups: the largest number", unlimited_maximum, same()},
      {38, Plus, "idle: no status write", idle_writes_nothing, same()},
      {39, Core, "head in ImagePullBackOff: reason and container in HeadPodReady", image_missing,
       same()},
      {40, Core, "quota blocks the head: ReplicaFailure and Event; lifted: it goes",
       quota_blocks_the_head, same()},
      {41, Core, "columns of `kubectl get raycluster`", columns,
       different("shown here on the embedded cluster; `test/e2e/definitions.py` shows them on a "
                 "real API server")},
  };
}

}  // namespace raycord
