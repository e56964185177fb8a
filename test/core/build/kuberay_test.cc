// What we build from an observed RayCluster, field by field against what KubeRay 1.7 built.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/build/cluster.h"
#include "core/build/pod.h"
#include "core/build/service.h"
#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

using testing::ElementsAre;

Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

const Json& recorded() {
  static const Json kObjects =
      read_json(std::string(TEST_DATA) + "/core/build/data/kuberay_objects.json");
  return kObjects;
}

std::string label(const Json& object, const std::string& key) {
  const Json labels = object["metadata"].value("labels", Json::object());
  return labels.value(key, "");
}

// Builds the pod that was recorded, under its name.
Json rebuilt_pod(const Json& cluster, const Json& pod) {
  PodParameters parameters;
  parameters.name = pod["metadata"]["name"];
  parameters.intent = "abcde:1";
  if (label(pod, "ray.io/node-type") == "head") {
    return parsed(build_head_pod(cluster.dump(), parameters, {}));
  }
  parameters.group = label(pod, "ray.io/group");
  parameters.replica_index = std::stoi(label(pod, "ray.io/worker-group-replica-index"));
  return parsed(build_worker_pod(cluster.dump(), parameters, {}));
}

TEST(AgainstKubeRay, HeadPodsDifferInNameStampAndIntent) {
  EXPECT_THAT(
      differences(rebuilt_pod(recorded()["raycluster"], recorded()["head"]), recorded()["head"]),
      ElementsAre(
          R"(/metadata/annotations/ray.io/kuberay-version: built "raycord-0.1.0", recorded "nightly")",
          testing::StartsWith(
              "/metadata/annotations/ray.io/upgrade-strategy-recreate-hash: built null"),
          R"(/metadata/annotations/raycord.io/intent: built "abcde:1", recorded null)",
          R"(/metadata/generateName: built null, recorded "rayservice-sample-rjdnk-head-")",
          // KubeRay has switched it since.
          R"(/metadata/labels/ray.io/serve: built "false", recorded "true")",
          testing::EndsWith(
              R"(/value: built "kuberay_version=raycord-0.1.0;kuberay_crd=RayService", )"
              R"(recorded "kuberay_version=nightly;kuberay_crd=RayService")")));
}

TEST(AgainstKubeRay, WorkerPodsDifferInNameIntentAndTheWordsOfWaiting) {
  EXPECT_THAT(
      differences(rebuilt_pod(recorded()["raycluster"], recorded()["worker"]),
                  recorded()["worker"]),
      ElementsAre(
          R"(/metadata/annotations: built {"raycord.io/intent":"abcde:1"}, recorded null)",
          R"(/metadata/generateName: built null, recorded "rayservice-sample-rjdnk-small-group-worker-")",
          testing::StartsWith("/spec/initContainers/0/args/0: ")));
}

constexpr const char* kIntent =
    R"(/metadata/annotations: built {"raycord.io/intent":"abcde:1"}, recorded null)";
constexpr const char* kHeadless = R"(/spec/clusterIP: built null, recorded "None")";

TEST(AgainstKubeRay, HeadServicesDifferInTheirClusterIp) {
  const std::string service = recorded()["rayservice"].dump();
  const std::string cluster = recorded()["raycluster"].dump();
  EXPECT_THAT(differences(parsed(build_cluster_head_service(cluster, "abcde:1", {})),
                          recorded()["cluster_head_service"]),
              ElementsAre(kIntent, kHeadless));
  EXPECT_THAT(differences(parsed(build_service_head_service(service, cluster, "abcde:1", {})),
                          recorded()["service_head_service"]),
              ElementsAre(kIntent, kHeadless));
}

TEST(AgainstKubeRay, HeadServicesAreTheSameWithTheHeadlessOption) {
  BuildOptions options;
  options.headless_head_service = true;
  const std::string cluster = recorded()["raycluster"].dump();
  EXPECT_THAT(differences(parsed(build_cluster_head_service(cluster, "abcde:1", options)),
                          recorded()["cluster_head_service"]),
              ElementsAre(kIntent));
}

TEST(AgainstKubeRay, ServeServicesAreTheSame) {
  EXPECT_THAT(differences(parsed(build_serve_service(recorded()["rayservice"].dump(),
                                                     recorded()["raycluster"].dump(), "abcde:1")),
                          recorded()["serve_service"]),
              ElementsAre(kIntent));
}

TEST(AgainstKubeRay, ClustersDifferInStampsOnly) {
  ClusterParameters parameters;
  parameters.name = recorded()["raycluster"]["metadata"]["name"];
  parameters.intent = "abcde:1";
  const Json built = parsed(build_ray_cluster(recorded()["rayservice"].dump(), parameters, {}));
  std::vector<std::string> found = differences(built, recorded()["raycluster"]);
  std::erase_if(found, [](const std::string& line) {
    return line.find("/metadata/annotations/raycord.io/") == 0;
  });
  EXPECT_THAT(
      found,
      ElementsAre(
          testing::StartsWith("/metadata/annotations/"
                              "ray.io/hash-without-replicas-and-workers-to-delete: built null"),
          R"(/metadata/annotations/ray.io/kuberay-version: built "raycord-0.1.0", recorded "nightly")"));
}

