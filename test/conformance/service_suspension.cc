// RayService 69 to 71: suspend and resume.

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void suspended_service_is_gone(Stage& stage) {
  stage.run_service();
  bool suspending = false;
  stage.at_each_step([&] {
    suspending = suspending || stage.condition("Suspending") == "True, SuspendInProgress" ||
                 stage.condition("Suspending") == "True, SuspendRequested";
  });
  stage.spec()["suspend"] = true;
  stage.apply_for(20s);
  stage.holds(suspending, "Suspending is shown first");
  stage.is(stage.condition("Suspending"), "False, SuspendComplete", "Suspending");
  stage.is(stage.condition("Suspended"), "True, SuspendComplete", "Suspended");
  stage.is(stage.condition("Ready"), "False, SuspendComplete", "Ready");
  stage.is(stage.condition("UpgradeInProgress"), "False, SuspendComplete", "UpgradeInProgress");
  stage.is(stage.clusters().size(), 0U, "the number of RayClusters");
  stage.is(stage.service(stage.serve_service()), Json(), "the serve Service");
  stage.is(stage.service("rayservice-sample-head-svc"), Json(), "the head Service");
  stage.is(stage.active() + stage.pending(), "", "cluster names");
  stage.is(stage.status().value("numServeEndpoints", 0), 0, "numServeEndpoints");
  stage.is(stage.status().value("serviceStatus", ""), "", "serviceStatus");
}

void resumed_while_suspending(Stage& stage) {
  stage.run_service();
  const std::string old = stage.active();
  const std::string path = stage.home("rayclusters") + "/" + old;
  stage.patch(path, {{"metadata", {{"finalizers", {"example.com/wait"}}}}});
  stage.spec()["suspend"] = true;
  stage.apply_for(5s);
  stage.spec()["suspend"] = false;
  stage.apply_for(20s);
  stage.holds(stage.condition("Suspending").starts_with("True"), "Suspending until it is done");
  stage.is(stage.clusters().size(), 1U, "RayClusters until it is done");
  stage.patch(path, {{"metadata", {{"finalizers", nullptr}}}});
  stage.run(30s);
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready");
  stage.holds(stage.active() != old && !stage.active().empty(), "a new cluster serves");
}

void created_suspended(Stage& stage) {
  stage.spec()["suspend"] = true;
  bool made = false;
  stage.at_each_step([&] {
    made = made || !stage.clusters().empty() || !stage.items(stage.home("pods")).empty();
  });
  stage.apply_for(30s);
  stage.is(stage.condition("Suspended"), "True, SuspendComplete", "Suspended");
  stage.holds(!made, "nothing is made");
  stage.spec()["suspend"] = false;
  stage.run_service();
  stage.is(stage.condition("Suspended"), "False, RayServiceResumed", "Suspended");
  stage.spec()["rayClusterConfig"]["rayVersion"] = "2.100.0";
  stage.replace_config("fruit.deployment_graph", "slow.deployment_graph");
  stage.apply_for(10s);
  stage.is(stage.clusters().size(), 2U, "RayClusters in the upgrade");
  stage.spec()["suspend"] = true;
  stage.apply_for(20s);
  stage.is(stage.clusters().size(), 0U, "RayClusters after it was suspended");
}

}  // namespace

std::vector<Scenario> service_suspension() {
  using enum Tag;
  return {
      {69, Plus, "`suspend` on a Ready service: Suspending, then Suspended, everything gone",
       suspended_service_is_gone, same()},
      {70, Plus, "`suspend` taken back while a finalizer blocks: first done, then a new cluster",
       resumed_while_suspending, same()},
      {71, Plus, "created suspended: nothing is made; suspended in an upgrade: both clusters go",
       created_suspended, same()},
  };
}

}  // namespace raycord
