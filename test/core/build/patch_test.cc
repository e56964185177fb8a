#include "core/build/patch.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/build/service.h"
#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

// The Service as the API server keeps it after a create.
Json kept(Json service) {
  service["metadata"]["uid"] = "uid-of-svc";
  service["metadata"]["resourceVersion"] = "7";
  Json& spec = service["spec"];
  if (!spec.contains("type")) spec["type"] = "ClusterIP";
  if (!spec.contains("clusterIP")) spec["clusterIP"] = "10.0.0.1";
  spec["clusterIPs"] = Json::array({spec["clusterIP"]});
  spec["ipFamilies"] = {"IPv4"};
  spec["ipFamilyPolicy"] = "SingleStack";
  spec["internalTrafficPolicy"] = "Cluster";
  spec["sessionAffinity"] = "None";
  return service;
}

Json other_cluster() {
  Json cluster = sample_cluster_of_service();
  cluster["metadata"]["name"] = "rc2";
  return cluster;
}

Json serve(const Json& service, const Json& cluster, const char* intent = "abcde:1") {
  return parsed(build_serve_service(service.dump(), cluster.dump(), intent));
}

Json switched(const Json& existing, const Json& desired) {
  return parsed(build_service_switch(existing.dump(), desired.dump(), "7"));
}

// What the API server makes of a Service and a patch of it.
Json patched(Json service, const Json& patch) {
  service.merge_patch(patch);
  return service;
}

TEST(ServiceSwitch, ChangesTheSelectorAndNothingElse) {
  const Json existing = kept(serve(sample_service(), sample_cluster_of_service()));
  const Json desired = serve(sample_service(), other_cluster(), "abcde:9");
  const Json patch = switched(existing, desired);
  EXPECT_EQ(patch["metadata"], Json::parse(R"({"resourceVersion": "7", "uid": "uid-of-svc",
                                               "annotations": {"raycord.io/intent": "abcde:9"}})"));
  Json expected = existing;
  expected["spec"]["selector"]["ray.io/cluster"] = "rc2";
  expected["metadata"]["annotations"]["raycord.io/intent"] = "abcde:9";
  EXPECT_EQ(patched(existing, patch), expected);
}

TEST(ServiceSwitch, BringsThePortsOfTheNewCluster) {
  Json cluster = other_cluster();
  head_container(cluster)["ports"] = {{{"name", "serve"}, {"containerPort", 9000}}};
  const Json existing = kept(serve(sample_service(), sample_cluster_of_service()));
  const Json after = patched(existing, switched(existing, serve(sample_service(), cluster)));
  EXPECT_EQ(after["spec"]["ports"], Json::parse(R"([{"name": "serve", "port": 9000}])"));
}

TEST(ServiceSwitch, RemovesWhatIsNoLongerAskedFor) {
  Json existing = kept(serve(sample_service(), sample_cluster_of_service()));
  existing["spec"]["selector"]["old"] = "label";
  existing["spec"]["externalIPs"] = {"192.0.2.1"};
  const Json after =
      patched(existing, switched(existing, serve(sample_service(), other_cluster())));
  EXPECT_EQ(after["spec"]["selector"], (Json{{"ray.io/cluster", "rc2"}, {"ray.io/serve", "true"}}));
  EXPECT_FALSE(after["spec"].contains("externalIPs"));
  EXPECT_EQ(after["spec"]["clusterIP"], "10.0.0.1");
  EXPECT_EQ(after["spec"]["sessionAffinity"], "None");
}

TEST(ServiceSwitch, KeepsNodePorts) {
  Json service = sample_service();
  service["spec"]["rayClusterConfig"]["headGroupSpec"]["serviceType"] = "NodePort";
  Json existing = kept(serve(service, sample_cluster_of_service()));
  existing["spec"]["ports"][0]["nodePort"] = 30208;
  const Json after = patched(existing, switched(existing, serve(service, other_cluster())));
  EXPECT_EQ(after["spec"]["ports"][0]["nodePort"], 30208);
  EXPECT_EQ(after["spec"]["type"], "NodePort");
}

TEST(ServiceSwitch, DropsNodePortsWithTheTypeThatHadThem) {
  Json existing = kept(serve(sample_service(), sample_cluster_of_service()));
  existing["spec"]["type"] = "NodePort";
  existing["spec"]["ports"][0]["nodePort"] = 30208;
  const Json desired = serve(sample_service(), other_cluster());
  const Json after = patched(existing, switched(existing, desired));
  EXPECT_EQ(after["spec"]["type"], "ClusterIP");
  EXPECT_FALSE(after["spec"]["ports"][0].contains("nodePort"));
}

TEST(ServiceSwitch, OfAHeadlessServiceGoesOnWithoutAClusterIp) {
  BuildOptions headless;
  headless.headless_head_service = true;
  const std::string service = sample_service().dump();
  const Json existing = kept(parsed(build_service_head_service(
      service, sample_cluster_of_service().dump(), "abcde:1", headless)));
  Json cluster = other_cluster();
  for (const char* type : {"", "ClusterIP", "NodePort", "LoadBalancer"}) {
    cluster["spec"]["headGroupSpec"]["serviceType"] = type;
    const Json desired = parsed(build_service_head_service(service, cluster.dump(), "abcde:2", {}));
    const Json after = patched(existing, switched(existing, desired));
    EXPECT_EQ(after["spec"]["clusterIP"], "None") << type;
    EXPECT_EQ(after["spec"]["type"], "ClusterIP") << type;
    EXPECT_EQ(after["spec"]["selector"]["ray.io/cluster"], "rc2") << type;
  }
}

TEST(ServiceSwitch, SaysWhichServiceCannotBeRead) {
  const std::string desired = serve(sample_service(), other_cluster()).dump();
  EXPECT_EQ(parsed(build_service_switch("{", desired, "7"))["failure"],
            "existing Service is not JSON");
  EXPECT_EQ(parsed(build_service_switch("{}", desired, "7"))["failure"],
            "existing Service.spec is missing");
  EXPECT_EQ(parsed(build_service_switch(desired, R"({"spec": {"ports": [1]}})", "7"))["failure"],
            "desired Service.spec.ports is not a list of objects");
}

TEST(MetadataPatch, SetsAndRemovesKeysUnderItsPreconditions) {
  MetadataPatch patch;
  patch.uid = "u";
  patch.resource_version = "12";
  patch.labels["ray.io/serve"] = "true";
  patch.annotations["raycord.io/delete-after"] = "2026-01-01T00:00:00Z";
  patch.annotations["raycord.io/back-off-until"] = std::nullopt;
  EXPECT_EQ(Json::parse(build_metadata_patch(patch)), Json::parse(R"({"metadata": {
    "uid": "u", "resourceVersion": "12", "labels": {"ray.io/serve": "true"},
    "annotations": {"raycord.io/delete-after": "2026-01-01T00:00:00Z",
                    "raycord.io/back-off-until": null}}})"));
}

}  // namespace
}  // namespace raycord::test
