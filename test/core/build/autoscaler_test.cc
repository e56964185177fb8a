#include "core/build/autoscaler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/build/rbac.h"
#include "test/core/build/samples.h"

namespace raycord::test {
namespace {

using testing::HasSubstr;

Json autoscaling_cluster() {
  Json cluster = sample_cluster();
  cluster["spec"]["enableInTreeAutoscaling"] = true;
  return cluster;
}

Json sidecar_of(const Json& pod) { return pod["spec"]["containers"].back(); }

TEST(Autoscaler, RunsBesideTheHeadAndSharesItsLogs) {
  const Json pod = head_pod(autoscaling_cluster());
  ASSERT_EQ(pod["spec"]["containers"].size(), 2U);
  EXPECT_EQ(pod["spec"]["serviceAccountName"], "rc");
  EXPECT_THAT(argument_of(pod), HasSubstr(" --no-monitor "));
  for (const Json& container : pod["spec"]["containers"]) {
    EXPECT_EQ(named(container["volumeMounts"], "ray-logs")["mountPath"], "/tmp/ray");
  }
  EXPECT_EQ(named(pod["spec"]["volumes"], "ray-logs")["emptyDir"], Json::object());
  const Json sidecar = sidecar_of(pod);
  EXPECT_EQ(sidecar["name"], "autoscaler");
  EXPECT_EQ(sidecar["image"], "rayproject/ray:2.52.0");
  EXPECT_EQ(sidecar["imagePullPolicy"], "IfNotPresent");
  EXPECT_EQ(sidecar["resources"]["limits"], (Json{{"cpu", "500m"}, {"memory", "512Mi"}}));
  EXPECT_EQ(sidecar["resources"]["requests"], sidecar["resources"]["limits"]);
  EXPECT_EQ(sidecar["args"],
            Json::array({"ray kuberay-autoscaler --cluster-name $(RAY_CLUSTER_NAME) "
                         "--cluster-namespace $(RAY_CLUSTER_NAMESPACE)"}));
  EXPECT_EQ(env_of(sidecar, "KUBERAY_CRD_VER"), "v1");
  EXPECT_EQ(env_of(sidecar, "RAY_HEAD_POD_NAME")["valueFrom"]["fieldRef"]["fieldPath"],
            "metadata.name");
}

TEST(Autoscaler, LeavesWorkersAlone) {
  const Json pod = worker_pod(autoscaling_cluster());
  EXPECT_EQ(pod["spec"]["containers"].size(), 1U);
  EXPECT_FALSE(pod["spec"].contains("serviceAccountName"));
  EXPECT_FALSE(pod["spec"].contains("restartPolicy"));
}

TEST(Autoscaler, FollowsItsOptions) {
  Json cluster = autoscaling_cluster();
  cluster["spec"]["autoscalerOptions"] = Json::parse(R"({
    "image": "mine", "imagePullPolicy": "Always", "securityContext": {"runAsUser": 1},
    "resources": {"limits": {"cpu": "1"}}, "args": ["run"],
    "env": [{"name": "A", "value": "1"}], "envFrom": [{"configMapRef": {"name": "c"}}],
    "volumeMounts": [{"name": "v", "mountPath": "/v"}]})");
  const Json sidecar = sidecar_of(head_pod(cluster));
  EXPECT_EQ(sidecar["image"], "mine");
  EXPECT_EQ(sidecar["imagePullPolicy"], "Always");
  EXPECT_EQ(sidecar["securityContext"]["runAsUser"], 1);
  EXPECT_EQ(sidecar["resources"], Json::parse(R"({"limits": {"cpu": "1"}})"));
  EXPECT_EQ(sidecar["args"], Json::array({"run"}));
  EXPECT_EQ(env_of(sidecar, "A"), "1");
  EXPECT_EQ(sidecar["envFrom"].size(), 1U);
  EXPECT_EQ(sidecar["volumeMounts"].size(), 2U);
}

TEST(Autoscaler, OfVersionTwoNeverRestartsAPodInPlace) {
  Json cluster = autoscaling_cluster();
  cluster["spec"]["autoscalerOptions"]["version"] = "v2";
  EXPECT_EQ(head_pod(cluster)["spec"]["restartPolicy"], "Never");
  EXPECT_EQ(worker_pod(cluster)["spec"]["restartPolicy"], "Never");
  EXPECT_EQ(env_of(head_pod(cluster)["spec"]["containers"][0], "RAY_enable_autoscaler_v2"), "true");
  cluster["spec"]["autoscalerOptions"]["version"] = "v1";
  EXPECT_FALSE(head_pod(cluster)["spec"].contains("restartPolicy"));
  EXPECT_EQ(env_of(head_pod(cluster)["spec"]["containers"][0], "RAY_enable_autoscaler_v2"),
            "false");
}

TEST(Autoscaler, SharesTheUsersLogVolume) {
  Json cluster = autoscaling_cluster();
  const Json mount = {{"name", "logs"}, {"mountPath", "/tmp/ray"}, {"subPath", "rc"}};
  head_container(cluster)["volumeMounts"] = Json::array({mount});
  const Json pod = head_pod(cluster);
  for (const Json& container : pod["spec"]["containers"]) {
    EXPECT_EQ(named(container["volumeMounts"], "logs"), mount) << container["name"];
    EXPECT_EQ(named(container["volumeMounts"], "ray-logs"), Json());
  }
  EXPECT_EQ(named(pod["spec"]["volumes"], "ray-logs"), Json());
}

TEST(AutoscalerAccess, IsThreeObjectsOfTheCluster) {
  const std::string cluster = autoscaling_cluster().dump();
  const Json account = parsed(build_autoscaler_service_account(cluster, "abcde:1"));
  const Json role = parsed(build_autoscaler_role(cluster, "abcde:2"));
  const Json binding = parsed(build_autoscaler_role_binding(cluster, "abcde:3"));
  for (const Json& object : {account, role, binding}) {
    EXPECT_EQ(object["metadata"]["name"], "rc");
    EXPECT_EQ(object["metadata"]["namespace"], "ns1");
    EXPECT_EQ(object["metadata"]["ownerReferences"][0]["uid"], "uid-of-rc");
    EXPECT_EQ(object["metadata"]["labels"], Json::parse(R"({
      "ray.io/cluster": "rc", "app.kubernetes.io/name": "kuberay",
      "app.kubernetes.io/created-by": "kuberay-operator"})"));
  }
  EXPECT_EQ(account["apiVersion"], "v1");
  EXPECT_EQ(role["rules"], Json::parse(R"([
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch", "patch"]},
    {"apiGroups": [""], "resources": ["pods/resize"], "verbs": ["patch"]},
    {"apiGroups": ["ray.io"], "resources": ["rayclusters"], "verbs": ["get", "patch"]}])"));
  EXPECT_EQ(binding["apiVersion"], "rbac.authorization.k8s.io/v1");
  EXPECT_EQ(
      binding["roleRef"],
      Json::parse(R"({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "rc"})"));
  EXPECT_EQ(binding["subjects"],
            Json::parse(R"([{"kind": "ServiceAccount", "name": "rc", "namespace": "ns1"}])"));
}

TEST(AutoscalerAccess, BindsTheAccountThatTheUserChose) {
  Json cluster = autoscaling_cluster();
  EXPECT_FALSE(autoscaler_service_account(cluster.dump())->of_the_user);
  cluster["spec"]["headGroupSpec"]["template"]["spec"]["serviceAccountName"] = "runner";
  const Result<AutoscalerAccount> account = autoscaler_service_account(cluster.dump());
  ASSERT_TRUE(account);
  EXPECT_EQ(account->name, "runner");
  EXPECT_TRUE(account->of_the_user);
  const Json binding = parsed(build_autoscaler_role_binding(cluster.dump(), "abcde:3"));
  EXPECT_EQ(binding["metadata"]["name"], "rc");
  EXPECT_EQ(binding["subjects"][0]["name"], "runner");
  EXPECT_EQ(head_pod(cluster)["spec"]["serviceAccountName"], "runner");
}

}  // namespace
}  // namespace raycord::test
