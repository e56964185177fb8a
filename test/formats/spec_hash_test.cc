#include "formats/spec_hash.h"

#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace raycord {
namespace {

using Json = nlohmann::json;

Json pod(const char* image) {
  return Json::parse(R"({"spec": {"containers": [{"name": "ray", "image": ")" + std::string(image) +
                     R"(", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                     "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}]}})");
}

Json spec() {
  Json spec = {{"rayVersion", "2.52.0"}, {"headGroupSpec", {{"template", pod("ray:1")}}}};
  spec["workerGroupSpecs"] = Json::array();
  spec["workerGroupSpecs"].push_back({{"groupName", "a"}, {"template", pod("ray:1")}});
  spec["workerGroupSpecs"].push_back({{"groupName", "b"}, {"template", pod("ray:1")}});
  return spec;
}

SpecHashes hashes(const Json& json) {
  const auto hashes = hash_spec(json.dump());
  EXPECT_TRUE(hashes);
  return hashes ? *hashes : SpecHashes{};
}

Hash hash(const Json& json) { return hashes(json).by_groups.back(); }

Json edited(const std::function<void(Json&)>& edit) {
  Json json = spec();
  edit(json);
  return json;
}

TEST(SpecHash, HasOneEntryMoreThanThereAreGroups) {
  EXPECT_EQ(hashes(spec()).by_groups.size(), 3u);
  EXPECT_EQ(hashes(Json::object()).by_groups.size(), 1u);
}

TEST(SpecHash, AnAppendedGroupKeepsTheEntriesBefore) {
  const Json longer = edited([](Json& json) {
    json["workerGroupSpecs"].push_back({{"groupName", "c"}, {"template", pod("ray:1")}});
  });
  const auto before = hashes(spec()).by_groups;
  const auto after = hashes(longer).by_groups;
  ASSERT_EQ(after.size(), 4u);
  EXPECT_EQ(std::vector<Hash>(after.begin(), after.begin() + 3), before);
}

TEST(SpecHash, WhatAsksForOtherPodsChangesIt) {
  const std::vector<std::function<void(Json&)>> edits = {
      [](Json& j) { j["rayVersion"] = "2.53.0"; },
      [](Json& j) { j["headGroupSpec"]["template"] = pod("ray:2"); },
      [](Json& j) { j["workerGroupSpecs"][1]["template"] = pod("ray:2"); },
      [](Json& j) { j["workerGroupSpecs"][1]["groupName"] = "z"; },
      [](Json& j) { std::swap(j["workerGroupSpecs"][0], j["workerGroupSpecs"][1]); },
      [](Json& j) { j["workerGroupSpecs"].erase(0); },
      [](Json& j) { j["workerGroupSpecs"][0]["numOfHosts"] = 2; },
      [](Json& j) { j["workerGroupSpecs"][0]["suspend"] = true; },
      [](Json& j) { j["workerGroupSpecs"][0]["idleTimeoutSeconds"] = 5; },
      [](Json& j) { j["headGroupSpec"]["rayStartParams"]["no-monitor"] = ""; },
      [](Json& j) { j["headGroupSpec"]["template"]["spec"]["nodeSelector"]["gpu"] = ""; },
      [](Json& j) {
        j["headGroupSpec"]["template"]["spec"]["automountServiceAccountToken"] = false;
      },
      [](Json& j) { j["enableInTreeAutoscaling"] = true; },
      [](Json& j) { j["gcsFaultToleranceOptions"] = Json::object(); },
      [](Json& j) {
        Json& env = j["headGroupSpec"]["template"]["spec"]["containers"][0]["env"];
        std::swap(env[0], env[1]);
      },
      [](Json& j) {
        j["headGroupSpec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] = "2";
      }};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    EXPECT_NE(hash(edited(edits[i])), hash(spec())) << "edit " << i;
  }
}

TEST(SpecHash, MutedFieldsChangeOnlyTheMutedHash) {
  const std::vector<std::function<void(Json&)>> edits = {
      [](Json& j) { j["suspend"] = true; },
      [](Json& j) { j["upgradeStrategy"]["type"] = "None"; },
      [](Json& j) { j["workerGroupSpecs"][0]["replicas"] = 4; },
      [](Json& j) { j["workerGroupSpecs"][0]["minReplicas"] = 1; },
      [](Json& j) { j["workerGroupSpecs"][0]["maxReplicas"] = 4; },
      [](Json& j) { j["workerGroupSpecs"][0]["scaleStrategy"]["workersToDelete"] = {"w"}; },
      [](Json& j) {
        j["headGroupSpec"]["template"]["spec"]["tolerations"] = {{{"key", "gpu"}}};
      },
      [](Json& j) {
        j["workerGroupSpecs"][1]["template"]["spec"]["schedulingGates"] = {{{"name", "g"}}};
      }};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const SpecHashes after = hashes(edited(edits[i]));
    EXPECT_EQ(after.by_groups, hashes(spec()).by_groups) << "edit " << i;
    EXPECT_NE(after.muted, hashes(spec()).muted) << "edit " << i;
  }
}