// The whole recording, where it is at hand.

std::filesystem::path recordings() {
  const char* shared = std::getenv("RAYCORD_SHARED");
  const std::filesystem::path root =
      shared ? std::filesystem::path(shared) : std::filesystem::path(SOURCE_ROOT) / ".." / "shared";
  return root / "fixtures" / "kuberay";
}

std::vector<std::filesystem::path> recorded_steps() {
  std::vector<std::filesystem::path> steps;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(recordings(), error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > 2 && name[0] >= '0' && name[0] <= '9') steps.push_back(entry.path());
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

// Paths that may differ in any step; the tests above say how.
bool is_intended(const std::string& line) {
  static const std::set<std::string> kPaths = {
      "/metadata/annotations",
      "/metadata/annotations/ray.io/kuberay-version",
      "/metadata/annotations/ray.io/upgrade-strategy-recreate-hash",
      "/metadata/annotations/raycord.io/intent",
      "/metadata/generateName",
      "/metadata/labels/ray.io/serve",
      "/spec/initContainers/0/args/0"};
  const std::string path = line.substr(0, line.find(": built "));
  return kPaths.count(path) > 0 || line == kHeadless ||
         line.find("kuberay_version=raycord") != std::string::npos;
}

std::vector<std::string> surprises(const Json& built, const Json& object) {
  std::vector<std::string> found = differences(built, object);
  std::erase_if(found, is_intended);
  return found;
}

void expect_same_objects(const Json& step, const Json& cluster, const std::string& where) {
  const std::string name = cluster["metadata"]["name"];
  const std::string service = step["rayservices"][0].dump();
  for (const Json& pod : step["pods"]) {
    if (label(pod, "ray.io/cluster") != name) continue;
    EXPECT_THAT(surprises(rebuilt_pod(cluster, pod), pod), ElementsAre()) << where;
  }
  for (const Json& object : step["services"]) {
    if (object["spec"]["selector"]["ray.io/cluster"] != name) continue;
    Json built;
    if (object["metadata"]["ownerReferences"][0]["kind"] == "RayCluster") {
      built = parsed(build_cluster_head_service(cluster.dump(), "abcde:1", {}));
    } else if (label(object, "ray.io/node-type") == "head") {
      built = parsed(build_service_head_service(service, cluster.dump(), "abcde:1", {}));
    } else {
      built = parsed(build_serve_service(service, cluster.dump(), "abcde:1"));
    }
    EXPECT_THAT(surprises(built, object), ElementsAre()) << where;
  }
}

// What a RayCluster's maker adds to the spec, in short: its path and nothing of the values.
std::vector<std::string> cluster_surprises(const Json& step, const Json& cluster) {
  ClusterParameters parameters;
  parameters.name = cluster["metadata"]["name"];
  parameters.intent = "abcde:1";
  const Json built = parsed(build_ray_cluster(step["rayservices"][0].dump(), parameters, {}));
  std::vector<std::string> paths;
  for (const std::string& line : differences(built, cluster)) {
    paths.push_back(line.substr(0, line.find(": built ")));
  }
  std::erase_if(paths, [](const std::string& path) {
    return path.starts_with("/metadata/annotations/raycord.io/") ||
           path.starts_with("/metadata/annotations/ray.io/");
  });
  return paths;
}

const Json& newest_of(const Json& clusters) {
  return *std::max_element(clusters.begin(), clusters.end(), [](const Json& a, const Json& b) {
    return a["metadata"]["creationTimestamp"] < b["metadata"]["creationTimestamp"];
  });
}

TEST(AgainstKubeRay, EveryRecordedClusterIsWhatItsServiceAskedFor) {
  const std::vector<std::filesystem::path> steps = recorded_steps();
  if (steps.empty()) {
    GTEST_SKIP() << "no recordings in " << recordings() << "; set RAYCORD_SHARED";
  }
  std::set<std::string> found;
  for (const std::filesystem::path& path : steps) {
    const Json step = read_json(path);
    if (!step.contains("rayclusters") || step["rayclusters"].empty()) continue;
    for (const std::string& field : cluster_surprises(step, newest_of(step["rayclusters"]))) {
      found.insert(path.stem().string() + " " + field);
    }
  }
  EXPECT_THAT(found, ElementsAre(
                         // Edited after the cluster was made: it never reaches one that runs.
                         "2-replicas-edited /spec/workerGroupSpecs/0/replicas",
                         // Edited a moment ago: the cluster for it is not there yet.
                         "2-upgrading /spec/rayVersion"));
}

TEST(AgainstKubeRay, EveryRecordedStepIsBuiltTheSame) {
  const std::vector<std::filesystem::path> steps = recorded_steps();
  if (steps.empty()) {
    GTEST_SKIP() << "no recordings in " << recordings() << "; set RAYCORD_SHARED";
  }
  int clusters = 0;
  for (const std::filesystem::path& path : steps) {
    const Json step = read_json(path);
    for (const Json& cluster : step["rayclusters"]) {
      ++clusters;
      expect_same_objects(step, cluster, path.string());
    }
  }
  EXPECT_GT(clusters, 0);
}

}  // namespace
}  // namespace raycord::test
