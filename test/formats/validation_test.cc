#include "formats/validation.h"

#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "formats/json_object.h"
#include "formats/manifest.h"
#include "test/formats/test_data.h"
#include "test/formats/validation_cases.h"

namespace raycord {
namespace {

using Json = nlohmann::json;
using Validator = Result<Invalid> (*)(std::string_view);

struct Edit {
  const char* pointer;  // Of the field that is set.
  const char* value;    // JSON.
};

Invalid broken(Validator validate, const char* file, const std::vector<Edit>& edits) {
  const auto objects = read_manifest(test_data(file));
  EXPECT_TRUE(objects) << (objects ? "" : objects.error().message);
  if (!objects) return {};
  Json object = Json::parse((*objects)[0]);
  for (const Edit& edit : edits) object[Json::json_pointer(edit.pointer)] = Json::parse(edit.value);
  const auto invalid = validate(object.dump());
  EXPECT_TRUE(invalid) << (invalid ? "" : invalid.error().message);
  return invalid ? *invalid : Invalid{};
}

Invalid service(const std::vector<Edit>& edits) {
  return broken(static_cast<Validator>(&validate_ray_service), "ray_service.yaml", edits);
}

Invalid cluster(const std::vector<Edit>& edits) {
  return broken(static_cast<Validator>(&validate_ray_cluster), "ray_cluster.yaml", edits);
}

Invalid named(Invalid (*kind)(const std::vector<Edit>&), const std::string& name) {
  const std::string value = "\"" + name + "\"";
  return kind({{"/metadata/name", value.c_str()}});
}

Invalid with_timeout(const std::string& text) {
  const std::string value = "\"" + text + "\"";
  return service({{"/metadata/annotations/ray.io~1initializing-timeout", value.c_str()}});
}

TEST(Validation, OurManifestsAreValid) {
  EXPECT_EQ(service({}), Invalid{});
  EXPECT_EQ(cluster({}), Invalid{});
}

TEST(Validation, NamesFitTheNamesMadeOfThem) {
  EXPECT_EQ(named(service, std::string(47, 'a')), Invalid{});
  EXPECT_EQ(
      named(service, std::string(48, 'a')),
      (Invalid{"InvalidRayServiceMetadata", "metadata.name is \"" + std::string(48, 'a') +
                                                "\" with 48 characters: at most 47 are allowed"}));
  EXPECT_EQ(named(cluster, std::string(53, 'a')), Invalid{});
  EXPECT_EQ(named(cluster, std::string(54, 'a')).reason, "InvalidRayClusterMetadata");
  for (const char* name : {"9lives", "Upper", "ends-", "dot.ted", "under_score"}) {
    EXPECT_EQ(named(service, name).reason, "InvalidRayServiceMetadata") << name;
  }
}

TEST(Validation, InitializingTimeoutIsAPositiveDuration) {
  for (const char* good : {"1h30m", "1.5h", "30m", "90", "500ms", ""}) {
    EXPECT_EQ(with_timeout(good), Invalid{}) << good;
  }
  for (const char* bad : {"0", "-5m", "-1", "soon", "0s", "5x", "99999999999"}) {
    const Invalid invalid = with_timeout(bad);
    EXPECT_EQ(invalid.reason, "InvalidRayServiceMetadata") << bad;
    EXPECT_NE(invalid.message.find("ray.io/initializing-timeout"), std::string::npos);
  }
  EXPECT_EQ(read_initializing_timeout("500ms"), 1);
  EXPECT_EQ(read_initializing_timeout("90"), 90);
}

Json sample(Concerns kind) {
  const char* file = kind == Concerns::Service ? "rayservice.yaml" : "raycluster.yaml";
  const auto objects =
      read_manifest(read_text(std::filesystem::path(SOURCE_ROOT) / "samples" / file));
  EXPECT_TRUE(objects);
  return Json::parse((*objects)[0]);
}

Result<Invalid> validate(Concerns kind, const Json& manifest) {
  const std::string text = manifest.dump();
  return kind == Concerns::Service ? validate_ray_service(text) : validate_ray_cluster(text);
}

TEST(Validation, EachRuleSaysFieldValueAndWhatIsAllowed) {
  for (const ValidationCase& each : all_validation_cases()) {
    Json manifest = sample(each.concerns);
    edit(manifest, each.edits);
    const auto invalid = validate(each.concerns, manifest);
    ASSERT_TRUE(invalid) << each.name << ": " << invalid.error().message;
    EXPECT_EQ(*invalid, (Invalid{each.reason(), each.message})) << each.name;
  }
}

TEST(Validation, PriorityNeedsTheAutoscaler) {
  EXPECT_EQ(
      cluster({{"/spec/workerGroupSpecs/0/priority", "1"}, {"/spec/rayVersion", "\"2.55.0\""}})
          .message,
      "spec.workerGroupSpecs[0].priority is 1: other than 0 is allowed only with autoscaler "
      "v2 and rayVersion 2.56.0 or later, which is \"2.55.0\"");
}

// In KubeRay's order: metadata, groups, fault tolerance, the autoscaler, access.
TEST(Validation, TellsTheFirstBrokenRule) {
  EXPECT_EQ(service({{"/spec/rayClusterDeletionDelaySeconds", "-1"},
                     {"/spec/upgradeStrategy/type", R"("Sideways")"}})
                .message,
            "spec.upgradeStrategy.type is \"Sideways\": NewCluster, "
            "NewClusterWithIncrementalUpgrade and None are allowed");
  EXPECT_EQ(cluster({{"/metadata/name", R"("1st")"}, {"/spec/tlsOptions", "{}"}}).reason,
            "InvalidRayClusterMetadata");
  EXPECT_EQ(
      cluster({{"/spec/tlsOptions", "{}"}, {"/spec/workerGroupSpecs/0/minReplicas", "-1"}}).message,
      "spec.workerGroupSpecs[0].minReplicas is -1: 0 or more is allowed");
}

// The webhook names all of them.
TEST(Validation, KnowsAllBrokenRules) {
  Json manifest = sample(Concerns::Cluster);
  manifest["metadata"]["name"] = "1st";
  manifest["spec"]["tlsOptions"] = Json::object();
  manifest["spec"]["workerGroupSpecs"][0]["minReplicas"] = -1;
  const std::string text = manifest.dump();
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, text);
  ASSERT_TRUE(element);
  ReadTrouble trouble;
  std::vector<std::string> fields;
  for (const BrokenRule& each : broken_cluster_rules(JsonObject(*element, "", trouble))) {
    fields.push_back(each.field);
  }
  EXPECT_EQ(fields,
            (std::vector<std::string>{"metadata.name", "spec.workerGroupSpecs[0].minReplicas",
                                      "spec.tlsOptions"}));
}

TEST(Validation, AClusterCannotBeSuspendingAndSuspended) {
  EXPECT_EQ(cluster({{"/status/conditions",
                      R"([{"type": "RayClusterSuspending", "status": "True"},
                          {"type": "RayClusterSuspended", "status": "True"}])"}})
                .reason,
            "InvalidRayClusterStatus");
}

TEST(Validation, UnreadableTextIsAnError) {
  EXPECT_FALSE(validate_ray_service("{"));
  EXPECT_FALSE(
      validate_ray_cluster(R"({"metadata": {"name": "x"}, "spec": {"headGroupSpec": 3}})"));
}

}  // namespace
}  // namespace raycord
