#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/build/routing.h"
#include "formats/object_slice.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

constexpr const char* kService = R"({"apiVersion": "ray.io/v1", "kind": "RayService",
  "metadata": {"name": "llm", "namespace": "ns1", "uid": "uid-of-llm"},
  "spec": {"upgradeStrategy": {"type": "NewClusterWithIncrementalUpgrade",
             "clusterUpgradeOptions": {"gatewayClassName": "istio"}},
           "rayClusterConfig": {"headGroupSpec": {}}}})";

const std::vector<RouteBackend> kBackends = {{"a-serve-svc", "", 8000, 75},
                                             {"b-serve-svc", "", 8000, 25}};

template <class Slice>
Slice slice_of(const Json& object) {
  const auto slice = slice_object(object.dump());
  EXPECT_TRUE(slice) << (slice ? "" : slice.error().message);
  return slice ? std::get<Slice>(*slice) : Slice{};
}

Json condition(const char* type, const char* status, int generation) {
  return {
      {"type", type}, {"status", status}, {"reason", "Why"}, {"observedGeneration", generation}};
}

Json gateway() {
  Json object = Json::parse(*build_gateway(kService, "abcde:7"));
  object["metadata"]["generation"] = 2;
  return object;
}

Json route() {
  Json object = Json::parse(*build_route(kService, kBackends, "abcde:8"));
  object["metadata"]["generation"] = 2;
  return object;
}

TEST(GatewaySlice, ReadsWhatWasBuilt) {
  const GatewaySlice slice = slice_of<GatewaySlice>(gateway());
  EXPECT_EQ(slice.meta.name, "llm-gateway");
  EXPECT_EQ(slice.meta.owner, (Owner{"RayService", "llm", "uid-of-llm"}));
  EXPECT_EQ(slice.gateway_class, "istio");
  EXPECT_EQ(slice.listeners, (std::vector<GatewayListener>{{"http", "HTTP", 80}}));
  EXPECT_FALSE(slice.accepted || slice.programmed);
}

TEST(GatewaySlice, BelievesConditionsOfItsGenerationOnly) {
  Json object = gateway();
  object["status"]["conditions"] = {condition("Accepted", "True", 2),
                                    condition("Programmed", "True", 1)};
  GatewaySlice slice = slice_of<GatewaySlice>(object);
  EXPECT_TRUE(slice.accepted);
  EXPECT_FALSE(slice.programmed);
  EXPECT_EQ(slice.trouble, "Programmed is not said yet");
  object["status"]["conditions"][1] = condition("Programmed", "False", 2);
  EXPECT_EQ(slice_of<GatewaySlice>(object).trouble, "Programmed is False (Why)");
  object["status"]["conditions"][1] = condition("Programmed", "True", 2);
  slice = slice_of<GatewaySlice>(object);
  EXPECT_TRUE(slice.accepted && slice.programmed);
  EXPECT_EQ(slice.trouble, "");
}

TEST(RouteSlice, ReadsWhatWasBuilt) {
  const RouteSlice slice = slice_of<RouteSlice>(route());
  EXPECT_EQ(slice.meta.name, "llm-httproute");
  EXPECT_EQ(slice.gateway, "ns1/llm-gateway");
  EXPECT_TRUE(slice.plain);
  EXPECT_EQ(slice.backends, kBackends);
  EXPECT_FALSE(slice.accepted || slice.resolved);
}

TEST(RouteSlice, TakesTheDefaultsOfTheApiForThemselves) {
  Json object = route();
  Json& rule = object["spec"]["rules"][0];
  rule.erase("matches");
  rule["backendRefs"] = Json::array({{{"name", "a-serve-svc"}, {"port", 8000}}});
  object["spec"]["parentRefs"] = Json::array({{{"name", "llm-gateway"}}});
  const RouteSlice slice = slice_of<RouteSlice>(object);
  EXPECT_TRUE(slice.plain);
  EXPECT_EQ(slice.gateway, "ns1/llm-gateway");
  EXPECT_EQ(slice.backends, (std::vector<RouteBackend>{{"a-serve-svc", "", 8000, 1}}));
}

TEST(RouteSlice, SeesEachFieldThatIsNotAsWeWriteIt) {
  const std::pair<const char*, Json> edits[] = {
      {"/spec/hostnames", Json::array({"a.example.com"})},
      {"/spec/rules/1", Json::object()},
      {"/spec/rules/0/matches/0/path/value", "/fruit"},
      {"/spec/rules/0/matches/0/path/type", "Exact"},
      {"/spec/rules/0/matches/0/headers", Json::array({{{"name", "x"}, {"value", "y"}}})},
      {"/spec/rules/0/filters", Json::array({{{"type", "URLRewrite"}}})}};
  for (const auto& [pointer, value] : edits) {
    Json object = route();
    object[Json::json_pointer(pointer)] = value;
    EXPECT_FALSE(slice_of<RouteSlice>(object).plain) << pointer;
  }
  Json elsewhere = route();
  elsewhere["spec"]["parentRefs"][0]["namespace"] = "ns2";
  EXPECT_EQ(slice_of<RouteSlice>(elsewhere).gateway, "ns2/llm-gateway");
  elsewhere["spec"]["rules"][0]["backendRefs"][0]["namespace"] = "ns2";
  EXPECT_EQ(slice_of<RouteSlice>(elsewhere).backends[0].ns, "ns2");
}

TEST(RouteSlice, AsksTheControllerOfItsOwnGateway) {
  Json object = route();
  const Json both = {condition("Accepted", "True", 2), condition("ResolvedRefs", "True", 2)};
  object["status"]["parents"] =
      Json::array({{{"parentRef", {{"name", "other"}}}, {"conditions", both}}});
  EXPECT_FALSE(slice_of<RouteSlice>(object).accepted);
  object["status"]["parents"][0]["parentRef"] = {{"name", "llm-gateway"}};
  const RouteSlice slice = slice_of<RouteSlice>(object);
  EXPECT_TRUE(slice.accepted && slice.resolved);
}

TEST(RoutingUpdate, ReplacesTheRouteAndKeepsWhatOthersAddedToTheGateway) {
  Json existing = route();
  existing["metadata"]["uid"] = "u";
  existing["spec"]["hostnames"] = {"a.example.com"};
  const Json patch =
      Json::parse(*build_route_update(existing.dump(), kService, kBackends, "abcde:9", "12"));
  EXPECT_TRUE(patch["spec"]["hostnames"].is_null());
  EXPECT_EQ(patch["metadata"]["resourceVersion"], "12");
  EXPECT_EQ(patch["metadata"]["annotations"]["raycord.io/intent"], "abcde:9");
  Json other = gateway();
  other["spec"]["addresses"] = Json::array({{{"value", "10.0.0.1"}}});
  const Json change = Json::parse(*build_gateway_update(other.dump(), kService, "abcde:9", "12"));
  EXPECT_FALSE(change["spec"].contains("addresses"));
  EXPECT_EQ(change["spec"]["gatewayClassName"], "istio");
}

}  // namespace
}  // namespace raycord
