#include "core/build/probes.h"

#include <gtest/gtest.h>

#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

constexpr const char* kRaylet =
    "wget --tries 1 -T 2 -q -O- http://localhost:52365/api/local_raylet_healthz | grep success";
constexpr const char* kGcs =
    "wget --tries 1 -T 10 -q -O- http://localhost:8265/api/gcs_healthz | grep success";
constexpr const char* kServe =
    "wget --tries 1 -T 10 -q -O- http://localhost:8000/-/healthz | grep success";

Json ray(const Json& pod) { return pod["spec"]["containers"][0]; }

Json exec(const std::string& text) { return Json{{"command", Json::array({"bash", "-c", text})}}; }

Json times(const Json& probe) {
  return Json::array({probe["initialDelaySeconds"], probe["timeoutSeconds"], probe["periodSeconds"],
                      probe["successThreshold"], probe["failureThreshold"]});
}

TEST(Probes, OfAHeadBefore253AskRayletAndGcs) {
  const Json container = ray(head_pod(sample_cluster()));
  for (const char* kind : {"livenessProbe", "readinessProbe"}) {
    EXPECT_EQ(container[kind]["exec"], exec(std::string(kRaylet) + " && " + kGcs));
  }
  EXPECT_EQ(times(container["livenessProbe"]), Json::array({30, 5, 5, 1, 120}));
  EXPECT_EQ(times(container["readinessProbe"]), Json::array({10, 5, 5, 1, 10}));
}

TEST(Probes, OfAWorkerBefore253AskTheRaylet) {
  const Json container = ray(worker_pod(sample_cluster()));
  EXPECT_EQ(container["livenessProbe"]["exec"], exec(kRaylet));
  EXPECT_EQ(container["readinessProbe"]["exec"], exec(kRaylet));
  EXPECT_EQ(times(container["livenessProbe"]), Json::array({30, 2, 5, 1, 120}));
  EXPECT_EQ(times(container["readinessProbe"]), Json::array({10, 2, 5, 1, 10}));
}

TEST(Probes, Since253AskOneEndpoint) {
  Json cluster = sample_cluster();
  const Json endpoint = {{"path", "/api/healthz"}, {"port", 52365}};
  for (const char* version : {"2.53.0", "2.53", "v2.100.0", "3.0.0", "2.53.0rc1"}) {
    cluster["spec"]["rayVersion"] = version;
    for (const Json& pod : {head_pod(cluster), worker_pod(cluster)}) {
      EXPECT_EQ(ray(pod)["livenessProbe"]["httpGet"], endpoint) << version;
      EXPECT_EQ(ray(pod)["readinessProbe"]["httpGet"], endpoint) << version;
    }
  }
}

TEST(Probes, StayWithTheShellWhereTheVersionCannotBeRead) {
  Json cluster = sample_cluster();
  for (const char* version :
       {"", "nightly", "2", "2.x", "2.52.99", "1.99.0", ".53", "99999999999999999999.1"}) {
    cluster["spec"]["rayVersion"] = version;
    EXPECT_TRUE(ray(head_pod(cluster))["livenessProbe"].contains("exec")) << version;
  }
}

TEST(Probes, OfAServiceTakeAWorkerOutOfTrafficWithoutItsProxy) {
  for (const char* version : {"2.52.0", "2.53.0"}) {
    Json cluster = sample_cluster_of_service();
    cluster["spec"]["rayVersion"] = version;
    const Json probe = ray(worker_pod(cluster))["readinessProbe"];
    EXPECT_EQ(probe["exec"], exec(std::string(kRaylet) + " && " + kServe)) << version;
    EXPECT_FALSE(probe.contains("httpGet"));
    EXPECT_EQ(times(probe), Json::array({10, 2, 5, 1, 1}));
    EXPECT_EQ(ray(head_pod(cluster))["readinessProbe"].dump().find("-/healthz"), std::string::npos);
  }
}

TEST(Probes, FollowThePortsOfTheUser) {
  Json cluster = sample_cluster_of_service();
  worker_container(cluster)["ports"] = {{{"name", "serve"}, {"containerPort", 9000}}};
  cluster["spec"]["workerGroupSpecs"][0]["rayStartParams"] = {
      {"dashboard-agent-listen-port", "7000"}};
  const std::string check = ray(worker_pod(cluster))["readinessProbe"]["exec"]["command"][2];
  EXPECT_NE(check.find("localhost:9000/-/healthz"), std::string::npos);
  EXPECT_NE(check.find("localhost:7000/api/local_raylet_healthz"), std::string::npos);
  cluster["spec"]["headGroupSpec"]["rayStartParams"] = {{"dashboard-port", "7001"},
                                                        {"dashboard-agent-listen-port", "none"}};
  const std::string head = ray(head_pod(cluster))["livenessProbe"]["exec"]["command"][2];
  EXPECT_NE(head.find("localhost:7001/api/gcs_healthz"), std::string::npos);
  EXPECT_NE(head.find("localhost:52365/"), std::string::npos);
}

TEST(Probes, OfTheUserStay) {
  Json cluster = sample_cluster_of_service();
  const Json own = {{"tcpSocket", {{"port", 1}}}};
  worker_container(cluster)["readinessProbe"] = own;
  EXPECT_EQ(ray(worker_pod(cluster))["readinessProbe"], own);
  EXPECT_TRUE(ray(worker_pod(cluster)).contains("livenessProbe"));
}

TEST(Probes, AreLeftOutWhereInjectionIsOff) {
  BuildOptions options;
  options.inject_probes = false;
  EXPECT_FALSE(ray(head_pod(sample_cluster(), options)).contains("livenessProbe"));
  EXPECT_FALSE(ray(head_pod(sample_cluster(), options)).contains("readinessProbe"));
}

}  // namespace
}  // namespace raycord::test
