#include <algorithm>
#include <optional>
#include <string>

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
  // Head 500m and 4Gi; nine small workers of 500m, 1Gi and a GPU were asked for, five are the most
  // (KubeRay counts nine, raycluster-behaviour.md 8.4); two replicas of four hosts.
  EXPECT_EQ(cluster().desired, (DesiredResources{"3", "9Gi", "13", "32"}));
}

TEST(RayClusterSlice, SumsEveryContainerButNoSuspendedGroup) {
  const std::string head_limits = "              limits: {cpu: 2, memory: 4Gi}\n";
  const std::string with_sidecar =
      replaced(test_data("ray_cluster.yaml"), head_limits,
               head_limits + "          - {name: sidecar, resources: {limits: {cpu: 250m}}}\n");
  EXPECT_EQ(slice<RayClusterSlice>(with_sidecar).desired,
            (DesiredResources{"3250m", "9Gi", "13", "32"}));
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

// A plain RayCluster "rc" whose metadata and spec have these lines, at their indentation.
RayClusterSlice plain(const std::string& metadata, const std::string& spec,
                      const std::string& head = "") {
  return slice<RayClusterSlice>(
      "apiVersion: ray.io/v1\nkind: RayCluster\n"
      "metadata:\n  name: rc\n  namespace: ns1\n  uid: u1\n" +
      metadata + "spec:\n" + spec + "  headGroupSpec:\n" + head +
      "    template: {spec: {containers: [{name: ray, image: ray}]}}\n");
}

TEST(RayClusterSlice, IsFaultTolerantByOptionsOrByAnnotation) {
  EXPECT_FALSE(plain("", "  rayVersion: 2.52.0\n").redis_tolerant);
  EXPECT_TRUE(plain("", "  gcsFaultToleranceOptions: {redisAddress: 'r:6379'}\n").redis_tolerant);
  EXPECT_TRUE(plain("  annotations: {ray.io/ft-enabled: 'True'}\n", "").redis_tolerant);
  EXPECT_FALSE(plain("  annotations: {ray.io/ft-enabled: 'no'}\n", "").redis_tolerant);
  EXPECT_FALSE(plain("", "  gcsFaultToleranceOptions: {backend: rocksdb}\n").redis_tolerant);
}

TEST(RayClusterSlice, SaysWhetherItsPlaceInRedisIsNamed) {
  EXPECT_FALSE(
      plain("", "  gcsFaultToleranceOptions: {redisAddress: 'r:6379'}\n").names_redis_space);
  EXPECT_TRUE(
      plain("", "  gcsFaultToleranceOptions: {externalStorageNamespace: a}\n").names_redis_space);
  EXPECT_TRUE(
      plain("  annotations: {ray.io/external-storage-namespace: a}\n", "").names_redis_space);
}

TEST(RayClusterSlice, ReadsItsRedisFinalizerAndTimeLimit) {
  const RayClusterSlice read = plain(
      "  finalizers: [a/b, ray.io/gcs-ft-redis-cleanup-finalizer]\n"
      "  annotations: {ray.io/gcs-ft-deletion-timeout: '10'}\n",
      "");
  EXPECT_TRUE(read.has_redis_finalizer);
  EXPECT_EQ(read.redis_deletion_timeout_s, 10);
  EXPECT_FALSE(plain("  finalizers: [a/b]\n", "").has_redis_finalizer);
  for (const char* odd : {"0", "-5", "soon", "99999999999"}) {
    EXPECT_EQ(
        plain(std::string("  annotations: {ray.io/gcs-ft-deletion-timeout: '") + odd + "'}\n", "")
            .redis_deletion_timeout_s,
        std::nullopt)
        << odd;
  }
}

TEST(RayClusterSlice, ReadsTheWishesOfItsAnnotationsAndStrategy) {
  const RayClusterSlice read = plain(
      "  annotations:\n"
      "    ray.io/disable-provisioned-head-restart: 'true'\n"
      "    ray.io/enable-serve-service: 'true'\n",
      "  upgradeStrategy: {type: Recreate}\n");
  EXPECT_TRUE(read.no_head_restart);
  EXPECT_TRUE(read.wants_serve_service);
  EXPECT_TRUE(read.recreates);
  const RayClusterSlice other = plain("  annotations: {ray.io/enable-serve-service: 'True'}\n",
                                      "  upgradeStrategy: {type: None}\n");
  EXPECT_FALSE(other.no_head_restart);
  EXPECT_FALSE(other.wants_serve_service);
  EXPECT_FALSE(other.recreates);
}

// authOptions without a mode says nothing, though KubeRay then makes a Secret that nobody uses
// (raycluster-behaviour.md 8.9).
TEST(RayClusterSlice, SaysWhoseSecretTheTokenIsIn) {
  const auto of = [](const char* options) {
    return plain("", std::string("  rayVersion: 2.55.0\n  authOptions: ") + options + "\n");
  };
  EXPECT_TRUE(of("{mode: token}").makes_token_secret);
  EXPECT_EQ(of("{mode: token}").token_secret, "rc");
  EXPECT_FALSE(of("{mode: token, secretName: mine}").makes_token_secret);
  EXPECT_EQ(of("{mode: token, secretName: mine}").token_secret, "mine");
  EXPECT_FALSE(of("{mode: token, enableK8sTokenAuth: true}").makes_token_secret);
  EXPECT_FALSE(of("{mode: disabled}").makes_token_secret);
  EXPECT_FALSE(of("{}").makes_token_secret);
}

TEST(RayClusterSlice, CountsLessThanOneHostAsOne) {
  const RayClusterSlice read = plain("",
                                     "  workerGroupSpecs:\n"
                                     "    - groupName: a\n      replicas: 2\n      numOfHosts: 0\n"
                                     "      template: {spec: {containers: [{name: w, image: ray, "
                                     "resources: {limits: {cpu: 1}}}]}}\n");
  ASSERT_EQ(read.groups.size(), 1u);
  EXPECT_EQ(read.groups[0].hosts, 1);
  EXPECT_EQ(read.desired.cpu, "2");
}

IngressSlice ingress(const std::string& json) {
  const auto object = slice_object(json);
  EXPECT_TRUE(object) << (object ? "" : object.error().message);
  return object ? std::get<IngressSlice>(*object) : IngressSlice{};
}

bool says_all_of(const IngressSlice& ingress, const RayClusterSlice& cluster) {
  return std::includes(ingress.parts.begin(), ingress.parts.end(), cluster.ingress.begin(),
                       cluster.ingress.end());
}

TEST(IngressSlice, IsComparedWithWhatTheClusterAsksFor) {
  EXPECT_TRUE(plain("", "").ingress.empty());
  const char* options = "    enableIngress: true\n    ingressOptions: {host: ray.example.com}\n";
  const RayClusterSlice asking = plain(
      "  annotations: {kubernetes.io/ingress.class: nginx, note.example.com/a: b}\n", "", options);
  ASSERT_FALSE(asking.ingress.empty());
  const std::string start = R"({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
    "metadata": {"name": "rc-head-ingress", "namespace": "ns1", "resourceVersion": "7",
      "labels": {"ray.io/cluster": "rc", "ray.io/identifier": "rc-head",
                 "app.kubernetes.io/name": "kuberay",
                 "app.kubernetes.io/created-by": "kuberay-operator"},
      "annotations": {"raycord.io/intent": "abcde:9", "added.by/others": "x",
                      "note.example.com/a": ")";
  const std::string middle = R"("}},
    "spec": {"ingressClassName": ")";
  const std::string rest = R"(", "rules": [{"host": "ray.example.com", "http": {"paths": [{
      "path": "/", "pathType": "Prefix", "backend": {"service": {
        "name": "rc-head-svc", "port": {"number": 8265}}}}]}}]}})";
  const IngressSlice same = ingress(start + "b" + middle + "nginx" + rest);
  EXPECT_EQ(same.cluster, "rc");
  EXPECT_TRUE(says_all_of(same, asking));
  EXPECT_FALSE(says_all_of(ingress(start + "c" + middle + "nginx" + rest), asking));
  EXPECT_FALSE(says_all_of(ingress(start + "b" + middle + "other" + rest), asking));
  EXPECT_FALSE(says_all_of(same, plain("", "", "    enableIngress: true\n")));
  // A cluster that asks for no class is content with any.
  const RayClusterSlice classless = plain("  annotations: {note.example.com/a: b}\n", "", options);
  EXPECT_TRUE(says_all_of(same, classless));
}

// KubeRay warns of it and goes on (raycluster-behaviour.md 1.5).
TEST(RayClusterSlice, DoubtsARestartPolicyBesideTheFirstAutoscaler) {
  const auto doubt = [](const char* version, const char* policy) {
    return plain("", std::string("  enableInTreeAutoscaling: true\n"
                                 "  autoscalerOptions: {version: ") +
                         version +
                         "}\n  workerGroupSpecs:\n    - groupName: a\n"
                         "      template: {spec: {restartPolicy: " +
                         policy + ", containers: [{name: w, image: ray}]}}\n")
        .doubt;
  };
  EXPECT_EQ(doubt("v1", "Never"), "");
  EXPECT_EQ(doubt("v1", "Always"),
            "spec.workerGroupSpecs[0].template.spec.restartPolicy is \"Always\": autoscaler v1 may "
            "count a worker that is started again twice; use Never");
  EXPECT_EQ(doubt("v2", "Always"), "");  // That is invalid.
}

}  // namespace
}  // namespace raycord