TEST(SpecHash, DefaultsAndEmptyFieldsAreTheSameAsAbsentOnes) {
  const Json filled = edited([](Json& j) {
    j["enableInTreeAutoscaling"] = false;
    j["autoscalerOptions"] = nullptr;
    j["headServiceAnnotations"] = Json::object();
    j["headGroupSpec"]["rayStartParams"] = Json::object();
    j["headGroupSpec"]["serviceType"] = "";
    j["headGroupSpec"]["template"]["metadata"] = {{"creationTimestamp", nullptr}};
    j["headGroupSpec"]["template"]["spec"]["containers"][0]["ports"] = Json::array();
    for (Json& group : j["workerGroupSpecs"]) {
      group["numOfHosts"] = 1;
      group["priority"] = 0;
      group["replicas"] = 0;
      group["minReplicas"] = 0;
      group["maxReplicas"] = 2147483647;
      group["scaleStrategy"] = Json::object();
    }
  });
  EXPECT_EQ(hashes(filled).by_groups, hashes(spec()).by_groups);
  EXPECT_EQ(hashes(filled).muted, hashes(spec()).muted);
}

TEST(SpecHash, ADefaultProtocolOfAPortIsNoChange) {
  const auto with_port = [](const char* port) {
    return edited([port](Json& j) {
      j["headGroupSpec"]["template"]["spec"]["containers"][0]["ports"] = {Json::parse(port)};
    });
  };
  EXPECT_EQ(hash(with_port(R"({"containerPort": 8000})")),
            hash(with_port(R"({"containerPort": 8000, "protocol": "TCP"})")));
  EXPECT_NE(hash(with_port(R"({"containerPort": 8000})")),
            hash(with_port(R"({"containerPort": 8000, "protocol": "UDP"})")));
}

TEST(SpecHash, EqualQuantitiesAreEqual) {
  const auto with_limits = [](const char* limits) {
    return hash(edited([limits](Json& j) {
      j["headGroupSpec"]["template"]["spec"]["containers"][0]["resources"]["limits"] =
          Json::parse(limits);
    }));
  };
  EXPECT_EQ(with_limits(R"({"cpu": 1, "memory": "1Gi"})"), hash(spec()));
  EXPECT_EQ(with_limits(R"({"cpu": "1000m", "memory": 1073741824})"), hash(spec()));
  EXPECT_EQ(with_limits(R"({"cpu": 1.0, "memory": "1024Mi"})"), hash(spec()));
  EXPECT_NE(with_limits(R"({"cpu": "1001m", "memory": "1Gi"})"), hash(spec()));
  EXPECT_NE(with_limits(R"({"cpu": "no quantity", "memory": "1Gi"})"), hash(spec()));
}

TEST(SpecHash, EmptyDirectoriesAndSelectorsSaySomething) {
  const auto with_volume = [](const char* volume) {
    return hash(edited([volume](Json& j) {
      j["headGroupSpec"]["template"]["spec"]["volumes"] = {Json::parse(volume)};
    }));
  };
  EXPECT_NE(with_volume(R"({"name": "v", "emptyDir": {}})"), with_volume(R"({"name": "v"})"));
}

TEST(SpecHash, KeyOrderDoesNotMatter) {
  EXPECT_EQ(hash_spec(R"({"rayVersion": "2", "headGroupSpec": {"serviceType": "x"}})")->by_groups,
            hash_spec(R"({"headGroupSpec": {"serviceType": "x"}, "rayVersion": "2"})")->by_groups);
}

TEST(SpecHash, SpecsOfWrongTypesStillHaveHashes) {
  for (const char* text : {"[]", "3", "null", R"({"workerGroupSpecs": 3})",
                           R"({"workerGroupSpecs": [null, 3, []]})", R"({"headGroupSpec": []})"}) {
    const auto hashes = hash_spec(text);
    ASSERT_TRUE(hashes) << text;
    EXPECT_FALSE(hashes->by_groups.empty()) << text;
  }
  EXPECT_FALSE(hash_spec("{"));
}

std::vector<std::string> differing(const Json& asked, const Json& there) {
  const Json service = {{"spec", {{"rayClusterConfig", asked}}}};
  const Json cluster = {{"spec", there}};
  const auto fields = differing_fields(service.dump(), cluster.dump(), 10);
  EXPECT_TRUE(fields);
  return fields ? *fields : std::vector<std::string>{};
}

TEST(SpecHash, NamesTheFieldsThatDiffer) {
  const Json other = edited([](Json& json) {
    json["rayVersion"] = "2.53.0";
    json["workerGroupSpecs"][1]["template"]["spec"]["containers"][0]["image"] = "ray:2";
    json["headGroupSpec"]["serviceType"] = "NodePort";
  });
  EXPECT_EQ(
      differing(other, spec()),
      (std::vector<std::string>{
          "spec.rayClusterConfig.headGroupSpec.serviceType", "spec.rayClusterConfig.rayVersion",
          "spec.rayClusterConfig.workerGroupSpecs[1].template.spec.containers[0].image"}));
}

TEST(SpecHash, NamesAGroupThatIsMissing) {
  const Json shorter = edited([](Json& json) { json["workerGroupSpecs"].erase(1); });
  EXPECT_EQ(differing(shorter, spec()),
            std::vector<std::string>{"spec.rayClusterConfig.workerGroupSpecs[1]"});
}

TEST(SpecHash, NamesNothingWhereOnlyMutedFieldsAndDefaultsDiffer) {
  const Json other = edited([](Json& json) {
    json["suspend"] = true;
    json["enableInTreeAutoscaling"] = false;
    json["workerGroupSpecs"][0]["replicas"] = 7;
    json["headGroupSpec"]["template"]["spec"]["tolerations"] = {{{"operator", "Exists"}}};
    json["headGroupSpec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] =
        "1000m";
  });
  EXPECT_EQ(differing(other, spec()), std::vector<std::string>{});
  EXPECT_EQ(hash(other), hash(spec()));
}

}  // namespace
}  // namespace raycord
