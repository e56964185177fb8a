// RayService 1 to 13: the first cluster, and changes in place.

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void finalizer_comes_first(Stage& stage) {
  bool finalizer = false;
  bool seen = false;
  stage.at_each_step([&] {
    if (seen || stage.clusters().empty()) return;
    seen = true;
    finalizer = Stage::at(stage.object(), "/metadata/finalizers") ==
                Json::array({"ray.io/rayservice-finalizer"});
  });
  stage.apply_for(900ms);
  stage.holds(finalizer, "the finalizer is there before the RayCluster");
  stage.is(stage.pending(), stage.clusters().at(0), "the pending cluster's name");
  stage.is(stage.condition("Ready"), "False, Initializing", "Ready");
  stage.is(stage.condition("UpgradeInProgress"), "False, Initializing", "UpgradeInProgress");
}

void one_cluster_is_made(Stage& stage) {
  stage.apply_for(1s);
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  const Json cluster = stage.cluster(stage.pending());
  stage.holds(object_name(cluster).starts_with("rayservice-sample-raycluster-"), "its name");
  const Json owner = Stage::at(cluster, "/metadata/ownerReferences/0");
  stage.is(owner["uid"], object_uid(stage.object()), "its owner");
  stage.is(owner["controller"], true, "whether its owner is the controller");
  stage.is(label_of(cluster, "ray.io/originated-from-cr-name"), "rayservice-sample", "label");
  stage.is(label_of(cluster, "ray.io/originated-from-crd"), "RayService", "label");
  stage.is(annotation_of(cluster, "ray.io/num-worker-groups"), "1", "num-worker-groups");
  stage.holds(!annotation_of(cluster, "ray.io/hash-without-replicas-and-workers-to-delete").empty(),
              "the hash is noted");
  stage.holds(annotation_of(cluster, "ray.io/kuberay-version").starts_with("raycord-"), "version");
}

void config_is_sent_once_head_is_ready(Stage& stage) {
  stage.run_service();
  const Json puts = stage.puts();
  stage.is(puts.size(), 1U, "the number of PUTs");
  const Json apps = Stage::at(puts, "/0/body/applications");
  stage.is(apps.size(), 2U, "the number of applications sent");
  stage.is(Stage::at(apps, "/0/deployments/0/user_config/price"), 3, "the price sent");
  stage.is(Stage::at(apps, "/0/deployments/0/ray_actor_options/num_cpus"), 0.1, "num_cpus sent");
  stage.is(stage.events("UpdatedServeApplications"), 1U, "Events");
}

void services_come_when_apps_run(Stage& stage) {
  stage.apply();
  stage.until([&] { return !stage.service(stage.serve_service()).is_null(); });
  stage.holds(stage.condition("Ready") != "True, NonZeroServeEndpoints", "Ready comes later");
  const std::string cluster = stage.clusters().at(0);
  stage.is(stage.requests(cluster, "puts"), 1U, "PUTs before the Services");
  stage.within("Ready comes",
               [&] { return stage.condition("Ready") == "True, NonZeroServeEndpoints"; });
  stage.is(stage.traffic(), cluster, "the serve Service's cluster");
  const Json head = stage.service("rayservice-sample-head-svc");
  stage.is(Stage::text(head, "/spec/selector/ray.io~1cluster"), cluster, "the head Service's");
  stage.is(stage.active(), cluster, "active");
  stage.is(stage.pending(), "", "pending");
  stage.is(stage.status()["serviceStatus"], "Running", "serviceStatus");
}

void config_changes_in_place(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  bool pending = false;
  stage.at_each_step([&] { pending = pending || !stage.pending().empty(); });
  stage.replace_config("price: 3", "price: 4");
  stage.apply_for(10s);
  stage.is(stage.puts(active).size(), 2U, "PUTs to the active cluster");
  stage.is(stage.puts().size(), 2U, "PUTs in all");
  stage.holds(!pending, "no pending name appears");
  stage.is(stage.active(), active, "active");
  stage.is(stage.ask("/fruit/", R"(["MANGO", 2])"), "8", "the answer");
}

void nothing_is_sent_when_nothing_changed(Stage& stage) {
  stage.run_service();
  stage.run(10min);
  stage.is(stage.puts().size(), 1U, "PUTs");
}

void services_stay_while_an_app_deploys(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  const Json before = stage.service(stage.serve_service());
  stage.replace_config("fruit.deployment_graph", "slow.deployment_graph");
  stage.apply_for(30s);
  stage.is(Stage::text(stage.status(), "/activeServiceStatus/applicationStatuses/fruit_app/status"),
           "DEPLOYING", "the application");
  stage.is(stage.service(stage.serve_service()), before, "the serve Service");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
  stage.is(stage.active(), active, "active");
}

