// RayCluster 56 to 65: the in-tree autoscaler, and suspend.

#include <algorithm>

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

void use_autoscaler(Stage& stage) {
  stage.use_cluster();
  stage.spec()["enableInTreeAutoscaling"] = true;
}

Json sidecar(const Json& head) {
  for (const Json& container : Stage::at(head, "/spec/containers")) {
    if (container["name"] == "autoscaler") return container;
  }
  return {};
}

bool mounts_logs(const Json& container) {
  for (const Json& mount : Stage::at(container, "/volumeMounts")) {
    if (mount["name"] == "ray-logs" && mount["mountPath"] == "/tmp/ray") return true;
  }
  return false;
}

void autoscaler_is_set_up(Stage& stage) {
  use_autoscaler(stage);
  stage.run_cluster();
  stage.holds(!stage.get(stage.home("serviceaccounts") + "/rc").is_null(), "a service account");
  const Json rules = Stage::at(stage.get(stage.home("roles") + "/rc"), "/rules");
  const std::string text = rules.dump();
  for (const char* word : {"pods", "pods/resize", "rayclusters", "patch"}) {
    stage.holds(text.find(word) != std::string::npos, std::string("the role knows ") + word);
  }
  const Json binding = stage.get(stage.home("rolebindings") + "/rc");
  stage.is(Stage::text(binding, "/roleRef/name"), "rc", "the binding's role");
  stage.is(Stage::text(binding, "/subjects/0/name"), "rc", "the binding's account");
  const Json head = stage.head();
  stage.is(Stage::text(head, "/spec/serviceAccountName"), "rc", "the head's account");
  stage.holds(
      Stage::text(container_of(head), "/args/0").find(" --no-monitor ") != std::string::npos,
      "--no-monitor");
  stage.holds(mounts_logs(container_of(head)) && mounts_logs(sidecar(head)), "both mount the logs");
}

void autoscaler_names_its_victim(Stage& stage) {
  use_autoscaler(stage);
  stage.group()["replicas"] = 3;
  stage.run_cluster();
  const std::string victim = object_name(stage.workers().at(1));
  stage.group()["replicas"] = 2;
  stage.group()["scaleStrategy"] = {{"workersToDelete", {victim}}};
  stage.apply_for(20s);
  const std::vector<Json> left = stage.workers();
  stage.is(left.size(), 2U, "workers");
  for (const Json& worker : left) stage.holds(object_name(worker) != victim, "it is the one named");
  stage.is(stage.events("DeletedWorkerPod"), 1U, "workers deleted");
  stage.is(Stage::at(stage.object(), "/spec/workerGroupSpecs/0/scaleStrategy/workersToDelete"),
           Json({victim}), "the field");
}

void lower_replicas_alone(Stage& stage) {
  use_autoscaler(stage);
  stage.group()["replicas"] = 3;
  stage.run_cluster();
  stage.group()["replicas"] = 1;
  stage.apply_for(30s);
  stage.is(stage.workers().size(), 3U, "workers");
}

void autoscaler_v2(Stage& stage) {
  use_autoscaler(stage);
  stage.spec()["autoscalerOptions"] = {{"version", "v2"}};
  stage.apply_for(5s);
  for (const Json& pod : stage.pods("rc")) {
    stage.is(Stage::text(pod, "/spec/restartPolicy"), "Never", "restartPolicy");
  }
  stage.is(Stage::text(env_of(container_of(stage.head()), "RAY_enable_autoscaler_v2"), "/value"),
           "true", "RAY_enable_autoscaler_v2");
  stage.manifest()["metadata"]["name"] = "rc2";
  stage.group()["template"]["spec"]["restartPolicy"] = "Always";
  stage.apply_for(5s);
  stage.is(stage.pods("rc2").size(), 0U, "pods of the invalid one");
  stage.is(stage.events("InvalidRayClusterSpec"), 1U, "Events");
}

void account_is_missing(Stage& stage) {
  use_autoscaler(stage);
  stage.spec()["headGroupSpec"]["template"]["spec"]["serviceAccountName"] = "mine";
  stage.apply_for(20s);
  stage.is(stage.pods("rc").size(), 0U, "pods without the account");
  stage.holds(stage.events("AutoscalerServiceAccountNotFound") > 0, "an Event says so");
  const Json account = {
      {"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", {{"name", "mine"}}}};
  stage.create(stage.home("serviceaccounts"), account);
  stage.within(
      "the cluster is ready", [&] { return stage.status()["state"] == "ready"; }, 6min);
  stage.is(Stage::text(stage.head(), "/spec/serviceAccountName"), "mine", "the head's account");
}

