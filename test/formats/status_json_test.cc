#include "formats/status_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "formats/object_slice.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

const Time kAt = *from_rfc3339("2026-02-01T10:00:00Z");

RayServiceStatus service_status() {
  RayServiceStatus status;
  status.conditions.push_back({"Ready", "True", "NonZeroServeEndpoints", "", kAt, 3});
  status.conditions.push_back({"UpgradeInProgress", "False", "NoPendingCluster", "none", kAt, 0});
  status.service_status = "Running";
  status.active.cluster = "a";
  status.active.apps.push_back({"app", "RUNNING", "", {{"D", "HEALTHY", ""}, {"E", "", "why"}}});
  status.active.apps.push_back({"default", "DEPLOYING", "soon", {}});
  status.pending.cluster = "b";
  status.pending.target_capacity = 50;
  status.pending.traffic_percent = 0;
  status.pending.traffic_moved = kAt;
  status.endpoints = 2;
  status.observed_generation = 3;
  return status;
}

RayClusterStatus cluster_status() {
  RayClusterStatus status;
  status.state = "ready";
  status.reason = "why";
  status.desired_workers = 1;
  status.min_workers = 2;
  status.max_workers = 3;
  status.available_workers = 4;
  status.ready_workers = 5;
  status.desired = {"2500m", "4Gi", "1", "8"};
  status.head = {"pod", "10.0.0.1", "svc", "10.0.0.2"};
  status.endpoints = {{"dashboard", "8265"}};
  status.state_times = {{"ready", kAt}};
  status.conditions.push_back({"HeadPodReady", "True", "HeadPodRunningAndReady", "", kAt, 0});
  status.observed_generation = 6;
  return status;
}

// What the API server stores after the patch.
Json patched(const char* kind, const std::string& patch) {
  Json object = {{"apiVersion", "ray.io/v1"},
                 {"kind", kind},
                 {"metadata", {{"name", "x"}, {"uid", "u"}, {"resourceVersion", "7"}}},
                 {"status", {{"left", "over"}}}};
  return object.patch(Json::parse(patch));
}

TEST(StatusJson, AServicesStatusReadsBackAsItWas) {
  for (const RayServiceStatus& status : {service_status(), RayServiceStatus{}}) {
    WriteServiceStatus write;
    write.version = 7;
    write.status = status;
    const auto object =
        slice_object(patched("RayService", ray_service_status_json(write, kAt)).dump());
    ASSERT_TRUE(object) << object.error().message;
    EXPECT_EQ(std::get<RayServiceSlice>(*object).status, status);
  }
}

TEST(StatusJson, AClustersStatusReadsBackAsItWas) {
  for (const RayClusterStatus& status : {cluster_status(), RayClusterStatus{}}) {
    WriteClusterStatus write;
    write.status = status;
    const auto object =
        slice_object(patched("RayCluster", ray_cluster_status_json(write, kAt)).dump());
    ASSERT_TRUE(object) << object.error().message;
    EXPECT_EQ(std::get<RayClusterSlice>(*object).status, status);
  }
}

TEST(StatusJson, NothingOfAnOlderStatusSurvives) {
  const Json object = patched("RayService", ray_service_status_json({}, kAt));
  EXPECT_FALSE(object["status"].contains("left"));
  EXPECT_EQ(object["status"]["lastUpdateTime"], "2026-02-01T10:00:00Z");
}

TEST(StatusJson, CopiesTheStatusOfTheClusters) {
  WriteServiceStatus write;
  write.status = service_status();
  write.active_cluster = RayClusterStatus{};
  write.active_cluster->state = "ready";
  const Json status = patched("RayService", ray_service_status_json(write, kAt))["status"];
  EXPECT_EQ(status["activeServiceStatus"]["rayClusterStatus"]["state"], "ready");
  EXPECT_EQ(status["pendingServiceStatus"]["rayClusterStatus"],
            Json::parse(R"({"desiredCPU": "0", "desiredGPU": "0", "desiredMemory": "0",
                            "desiredTPU": "0", "head": {}})"));
}

TEST(StatusJson, AnAppWithoutNameIsCalledDefault) {
  WriteServiceStatus write;
  write.status.active.apps.push_back({"", "RUNNING", "", {}});
  const Json status = patched("RayService", ray_service_status_json(write, kAt))["status"];
  EXPECT_TRUE(status["activeServiceStatus"]["applicationStatuses"].contains("default"));
}

TEST(StatusJson, TheVersionIsSetSoThatALateWriteIsAConflict) {
  WriteClusterStatus write;
  write.uid = "u";
  write.version = 41;
  EXPECT_EQ(
      patched("RayCluster", ray_cluster_status_json(write, kAt))["metadata"]["resourceVersion"],
      "41");
}

TEST(StatusJson, WithoutAVersionTheUidIsTested) {
  WriteClusterStatus write;
  write.uid = "another";
  EXPECT_THROW(patched("RayCluster", ray_cluster_status_json(write, kAt)), Json::exception);
  write.uid = "u";
  EXPECT_NO_THROW(patched("RayCluster", ray_cluster_status_json(write, kAt)));
}

}  // namespace
}  // namespace raycord
