#include "sandbox/sandbox.h"

#include <gtest/gtest.h>

#include "test/sandbox/bench.h"

namespace raycord {
namespace {

Json service_of(const std::string& name, const Json& selector, bool publish) {
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"selector", selector},
            {"publishNotReadyAddresses", publish},
            {"ports", Json::array({{{"name", "dashboard"}, {"port", 8265}},
                                   {{"name", "serve"}, {"port", 8000}}})}}}};
}

// A head and a worker of cluster "rc" with the Services "head" and "serve".
class ClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    bench.post(Bench::kPods, Bench::ray_pod("rc-head", "rc", "head"));
    bench.post(Bench::kPods, Bench::ray_pod("rc-worker", "rc", "worker"));
    bench.post(Bench::kServices, service_of("head", {{"ray.io/node-type", "head"}}, true));
    bench.post(Bench::kServices, service_of("serve", {{"ray.io/cluster", "rc"}}, false));
  }

  Json pod(const std::string& name) { return bench.get(std::string(Bench::kPods) + "/" + name); }
  std::string ready(const std::string& name) {
    const Json status = pod(name)["status"];
    for (const Json& condition : list_at(status, {"conditions"})) {
      if (condition["type"] == "Ready") return condition["status"];
    }
    return "";
  }
  HttpResponse dashboard(const std::string& method, const std::string& body = "") {
    return bench.send(
        method, std::string(Bench::kServices) + "/head:8265/proxy/api/serve/applications/", body);
  }
  void deploy() {
    const Json app = {
        {"name", "fruit_app"},
        {"import_path", "fruit.deployment_graph"},
        {"route_prefix", "/fruit"},
        {"deployments", Json::array({{{"name", "MangoStand"}, {"user_config", {{"price", 3}}}}})}};
    ASSERT_EQ(dashboard("PUT", Json({{"applications", {app}}}).dump()).status, 200);
  }
  Json endpoints(const std::string& service) {
    const Json slices = bench.get(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector="
        "kubernetes.io%2Fservice-name%3D" +
        service);
    return slices["items"][0]["endpoints"];
  }

  Bench bench;
};

TEST_F(ClusterTest, PodsBecomeReadyInTheirOrder) {
  EXPECT_EQ(pod("rc-head")["status"]["phase"], "Pending");
  bench.pass(Millis(300));
  EXPECT_EQ(pod("rc-head")["status"]["phase"], "Running");
  EXPECT_EQ(ready("rc-head"), "False");
  EXPECT_EQ(pod("rc-worker")["status"]["phase"], "Pending");
  EXPECT_FALSE(
      pod("rc-worker")["status"]["initContainerStatuses"][0]["state"]["running"].is_null());
  bench.pass(Millis(1500));
  EXPECT_EQ(ready("rc-head"), "True");
  EXPECT_EQ(pod("rc-worker")["status"]["phase"], "Running");
  EXPECT_EQ(ready("rc-worker"), "False");  // No application serves.
  deploy();
  bench.pass(Millis(1500));
  EXPECT_EQ(ready("rc-worker"), "True");
}

TEST_F(ClusterTest, EndpointsFollowReadinessUnlessToldOtherwise) {
  bench.pass(Millis(250));
  EXPECT_EQ(endpoints("head")[0]["conditions"]["ready"], true);
  EXPECT_EQ(endpoints("serve")[0]["conditions"]["ready"], false);
  bench.pass(Millis(2000));
  deploy();
  bench.pass(Millis(2000));
  const Json serve = endpoints("serve");
  ASSERT_EQ(serve.size(), 2u);
  EXPECT_EQ(serve[1]["conditions"]["ready"], true);
  EXPECT_EQ(serve[1]["targetRef"]["uid"], pod("rc-worker")["metadata"]["uid"]);
  bench.send("DELETE", std::string(Bench::kPods) + "/rc-worker");
  bench.pass(Millis(50));
  EXPECT_EQ(endpoints("serve")[1]["conditions"]["terminating"], true);
  EXPECT_EQ(endpoints("serve")[1]["conditions"]["ready"], false);
  bench.pass(Millis(500));
  EXPECT_EQ(endpoints("serve").size(), 1u);
}

