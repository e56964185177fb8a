// RayCluster 42 to 55: pods that come and go.

#include <algorithm>

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

std::string pod_path(Stage& stage, const Json& pod) {
  return stage.home("pods") + "/" + object_name(pod);
}

// As a kubelet would write it.
void set_phase(Stage& stage, const Json& pod, const std::string& phase) {
  const auto patched =
      stage.patch(pod_path(stage, pod) + "/status", {{"status", {{"phase", phase}}}});
  stage.is(patched.status, 200, "the patch of the phase");
}

void set_terminated(Stage& stage, const Json& pod) {
  Json states = Stage::at(pod, "/status/containerStatuses");
  states[0]["state"] = {{"terminated", {{"exitCode", 1}, {"reason", "Error"}}}};
  states[0]["ready"] = false;
  const auto patched =
      stage.patch(pod_path(stage, pod) + "/status", {{"status", {{"containerStatuses", states}}}});
  stage.is(patched.status, 200, "the patch of the container");
}

void deleted_worker(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const std::size_t made = stage.events("CreatedWorkerPod");
  stage.remove(pod_path(stage, stage.workers().at(0)));
  stage.run(20s);
  stage.is(stage.workers().size(), 1U, "workers");
  stage.is(stage.events("CreatedWorkerPod"), made + 1, "workers made");
}

void deleted_head(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const std::string worker = object_uid(stage.workers().at(0));
  const std::string head = object_uid(stage.head());
  stage.remove(pod_path(stage, stage.head()));
  stage.run(20s);
  stage.is(stage.pods("rc", "head").size(), 1U, "heads");
  stage.holds(object_uid(stage.head()) != head, "another head");
  stage.is(stage.events("CreatedHeadPod"), 2U, "heads made");
  stage.is(object_uid(stage.workers().at(0)), worker, "the worker");
}

void failed_head(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const std::string head = object_uid(stage.head());
  set_phase(stage, stage.head(), "Failed");
  stage.run(20s);
  stage.holds(object_uid(stage.head()) != head, "another head");
  stage.is(stage.events("DeletedHeadPod"), 1U, "Events");
}

void terminated_worker(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const std::string always = object_uid(stage.workers().at(0));
  set_terminated(stage, stage.workers().at(0));
  stage.run(10s);
  stage.is(object_uid(stage.workers().at(0)), always, "the worker that restarts");
  stage.manifest()["metadata"]["name"] = "rc2";
  stage.group()["template"]["spec"]["restartPolicy"] = "Never";
  stage.run_cluster();
  const std::string never = object_uid(stage.workers("rc2").at(0));
  set_terminated(stage, stage.workers("rc2").at(0));
  stage.run(20s);
  stage.is(stage.workers("rc2").size(), 1U, "workers");
  stage.holds(object_uid(stage.workers("rc2").at(0)) != never, "another worker");
}

void evicted_worker(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  std::size_t most = 0;
  stage.at_each_step([&] { most = std::max(most, stage.workers().size()); });
  set_phase(stage, stage.workers().at(0), "Failed");
  stage.run(20s);
  stage.is(most, 1U, "workers at a time");
  stage.is(stage.workers().size(), 1U, "workers in the end");
  stage.is(stage.events("CreatedWorkerPod"), 2U, "workers made");
}

void scaled_up_and_down(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  stage.group()["replicas"] = 3;
  stage.apply_for(10s);
  stage.is(stage.workers().size(), 3U, "workers after 1 -> 3");
  for (const Json& worker : stage.workers()) {
    stage.patch(pod_path(stage, worker), {{"metadata", {{"finalizers", {"example.com/wait"}}}}});
  }
  stage.group()["replicas"] = 1;
  stage.apply_for(60s);
  std::size_t leaving = 0;
  for (const Json& worker : stage.workers())
    leaving += worker["metadata"].count("deletionTimestamp");
  stage.is(leaving, 2U, "workers being deleted after 3 -> 1");
  for (const Json& worker : stage.workers()) {
    stage.patch(pod_path(stage, worker), {{"metadata", {{"finalizers", nullptr}}}});
  }
  stage.run(20s);
  stage.is(stage.workers().size(), 1U, "workers in the end");
  stage.is(stage.events("CreatedWorkerPod"), 3U, "workers made");
}

void replicas_are_clamped(Stage& stage) {
  stage.use_cluster();
  stage.group()["replicas"] = 9;
  stage.spec()["workerGroupSpecs"].push_back(stage.another_group("low"));
  stage.spec()["workerGroupSpecs"][1]["replicas"] = 0;
  stage.spec()["workerGroupSpecs"][1]["minReplicas"] = 2;
  stage.run_cluster();
  stage.is(stage.workers().size(), 7U, "workers: five at most, two at least");
}

Json pod_by_hand(Stage& stage) {
  Json pod = stage.head();
  pod["metadata"] = {
      {"name", "by-hand"}, {"namespace", stage.space()}, {"labels", pod["metadata"]["labels"]}};
  pod.erase("status");
  pod["spec"].erase("nodeName");
  return pod;
}

