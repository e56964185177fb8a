#include "formats/admission.h"

#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "formats/manifest.h"
#include "test/formats/test_data.h"
#include "test/formats/validation_cases.h"

namespace raycord {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

Json sample(Kind kind) {
  const bool service = kind == Kind::RayService;
  const auto objects = read_manifest(read_text(std::filesystem::path(SOURCE_ROOT) / "samples" /
                                               (service ? "rayservice.yaml" : "raycluster.yaml")));
  EXPECT_TRUE(objects);
  return Json::parse((*objects)[0]);
}

Json review(Kind kind, const std::string& operation, Json object, Json before = nullptr) {
  return {{"apiVersion", "admission.k8s.io/v1"},
          {"kind", "AdmissionReview"},
          {"request",
           {{"uid", "u1"},
            {"kind", {{"group", "ray.io"}, {"version", "v1"}, {"kind", name_of(kind)}}},
            {"operation", operation},
            {"dryRun", true},
            {"object", std::move(object)},
            {"oldObject", std::move(before)}}}};
}

Json response_to(Kind kind, const Json& review) {
  const auto answer = review_admission(kind, review.dump());
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
  if (!answer) return {};
  const Json whole = Json::parse(answer->review);
  EXPECT_EQ(whole["response"]["allowed"], answer->allowed);
  EXPECT_EQ(whole["apiVersion"], "admission.k8s.io/v1");
  EXPECT_EQ(whole["kind"], "AdmissionReview");
  EXPECT_EQ(whole["response"]["uid"], "u1");
  return whole["response"];
}

bool allowed(Kind kind, const Json& review) { return response_to(kind, review)["allowed"]; }

std::string refused(Kind kind, const std::string& review) {
  const auto answer = review_admission(kind, review);
  EXPECT_FALSE(answer) << review;
  return answer ? answer->review : answer.error().message;
}

Json with_delay(int seconds) {
  Json service = sample(Kind::RayService);
  service["spec"]["rayClusterDeletionDelaySeconds"] = seconds;
  return service;
}

TEST(Admission, LetsSamplesIn) {
  EXPECT_TRUE(
      allowed(Kind::RayService, review(Kind::RayService, "CREATE", sample(Kind::RayService))));
  EXPECT_TRUE(
      allowed(Kind::RayCluster, review(Kind::RayCluster, "CREATE", sample(Kind::RayCluster))));
}

TEST(Admission, SaysTheWholeAnswer) {
  EXPECT_EQ(response_to(Kind::RayService, review(Kind::RayService, "CREATE", with_delay(-1))),
            Json::parse(R"({
    "uid": "u1", "allowed": false, "status": {
      "status": "Failure", "reason": "Invalid", "code": 422,
      "message": "spec.rayClusterDeletionDelaySeconds is -1: 0 or more is allowed",
      "details": {
        "group": "ray.io", "kind": "RayService", "name": "rayservice-sample",
        "causes": [{"reason": "FieldValueInvalid",
                    "field": "spec.rayClusterDeletionDelaySeconds",
                    "message": "-1: 0 or more is allowed"}]}}})"));
}

TEST(Admission, ChecksEveryRuleOfValidation) {
  for (const ValidationCase& each : all_validation_cases()) {
    const Kind kind = each.concerns == Concerns::Service ? Kind::RayService : Kind::RayCluster;
    const Json good = sample(kind);
    Json bad = good;
    edit(bad, each.edits);
    for (const Json& request : {review(kind, "CREATE", bad), review(kind, "UPDATE", bad, good)}) {
      const Json response = response_to(kind, request);
      ASSERT_FALSE(response["allowed"]) << each.name;
      EXPECT_THAT(response["status"]["message"], HasSubstr(each.message));
    }
    EXPECT_TRUE(allowed(kind, review(kind, "UPDATE", good, bad))) << each.name << " mended";
  }
}

TEST(Admission, RefusesTwoGroupsOfOneName) {
  for (const Kind kind : {Kind::RayService, Kind::RayCluster}) {
    Json object = sample(kind);
    Json& cluster = kind == Kind::RayService ? object["spec"]["rayClusterConfig"] : object["spec"];
    const Json group = cluster["workerGroupSpecs"][0];
    cluster["workerGroupSpecs"].push_back(group);
    const Json response = response_to(kind, review(kind, "CREATE", object));
    ASSERT_FALSE(response["allowed"]);
    EXPECT_THAT(response["status"]["message"],
                HasSubstr("workerGroupSpecs[1].groupName is \"small-group\": a name that no other "
                          "group has is allowed"));
  }
}

TEST(Admission, NamesAllBrokenRules) {
  Json service = with_delay(-1);
  service["metadata"]["name"] = "1st";
  const Json response = response_to(Kind::RayService, review(Kind::RayService, "CREATE", service));
  EXPECT_EQ(response["status"]["details"]["causes"].size(), 2U);
}

// Hundreds of groups would make an answer nobody reads.
TEST(Admission, NamesNoMoreThanCanBeRead) {
  Json cluster = sample(Kind::RayCluster);
  const Json group = cluster["spec"]["workerGroupSpecs"][0];
  for (int i = 0; i < 300; ++i) cluster["spec"]["workerGroupSpecs"].push_back(group);
  const Json response = response_to(Kind::RayCluster, review(Kind::RayCluster, "CREATE", cluster));
  EXPECT_EQ(response["status"]["details"]["causes"].size(), 20U);
}

TEST(Admission, ForgivesWhatWasBrokenBefore) {
  const Kind kind = Kind::RayService;
  Json labelled = with_delay(-1);
  labelled["metadata"]["labels"]["team"] = "fruit";
  EXPECT_TRUE(allowed(kind, review(kind, "UPDATE", labelled, with_delay(-1))));

  Json worse = with_delay(-1);
  worse["spec"]["upgradeStrategy"]["type"] = "Sideways";
  const Json response = response_to(kind, review(kind, "UPDATE", worse, with_delay(-1)));
  ASSERT_FALSE(response["allowed"]);
  EXPECT_EQ(
      response["status"]["message"],
      "spec.upgradeStrategy.type is \"Sideways\": NewCluster, NewClusterWithIncrementalUpgrade and "
      "None are allowed");

  EXPECT_TRUE(allowed(kind, review(kind, "UPDATE", with_delay(-1), worse))) << "mended by half";
  EXPECT_FALSE(allowed(kind, review(kind, "UPDATE", with_delay(-2), with_delay(-1))))
      << "another wrong value";
}

TEST(Admission, LetsEverybodyGo) {
  const Kind kind = Kind::RayService;
  EXPECT_TRUE(allowed(kind, review(kind, "DELETE", nullptr, with_delay(-1))));
  Json going = with_delay(-1);
  going["metadata"]["deletionTimestamp"] = "2026-01-31T12:00:00Z";
  going["metadata"].erase("finalizers");
  EXPECT_TRUE(allowed(kind, review(kind, "UPDATE", going, sample(kind))));

  Json before = with_delay(-1);
  before["metadata"]["finalizers"] = {"ray.io/rayservice-finalizer"};
  EXPECT_TRUE(allowed(kind, review(kind, "UPDATE", with_delay(-1), before)));
}

TEST(Admission, JudgesNoStatusAndNoOtherControllersObjects) {
  const Kind kind = Kind::RayService;
  Json of_status = review(kind, "UPDATE", with_delay(-1), sample(kind));
  of_status["request"]["subResource"] = "status";
  EXPECT_TRUE(allowed(kind, of_status));
  Json foreign = with_delay(-1);
  foreign["spec"]["managedBy"] = "kueue.x-k8s.io/multikueue";
  EXPECT_TRUE(allowed(kind, review(kind, "CREATE", foreign)));
}

TEST(Admission, TellsAFieldOfAWrongType) {
  Json cluster = sample(Kind::RayCluster);
  cluster["spec"]["headGroupSpec"] = 3;
  const Json response = response_to(Kind::RayCluster, review(Kind::RayCluster, "CREATE", cluster));
  ASSERT_FALSE(response["allowed"]);
  EXPECT_THAT(response["status"]["message"],
              HasSubstr("spec.headGroupSpec must be an object, found a number"));
}

TEST(Admission, SaysWhatIsNoReview) {
  const Json good = review(Kind::RayService, "CREATE", sample(Kind::RayService));
  const auto without = [&](const char* pointer, Json value) {
    Json changed = good;
    changed[Json::json_pointer(pointer)] = std::move(value);
    return refused(Kind::RayService, changed.dump());
  };
  EXPECT_THAT(refused(Kind::RayService, "{"), HasSubstr("no AdmissionReview"));
  EXPECT_THAT(refused(Kind::RayService, ""), HasSubstr("no AdmissionReview"));
  EXPECT_THAT(refused(Kind::RayService, "[]"), HasSubstr("an array"));
  EXPECT_THAT(refused(Kind::RayCluster, good.dump()),
              HasSubstr("request.kind is \"RayService\" of group \"ray.io\": here RayCluster"));
  EXPECT_THAT(without("/apiVersion", "admission.k8s.io/v1beta1"), HasSubstr("v1beta1"));
  EXPECT_THAT(without("/request/uid", ""), HasSubstr("request.uid"));
  EXPECT_THAT(without("/request/object", nullptr), HasSubstr("request.object"));
  EXPECT_THAT(without("/request", 3), HasSubstr("request"));
}

// Any bytes at all get an answer or an error.
TEST(Admission, WithstandsDamage) {
  const std::string good =
      review(Kind::RayCluster, "UPDATE", sample(Kind::RayCluster), sample(Kind::RayCluster)).dump();
  std::minstd_rand random(7);
  int answered = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string text = good;
    const auto place = [&] { return random() % text.size(); };
    for (std::size_t edits = 1 + random() % 3; edits > 0; --edits) {
      switch (random() % 4) {
        case 0:
          text[place()] = static_cast<char>(random());
          break;
        case 1:
          text.resize(1 + place());
          break;
        case 2:
          text.insert(place(), text.substr(place(), random() % 40));
          break;
        default:
          text[place()] = R"({}[]",:019-ntf)"[random() % 14];
      }
    }
    const auto answer = review_admission(Kind::RayCluster, text);
    if (!answer) continue;
    ++answered;
    EXPECT_TRUE(Json::parse(answer->review)["response"].contains("allowed"));
  }
  EXPECT_GT(answered, 100);
}

}  // namespace
}  // namespace raycord