TEST_F(ClusterTest, RequestsReachApplicationsThroughTheServiceProxy) {
  const std::string url = std::string(Bench::kServices) + "/serve:8000/proxy/fruit/";
  const HttpResponse early = bench.send("POST", url, "[\"MANGO\", 2]");
  EXPECT_EQ(early.status, 503);
  EXPECT_NE(early.body.find("no endpoints available for service"), std::string::npos);
  bench.pass(Millis(3000));
  deploy();
  bench.pass(Millis(3000));
  EXPECT_EQ(bench.send("POST", url, "[\"MANGO\", 2]").body, "6");
  const std::string by_pod = std::string(Bench::kPods) + "/http:rc-worker:8000/proxy/-/healthz";
  EXPECT_EQ(bench.send("GET", by_pod).body, "success");
  const std::string ip = pod("rc-head")["status"]["podIP"];
  EXPECT_EQ(bench.send("POST", "http://" + ip + ":8000/fruit", "[\"MANGO\", 3]").body, "9");
  EXPECT_EQ(bench.send("POST", "http://serve.default.svc:8000/fruit", "[\"MANGO\", 3]").body, "9");
}

TEST_F(ClusterTest, TheAgentKnowsNothingOfServe) {
  bench.pass(Millis(3000));
  const std::string agent = std::string(Bench::kPods) + "/rc-head:52365/proxy";
  EXPECT_EQ(bench.send("GET", agent + "/api/serve/applications/").status, 404);
  EXPECT_EQ(bench.send("GET", agent + "/api/local_raylet_healthz").body, "success");
}

TEST_F(ClusterTest, ARestartedHeadForgetsItsApplications) {
  bench.pass(Millis(3000));
  deploy();
  bench.pass(Millis(3000));
  bench.post("/sandbox/pods", {{"pod", "head"}, {"action", "restart"}});
  bench.pass(Millis(100));
  EXPECT_EQ(ready("rc-head"), "False");
  EXPECT_EQ(ready("rc-worker"), "False");
  EXPECT_EQ(dashboard("GET").status, 503);
  bench.pass(Millis(5000));
  EXPECT_EQ(ready("rc-head"), "True");
  EXPECT_EQ(pod("rc-head")["status"]["containerStatuses"][0]["restartCount"], 1);
  EXPECT_EQ(Json::parse(dashboard("GET").body)["applications"], Json::object());
}

TEST(Cluster, FaultTolerantStorageKeepsApplications) {
  Bench bench;
  Json head = Bench::ray_pod("h", "rc", "head");
  head["spec"]["containers"][0]["env"] =
      Json::array({{{"name", "RAY_REDIS_ADDRESS"}, {"value", "redis:6379"}}});
  bench.post(Bench::kPods, head);
  bench.pass(Millis(3000));
  const std::string url = std::string(Bench::kPods) + "/h:8265/proxy/api/serve/applications/";
  bench.send("PUT", url, R"({"applications":[{"name":"a","import_path":"a.b"}]})");
  bench.pass(Millis(3000));
  bench.post("/sandbox/pods", {{"pod", "h"}, {"action", "restart"}});
  bench.pass(Millis(5000));
  EXPECT_EQ(Json::parse(bench.send("GET", url).body)["applications"]["a"]["status"], "RUNNING");
}

TEST(Cluster, AMissingImageIsNeverPulled) {
  Bench bench;
  Json head = Bench::ray_pod("h", "rc", "head");
  head["spec"]["containers"][0]["image"] = "no-such-image:1";
  bench.post(Bench::kPods, head);
  bench.pass(std::chrono::hours(1));
  const Json status = bench.get(std::string(Bench::kPods) + "/h")["status"];
  EXPECT_EQ(status["phase"], "Pending");
  EXPECT_EQ(status["containerStatuses"][0]["state"]["waiting"]["reason"], "ImagePullBackOff");
}

TEST_F(ClusterTest, DashboardsHangRefuseAndFailOnDemand) {
  bench.pass(Millis(3000));
  const std::string url =
      std::string(Bench::kServices) + "/head:8265/proxy/api/serve/applications/";
  bench.post("/sandbox/faults", {{"cluster", "default/r*"}, {"mode", "hang"}});
  EXPECT_TRUE(std::holds_alternative<SandboxSilence>(bench.raw("GET", url)));
  bench.post("/sandbox/faults", {{"mode", "refuse"}});
  EXPECT_EQ(bench.send("GET", url).status, 503);
  const std::string ip = pod("rc-head")["status"]["podIP"];
  EXPECT_TRUE(std::holds_alternative<SandboxBroken>(
      bench.raw("GET", "http://" + ip + ":8265/api/version")));
  bench.post("/sandbox/faults", {{"mode", "error"}, {"code", 502}});
  EXPECT_EQ(bench.send("GET", url).status, 502);
  bench.post("/sandbox/faults", {{"mode", "latency"}, {"latency_ms", 1500}});
  const SandboxReply late = bench.raw("GET", url);
  ASSERT_TRUE(std::holds_alternative<SandboxLate>(late));
  EXPECT_EQ(std::get<SandboxLate>(late).after, Millis(1500));
  bench.post("/sandbox/faults", {{"mode", "clear"}});
  EXPECT_EQ(bench.send("GET", url).status, 200);
  EXPECT_EQ(bench.post("/sandbox/faults", {{"mode", "explode"}}).status, 400);
}

