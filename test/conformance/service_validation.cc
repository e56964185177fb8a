// RayService 64 to 68 and 72: bad input, other managers, timeouts, how Ray is reached.

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void expect_invalid(Stage& stage, const std::string& reason, const std::string& field) {
  stage.apply_for(10s);
  stage.is(stage.condition("Ready"), "False, ValidationFailed", "Ready, " + field);
  stage.is(stage.clusters().size(), 0U, "RayClusters, " + field);
  stage.holds(stage.events(reason) > 0, "an Event " + reason + ", " + field);
  stage.holds(stage.event_note(reason).find(field) != std::string::npos, "it names " + field);
  stage.remove(stage.path());
  stage.run(5s);
}

void bad_names(Stage& stage) {
  stage.manifest()["metadata"]["name"] = std::string(48, 'a');
  expect_invalid(stage, "InvalidRayServiceMetadata", "metadata.name");
  stage.manifest()["metadata"]["name"] = "1st";
  expect_invalid(stage, "InvalidRayServiceMetadata", "metadata.name");
}

void bad_specs(Stage& stage) {
  const Json good = stage.manifest();
  const auto with = [&](const char* pointer, const Json& value, const char* name) {
    stage.manifest() = good;
    stage.manifest()["metadata"]["name"] = name;
    stage.manifest()[Json::json_pointer(pointer)] = value;
  };
  with("/spec/rayClusterConfig/headGroupSpec/headService", {{"metadata", {{"name", "mine"}}}}, "a");
  expect_invalid(stage, "InvalidRayServiceSpec", "headService.metadata.name");
  with("/spec/upgradeStrategy", {{"type", "Sideways"}}, "b");
  expect_invalid(stage, "InvalidRayServiceSpec", "spec.upgradeStrategy.type");
  with("/spec/rayClusterConfig/authOptions", {{"mode", "token"}, {"enableK8sTokenAuth", true}},
       "c");
  expect_invalid(stage, "InvalidRayServiceSpec", "enableK8sTokenAuth");
  with("/spec/upgradeStrategy",
       {{"type", "NewClusterWithIncrementalUpgrade"},
        {"clusterUpgradeOptions",
         {{"maxSurgePercent", 10},
          {"stepSizePercent", 20},
          {"intervalSeconds", 1},
          {"gatewayClassName", "g"}}}},
       "d");
  stage.spec()["rayClusterConfig"]["enableInTreeAutoscaling"] = true;
  expect_invalid(stage, "InvalidRayServiceSpec", "stepSizePercent");
}

void edited_to_be_invalid(Stage& stage) {
  stage.run_service();
  stage.spec()["upgradeStrategy"] = {{"type", "Sideways"}};
  stage.apply_for(10s);
  stage.is(stage.condition("Ready"), "False, ValidationFailed", "Ready");
  stage.is(stage.ask("/fruit/", R"(["MANGO", 2])"), "6", "the answer");
  stage.spec()["upgradeStrategy"] = {{"type", "NewCluster"}};
  stage.apply_for(10s);
  stage.is(stage.condition("Ready"), "True, NonZeroServeEndpoints", "Ready after the fix");
  stage.is(stage.clusters().size(), 1U, "the number of RayClusters");
}

void managed_by_another(Stage& stage) {
  stage.spec()["managedBy"] = "kueue.x-k8s.io/multikueue";
  stage.apply_for(30s);
  const Json object = stage.object();
  stage.is(Stage::at(object, "/metadata/finalizers"), Json(), "finalizers");
  stage.is(Stage::at(object, "/status/conditions"), Json(), "conditions");
  stage.is(stage.clusters().size(), 0U, "the number of RayClusters");
}

void initializing_timeout(Stage& stage) {
  stage.annotate("ray.io/initializing-timeout", "10s");
  stage.head_container()["image"] = "rayproject/no-such-image";
  stage.apply_for(15s);
  stage.is(stage.condition("Ready"), "False, InitializingTimeout", "Ready");
  stage.is(stage.events("RayServiceInitializingTimeout"), 1U, "Events");
  stage.is(stage.active() + stage.pending(), "", "cluster names");
  stage.head_container()["image"] = "rayproject/ray:2.52.1";
  stage.apply_for(2min);
  stage.is(stage.clusters().size(), 0U, "the number of RayClusters");
  stage.is(stage.condition("Ready"), "False, InitializingTimeout", "Ready after an edit");
}

void ray_through_the_api_server(Stage& stage) {
  stage.options().through_api_server = true;
  stage.options().sandbox.journal = true;
  stage.run_service();
  const std::string dashboard = "/services/" + stage.active() + "-head-svc:dashboard/proxy/";
  bool seen = false;
  const Json journal = Json::parse(stage.platform().control("GET", "journal").body);
  for (const Json& entry : journal["entries"]) {
    const bool put = entry["method"] == "PUT";
    const std::string path = entry["path"];
    seen = seen || (put && path.find(dashboard) != std::string::npos);
  }
  stage.holds(seen, "the config is PUT through " + dashboard);
  stage.is(label_of(stage.head(stage.active()), "ray.io/serve"), "true", "the head's label");
}

}  // namespace

std::vector<Scenario> service_validation() {
  using enum Tag;
  return {
      {64, Plus, "name too long, or not a DNS label: ValidationFailed, Warning, nothing made",
       bad_names, same()},
      {65, Plus,
       "headService name, unknown upgrade type, Kubernetes tokens, step above surge: invalid",
       bad_specs, same()},
      {66, Plus, "running service edited to be invalid: traffic goes on; fixed: Ready again",
       edited_to_be_invalid, same()},
      {67, Plus, "managed by MultiKueue: nothing happens", managed_by_another,
       different("that `managedBy` cannot be changed is a rule of the resource definition, which "
                 "`test/e2e/definitions.py` shows on a real API server")},
      {68, Plus, "`ray.io/initializing-timeout` passes: names cleared, clusters deleted, for good",
       initializing_timeout, same()},
      {72, Plus, "Ray through the API server's proxy; with a token, requests carry it",
       ray_through_the_api_server,
       different("shown here for the proxy; tokens in `test/adapters`, which see the headers")},
  };
}

}  // namespace raycord
