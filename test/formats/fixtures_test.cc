// What KubeRay and Ray really said: recorded fixtures, skipped where they are not at hand
// (RAYCORD_SHARED names the folder).

#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "formats/message_keeper.h"
#include "formats/object_slice.h"
#include "formats/serve_answer.h"
#include "formats/serve_config.h"
#include "formats/status_json.h"
#include "test/formats/test_data.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

#define NEED_FIXTURES() \
  if (fixtures().empty()) GTEST_SKIP() << "no recorded fixtures: set RAYCORD_SHARED"

struct Step {
  std::string name;
  Json content;
};

std::vector<Step> kuberay_steps() {
  std::vector<Step> steps;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(fixtures() / "kuberay")) {
    if (!entry.is_regular_file() || entry.path().filename() == "timeline.json") continue;
    steps.push_back({entry.path().string(), Json::parse(read_text(entry.path()))});
  }
  return steps;
}

template <class T>
T slice(Kind kind, const Json& json) {
  const auto object = slice_object(kind, json.dump());
  EXPECT_TRUE(object) << (object ? "" : object.error().message);
  return object ? std::get<T>(*object) : T{};
}

Json find_named(const Json& list, const std::string& name) {
  for (const Json& object : list) {
    if (object["metadata"]["name"] == name) return object;
  }
  return nullptr;
}

TEST(KubeRayFixtures, EveryObjectIsReadAndValid) {
  NEED_FIXTURES();
  const std::map<std::string, Kind> kinds = {{"rayservices", Kind::RayService},
                                             {"rayclusters", Kind::RayCluster},
                                             {"pods", Kind::Pod},
                                             {"services", Kind::Service},
                                             {"endpointslices", Kind::EndpointSlice}};
  std::size_t read = 0;
  for (const Step& step : kuberay_steps()) {
    for (const auto& [list, kind] : kinds) {
      for (const Json& json : step.content[list]) {
        const auto object = slice_object(kind, json.dump());
        ASSERT_TRUE(object) << step.name << ": " << object.error().message;
        EXPECT_EQ(name_of(*object).name, json["metadata"]["name"]);
        if (const auto* service = std::get_if<RayServiceSlice>(&*object)) {
          EXPECT_EQ(service->invalid, Invalid{}) << step.name;
          EXPECT_EQ(service->serve_config.error, "") << step.name;
          EXPECT_TRUE(service->has_serve_port) << step.name;
        }
        if (const auto* cluster = std::get_if<RayClusterSlice>(&*object)) {
          EXPECT_EQ(cluster->invalid, Invalid{}) << step.name;
        }
        ++read;
      }
    }
  }
  EXPECT_GT(read, 100u);
}

TEST(KubeRayFixtures, ARayClusterHashesAsTheRayServiceItWasMadeFrom) {
  NEED_FIXTURES();
  std::size_t compared = 0;
  for (const Step& step : kuberay_steps()) {
    for (const Json& json : step.content["rayservices"]) {
      const auto service = slice<RayServiceSlice>(Kind::RayService, json);
      // While an upgrade runs, the pending cluster is the one made from the spec.
      const std::string name = service.status.pending.cluster.empty()
                                   ? service.status.active.cluster
                                   : service.status.pending.cluster;
      const Json found = find_named(step.content["rayclusters"], name);
      if (found.is_null()) continue;
      const auto cluster = slice<RayClusterSlice>(Kind::RayCluster, found);
      EXPECT_EQ(cluster.own_hashes, service.cluster_hashes) << step.name;
      EXPECT_EQ(cluster.spec_revision, service.cluster_hashes.back()) << step.name;
      EXPECT_EQ(cluster.stamped_groups, -1);
      ++compared;
    }
  }
  EXPECT_GE(compared, 10u);
}

TEST(KubeRayFixtures, OldAndNewClusterOfAnUpgradeHashDifferently) {
  NEED_FIXTURES();
  const Json step =
      Json::parse(read_text(fixtures() / "kuberay/zero-downtime-upgrade/3-switched.json"));
  ASSERT_EQ(step["rayclusters"].size(), 2u);
  EXPECT_NE(slice<RayClusterSlice>(Kind::RayCluster, step["rayclusters"][0]).own_hashes.back(),
            slice<RayClusterSlice>(Kind::RayCluster, step["rayclusters"][1]).own_hashes.back());
}

TEST(KubeRayFixtures, DesiredResourcesAreThoseOfTheStatus) {
  NEED_FIXTURES();
  std::size_t compared = 0;
  for (const Step& step : kuberay_steps()) {
    for (const Json& json : step.content["rayclusters"]) {
      const auto cluster = slice<RayClusterSlice>(Kind::RayCluster, json);
      if (cluster.status.state != "ready") continue;
      EXPECT_EQ(cluster.desired, cluster.status.desired) << step.name;
      ++compared;
    }
  }
  EXPECT_GE(compared, 10u);
}