TEST_F(ClusterTest, AHeadIsNotReadyWhileItsProbeFails) {
  bench.pass(Millis(3000));
  bench.post("/sandbox/faults", {{"mode", "hang"}, {"unready_after_ms", 500}});
  bench.pass(Millis(400));
  EXPECT_EQ(ready("rc-head"), "True");
  bench.pass(Millis(400));
  EXPECT_EQ(ready("rc-head"), "False");
  bench.post("/sandbox/faults", {{"mode", "clear"}});
  bench.pass(Millis(10));
  EXPECT_EQ(ready("rc-head"), "True");
}

TEST_F(ClusterTest, TheApiServerFailsOnDemand) {
  bench.post("/sandbox/faults", {{"target", "apiserver"},
                                 {"mode", "error"},
                                 {"code", 429},
                                 {"count", 2},
                                 {"retry_after_s", 3}});
  const HttpResponse busy = bench.send("GET", Bench::kPods);
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(find_header(busy.headers, "retry-after"), "3");
  EXPECT_EQ(bench.send("GET", Bench::kPods).status, 429);
  EXPECT_EQ(bench.send("GET", Bench::kPods).status, 200);
  bench.watch(std::string(Bench::kPods) + "?watch=true");
  bench.post("/sandbox/faults", {{"target", "apiserver"}, {"mode", "drop_watches"}});
  bench.events();
  EXPECT_TRUE(bench.ended);
}

TEST_F(ClusterTest, TheWorldGoesBackInTime) {
  bench.pass(Millis(3000));
  const auto before = bench.sandbox.resource_version();
  bench.post(Bench::kMaps, Bench::config_map("lost"));
  bench.send("DELETE", std::string(Bench::kPods) + "/rc-worker?gracePeriodSeconds=0");
  bench.pass(Millis(1000));
  EXPECT_EQ(bench.send("GET", std::string(Bench::kPods) + "/rc-worker").status, 404);
  const HttpResponse restored =
      bench.post("/sandbox/faults",
                 {{"target", "apiserver"}, {"mode", "restore"}, {"resource_version", before}});
  ASSERT_EQ(restored.status, 200) << restored.body;
  EXPECT_EQ(bench.sandbox.resource_version(), before);
  EXPECT_EQ(bench.send("GET", std::string(Bench::kMaps) + "/lost").status, 404);
  EXPECT_EQ(bench.send("GET", std::string(Bench::kPods) + "/rc-worker").status, 200);
  bench.pass(Millis(3000));
  deploy();
  bench.pass(Millis(3000));
  EXPECT_EQ(ready("rc-worker"), "True");
}

TEST(GarbageCollector, FollowsOwners) {
  Bench bench;
  const Json owner = Json::parse(bench.post(Bench::kMaps, Bench::config_map("owner")).body);
  Json owned = Bench::config_map("owned");
  owned["metadata"]["ownerReferences"] = Json::array({{{"apiVersion", "v1"},
                                                       {"kind", "ConfigMap"},
                                                       {"name", "owner"},
                                                       {"uid", owner["metadata"]["uid"]}}});
  bench.post(Bench::kMaps, owned);
  bench.pass(Millis(100));
  EXPECT_EQ(bench.get(Bench::kMaps)["items"].size(), 2u);
  bench.send("DELETE", std::string(Bench::kMaps) + "/owner");
  bench.pass(Millis(100));
  EXPECT_EQ(bench.get(Bench::kMaps)["items"].size(), 0u);
  owned["metadata"]["name"] = "late";  // Its owner is gone already.
  bench.post(Bench::kMaps, owned);
  bench.pass(Millis(100));
  EXPECT_EQ(bench.get(Bench::kMaps)["items"].size(), 0u);
}

