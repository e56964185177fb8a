#include <gtest/gtest.h>

#include "formats/manifest.h"
#include "formats/object_slice.h"
#include "formats/serve_config.h"
#include "test/formats/test_data.h"

namespace raycord {
namespace {

template <class T>
T slice(const std::string& yaml) {
  const auto objects = read_manifest(yaml);
  EXPECT_TRUE(objects) << (objects ? "" : objects.error().message);
  if (!objects || objects->size() != 1) return {};
  const auto object = slice_object((*objects)[0]);
  EXPECT_TRUE(object) << (object ? "" : object.error().message);
  if (!object) return {};
  return std::get<T>(*object);
}

RayServiceSlice service() { return slice<RayServiceSlice>(test_data("ray_service.yaml")); }
RayClusterSlice cluster() { return slice<RayClusterSlice>(test_data("ray_cluster.yaml")); }

TEST(RayServiceSlice, ReadsMetadataAndOurAnnotations) {
  const RayServiceSlice read = service();
  EXPECT_EQ(read.meta.ns, "shop");
  EXPECT_EQ(read.meta.generation, 4);
  EXPECT_EQ(read.meta.version, 120u);
  EXPECT_TRUE(read.has_finalizer);
  EXPECT_EQ(read.initializing_timeout_s, 5400);
  EXPECT_EQ(read.failover, FailoverMode::Shadow);
  EXPECT_TRUE(read.end_drain);
  EXPECT_EQ(read.name_counter, 7u);
  EXPECT_EQ(read.attempts, 2u);
  EXPECT_EQ(read.back_off_until, from_rfc3339("2026-02-01T09:00:00Z"));
}

TEST(RayServiceSlice, ReadsItsSpec) {
  const RayServiceSlice read = service();
  EXPECT_EQ(read.invalid, Invalid{});
  EXPECT_FALSE(read.managed_elsewhere);
  EXPECT_FALSE(read.suspended);
  EXPECT_EQ(read.service_unhealthy_s, 600);
  EXPECT_EQ(read.deployment_unhealthy_s, 200);
  EXPECT_EQ(read.deletion_delay_s, 30);
  EXPECT_TRUE(read.exclude_head_from_serve);
  EXPECT_EQ(read.upgrade, UpgradeType::NewCluster);
  EXPECT_EQ(read.serve_service_name, "public-door");
  EXPECT_TRUE(read.has_serve_port);
  EXPECT_EQ(read.groups, (std::vector<std::string>{"small", "large"}));
  EXPECT_EQ(read.cluster_hashes.size(), 3u);
  EXPECT_TRUE(read.muted_hash);
  ASSERT_EQ(read.serve_config.apps.size(), 1u);
  EXPECT_EQ(read.serve_config.apps.begin()->first, "ranking");
}

TEST(RayServiceSlice, ReadsItsStatus) {
  const RayServiceStatus status = service().status;
  EXPECT_EQ(status.service_status, "Running");
  EXPECT_EQ(status.endpoints, 2);
  EXPECT_EQ(status.observed_generation, 3);
  ASSERT_EQ(status.conditions.size(), 1u);
  EXPECT_EQ(status.conditions[0].since, from_rfc3339("2026-02-01T08:10:00Z"));
  EXPECT_EQ(status.active.cluster, "recommender-raycluster-abcde");
  ASSERT_EQ(status.active.apps.size(), 1u);
  EXPECT_EQ(status.active.apps[0],
            (AppView{"ranking", "RUNNING", "", {{"Ranker", "HEALTHY", ""}}}));
  EXPECT_EQ(status.pending, ClusterView{});
}

TEST(RayServiceSlice, AnUnreadableServeConfigIsToldAndTheRestIsRead) {
  const RayServiceSlice read = slice<RayServiceSlice>(replaced(test_data("ray_service.yaml"),
                                                               "import_path: shop.ranking:app",
                                                               "import_path: [shop.ranking"));
  EXPECT_NE(read.serve_config.error.find("serveConfigV2: line "), std::string::npos);
  EXPECT_FALSE(read.serve_config.hash);
  EXPECT_TRUE(read.serve_config.apps.empty());
  EXPECT_EQ(read.groups.size(), 2u);
}

TEST(RayServiceSlice, AnotherManagerIsSeen) {
  EXPECT_TRUE(slice<RayServiceSlice>(replaced(test_data("ray_service.yaml"), "spec:\n",
                                              "spec:\n  managedBy: kueue.x-k8s.io/multikueue\n"))
                  .managed_elsewhere);
  EXPECT_TRUE(slice<RayServiceSlice>(
                  replaced(test_data("ray_service.yaml"), "spec:\n", "spec:\n  managedBy: ''\n"))
                  .managed_elsewhere);
  EXPECT_FALSE(slice<RayServiceSlice>(replaced(test_data("ray_service.yaml"), "spec:\n",
                                               "spec:\n  managedBy: ray.io/kuberay-operator\n"))
                   .managed_elsewhere);
}

TEST(RayServiceSlice, TheHeadsPortsSayWhetherItServes) {
  const std::string plain =
      replaced(test_data("ray_service.yaml"),
               "  serveService:\n    metadata:\n      name: public-door\n", "");
  const auto with_ports = [&](const std::string& ports) {
    return slice<RayServiceSlice>(
               replaced(plain, "            - name: ray-head\n",
                        "            - name: ray-head\n              ports: " + ports + "\n"))
        .has_serve_port;
  };
  EXPECT_TRUE(slice<RayServiceSlice>(plain).has_serve_port);  // The default ports have serve.
  EXPECT_FALSE(with_ports("[{name: dashboard, containerPort: 8265}]"));
  EXPECT_TRUE(with_ports("[{name: serve, containerPort: 8000}]"));
  EXPECT_TRUE(with_ports("[{name: serve-grpc, containerPort: 9000}]"));
}

TEST(RayClusterSlice, ReadsStampsAndOwner) {
  const RayClusterSlice read = cluster();
  EXPECT_EQ(read.meta.owner, (Owner{"RayService", "recommender", "3f1c"}));
  EXPECT_TRUE(read.from_ray_service);
  EXPECT_EQ(to_hex(read.spec_revision), "0123456789abcdef");
  EXPECT_EQ(read.stamped_groups, 2);
  EXPECT_EQ(read.purpose, Purpose::Failover);
  EXPECT_EQ(read.counter, 7u);
  EXPECT_EQ(read.attempt, 2u);
  EXPECT_EQ(to_hex(read.accepted_config), "fedcba9876543210");
  EXPECT_EQ(read.delete_after, from_rfc3339("2026-02-01T09:30:00Z"));
}

TEST(RayClusterSlice, WithoutOurStampItsSpecSaysTheRevision) {
  const RayClusterSlice read = slice<RayClusterSlice>(replaced(
      test_data("ray_cluster.yaml"), "    raycord.io/spec-revision: 0123456789abcdef\n", ""));
  EXPECT_EQ(read.spec_revision, read.own_hashes.back());
  EXPECT_EQ(read.stamped_groups, -1);
}

TEST(RayClusterSlice, ReadsHeadPortsAuthAndAutoscaling) {
  const RayClusterSlice read = cluster();
  EXPECT_EQ(read.invalid, Invalid{});
  EXPECT_TRUE(read.autoscaling);
  EXPECT_TRUE(read.autoscaler_v2);
  EXPECT_EQ(read.autoscaler_account, "scaler");
  EXPECT_EQ(read.head_service_name, "");
  EXPECT_EQ(read.head_service_type, "NodePort");
  EXPECT_EQ(read.dashboard_port, 8266);
  EXPECT_EQ(read.agent_port, 52999);
  EXPECT_EQ(read.serve_port, 8001);
  EXPECT_TRUE(read.token_auth);
  EXPECT_EQ(read.token_secret, "recommender-raycluster-abcde");
}

TEST(RayClusterSlice, ClampsReplicasAndFillsInDefaults) {
  const RayClusterSlice read = cluster();
  ASSERT_EQ(read.groups.size(), 2u);
  EXPECT_EQ(read.groups[0], (WorkerGroup{"small", 5, 1, 5, 1, false, {"w1", "w2"}}));
  EXPECT_EQ(read.groups[1], (WorkerGroup{"hosts", 2, 0, 2147483647, 4, false, {}}));
  EXPECT_TRUE(read.has_multi_host_group);
}

TEST(RayClusterSlice, SumsWhatItsPodsAskFor) {
  // Head 500m and 4Gi; nine small workers of 500m, 1Gi and a GPU; two replicas of four hosts.
  EXPECT_EQ(cluster().desired, (DesiredResources{"5", "13Gi", "17", "32"}));
}

TEST(RayClusterSlice, SumsEveryContainerButNoSuspendedGroup) {
  const std::string head_limits = "              limits: {cpu: 2, memory: 4Gi}\n";
  const std::string with_sidecar =
      replaced(test_data("ray_cluster.yaml"), head_limits,
               head_limits + "          - {name: sidecar, resources: {limits: {cpu: 250m}}}\n");
  EXPECT_EQ(slice<RayClusterSlice>(with_sidecar).desired,
            (DesiredResources{"5250m", "13Gi", "17", "32"}));
  const std::string suspended = replaced(test_data("ray_cluster.yaml"), "    - groupName: small\n",
                                         "    - groupName: small\n      suspend: true\n");
  EXPECT_EQ(slice<RayClusterSlice>(suspended).desired,
            (DesiredResources{"500m", "4Gi", "8", "32"}));
}

TEST(RayClusterSlice, ReadsItsStatus) {
  const RayClusterStatus status = cluster().status;
  EXPECT_EQ(status.state, "ready");
  EXPECT_EQ(status.desired_workers, 13);
  EXPECT_EQ(status.max_workers, 2147483647);
  EXPECT_EQ(status.desired, (DesiredResources{"5", "13Gi", "17", "32"}));
  EXPECT_EQ(status.head, (HeadView{"h", "10.0.0.7", "s", "10.0.0.8"}));
  EXPECT_EQ(status.endpoints.at("dashboard"), "8266");
  EXPECT_EQ(status.state_times.at("ready"), *from_rfc3339("2026-02-01T08:05:00Z"));
  ASSERT_EQ(status.conditions.size(), 1u);
}

TEST(RayClusterSlice, ANumberThatDoesNotFitIsToldByItsPath) {
  const auto objects =
      read_manifest(replaced(test_data("ray_cluster.yaml"), "replicas: 9", "replicas: 9000000000"));
  ASSERT_TRUE(objects);
  const auto object = slice_object((*objects)[0]);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().message,
            "RayCluster shop/recommender-raycluster-abcde: "
            "spec.workerGroupSpecs[0].replicas must fit 32 bits, found 9000000000");
}

}  // namespace
}  // namespace raycord
