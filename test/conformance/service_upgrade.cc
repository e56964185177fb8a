// RayService 14 to 27: upgrades without an interruption.

#include <algorithm>
#include <set>

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void upgrade(Stage& stage) {
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.apply_for(500ms);
}

// The new cluster's application stays DEPLOYING.
void upgrade_slowly(Stage& stage) {
  stage.replace_config("fruit.deployment_graph", "slow.deployment_graph");
  upgrade(stage);
  stage.run(20s);
}

std::string head_service_cluster(Stage& stage) {
  return Stage::text(stage.service("rayservice-sample-head-svc"), "/spec/selector/ray.io~1cluster");
}

void changed_version_prepares_a_cluster(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  upgrade(stage);
  stage.within(
      "a pending name is shown", [&] { return !stage.pending().empty(); }, 3s);
  stage.holds(stage.pending() != active, "it is another one");
  stage.is(stage.condition("UpgradeInProgress"), "True, BothActivePendingClustersExist",
           "UpgradeInProgress");
  stage.is(stage.traffic(), active, "the serve Service's cluster");
  stage.is(head_service_cluster(stage), active, "the head Service's");
}

void services_stay_while_pending_deploys(Stage& stage) {
  stage.run_service();
  const Json before = stage.service(stage.serve_service());
  const Json head_before = stage.service("rayservice-sample-head-svc");
  upgrade_slowly(stage);
  stage.is(stage.service(stage.serve_service()), before, "the serve Service");
  stage.is(stage.service("rayservice-sample-head-svc"), head_before, "the head Service");
}

void services_switch_when_all_run(Stage& stage) {
  stage.run_service();
  upgrade(stage);
  stage.within("traffic moves", [&] { return stage.traffic() != stage.active(); });
  stage.run(2s);
  stage.is(stage.active(), stage.traffic(), "active");
  stage.is(head_service_cluster(stage), stage.active(), "the head Service's cluster");
  stage.is(stage.pending(), "", "pending");
  stage.is(stage.condition("UpgradeInProgress"), "False, NoPendingCluster", "UpgradeInProgress");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
}

void new_config_goes_to_the_pending_cluster_only(Stage& stage) {
  stage.run_service();
  const std::string old = stage.active();
  stage.replace_config("price: 3", "price: 4");
  upgrade(stage);
  stage.run(20s);
  stage.is(stage.puts(old).size(), 1U, "PUTs to the old cluster");
  stage.is(stage.puts(stage.active()).size(), 1U, "PUTs to the new one");
  stage.holds(stage.active() != old, "the upgrade is through");
  stage.is(stage.ask("/fruit/", R"(["MANGO", 2])"), "8", "the answer");
}

void another_change_takes_another_cluster(Stage& stage) {
  stage.run_service();
  upgrade_slowly(stage);
  const std::string first = stage.pending();
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.101.0";
  stage.apply_for(5s);
  stage.holds(!stage.pending().empty() && stage.pending() != first, "pending has another name");
  const auto names = stage.clusters();
  stage.is(std::count(names.begin(), names.end(), first), 0, "clusters of the first name");
  stage.is(names.size(), 2U, "the number of RayClusters");
}

void cluster_is_made_of_the_newest_spec(Stage& stage) {
  stage.run_service();
  stage.fault("faults", {{"target", "apiserver"},
                         {"mode", "error"},
                         {"method", "POST"},
                         {"path", stage.home("rayclusters")}});
  upgrade(stage);
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.101.0";
  stage.apply_for(3s);
  stage.fault("faults", {{"target", "apiserver"}, {"mode", "clear"}});
  stage.within("the cluster is made", [&] { return stage.clusters().size() == 2; });
  stage.run(2s);
  stage.is(Stage::text(stage.cluster(stage.pending()), "/spec/rayVersion"), "2.101.0",
           "rayVersion");
}

void change_nothing_but_the_config(Stage& stage) {
  const std::string active = stage.active();
  const Json before = Stage::at(stage.cluster(active), "/spec");
  stage.replace_config("price: 3", "price: 4");
  upgrade(stage);
  stage.run(20s);
  stage.is(Stage::at(stage.cluster(active), "/spec"), before, "the RayCluster's spec");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  stage.is(stage.puts(active).size(), 2U, "PUTs");
  stage.is(stage.ask("/fruit/", R"(["MANGO", 2])"), "8", "the answer");
}

void strategy_none(Stage& stage) {
  stage.spec()["upgradeStrategy"] = {{"type", "None"}};
  stage.run_service();
  change_nothing_but_the_config(stage);
}

void zero_downtime_is_off(Stage& stage) {
  stage.options().options.zero_downtime = false;
  stage.run_service();
  change_nothing_but_the_config(stage);
  stage.spec()["upgradeStrategy"] = {{"type", "NewCluster"}};
  const std::string active = stage.active();
  stage.apply_for(20s);
  stage.holds(stage.active() != active, "with type NewCluster an upgrade happens");
}

void other_groups_take_a_new_cluster(Stage& stage) {
  Json& groups = stage.spec()["rayClusterConfig"]["workerGroupSpecs"];
  groups.push_back(stage.another_group("second"));
  stage.spec()["rayClusterDeletionDelaySeconds"] = 1;
  stage.apply();
  stage.within("the RayService is Ready",
               [&] { return stage.condition("Ready").starts_with("True"); });
  const Json one = groups[0];
  const Json two = groups[1];
  Json renamed = two;
  renamed["groupName"] = "other";
  const std::vector<Json> changes = {{two, one}, {two, renamed}, {one, two, renamed}, {one, two}};
  for (const Json& change : changes) {
    const std::string active = stage.active();
    groups = change;
    stage.apply_for(20s);
    stage.holds(stage.active() != active, "a new cluster for " + std::to_string(change.size()));
  }
}