TEST(GarbageCollector, ObeysThePropagationPolicy) {
  for (const std::string policy : {"Orphan", "Foreground"}) {
    Bench bench;
    const Json owner = Json::parse(bench.post(Bench::kMaps, Bench::config_map("owner")).body);
    Json owned = Bench::config_map("owned");
    owned["metadata"]["ownerReferences"] = Json::array({{{"apiVersion", "v1"},
                                                         {"kind", "ConfigMap"},
                                                         {"name", "owner"},
                                                         {"uid", owner["metadata"]["uid"]}}});
    bench.post(Bench::kMaps, owned);
    bench.send("DELETE", std::string(Bench::kMaps) + "/owner?propagationPolicy=" + policy);
    EXPECT_EQ(bench.send("GET", std::string(Bench::kMaps) + "/owner").status, 200) << policy;
    bench.pass(Millis(200));
    EXPECT_EQ(bench.send("GET", std::string(Bench::kMaps) + "/owner").status, 404) << policy;
    EXPECT_EQ(bench.send("GET", std::string(Bench::kMaps) + "/owned").status,
              policy == "Orphan" ? 200 : 404);
  }
}

TEST(GarbageCollector, EmptiesNamespacesThatGo) {
  Bench bench;
  bench.post("/api/v1/namespaces", {{"metadata", {{"name", "team"}}}});
  bench.post("/api/v1/namespaces/team/pods", Bench::ray_pod("p", "c", "head"));
  bench.pass(Millis(2000));
  EXPECT_EQ(bench.send("DELETE", "/api/v1/namespaces/team").status, 200);
  EXPECT_EQ(bench.get("/api/v1/namespaces/team")["status"]["phase"], "Terminating");
  EXPECT_EQ(bench.post("/api/v1/namespaces/team/configmaps", Bench::config_map("a")).status, 403);
  bench.pass(Millis(2000));
  EXPECT_EQ(bench.send("GET", "/api/v1/namespaces/team").status, 404);
  EXPECT_EQ(bench.send("DELETE", "/api/v1/namespaces/default").status, 403);
}

TEST(Events, AreTheSameInBothGroups) {
  Bench bench;
  const Json event = {{"apiVersion", "events.k8s.io/v1"},
                      {"kind", "Event"},
                      {"metadata", {{"name", "e"}}},
                      {"regarding", {{"kind", "RayService"}, {"name", "svc"}, {"uid", "7"}}},
                      {"note", "hello"},
                      {"reason", "Said"}};
  ASSERT_EQ(bench.post("/apis/events.k8s.io/v1/namespaces/default/events", event).status, 201);
  const Json core =
      bench.get("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dsvc");
  ASSERT_EQ(core["items"].size(), 1u);
  EXPECT_EQ(core["items"][0]["message"], "hello");
  EXPECT_EQ(bench.get("/apis/events.k8s.io/v1/namespaces/default/events/e")["note"], "hello");
}

// The bytes of a busy hour, all in one.
std::string story(std::uint64_t seed) {
  Bench bench({.seed = seed});
  std::string bytes;
  bench.watch("/api/v1/pods?watch=true&allowWatchBookmarks=true");
  bench.watch("/apis/discovery.k8s.io/v1/endpointslices?watch=true");
  for (int i = 0; i < 5; ++i) {
    const std::string cluster = "rc" + std::to_string(i);
    bench.post(Bench::kPods, Bench::ray_pod(cluster + "-head", cluster, "head"));
    bench.post(Bench::kPods, Bench::ray_pod(cluster + "-worker", cluster, "worker"));
    bench.post(Bench::kServices, service_of(cluster, {{"ray.io/cluster", cluster}}, false));
    bench.pass(Millis(777));
  }
  bench.post("/sandbox/pods", {{"percent", 50}, {"pod", "head"}, {"action", "restart"}});
  bench.pass(std::chrono::hours(1));
  for (const Sandbox::Chunk& chunk : bench.sandbox.take_chunks()) bytes += chunk.bytes;
  return bytes + bench.send("GET", "/sandbox/clusters").body +
         bench.send("GET", "/api/v1/pods").body;
}

TEST(Sandbox, GivesTheSameBytesForTheSameSeed) {
  EXPECT_EQ(story(7), story(7));
  EXPECT_NE(story(7), story(8));
}

TEST(Sandbox, RefusesOptionsThatMakeNoSense) {
  EXPECT_FALSE(check_sandbox_options({}).has_value());
  EXPECT_TRUE(check_sandbox_options({.pod_ips = "10.0.0.0"}).has_value());
  EXPECT_TRUE(check_sandbox_options({.head_ready = Millis(-1)}).has_value());
  EXPECT_TRUE(check_sandbox_options({.nodes = 0}).has_value());
}

}  // namespace
}  // namespace raycord
