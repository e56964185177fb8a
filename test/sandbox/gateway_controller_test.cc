#include <gtest/gtest.h>

#include "test/sandbox/bench.h"

namespace raycord {
namespace {

constexpr const char* kGateways = "/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways";
constexpr const char* kRoutes = "/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes";

Json object(const char* kind, const char* name, const Json& spec) {
  return {{"apiVersion", "gateway.networking.k8s.io/v1"},
          {"kind", kind},
          {"metadata", {{"name", name}}},
          {"spec", spec}};
}

Json gateway() { return object("Gateway", "g", {{"gatewayClassName", "any"}}); }

Json route() {
  return object("HTTPRoute", "r",
                {{"parentRefs", Json::array({{{"name", "g"}}})},
                 {"rules", Json::array({{{"backendRefs", Json::array({{{"name", "s"}}})}}})}});
}

std::string state_of(const Json& conditions, const char* type) {
  for (const Json& condition : conditions) {
    if (condition["type"] == type) return condition["status"];
  }
  return "";
}

TEST(Gateways, AreProgrammedAndTheirRoutesResolvedWhenTheirServicesExist) {
  Bench bench;
  ASSERT_EQ(bench.post(kGateways, gateway()).status, 201);
  ASSERT_EQ(bench.post(kRoutes, route()).status, 201);
  bench.pass(Millis(1000));
  const Json conditions = bench.get(std::string(kGateways) + "/g")["status"]["conditions"];
  EXPECT_EQ(state_of(conditions, "Accepted"), "True");
  EXPECT_EQ(state_of(conditions, "Programmed"), "True");
  const auto of_route = [&] {
    return bench.get(std::string(kRoutes) + "/r")["status"]["parents"][0]["conditions"];
  };
  EXPECT_EQ(state_of(of_route(), "Accepted"), "True");
  EXPECT_EQ(state_of(of_route(), "ResolvedRefs"), "False");
  const Json service = {{"apiVersion", "v1"},
                        {"kind", "Service"},
                        {"metadata", {{"name", "s"}}},
                        {"spec", {{"ports", Json::array({{{"port", 80}}})}}}};
  ASSERT_EQ(bench.post("/api/v1/namespaces/default/services", service).status, 201);
  bench.pass(Millis(1000));
  EXPECT_EQ(state_of(of_route(), "ResolvedRefs"), "True");
}

TEST(Gateways, AreLeftAloneByASilentController) {
  Bench bench;
  bench.post("/sandbox/faults", {{"target", "gateways"}, {"mode", "silent"}});
  ASSERT_EQ(bench.post(kGateways, gateway()).status, 201);
  bench.pass(Millis(1000));
  EXPECT_EQ(state_of(bench.get(std::string(kGateways) + "/g")["status"]["conditions"], "Accepted"),
            "");
  bench.post("/sandbox/faults", {{"target", "gateways"}, {"mode", "clear"}});
  bench.pass(Millis(1000));
  EXPECT_EQ(state_of(bench.get(std::string(kGateways) + "/g")["status"]["conditions"], "Accepted"),
            "True");
}

TEST(Gateways, CanBeAKindThatIsNotInstalled) {
  Bench bench;
  bench.post("/sandbox/faults", {{"target", "gateways"}, {"mode", "missing"}});
  EXPECT_EQ(bench.send("GET", kGateways).status, 404);
  bench.post("/sandbox/faults", {{"target", "gateways"}, {"mode", "clear"}});
  EXPECT_EQ(bench.send("GET", kGateways).status, 200);
}

}  // namespace
}  // namespace raycord
