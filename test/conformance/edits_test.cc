// The guide's RayService runs, one thing is edited, and what follows is as the reference says
// (rayservice-behaviour.md 3.3, 3.4, 3.10): in both versions of the resource.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/conformance/stage.h"

namespace raycord {
namespace {

using Json = Stage::Json;

// What follows an edit.
const char* const kNothing = "nothing";
const char* const kConfig = "the config is sent to the running cluster";
const char* const kInPlace = "the running cluster's spec is changed";
const char* const kNewCluster = "a new cluster takes over";
const char* const kInvalid = "it is called invalid, the service runs on";
const char* const kSuspended = "everything is taken down";

struct Edit {
  const char* name;
  const char* follows;
  std::function<void(Stage&)> make;
  bool v1_only = false;  // The field does not exist in v1alpha1.
};

Json& cluster(Stage& stage) { return stage.spec()["rayClusterConfig"]; }
Json& head(Stage& stage) { return cluster(stage)["headGroupSpec"]; }
Json& head_pod(Stage& stage) { return head(stage)["template"]["spec"]; }
Json& worker_pod(Stage& stage) { return stage.group()["template"]["spec"]; }
Json& groups(Stage& stage) { return cluster(stage)["workerGroupSpecs"]; }

// Sets a member of the manifest.
std::function<void(Stage&)> set(const char* pointer, const Json& value) {
  return [=](Stage& stage) { stage.manifest()[Json::json_pointer(pointer)] = value; };
}

std::function<void(Stage&)> config(const char* old_text, const char* new_text) {
  return [=](Stage& stage) { stage.replace_config(old_text, new_text); };
}

const char* const kNewApp =
    "applications:\n  - name: more\n    import_path: fruit.deployment_graph\n"
    "    route_prefix: /more\n";

std::vector<Edit> edits_of_the_config() {
  return {
      {"user_config", kConfig, config("price: 3", "price: 4")},
      {"num_replicas", kConfig, config("num_replicas: 1", "num_replicas: 2")},
      {"route_prefix", kConfig, config("route_prefix: /calc", "route_prefix: /math")},
      {"import_path", kConfig, config("fruit.deployment_graph", "other.deployment_graph")},
      {"an application added", kConfig, config("applications:\n", kNewApp)},
      {"ray_actor_options", kConfig, config("num_cpus: 0.1", "num_cpus: 0.2")},
      {"a comment in the config", kNothing, config("price: 3", "price: 3  # three")},
      {"serveConfigV2 that is no YAML", kNothing, set("/spec/serveConfigV2", "applications: [")},
  };
}

std::vector<Edit> edits_without_effect() {
  const Json toleration = {{{"key", "gpu"}, {"operator", "Exists"}}};
  const Json gate = {{{"name", "example.com/wait"}}};
  return {
      {"replicas", kNothing, [](Stage& s) { s.group()["replicas"] = 3; }},
      {"minReplicas", kNothing, [](Stage& s) { s.group()["minReplicas"] = 0; }},
      {"maxReplicas", kNothing, [](Stage& s) { s.group()["maxReplicas"] = 9; }},
      {"workersToDelete", kNothing,
       [](Stage& s) {
         s.group()["scaleStrategy"] = {{"workersToDelete", {"some-pod"}}};
       }},
      {"tolerations of workers", kNothing,
       [=](Stage& s) { worker_pod(s)["tolerations"] = toleration; }},
      {"tolerations of the head", kNothing,
       [=](Stage& s) { head_pod(s)["tolerations"] = toleration; }},
      {"schedulingGates", kNothing, [=](Stage& s) { worker_pod(s)["schedulingGates"] = gate; }},
      {"rayClusterConfig.suspend", kNothing, set("/spec/rayClusterConfig/suspend", true)},
      {"a default written out", kNothing, [](Stage& s) { s.group()["numOfHosts"] = 1; }},
      {"a quantity in other words", kNothing,
       [](Stage& s) { s.head_container()["resources"]["limits"]["cpu"] = "2000m"; }},
      {"serviceUnhealthySecondThreshold", kNothing,
       set("/spec/serviceUnhealthySecondThreshold", 800)},
      {"deploymentUnhealthySecondThreshold", kNothing,
       set("/spec/deploymentUnhealthySecondThreshold", 200)},
      {"serveService", kNothing,
       [](Stage& s) {
         s.spec()["serveService"] = {{"metadata", {{"name", "rayservice-sample-serve-svc"}}},
                                     {"spec", {{"type", "LoadBalancer"}}}};
       }},
      {"a label of the RayService", kNothing, set("/metadata/labels", {{"team", "fruit"}})},
      {"an annotation of the RayService", kNothing, set("/metadata/annotations/team", "fruit")},
      {"rayClusterDeletionDelaySeconds", kNothing, set("/spec/rayClusterDeletionDelaySeconds", 5),
       true},
      {"upgradeStrategy NewCluster", kNothing, set("/spec/upgradeStrategy/type", "NewCluster"),
       true},
      {"excludeHeadPodFromServeSvc", kNothing, set("/spec/excludeHeadPodFromServeSvc", true), true},
      {"managedBy KubeRay", kNothing, set("/spec/managedBy", "ray.io/kuberay-operator"), true},
      {"managedBy another", kNothing, set("/spec/managedBy", "kueue.x-k8s.io/multikueue"), true},
  };
}

std::vector<Edit> edits_of_pods() {
  const Json variable = {{{"name", "A"}, {"value", "b"}}};
  const Json affinity = {{"nodeAffinity", Json::object()}};
  return {
      {"image of the head", kNewCluster, [](Stage& s) { s.head_container()["image"] = "ray:2"; }},
      {"image of workers", kNewCluster, [](Stage& s) { s.worker_container()["image"] = "ray:2"; }},
      {"env of the head", kNewCluster, [=](Stage& s) { s.head_container()["env"] = variable; }},
      {"env of workers", kNewCluster, [=](Stage& s) { s.worker_container()["env"] = variable; }},
      {"resources of the head", kNewCluster,
       [](Stage& s) { s.head_container()["resources"]["limits"]["memory"] = "3Gi"; }},
      {"resources of workers", kNewCluster,
       [](Stage& s) { s.worker_container()["resources"]["limits"]["cpu"] = 2; }},
      {"ports", kNewCluster,
       [](Stage& s) {
         s.head_container()["ports"].push_back({{"name", "more"}, {"containerPort", 1234}});
       }},
      {"command", kNewCluster, [](Stage& s) { s.worker_container()["command"] = {"true"}; }},
      {"nodeSelector", kNewCluster,
       [](Stage& s) {
         head_pod(s)["nodeSelector"] = {{"a", "b"}};
       }},
      {"priorityClassName", kNewCluster,
       [](Stage& s) { worker_pod(s)["priorityClassName"] = "high"; }},
      {"serviceAccountName", kNewCluster,
       [](Stage& s) { head_pod(s)["serviceAccountName"] = "default"; }},
      {"a volume", kNewCluster,
       [](Stage& s) {
         head_pod(s)["volumes"] = {{{"name", "data"}, {"emptyDir", Json::object()}}};
       }},
      {"a label of the head's template", kNewCluster,
       [](Stage& s) {
         head(s)["template"]["metadata"]["labels"] = {{"a", "b"}};
       }},
      {"an annotation of the workers' template", kNewCluster,
       [](Stage& s) {
         s.group()["template"]["metadata"]["annotations"] = {{"a", "b"}};
       }},
      {"terminationGracePeriodSeconds", kNewCluster,
       [](Stage& s) { worker_pod(s)["terminationGracePeriodSeconds"] = 60; }},
      {"an init container", kNewCluster,
       [](Stage& s) {
         worker_pod(s)["initContainers"] = {{{"name", "i"}, {"image", "i:1"}}};
       }},
  };
}

std::vector<Edit> edits_of_the_cluster() {
  return {
      {"rayVersion", kNewCluster, set("/spec/rayClusterConfig/rayVersion", "2.53.0")},
      {"rayStartParams of the head", kNewCluster,
       [](Stage& s) { head(s)["rayStartParams"]["num-cpus"] = "1"; }},
      {"rayStartParams of workers", kNewCluster,
       [](Stage& s) { s.group()["rayStartParams"]["num-cpus"] = "1"; }},
      {"serviceType", kNewCluster, [](Stage& s) { head(s)["serviceType"] = "NodePort"; }},
      {"headServiceAnnotations", kNewCluster,
       set("/spec/rayClusterConfig/headServiceAnnotations", {{"a", "b"}})},
      {"enableInTreeAutoscaling", kNewCluster,
       set("/spec/rayClusterConfig/enableInTreeAutoscaling", true)},
      {"enableIngress", kNewCluster, [](Stage& s) { head(s)["enableIngress"] = true; }},
      {"numOfHosts", kNewCluster, [](Stage& s) { s.group()["numOfHosts"] = 2; }},
      {"resources of a group", kNewCluster,
       [](Stage& s) {
         s.group()["resources"] = {{"CPU", "1"}};
       },
       true},
      {"a group renamed", kNewCluster, [](Stage& s) { s.group()["groupName"] = "other"; }},
      {"the group removed", kNewCluster, [](Stage& s) { groups(s) = Json::array(); }},
      {"a group prepended", kNewCluster,
       [](Stage& s) {
         groups(s) = {s.another_group("first"), s.group()};
       }},
      {"a group appended", kInPlace,
       [](Stage& s) { groups(s).push_back(s.another_group("second")); }},
      {"a group appended, replicas of the first edited", kInPlace,
       [](Stage& s) {
         groups(s).push_back(s.another_group("second"));
         s.group()["replicas"] = 2;
       }},
      {"a group appended, image of the first edited", kNewCluster,
       [](Stage& s) {
         groups(s).push_back(s.another_group("second"));
         s.worker_container()["image"] = "ray:2";
       }},
      {"config and rayVersion together", kNewCluster,
       [](Stage& s) {
         s.replace_config("price: 3", "price: 4");
         cluster(s)["rayVersion"] = "2.53.0";
       }},
      {"rayVersion with strategy None", kNothing,
       [](Stage& s) {
         s.spec()["upgradeStrategy"] = {{"type", "None"}};
         cluster(s)["rayVersion"] = "2.53.0";
       },
       true},
      {"config and rayVersion with strategy None", kConfig,
       [](Stage& s) {
         s.spec()["upgradeStrategy"] = {{"type", "None"}};
         s.replace_config("price: 3", "price: 4");
         cluster(s)["rayVersion"] = "2.53.0";
       },
       true},
      {"suspend", kSuspended, set("/spec/suspend", true), true},
  };
}

std::vector<Edit> invalid_edits() {
  return {
      {"unknown upgradeStrategy", kInvalid, set("/spec/upgradeStrategy/type", "Sideways"), true},
      {"strategy of the RayCluster", kInvalid,
       set("/spec/rayClusterConfig/upgradeStrategy", {{"type", "Recreate"}}), true},
      {"name of the head Service", kInvalid,
       [](Stage& s) {
         head(s)["headService"] = {{"metadata", {{"name", "mine"}}}};
       }},
      {"minimum above the maximum", kInvalid, [](Stage& s) { s.group()["minReplicas"] = 9; }},
      {"initializing timeout", kInvalid,
       set("/metadata/annotations/ray.io~1initializing-timeout", "soon")},
      {"labels as a start parameter", kInvalid,
       [](Stage& s) { head(s)["rayStartParams"]["labels"] = "a=b"; }},
      {"resources said twice", kInvalid,
       [](Stage& s) {
         s.group()["resources"] = {{"CPU", "1"}};
         s.group()["rayStartParams"]["num-cpus"] = "1";
       },
       true},
      {"token with an old Ray", kInvalid,
       [](Stage& s) {
         cluster(s)["authOptions"] = {{"mode", "token"}};
         cluster(s)["rayVersion"] = "2.51.0";
       },
       true},
  };
}

struct Case {
  Edit edit;
  std::string version;
};

void PrintTo(const Case& played, std::ostream* out) {
  *out << played.edit.name << " in " << played.version;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto& edits : {edits_of_the_config(), edits_without_effect(), edits_of_pods(),
                            edits_of_the_cluster(), invalid_edits()}) {
    for (const Edit& edit : edits) {
      cases.push_back({edit, "ray.io/v1"});
      if (!edit.v1_only) cases.push_back({edit, "ray.io/v1alpha1"});
    }
  }
  return cases;
}

// What followed, in the words above; or what was seen, when it is none of them.
std::string outcome(Stage& stage, const std::string& old, const Json& spec, std::size_t puts) {
  const std::vector<std::string> clusters = stage.clusters();
  if (clusters.empty()) return kSuspended;
  if (stage.active() != old) {
    const bool fresh = stage.puts(old).size() == puts && clusters.size() <= 2;
    return fresh ? kNewCluster : "the old cluster was sent a config too, or there are too many";
  }
  if (clusters.size() != 1) return "there is a second cluster, which does not take over";
  const bool same = Stage::at(stage.cluster(old), "/spec") == spec;
  const bool sent = stage.puts(old).size() != puts;
  if (stage.condition("Ready") == "False, ValidationFailed") {
    return same && !sent ? kInvalid : "it is called invalid, and something is done";
  }
  if (same) return sent ? kConfig : kNothing;
  return sent ? "both config and spec of the running cluster" : kInPlace;
}

class Edits : public testing::TestWithParam<Case> {};

TEST_P(Edits, AreFollowedByWhatTheReferenceSays) {
  const auto& [edit, version] = GetParam();
  Stage stage;
  stage.manifest()["apiVersion"] = version;
  stage.run_service();
  const std::string old = stage.active();
  const Json spec = Stage::at(stage.cluster(old), "/spec");
  const std::size_t puts = stage.puts(old).size();
  edit.make(stage);
  stage.apply_for(Millis(30'000));
  EXPECT_EQ(outcome(stage, old, spec, puts), edit.follows);
  EXPECT_THAT(stage.unmet(), testing::IsEmpty());
  EXPECT_THAT(stage.broken(), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Manifests, Edits, testing::ValuesIn(all_cases()));

}  // namespace
}  // namespace raycord
