// RayService 28 to 36: edits that never start an upgrade.

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

// The edit was made; the RayCluster is as before.
void nothing_follows(Stage& stage, const std::string& edit) {
  const std::string active = stage.active();
  const Json before = stage.cluster(active);
  const std::size_t pods = stage.pods(active).size();
  stage.apply_for(20s);
  stage.is(stage.clusters().size(), 1U, "RayClusters after an edit of " + edit);
  stage.is(Stage::at(stage.cluster(active), "/spec"), Stage::at(before, "/spec"),
           "the spec after an edit of " + edit);
  stage.is(stage.pods(active).size(), pods, "pods after an edit of " + edit);
  stage.is(stage.pending(), "", "pending after an edit of " + edit);
}

void replicas_edited(Stage& stage) {
  stage.run_service();
  stage.group()["replicas"] = 3;
  nothing_follows(stage, "replicas");
  stage.is(stage.events("EditWithoutEffect"), 1U, "Events");
}

void scale(Stage& stage, const std::string& cluster, int replicas) {
  Json groups = Stage::at(stage.cluster(cluster), "/spec/workerGroupSpecs");
  groups[0]["replicas"] = replicas;
  const auto path = stage.home("rayclusters") + "/" + cluster;
  stage.is(stage.patch(path, {{"spec", {{"workerGroupSpecs", groups}}}}).status, 200, "the patch");
}

void autoscaler_scales_the_active_cluster(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  scale(stage, active, 3);
  stage.run(30s);
  stage.is(Stage::at(stage.cluster(active), "/spec/workerGroupSpecs/0/replicas"), 3, "replicas");
  stage.is(stage.workers(active).size(), 3U, "workers");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
}

void autoscaler_scales_the_pending_cluster(Stage& stage) {
  stage.run_service();
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.replace_config("fruit.deployment_graph", "slow.deployment_graph");
  stage.apply_for(10s);
  const std::string pending = stage.pending();
  scale(stage, pending, 3);
  stage.run(20s);
  stage.is(stage.pending(), pending, "pending");
  stage.is(Stage::at(stage.cluster(pending), "/spec/workerGroupSpecs/0/replicas"), 3, "replicas");
  stage.is(stage.workers(pending).size(), 3U, "workers");
}

void workers_to_delete_edited(Stage& stage) {
  stage.run_service();
  stage.group()["scaleStrategy"] = {
      {"workersToDelete", {object_name(stage.workers(stage.active()).at(0))}}};
  nothing_follows(stage, "workersToDelete");
}

void other_muted_fields_edited(Stage& stage) {
  stage.run_service();
  stage.group()["minReplicas"] = 0;
  stage.group()["maxReplicas"] = 9;
  nothing_follows(stage, "minReplicas and maxReplicas");
  Json& pod = stage.group()["template"]["spec"];
  pod["tolerations"] = {{{"key", "gpu"}, {"operator", "Exists"}}};
  nothing_follows(stage, "tolerations");
  pod["schedulingGates"] = {{{"name", "example.com/wait"}}};
  nothing_follows(stage, "schedulingGates");
}

void new_cluster_starts_with_edited_replicas(Stage& stage) {
  stage.run_service();
  stage.group()["replicas"] = 3;
  stage.apply_for(5s);
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply_for(30s);
  const Json cluster = stage.cluster(stage.active());
  stage.is(Stage::text(cluster, "/spec/rayVersion"), "2.100.0", "rayVersion");
  stage.is(Stage::at(cluster, "/spec/workerGroupSpecs/0/replicas"), 3, "replicas");
  stage.is(stage.workers(stage.active()).size(), 3U, "workers");
}

void cluster_suspend_toggled(Stage& stage) {
  stage.run_service();
  stage.spec()["rayClusterConfig"]["suspend"] = true;
  nothing_follows(stage, "rayClusterConfig.suspend");
  stage.spec()["rayClusterConfig"]["upgradeStrategy"] = {{"type", "Recreate"}};
  nothing_follows(stage, "rayClusterConfig.upgradeStrategy");
  stage.is(stage.condition("Ready"), "False, ValidationFailed", "Ready");
}

// As another build of the operator would have left it.
void stamp_as_another_version(Stage& stage) {
  const auto path = stage.home("rayclusters") + "/" + stage.active();
  const Json stamps = {
      {"ray.io/kuberay-version", "v1.6.0"},
      {"ray.io/hash-without-replicas-and-workers-to-delete", "0123456789ABCDEFGHIJKLMNOPQRSTUV"},
      {"raycord.io/spec-revision", nullptr}};
  stage.is(stage.patch(path, {{"metadata", {{"annotations", stamps}}}}).status, 200, "the patch");
}

void cluster_of_another_version_is_kept(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  const std::string head = object_uid(stage.head(active));
  stage.stop();
  stamp_as_another_version(stage);
  stage.start();
  stage.run(30s);
  stage.is(stage.active(), active, "active");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  stage.is(object_uid(stage.head(active)), head, "the head");
}

void change_beside_another_version_is_an_upgrade(Stage& stage) {
  stage.run_service();
  const std::string old = stage.active();
  stage.stop();
  stamp_as_another_version(stage);
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply();
  stage.start();
  stage.run(30s);
  stage.holds(stage.active() != old, "a new cluster serves");
  stage.is(Stage::text(stage.cluster(stage.active()), "/spec/rayVersion"), "2.100.0", "rayVersion");
}

}  // namespace

std::vector<Scenario> service_exceptions() {
  using enum Tag;
  return {
      {28, Seed, "`replicas` edited: no new cluster, the cluster stays", replicas_edited,
       different("an Event says that the edit has no effect")},
      {29, Seed, "autoscaler patches the active cluster's `replicas`: nothing is reverted",
       autoscaler_scales_the_active_cluster, same()},
      {30, Seed, "autoscaler patches the pending cluster's `replicas`: the pending name stays",
       autoscaler_scales_the_pending_cluster, same()},
      {31, Seed, "`workersToDelete` edited: no new cluster, the cluster stays",
       workers_to_delete_edited, same()},
      {32, Seed, "`minReplicas`, `maxReplicas`, tolerations, schedulingGates edited: no upgrade",
       other_muted_fields_edited, same()},
      {33, Seed, "`replicas` edited, then an upgrade: the new cluster has them",
       new_cluster_starts_with_edited_replicas, same()},
      {34, Plus, "`rayClusterConfig.suspend` or `.upgradeStrategy` toggled: no upgrade",
       cluster_suspend_toggled,
       different("the latter is called invalid, where KubeRay's RayCluster is stuck with it")},
      {35, Plus, "cluster stamped by another version, same spec: kept as it is",
       cluster_of_another_version_is_kept, same()},
      {36, Plus, "cluster stamped by another version, spec changed",
       change_beside_another_version_is_an_upgrade,
       different("an upgrade: KubeRay overwrites the cluster's spec in place")},
  };
}

}  // namespace raycord