void two_heads(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const auto made = stage.create(stage.home("pods"), pod_by_hand(stage));
  stage.is(made.status, 201, "making a second head");
  stage.run(30s);
  stage.is(stage.pods("rc", "head").size(), 2U, "heads");
  stage.is(stage.events("DeletedHeadPod"), 0U, "heads deleted");
  stage.is(stage.status()["state"], "ready", "state");
}

void slow_views_make_no_duplicates(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  stage.fault("faults", {{"target", "apiserver"}, {"mode", "drop_watches"}});
  stage.fault(
      "faults",
      {{"target", "apiserver"}, {"mode", "latency"}, {"latency_ms", 2000}, {"method", "GET"}});
  stage.group()["replicas"] = 3;
  stage.apply();
  stage.run(60s);
  stage.fault("faults", {{"target", "apiserver"}, {"mode", "clear"}});
  stage.run(5s);
  stage.is(stage.workers().size(), 3U, "workers");
  stage.is(stage.events("CreatedWorkerPod"), 3U, "workers made");
}

void removed_group(Stage& stage) {
  stage.use_cluster();
  stage.spec()["workerGroupSpecs"].push_back(stage.another_group("second"));
  stage.run_cluster();
  stage.spec()["workerGroupSpecs"].erase(1);
  stage.apply_for(20s);
  stage.is(stage.workers().size(), 2U, "workers");
}

void changed_template(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const std::string head = object_uid(stage.head());
  stage.head_container()["image"] = "rayproject/ray:2.60.0";
  stage.worker_container()["image"] = "rayproject/ray:2.60.0";
  stage.apply_for(20s);
  stage.is(object_uid(stage.head()), head, "the head");
  stage.is(container_of(stage.workers().at(0))["image"], "rayproject/ray:2.52.1", "image");
}

void recreate(Stage& stage) {
  stage.use_cluster();
  stage.spec()["upgradeStrategy"] = {{"type", "Recreate"}};
  stage.run_cluster();
  const Json before = stage.head();
  const char* const kHash = "ray.io/upgrade-strategy-recreate-hash";
  stage.group()["replicas"] = 2;
  stage.apply_for(20s);
  stage.is(object_uid(stage.head()), object_uid(before), "the head after an edit of replicas");
  stage.head_container()["image"] = "rayproject/ray:2.60.0";
  stage.apply_for(30s);
  stage.holds(object_uid(stage.head()) != object_uid(before),
              "another head after one of the image");
  stage.holds(annotation_of(stage.head(), kHash) != annotation_of(before, kHash), "another hash");
  stage.is(stage.workers().size(), 2U, "workers");
}

void recreate_beside_another_version(Stage& stage) {
  stage.use_cluster();
  stage.spec()["upgradeStrategy"] = {{"type", "Recreate"}};
  stage.run_cluster();
  const Json before = stage.head();
  const Json stamps = {{"ray.io/kuberay-version", "v1.6.0"},
                       {"ray.io/upgrade-strategy-recreate-hash", "OLD"}};
  stage.patch(pod_path(stage, before), {{"metadata", {{"annotations", stamps}}}});
  stage.run(20s);
  stage.is(object_uid(stage.head()), object_uid(before), "the head");
  stage.is(annotation_of(stage.head(), "ray.io/kuberay-version"),
           annotation_of(before, "ray.io/kuberay-version"), "the version");
}

void recreate_of_a_service(Stage& stage) {
  stage.use_cluster();
  stage.manifest()["metadata"]["labels"] = {{"ray.io/originated-from-crd", "RayService"}};
  stage.spec()["upgradeStrategy"] = {{"type", "Recreate"}};
  stage.apply_for(10s);
  stage.is(stage.events("InvalidRayClusterSpec"), 1U, "Events");
  stage.is(stage.pods("rc").size(), 0U, "pods");
}

}  // namespace

std::vector<Scenario> cluster_lifecycle() {
  using enum Tag;
  return {
      {42, Core, "worker deleted: one replacement", deleted_worker, same()},
      {43, Core, "head deleted: one new head, workers stay", deleted_head, same()},
      {44, Core, "head Failed: deleted with an Event, made again", failed_head, same()},
      {45, Core, "Ray container of a worker ended: kept, or replaced when it never restarts",
       terminated_worker, same()},
      {46, Plus, "worker evicted: its replacement waits until it is gone", evicted_worker, same()},
      {47, Core, "replicas 1, 3, 1: two made, two deleted, also beside finalizers",
       scaled_up_and_down, same()},
      {48, Core, "replicas outside minimum and maximum are clamped", replicas_are_clamped, same()},
      {49, Plus, "second head made by hand: nothing is deleted, the status stays", two_heads,
       same()},
      {50, Plus, "slow views of the API: no duplicate pods", slow_views_make_no_duplicates,
       different("every write is in the log before it is sent; nothing expires")},
      {51, Plus, "worker group removed: its pods stay", removed_group, same()},
      {52, Core, "template changed without a strategy: pods stay", changed_template, same()},
      {53, Plus, "Recreate: all pods anew for another image, not for other replicas", recreate,
       same()},
      {54, Plus, "Recreate, head of another version: annotations only",
       recreate_beside_another_version, same()},
      {55, Plus, "Recreate on the cluster of a RayService: invalid", recreate_of_a_service, same()},
  };
}

}  // namespace raycord