TEST(KubeRayFixtures, TheBodyOfAPutIsWhatKubeRaySent) {
  NEED_FIXTURES();
  std::size_t compared = 0;
  for (const Step& step : kuberay_steps()) {
    if (step.content["rayservices"].empty() || step.content["puts"].empty()) continue;
    std::set<std::string> sent;
    for (const Json& put : step.content["puts"]) {
      if (put.contains("body")) {
        sent.insert(
            (put["body"].is_string() ? Json::parse(put["body"].get<std::string>()) : put["body"])
                .dump());
      }
    }
    const std::string yaml = step.content["rayservices"][0]["spec"]["serveConfigV2"];
    const auto body = serve_config_json(yaml);
    ASSERT_TRUE(body) << body.error().message;
    EXPECT_TRUE(sent.contains(Json::parse(*body).dump())) << step.name;
    ++compared;
  }
  EXPECT_GE(compared, 5u);
}

TEST(KubeRayFixtures, AStatusWrittenByUsReadsAsKubeRays) {
  NEED_FIXTURES();
  for (const Step& step : kuberay_steps()) {
    for (const Json& json : step.content["rayservices"]) {
      const auto service = slice<RayServiceSlice>(Kind::RayService, json);
      WriteServiceStatus write;
      write.status = service.status;
      const Json patch = Json::parse(ray_service_status_json(write, Time{}));
      const auto again = slice<RayServiceSlice>(Kind::RayService, json.patch(patch));
      EXPECT_EQ(again.status, service.status) << step.name;
    }
    for (const Json& json : step.content["rayclusters"]) {
      const auto cluster = slice<RayClusterSlice>(Kind::RayCluster, json);
      WriteClusterStatus write;
      write.status = cluster.status;
      Json patched = json.patch(Json::parse(ray_cluster_status_json(write, Time{})));
      EXPECT_EQ(slice<RayClusterSlice>(Kind::RayCluster, patched).status, cluster.status);
      // Field for field what KubeRay wrote.
      patched["status"]["lastUpdateTime"] = json["status"]["lastUpdateTime"];
      EXPECT_EQ(patched["status"], json["status"]) << step.name;
    }
  }
}

struct Recorded {
  Time at;
  std::string label;
  Json request;
  std::string body;
  bool is_get = false;
  int status = 0;
};

std::vector<Recorded> trace() {
  std::vector<Recorded> records;
  std::istringstream lines(read_text(fixtures() / "ray-serve-2.52.1-trace.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    const auto millis = static_cast<std::int64_t>(json["t"].get<double>() * 1000);
    records.push_back({Time(Millis(millis)), json["label"], json["request"], json["response"],
                       json["method"] == "GET", json["status"]});
  }
  return records;
}

TEST(RayTrace, EachDeployedConfigHashesAsTheOneThatWasPut) {
  NEED_FIXTURES();
  ServeConfig asked;
  std::size_t compared = 0;
  for (const Recorded& record : trace()) {
    if (!record.is_get) {
      if (record.status == 200) asked = read_serve_config(record.request.dump());
      ASSERT_EQ(asked.error, "");
      continue;
    }
    const auto answer = slice_serve_answer(record.body);
    ASSERT_TRUE(answer) << answer.error().message;
    for (const AppAnswer& app : answer->apps) {
      if (app.status == "DELETING") continue;
      ASSERT_TRUE(asked.apps.contains(app.name)) << app.name;
      EXPECT_EQ(app.config, asked.apps.at(app.name)) << app.name << " at " << record.label;
      ++compared;
    }
  }
  EXPECT_GT(compared, 30u);
}

TEST(RayTrace, SteadyPhasesHaveOneSliceEach) {
  NEED_FIXTURES();
  MessageKeeper keeper;
  std::vector<std::pair<std::string, ServeAnswer>> runs;
  for (const Recorded& record : trace()) {
    if (!record.is_get || record.status != 200) continue;
    auto answer = slice_serve_answer(record.body);
    ASSERT_TRUE(answer);
    keeper.keep(*answer, record.at);
    if (runs.empty() || !(runs.back().second == *answer)) runs.emplace_back(record.label, *answer);
  }
  const auto count = [&](auto&& matches) {
    return std::count_if(runs.begin(), runs.end(),
                         [&](const auto& run) { return matches(run.second); });
  };
  const auto with_sick_app = [](const char* status, const char* trigger) {
    return [=](const ServeAnswer& answer) {
      for (const AppAnswer& app : answer.apps) {
        if (app.name != "sick_app" || app.status != status || app.deployments.empty()) continue;
        if (app.deployments[0].trigger == trigger) return true;
      }
      return false;
    };
  };
  EXPECT_EQ(count(with_sick_app("UNHEALTHY", "HEALTH_CHECK_FAILED")), 1);
  EXPECT_EQ(count(with_sick_app("UNHEALTHY", "REPLICA_STARTUP_FAILED")), 1);
  // Two before the update in place and after it, since the config differs.
  EXPECT_EQ(count(with_sick_app("RUNNING", "CONFIG_UPDATE_COMPLETED")), 2);
  EXPECT_EQ(count([](const ServeAnswer& answer) { return answer.apps.size() == 1; }), 1);
  EXPECT_LE(runs.size(), 14u);
}

}  // namespace
}  // namespace raycord