void config_is_sent_again_after_a_head_restart(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  stage.fault("pods",
              {{"cluster", stage.space() + "/" + active}, {"pod", "head"}, {"action", "restart"}});
  stage.run(30s);
  const Json puts = stage.puts();
  stage.is(puts.size(), 2U, "PUTs");
  stage.is(Stage::at(puts, "/1/body"), Stage::at(puts, "/0/body"), "the second PUT");
  stage.is(stage.active(), active, "active");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
}

void refused_config_is_told_and_repeated(Stage& stage) {
  stage.run_service();
  stage.replace_config("num_replicas: 1", "num_replicas: wrong");
  stage.apply_for(20s);
  const Json puts = stage.puts();
  stage.holds(puts.size() > 2, "it is sent again");
  stage.is(Stage::at(puts, "/1/code"), 400, "the answer to the PUT");
  stage.holds(stage.events("FailedToUpdateServeApplications") > 0, "an Event says so");
  stage.is(stage.condition("ServeConfigAccepted"), "False, RefusedByRay", "ServeConfigAccepted");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
  stage.is(stage.ask("/fruit/", R"(["MANGO", 2])"), "6", "the answer");
}

void invalid_yaml_is_not_sent(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  stage.spec()["serveConfigV2"] = "applications: [";
  stage.apply_for(30s);
  stage.is(stage.puts().size(), 1U, "PUTs");
  stage.is(stage.events("InvalidServeConfig"), 1U, "Events");
  stage.is(stage.active(), active, "active");
  stage.is(stage.ask("/fruit/", R"(["MANGO", 2])"), "6", "the answer");
}

void restart_changes_nothing(Stage& stage) {
  stage.run_service();
  stage.crash();
  stage.run(30s);
  stage.is(stage.puts().size(), 1U, "PUTs after a restart");
  stage.stop();
  stage.platform().lose_log();
  stage.start();
  stage.run(30s);
  stage.holds(stage.puts().size() <= 2, "one PUT more at most, also without the log");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
}

void group_is_appended_in_place(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  const std::string head = object_uid(stage.head(active));
  stage.spec()["rayClusterConfig"]["workerGroupSpecs"].push_back(stage.another_group("second"));
  stage.apply_for(20s);
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  const Json groups = Stage::at(stage.cluster(active), "/spec/workerGroupSpecs");
  stage.is(groups.size(), 2U, "worker groups of the active cluster");
  stage.is(stage.workers(active).size(), 2U, "its workers");
  stage.is(object_uid(stage.head(active)), head, "its head");
}

void group_is_appended_to_the_pending_cluster(Stage& stage) {
  stage.run_service();
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.replace_config("fruit.deployment_graph", "slow.deployment_graph");
  stage.apply_for(10s);
  const std::string pending = stage.pending();
  stage.spec()["rayClusterConfig"]["workerGroupSpecs"].push_back(stage.another_group("second"));
  stage.apply_for(10s);
  stage.is(stage.pending(), pending, "pending");
  const Json groups = Stage::at(stage.cluster(pending), "/spec/workerGroupSpecs");
  stage.is(groups.size(), 2U, "worker groups of the pending cluster");
  stage.is(stage.clusters().size(), 2U, "the number of RayClusters");
}

}  // namespace

std::vector<Scenario> service_bootstrap() {
  using enum Tag;
  return {
      {1, Seed, "finalizer, then the pending name and conditions, then the cluster",
       finalizer_comes_first,
       different(
           "the finalizer comes first; the name is in the log before the cluster is made, and in "
           "the status right after")},
      {2, Seed, "one cluster with owner, labels and annotations", one_cluster_is_made,
       different("it is named `<rayservice>-raycluster-<5>`, as in the guide")},
      {3, Seed, "Ready head without applications: one PUT of the config, one Event",
       config_is_sent_once_head_is_ready, same()},
      {4, Seed, "all applications RUNNING: both Services, then Ready and Running",
       services_come_when_apps_run, same()},
      {5, Seed, "only `serveConfigV2` changed: one PUT to the same cluster",
       config_changes_in_place, same()},
      {6, Seed, "nothing changed: no further PUT", nothing_is_sent_when_nothing_changed, same()},
      {7, Seed, "a new application deploys in place: Services stay, Ready follows endpoints",
       services_stay_while_an_app_deploys, same()},
      {8, Seed, "head restarted without fault tolerance: the same config again",
       config_is_sent_again_after_a_head_restart, same()},
      {9, Seed, "PUT answered by 400: Warning, repeated, the service stays as it is",
       refused_config_is_told_and_repeated,
       different("the condition `ServeConfigAccepted` says it too")},
      {10, Plus, "config that is not YAML: no PUT, Warning, the cluster stays",
       invalid_yaml_is_not_sent, same()},
      {11, Plus, "operator restarted: one redundant PUT at most, no new cluster",
       restart_changes_nothing, different("no redundant PUT")},
      {12, Seed, "worker group appended: the active cluster changes in place",
       group_is_appended_in_place, same()},
      {13, Seed, "worker group appended during an upgrade: the pending cluster changes in place",
       group_is_appended_to_the_pending_cluster, same()},
  };
}

}  // namespace raycord
