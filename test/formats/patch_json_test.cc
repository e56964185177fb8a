#include "formats/patch_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace raycord {
namespace {

using Json = nlohmann::json;

const Time kAt = *from_rfc3339("2026-02-01T10:00:00Z");

Json service(const char* finalizers) {
  Json object = {{"metadata", {{"uid", "u"}, {"resourceVersion", "7"}}}};
  if (*finalizers) object["metadata"]["finalizers"] = Json::parse(finalizers);
  return object;
}

Json finalizers_after(const Json& before, bool present) {
  SetFinalizer effect;
  effect.uid = "u";
  effect.present = present;
  const auto patch = finalizer_patch(effect, before.dump());
  EXPECT_TRUE(patch) << (patch ? "" : patch.error().message);
  if (!patch) return {};
  const Json after = before.patch(Json::parse(*patch));
  EXPECT_EQ(after["metadata"]["resourceVersion"], "7");
  return after["metadata"]["finalizers"];
}

TEST(FinalizerPatch, KeepsTheFinalizersOfOthers) {
  const Json ours = Json::array({"ray.io/rayservice-finalizer"});
  const Json both = Json::array({"example.com/keep", "ray.io/rayservice-finalizer"});
  const Json others = Json::array({"example.com/keep"});
  EXPECT_EQ(finalizers_after(service(""), true), ours);
  EXPECT_EQ(finalizers_after(service(R"(["example.com/keep"])"), true), both);
  EXPECT_EQ(finalizers_after(service(both.dump().c_str()), true), both);
  EXPECT_EQ(finalizers_after(service(both.dump().c_str()), false), others);
  EXPECT_EQ(finalizers_after(service(ours.dump().c_str()), false), Json::array());
}

TEST(FinalizerPatch, NeedsAReadableObject) {
  EXPECT_FALSE(finalizer_patch({}, "{"));
  EXPECT_FALSE(finalizer_patch({}, R"({"metadata": {}})"));
  EXPECT_FALSE(finalizer_patch({}, R"({"metadata": {"resourceVersion": "1", "finalizers": 3}})"));
}

TEST(LabelPatch, SaysWhetherThePodServes) {
  LabelPod effect;
  effect.uid = "u";
  effect.serve = true;
  EXPECT_EQ(Json::parse(label_patch(effect)),
            Json::parse(R"({"metadata": {"uid": "u", "labels": {"ray.io/serve": "true"}}})"));
  effect.serve = false;
  EXPECT_EQ(Json::parse(label_patch(effect))["metadata"]["labels"]["ray.io/serve"], "false");
}

TEST(AnnotationPatch, RemembersOnTheService) {
  RememberOnService effect;
  effect.uid = "u";
  effect.name_counter = 4;
  effect.attempts = 2;
  effect.back_off_until = kAt;
  EXPECT_EQ(Json::parse(annotation_patch(effect)),
            Json::parse(R"({"metadata": {"uid": "u", "annotations": {
                "raycord.io/name-counter": "4", "raycord.io/attempts": "2",
                "raycord.io/back-off-until": "2026-02-01T10:00:00Z"}}})"));
}

TEST(AnnotationPatch, RemovesWhatIsOver) {
  RememberOnService service;
  service.uid = "u";
  service.name_counter = 4;
  EXPECT_EQ(Json::parse(annotation_patch(service)),
            Json::parse(R"({"metadata": {"uid": "u", "annotations": {
                "raycord.io/name-counter": "4", "raycord.io/attempts": null,
                "raycord.io/back-off-until": null}}})"));
  RememberOnCluster cluster;
  cluster.uid = "u";
  cluster.accepted_config = hash_of("config");
  EXPECT_EQ(Json::parse(annotation_patch(cluster)),
            Json({{"metadata",
                   {{"uid", "u"},
                    {"annotations",
                     {{"raycord.io/accepted-config", to_hex(hash_of("config"))},
                      {"raycord.io/delete-after", nullptr}}}}}}));
}

TEST(DeleteOptions, NameTheObjectByItsUid) {
  EXPECT_EQ(Json::parse(delete_options("u")),
            Json::parse(R"({"apiVersion": "v1", "kind": "DeleteOptions",
                            "propagationPolicy": "Background", "preconditions": {"uid": "u"}})"));
  EXPECT_FALSE(Json::parse(delete_options("")).contains("preconditions"));
}

TEST(FinalizerPatch, OfAClusterIsTrueOfTheVersionThatIsBelieved) {
  SetFinalizer effect;
  effect.kind = Kind::RayCluster;
  effect.uid = "u";
  effect.version = 9;  // Our status was written since.
  effect.present = true;
  const auto patch = finalizer_patch(effect, service(R"(["example.com/keep"])").dump());
  ASSERT_TRUE(patch);
  const Json after = service(R"(["example.com/keep"])").patch(Json::parse(*patch));
  EXPECT_EQ(after["metadata"]["resourceVersion"], "9");
  EXPECT_EQ(after["metadata"]["finalizers"],
            Json::array({"example.com/keep", "ray.io/gcs-ft-redis-cleanup-finalizer"}));
}

TEST(StampPatch, SaysByWhichVersionAndForWhichSpec) {
  StampHead effect;
  effect.uid = "u";
  effect.revision = hash_from_hex("0123456789abcdef");
  EXPECT_EQ(Json::parse(stamp_patch(effect, "raycord-0.1.0")), Json::parse(R"({"metadata": {
              "uid": "u", "annotations": {
                "ray.io/kuberay-version": "raycord-0.1.0",
                "ray.io/upgrade-strategy-recreate-hash": "0123456789abcdef"}}})"));
}

}  // namespace
}  // namespace raycord
