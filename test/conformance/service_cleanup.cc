// RayService 58 to 63: clusters that are not needed any more.

#include <algorithm>

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

// The cluster that was active before.
std::string upgrade(Stage& stage) {
  const std::string old = stage.active();
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply();
  stage.within("traffic moves", [&] { return stage.traffic() != old; });
  return old;
}

bool exists(Stage& stage, const std::string& cluster) { return !stage.cluster(cluster).is_null(); }

void old_cluster_drains_a_minute(Stage& stage) {
  stage.run_service();
  const std::string old = upgrade(stage);
  stage.run(57s);
  stage.holds(exists(stage, old), "the old cluster is there for 60 s");
  stage.run(13s);
  stage.holds(!exists(stage, old), "then it is gone");
  stage.is(stage.events("DeletedRayCluster"), 1U, "Events");
}

void delay_is_as_asked(Stage& stage) {
  stage.spec()["rayClusterDeletionDelaySeconds"] = 10;
  stage.run_service();
  std::string old = upgrade(stage);
  stage.run(7s);
  stage.holds(exists(stage, old), "the old cluster is there for 10 s");
  stage.run(8s);
  stage.holds(!exists(stage, old), "then it is gone");
  stage.spec()["rayClusterDeletionDelaySeconds"] = 0;
  old = stage.active();
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.101.0";
  stage.apply_for(20s);
  stage.holds(!exists(stage, old), "with 0 it goes at once");
}

void delay_survives_a_restart(Stage& stage) {
  stage.run_service();
  const std::string old = upgrade(stage);
  stage.run(30s);
  stage.stop();
  stage.run(10s);
  stage.start();
  stage.run(10s);
  stage.holds(exists(stage, old), "not earlier than the delay");
  stage.run(20s);
  stage.holds(!exists(stage, old), "and not much later");
}

void deletion_takes_all(Stage& stage) {
  stage.run_service();
  stage.replace_config("fruit.deployment_graph", "slow.deployment_graph");
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply_for(10s);
  stage.is(stage.clusters().size(), 2U, "RayClusters before");
  bool early = false;
  stage.at_each_step(
      [&] { early = early || (stage.object().is_null() && !stage.clusters().empty()); });
  stage.remove(stage.path());
  stage.run(10s);
  stage.is(stage.clusters().size(), 0U, "RayClusters");
  stage.is(stage.object(), Json(), "the RayService");
  stage.is(stage.items(stage.home("pods")).size(), 0U, "pods");
  stage.holds(!early, "the finalizer goes last");
}

void superseded_cluster_goes(Stage& stage) {
  stage.run_service();
  stage.replace_config("fruit.deployment_graph", "slow.deployment_graph");
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply_for(10s);
  const std::string first = stage.pending();
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.101.0";
  stage.apply_for(70s);
  stage.holds(!exists(stage, first), "the superseded cluster is gone");
}

Json foreign_cluster(Stage& stage) {
  Json made = {
      {"apiVersion", "ray.io/v1"},
      {"kind", "RayCluster"},
      {"metadata", {{"name", "rayservice-sample-raycluster-mine"}, {"namespace", stage.space()}}},
      {"spec", stage.spec()["rayClusterConfig"]}};
  return made;
}

void old_views_delete_nothing(Stage& stage) {
  const auto made = stage.create(stage.home("rayclusters"), foreign_cluster(stage));
  stage.is(made.status, 201, "making a cluster of others");
  stage.run_service();
  const std::string old = upgrade(stage);
  stage.fault("faults", {{"target", "apiserver"}, {"mode", "drop_watches"}});
  stage.fault("faults", {{"target", "apiserver"}, {"mode", "expire"}});
  stage.run(5s);
  stage.fault("faults", {{"target", "apiserver"}, {"mode", "latency"}, {"latency_ms", 1000}});
  const std::string active = stage.traffic();
  stage.run(3min);
  stage.fault("faults", {{"target", "apiserver"}, {"mode", "clear"}});
  stage.holds(exists(stage, active), "the active cluster is there");
  stage.holds(!exists(stage, old), "the old one is gone");
  stage.holds(exists(stage, "rayservice-sample-raycluster-mine"), "a cluster of others is there");
}

}  // namespace

std::vector<Scenario> service_cleanup() {
  using enum Tag;
  return {
      {58, Seed, "upgrade finished: the old cluster stays 60 s, then goes",
       old_cluster_drains_a_minute, same()},
      {59, Seed, "`rayClusterDeletionDelaySeconds` of 10 and 0", delay_is_as_asked, same()},
      {60, Seed, "operator restarted in the delay: deleted, never earlier",
       delay_survives_a_restart,
       different("nor later: the end stands on the cluster, KubeRay begins anew")},
      {61, Seed, "RayService deleted: all clusters at once, then the finalizer", deletion_takes_all,
       same()},
      {62, Seed, "superseded pending cluster is deleted", superseded_cluster_goes,
       different("at once, since it never served")},
      {63, Plus, "old views of the world delete no live cluster; those of others are not touched",
       old_views_delete_nothing, same()},
  };
}

}  // namespace raycord
