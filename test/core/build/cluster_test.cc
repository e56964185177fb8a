#include "core/build/cluster.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

using testing::HasSubstr;

ClusterParameters first_cluster() {
  ClusterParameters parameters;
  parameters.name = "llm-raycluster-6mj28";
  parameters.intent = "abcde:9";
  parameters.spec_revision = "0f3a";
  parameters.purpose = "first";
  return parameters;
}

Json cluster_of(const Json& service) {
  return parsed(build_ray_cluster(service.dump(), first_cluster(), {}));
}

TEST(RayClusterOfAService, IsACompleteObjectWithTheConfigAsItsSpec) {
  Json service = sample_service();
  service["spec"]["rayClusterConfig"]["suspend"] = true;
  const Json cluster = cluster_of(service);
  EXPECT_EQ(cluster["apiVersion"], "ray.io/v1");
  EXPECT_EQ(cluster["kind"], "RayCluster");
  EXPECT_EQ(cluster["metadata"]["name"], "llm-raycluster-6mj28");
  EXPECT_EQ(cluster["metadata"]["namespace"], "ns1");
  EXPECT_EQ(cluster["metadata"]["ownerReferences"], Json::parse(R"([{
    "apiVersion": "ray.io/v1", "kind": "RayService", "name": "llm", "uid": "uid-of-llm",
    "controller": true, "blockOwnerDeletion": true}])"));
  EXPECT_EQ(cluster["spec"], service["spec"]["rayClusterConfig"]);
}

TEST(RayClusterOfAService, RemembersWhatTheLogKnows) {
  ClusterParameters parameters = first_cluster();
  parameters.purpose = "failover";
  parameters.counter = 7;
  parameters.attempt = 2;
  parameters.spec_hash = "Q1055";
  const Json cluster = parsed(build_ray_cluster(sample_service().dump(), parameters, {}));
  EXPECT_EQ(cluster["metadata"]["annotations"], Json::parse(R"({
    "raycord.io/intent": "abcde:9", "raycord.io/spec-revision": "0f3a",
    "raycord.io/purpose": "failover", "raycord.io/counter": "7", "raycord.io/attempt": "2",
    "ray.io/kuberay-version": "raycord-0.1.0", "ray.io/num-worker-groups": "1",
    "ray.io/hash-without-replicas-and-workers-to-delete": "Q1055"})"));
}

TEST(RayClusterOfAService, InheritsLabelsAndSaysWhereItComesFrom) {
  Json service = sample_service();
  service["metadata"]["labels"] = {{"team", "a"}, {"ray.io/originated-from-crd", "x"}};
  EXPECT_EQ(cluster_of(service)["metadata"]["labels"], Json::parse(R"({
    "team": "a", "ray.io/originated-from-crd": "RayService",
    "ray.io/originated-from-cr-name": "llm"})"));
}

TEST(RayClusterOfAService, InheritsOnlyAnnotationsThatMeanSomethingToIt) {
  for (const char* key :
       {"ray.io/ft-enabled", "ray.io/overwrite-container-cmd", "ray.io/gcs-ft-deletion-timeout",
        "kubernetes.io/ingress.class", "nginx.ingress.kubernetes.io/rewrite-target",
        "alb.ingress.kubernetes.io/scheme", "kueue.x-k8s.io/queue-name", "volcano.sh/queue-name",
        "yunikorn.apache.org/app-id", "route.openshift.io/termination"}) {
    EXPECT_TRUE(is_inherited_annotation(key)) << key;
  }
  for (const char* key :
       {"kubectl.kubernetes.io/last-applied-configuration", "argocd.argoproj.io/tracking-id",
        "meta.helm.sh/release-name", "raycord.io/name-counter", "raycord.io/intent",
        "ray.io/num-worker-groups", "ray.io/kuberay-version", "plain", "notray.io/x",
        "xingress.kubernetes.io/y"}) {
    EXPECT_FALSE(is_inherited_annotation(key)) << key;
  }
  Json service = sample_service();
  service["metadata"]["annotations"] = {{"ray.io/ft-enabled", "true"},
                                        {"kubectl.kubernetes.io/last-applied-configuration", "{}"}};
  const Json annotations = cluster_of(service)["metadata"]["annotations"];
  EXPECT_EQ(annotations["ray.io/ft-enabled"], "true");
  EXPECT_FALSE(annotations.contains("kubectl.kubernetes.io/last-applied-configuration"));
}

GroupsParameters groups_parameters() {
  GroupsParameters parameters;
  parameters.intent = "abcde:20";
  parameters.spec_revision = "77aa";
  parameters.resource_version = "41";
  return parameters;
}

TEST(GroupsPatch, AppendsGroupsAndLeavesTheOthersToTheAutoscaler) {
  Json service = sample_service();
  Json& groups = service["spec"]["rayClusterConfig"]["workerGroupSpecs"];
  Json second = groups[0];
  second["groupName"] = "second";
  groups.push_back(second);
  groups[0]["replicas"] = 2;
  Json cluster = sample_cluster_of_service();
  Json& scaled = cluster["spec"]["workerGroupSpecs"][0];
  scaled["replicas"] = 4;
  scaled["scaleStrategy"]["workersToDelete"] = {"rc-small-group-worker-1"};
  const Json patch =
      parsed(build_cluster_groups_patch(service.dump(), cluster.dump(), groups_parameters(), {}));
  EXPECT_EQ(patch["metadata"], Json::parse(R"({
    "resourceVersion": "41", "uid": "uid-of-rc", "annotations": {
      "raycord.io/intent": "abcde:20", "raycord.io/spec-revision": "77aa",
      "ray.io/kuberay-version": "raycord-0.1.0", "ray.io/num-worker-groups": "2"}})"));
  EXPECT_EQ(patch["spec"].size(), 1U);
  EXPECT_EQ(patch["spec"]["workerGroupSpecs"], Json::array({scaled, second}));
}

TEST(GroupsPatch, RefusesWhatIsNoAppending) {
  Json service = sample_service();
  service["spec"]["rayClusterConfig"]["workerGroupSpecs"][0]["groupName"] = "renamed";
  const std::string cluster = sample_cluster_of_service().dump();
  EXPECT_THAT(parsed(build_cluster_groups_patch(service.dump(), cluster, groups_parameters(),
                                                {}))["failure"],
              HasSubstr("spec.rayClusterConfig.workerGroupSpecs[0].groupName is not small-group"));
  service["spec"]["rayClusterConfig"].erase("workerGroupSpecs");
  EXPECT_THAT(parsed(build_cluster_groups_patch(service.dump(), cluster, groups_parameters(),
                                                {}))["failure"],
              HasSubstr("has fewer groups"));
}

}  // namespace
}  // namespace raycord::test