void sidecar_is_as_asked(Stage& stage) {
  use_autoscaler(stage);
  const Json resources = {{"limits", {{"cpu", "1"}}}, {"requests", {{"cpu", "1"}}}};
  stage.spec()["autoscalerOptions"] = {{"image", "mine/autoscaler:1"},
                                       {"resources", resources},
                                       {"env", {{{"name", "A"}, {"value", "b"}}}},
                                       {"args", {"--verbose"}}};
  stage.apply_for(5s);
  const Json made = sidecar(stage.head());
  stage.is(made["image"], "mine/autoscaler:1", "image");
  stage.is(made["resources"], resources, "resources");
  stage.is(Stage::text(env_of(made, "A"), "/value"), "b", "env");
  stage.is(made["args"], Json({"--verbose"}), "args");
}

// --- Suspend ---

void suspended(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  bool suspending = false;
  stage.at_each_step([&] {
    suspending = suspending || stage.condition("RayClusterSuspending").starts_with("True");
  });
  stage.spec()["suspend"] = true;
  stage.apply_for(20s);
  stage.holds(suspending, "Suspending is shown first");
  stage.is(stage.pods("rc").size(), 0U, "pods");
  stage.is(stage.condition("RayClusterSuspended"), "True, RayClusterSuspended", "Suspended");
  stage.is(stage.condition("RayClusterSuspending"), "False, RayClusterSuspending", "Suspending");
  stage.is(stage.condition("RayClusterProvisioned"), "False, RayClusterPodsProvisioning",
           "Provisioned");
  stage.is(stage.status()["state"], "suspended", "state");
  stage.holds(!stage.service("rc-head-svc").is_null(), "the head Service is kept");
}

void resumed_while_suspending(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  const Json worker = stage.workers().at(0);
  const std::string path = stage.home("pods") + "/" + object_name(worker);
  stage.patch(path, {{"metadata", {{"finalizers", {"example.com/wait"}}}}});
  stage.spec()["suspend"] = true;
  stage.apply_for(5s);
  stage.spec()["suspend"] = false;
  stage.apply_for(20s);
  stage.is(stage.pods("rc").size(), 1U, "pods until the deletion is complete");
  stage.holds(stage.condition("RayClusterSuspending").starts_with("True"), "Suspending goes on");
  stage.patch(path, {{"metadata", {{"finalizers", nullptr}}}});
  stage.within("the cluster is ready", [&] { return stage.pods("rc").size() == 2; });
  stage.run(20s);
  stage.holds(object_uid(stage.workers().at(0)) != object_uid(worker), "another worker");
  stage.is(stage.condition("RayClusterSuspended"), "False, RayClusterSuspended", "Suspended");
}

void resumed(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  stage.spec()["suspend"] = true;
  stage.apply_for(20s);
  stage.spec()["suspend"] = false;
  stage.apply_for(20s);
  stage.is(stage.condition("RayClusterSuspended"), "False, RayClusterSuspended", "Suspended");
  stage.is(stage.condition("RayClusterProvisioned"), "True, AllPodRunningAndReadyFirstTime",
           "Provisioned");
  stage.is(stage.pods("rc").size(), 2U, "pods");
  stage.is(stage.status()["state"], "ready", "state");
}

void created_suspended(Stage& stage) {
  stage.use_cluster();
  stage.spec()["suspend"] = true;
  std::size_t most = 0;
  stage.at_each_step([&] { most = std::max(most, stage.pods("rc").size()); });
  stage.apply_for(30s);
  stage.is(most, 0U, "pods ever");
  stage.is(stage.status()["state"], "suspended", "state");
}

}  // namespace

std::vector<Scenario> cluster_autoscaling() {
  using enum Tag;
  return {
      {56, Core, "autoscaler: account, role, binding, sidecar, logs", autoscaler_is_set_up, same()},
      {57, Core, "`workersToDelete`: exactly that one goes, the field stays",
       autoscaler_names_its_victim, same()},
      {58, Core, "autoscaler, replicas lowered without a name: nothing is deleted",
       lower_replicas_alone, same()},
      {59, Plus, "autoscaler v2: restartPolicy Never; another one is invalid", autoscaler_v2,
       same()},
      {60, Plus, "the user's service account is missing: no pods until it exists",
       account_is_missing, same()},
      {61, Plus, "`autoscalerOptions` shape the sidecar", sidecar_is_as_asked, same()},
      {62, Plus, "`suspend`: Suspending, then Suspended; Services are kept", suspended, same()},
      {63, Plus, "`suspend` taken back while Suspending: done first, then new pods",
       resumed_while_suspending, same()},
      {64, Plus, "resumed: pods again, Provisioned again", resumed, same()},
      {65, Plus, "created suspended: no pod is ever made", created_suspended, same()},
  };
}

}  // namespace raycord