void old_heads_proxy_fails_in_an_upgrade(Stage& stage) {
  stage.group()["replicas"] = 0;
  stage.group()["minReplicas"] = 0;
  stage.apply();
  stage.within("the RayService is Ready",
               [&] { return stage.condition("Ready").starts_with("True"); });
  const std::string old = stage.active();
  upgrade_slowly(stage);
  stage.fault("faults",
              {{"cluster", stage.space() + "/" + old}, {"target", "serve"}, {"mode", "error"}});
  stage.run(20s);
  stage.is(label_of(stage.head(old), "ray.io/serve"), "false", "the old head's label");
  stage.is(stage.condition("Ready"), "False, ZeroServeEndpoints", "Ready");
  stage.replace_config("slow.deployment_graph", "fruit.deployment_graph");
  stage.apply_for(30s);
  stage.holds(stage.active() != old, "the upgrade is through");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready again");
}

void reverted_upgrade_is_cancelled(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  const std::size_t puts = stage.puts(active).size();
  upgrade(stage);
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.52.1";
  stage.apply_for(20s);
  stage.is(stage.active(), active, "active");
  stage.is(stage.pending(), "", "pending");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
  stage.is(stage.puts(active).size(), puts, "PUTs");
  stage.is(stage.events("UpgradeCancelled"), 1U, "Events");
}

void deleted_active_cluster_is_replaced(Stage& stage) {
  stage.spec()["upgradeStrategy"] = {{"type", "None"}};
  stage.run_service();
  const std::string old = stage.active();
  stage.remove(stage.home("rayclusters") + "/" + old);
  stage.run(30s);
  stage.holds(!stage.active().empty() && stage.active() != old, "another cluster serves");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
}

void no_request_fails(Stage& stage) {
  stage.run_service();
  const std::string old = stage.active();
  int asked = 0;
  int failed = 0;
  stage.at_each_step([&] {
    const std::string answer = stage.ask("/fruit/", R"(["MANGO", 2])");
    ++asked;
    if (answer != "6") ++failed;
  });
  upgrade(stage);
  stage.run(2min);
  stage.holds(stage.active() != old && stage.clusters().size() == 1, "the upgrade is through");
  stage.holds(asked > 200, "there was load");
  stage.is(failed, 0, "failed requests");
}

void pending_never_ready(Stage& stage) {
  stage.run_service();
  const std::string active = stage.active();
  stage.head_container()["image"] = "rayproject/no-such-image";
  stage.apply_for(10min);
  stage.is(stage.condition("UpgradeInProgress"), "True, BothActivePendingClustersExist",
           "UpgradeInProgress");
  std::set<std::string> given_up;  // An API server forgets Events after an hour.
  for (int quarter = 0; quarter < 8; ++quarter) {
    stage.run(15min);
    for (const Json& event : stage.items(stage.home("events"))) {
      if (event["reason"] == "PendingClusterGivenUp") given_up.insert(object_name(event));
    }
  }
  stage.is(stage.active(), active, "active");
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
  stage.is(stage.ask("/fruit/", R"(["MANGO", 2])"), "6", "the answer");
  stage.is(given_up.size(), 3U, "attempts given up");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
}

}  // namespace

std::vector<Scenario> service_upgrade() {
  using enum Tag;
  return {
      {14, Seed, "`rayVersion` changed: a pending cluster, Services stay",
       changed_version_prepares_a_cluster, same()},
      {15, Seed, "pending applications deploy: no Service changes",
       services_stay_while_pending_deploys, same()},
      {16, Seed, "pending applications RUNNING: both Services switch, then the roles",
       services_switch_when_all_run,
       different("the head Service first, the serve Service when that is done; enough serving pods "
                 "must be Ready")},
      {17, Seed,
       "config and cluster spec changed together: the config goes to the new cluster only",
       new_config_goes_to_the_pending_cluster_only, same()},
      {18, Seed, "spec changed again in an upgrade: another pending cluster",
       another_change_takes_another_cluster,
       different(
           "the superseded cluster, which never served, is deleted first: there are never three")},
      {19, Seed, "spec changed before the pending cluster exists: made of the newest spec",
       cluster_is_made_of_the_newest_spec, same()},
      {20, Seed, "strategy `None`: the cluster stays, the config changes in place", strategy_none,
       same()},
      {21, Seed, "`ENABLE_ZERO_DOWNTIME=false` is as `None`; type `NewCluster` beats it",
       zero_downtime_is_off, same()},
      {22, Seed, "worker groups removed, renamed, reordered or prepended: a new cluster",
       other_groups_take_a_new_cluster, same()},
      {23, Seed, "the old head's proxy fails in an upgrade: not Ready, and Ready again after it",
       old_heads_proxy_fails_in_an_upgrade, same()},
      {24, Plus, "upgrade reverted", reverted_upgrade_is_cancelled,
       different("it is cancelled: KubeRay builds a third cluster like the active one")},
      {25, Plus, "active cluster deleted by somebody, strategy `None`: a new one all the same",
       deleted_active_cluster_is_replaced, same()},
      {26, Plus, "load during an upgrade: no request fails", no_request_fails, same()},
      {27, Plus, "pending cluster never ready: the active one serves on", pending_never_ready,
       different(
           "it is given up after a limit and tried again, three times, with back-off: KubeRay "
           "waits for ever")},
  };
}

}  // namespace raycord
