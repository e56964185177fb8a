#include "formats/object_slice.h"

#include <string>

#include <gtest/gtest.h>

namespace raycord {
namespace {

template <class T>
T slice(const std::string& json) {
  Result<Object> object = slice_object(json);
  EXPECT_TRUE(object) << (object ? "" : object.error().message);
  if (!object || !std::holds_alternative<T>(*object)) {
    ADD_FAILURE() << "not sliced as expected: " << json;
    return {};
  }
  return std::get<T>(*object);
}

std::string error_of(const std::string& json) {
  const Result<Object> object = slice_object(json);
  EXPECT_FALSE(object);
  return object ? "" : object.error().message;
}

constexpr const char* kPod = R"({
  "apiVersion": "v1", "kind": "Pod",
  "metadata": {
    "namespace": "default", "name": "llm-worker-x", "uid": "u1", "resourceVersion": "41",
    "creationTimestamp": "2026-01-31T12:00:00Z", "deletionTimestamp": "2026-01-31T13:00:00Z",
    "annotations": {"raycord.io/intent": "log:7"},
    "labels": {"ray.io/cluster": "llm-a", "ray.io/node-type": "worker", "ray.io/group": "gpu",
               "ray.io/worker-group-replica-index": "3", "ray.io/serve": "true",
               "ray.io/worker-group-replica-name": "gpu-abcde", "ray.io/replica-host-index": "1"},
    "ownerReferences": [{"kind": "Other", "name": "o", "uid": "o"},
                        {"kind": "RayCluster", "name": "llm-a", "uid": "c1", "controller": true}]
  },
  "spec": {"restartPolicy": "Never", "nodeName": "n1",
           "containers": [{"name": "ray"}, {"name": "aside"}]},
  "status": {
    "phase": "Running", "podIP": "10.0.0.1",
    "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady",
                    "message": "containers with unready status: [ray]"}],
    "containerStatuses": [
      {"name": "aside", "restartCount": 9, "state": {"running": {}}},
      {"name": "ray", "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff",
                                                               "message": "back-off"}}}]
  }})";

TEST(PodSlice, ReadsWhatRulesAsk) {
  const auto pod = slice<PodSlice>(kPod);
  EXPECT_EQ(pod.meta.name, "llm-worker-x");
  EXPECT_EQ(pod.meta.version, 41u);
  EXPECT_EQ(pod.meta.created, from_rfc3339("2026-01-31T12:00:00Z"));
  EXPECT_EQ(pod.meta.deleting_since, from_rfc3339("2026-01-31T13:00:00Z"));
  EXPECT_EQ(pod.meta.owner, (Owner{"RayCluster", "llm-a", "c1"}));
  EXPECT_EQ(pod.meta.intent, "log:7");
  EXPECT_EQ(pod.cluster, "llm-a");
  EXPECT_EQ(pod.node_type, NodeType::Worker);
  EXPECT_EQ(pod.group, "gpu");
  EXPECT_EQ(pod.replica_index, 3);
  EXPECT_EQ(pod.replica_name, "gpu-abcde");
  EXPECT_EQ(pod.host_index, 1);
  EXPECT_EQ(pod.serve_label, "true");
  EXPECT_EQ(pod.phase, PodPhase::Running);
  EXPECT_EQ(pod.restart_policy, RestartPolicy::Never);
  EXPECT_EQ(pod.ip, "10.0.0.1");
  EXPECT_EQ(pod.node, "n1");
}

TEST(PodSlice, TellsTheContainersReasonWhenThePodIsNotReadyForIt) {
  const auto pod = slice<PodSlice>(kPod);
  EXPECT_TRUE(pod.has_ready_condition);
  EXPECT_FALSE(pod.ready);
  EXPECT_EQ(pod.ready_reason, "CrashLoopBackOff");
  EXPECT_EQ(pod.ready_message, "containers with unready status: [ray]; ray: back-off");
}

TEST(PodSlice, TakesTheRayContainerByTheNameOfTheFirstOne) {
  EXPECT_EQ(slice<PodSlice>(kPod).ray_restarts, 2);
}

TEST(PodSlice, FillsInTheDefaultsOfWhatIsMissing) {
  const auto pod = slice<PodSlice>(
      R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "status": null})");
  EXPECT_EQ(pod.phase, PodPhase::Pending);
  EXPECT_EQ(pod.restart_policy, RestartPolicy::Always);
  EXPECT_EQ(pod.replica_index, -1);
  EXPECT_FALSE(pod.has_ready_condition);
}

TEST(PodSlice, AVersionThatIsNoNumberIsUnknown) {
  const auto pod = slice<PodSlice>(
      R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "resourceVersion": "a1"}})");
  EXPECT_EQ(pod.meta.version, 0u);
}

TEST(ServiceSlice, ReadsPortsByNumberAndByName) {
  const auto service = slice<ServiceSlice>(R"({
    "apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "n", "name": "llm-serve-svc"},
    "spec": {"clusterIP": "None", "selector": {"ray.io/cluster": "llm-a", "ray.io/serve": "true"},
             "ports": [{"name": "serve", "port": 8000, "targetPort": "http", "nodePort": 30000},
                       {"name": "metrics", "port": 8080, "targetPort": 8081},
                       {"port": 1}]}})");
  EXPECT_EQ(service.selected_cluster, "llm-a");
  EXPECT_TRUE(service.selects_serve);
  EXPECT_FALSE(service.is_head_service);
  EXPECT_EQ(service.cluster_ip, "None");
  ASSERT_EQ(service.ports.size(), 3u);
  EXPECT_EQ(service.ports[0], (ServicePort{"serve", 8000, "http", 30000}));
  EXPECT_EQ(service.ports[1], (ServicePort{"metrics", 8080, "8081", 0}));
  EXPECT_EQ(service.ports[2], (ServicePort{"", 1, "1", 0}));
}

TEST(EndpointsSlice, CountsEachReadyPodOnce) {
  const auto slices = slice<EndpointsSlice>(R"({
    "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
    "metadata": {"name": "e", "labels": {"kubernetes.io/service-name": "llm-serve-svc"}},
    "endpoints": [
      {"conditions": {"ready": true}, "targetRef": {"uid": "b"}},
      {"conditions": {"ready": true}, "targetRef": {"uid": "a"}},
      {"conditions": {"ready": true}, "targetRef": {"uid": "b"}},
      {"conditions": {"ready": false}, "targetRef": {"uid": "c"}},
      {"conditions": {}, "targetRef": {"uid": "d"}},
      {"conditions": {"ready": true}}]})");
  EXPECT_EQ(slices.service, "llm-serve-svc");
  EXPECT_EQ(slices.ready_uids, (std::vector<std::string>{"a", "b"}));
}

TEST(AccessSlice, KeepsItsKind) {
  const auto role = slice<AccessSlice>(
      R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
          "metadata": {"name": "llm-a", "labels": {"ray.io/cluster": "llm-a"}}})");
  EXPECT_EQ(role.kind, Kind::Role);
  EXPECT_EQ(role.cluster, "llm-a");
}

TEST(ObjectSlice, NamesObjectAndFieldOfAWrongType) {
  EXPECT_EQ(error_of(R"({"apiVersion": "v1", "kind": "Pod",
                         "metadata": {"namespace": "n", "name": "x"},
                         "spec": {"containers": [{"name": 3}]}})"),
            "Pod n/x: spec.containers[0].name must be a string, found a number");
  EXPECT_EQ(error_of(R"({"apiVersion": "v1", "kind": "Pod",
                         "metadata": {"name": "x", "labels": {"ray.io/group": []}}})"),
            "Pod /x: metadata.labels[ray.io/group] must be a string, found an array");
}

TEST(ObjectSlice, RefusesWhatIsNoObjectOfItsKinds) {
  EXPECT_NE(error_of("[]").find("must be an object, found an array"), std::string::npos);
  EXPECT_NE(error_of("{").find("not valid JSON"), std::string::npos);
  EXPECT_EQ(error_of(R"({"apiVersion": "apps/v1", "kind": "Pod", "metadata": {"name": "x"}})"),
            "Pod /x of apiVersion \"apps/v1\" is not of a kind that is read");
  EXPECT_NE(error_of(R"({"apiVersion": "v1", "kind": "Pod"})").find("metadata.name is missing"),
            std::string::npos);
}

TEST(ObjectSlice, RefusesObjectsThatAreTooLarge) {
  const std::string text =
      R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "more": ")" +
      std::string(kMaxObject, 'x') + "\"}";
  EXPECT_NE(error_of(text).find("is larger than 3145728"), std::string::npos);
}

TEST(ObjectSlice, AnItemOfATypedListNeedsNoKind) {
  const auto item = slice_object(Kind::Pod, R"({"metadata": {"name": "x"}})");
  ASSERT_TRUE(item);
  EXPECT_EQ(name_of(*item), (ObjectName{Kind::Pod, "", "x"}));
  EXPECT_FALSE(slice_object(Kind::Pod, R"({"apiVersion": "v1", "kind": "Service",
                                           "metadata": {"name": "x"}})"));
}

TEST(ObjectSlice, ReadsBothVersionsOfRayObjects) {
  for (const char* version : {"ray.io/v1", "ray.io/v1alpha1"}) {
    const std::string json = std::string(R"({"apiVersion": ")") + version +
                             R"(", "kind": "RayCluster", "metadata": {"name": "x"}})";
    EXPECT_EQ(slice<RayClusterSlice>(json).meta.name, "x");
  }
}

TEST(PodSlice, SaysWhoMadeItForWhichSpec) {
  const auto pod = [](const char* type, const char* annotations) {
    return slice<PodSlice>(std::string(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {
      "name": "p", "labels": {"ray.io/node-type": ")") +
                           type + R"("}, "annotations": {)" + annotations + "}}}");
  };
  const PodSlice ours = pod("head", R"("ray.io/kuberay-version": "raycord-0.1.0",
    "ray.io/upgrade-strategy-recreate-hash": "0123456789abcdef")");
  EXPECT_EQ(ours.made_by, hash_of("raycord-0.1.0"));
  EXPECT_EQ(to_hex(ours.made_for), "0123456789abcdef");
  const PodSlice kuberays = pod("head", R"("ray.io/kuberay-version": "v1.7.0",
    "ray.io/upgrade-strategy-recreate-hash": "QK3V5N0L8G6M1T7H2P4R9S0A1B2C3D4E")");
  EXPECT_EQ(kuberays.made_for, hash_of("QK3V5N0L8G6M1T7H2P4R9S0A1B2C3D4E"));
  const PodSlice worker = pod("worker", R"("raycord.io/spec-revision": "0123456789abcdef")");
  EXPECT_EQ(to_hex(worker.made_for), "0123456789abcdef");
  EXPECT_FALSE(worker.made_by);
  EXPECT_FALSE(pod("head", "").made_for);
}

TEST(JobSlice, HasEndedByAnyOfItsConditions) {
  const auto job = [](const std::string& conditions) {
    return slice<JobSlice>(R"({"apiVersion": "batch/v1", "kind": "Job", "metadata": {
      "name": "rc-redis-cleanup", "namespace": "default", "labels": {"ray.io/cluster": "rc"},
      "ownerReferences": [{"kind": "RayCluster", "name": "rc", "uid": "u1", "controller": true}]},
      "status": {"conditions": [)" +
                           conditions + "]}}");
  };
  EXPECT_EQ(job("").cluster, "rc");
  EXPECT_EQ(job("").meta.owner.uid, "u1");
  EXPECT_FALSE(job("").finished);
  EXPECT_FALSE(job(R"({"type": "Suspended", "status": "True"})").finished);
  EXPECT_FALSE(job(R"({"type": "Complete", "status": "False"})").finished);
  EXPECT_TRUE(job(R"({"type": "Complete", "status": "True"})").finished);
  EXPECT_FALSE(job(R"({"type": "Complete", "status": "True"})").failed);
  for (const char* type : {"Failed", "FailureTarget"}) {
    const JobSlice ended = job(std::string(R"({"type": ")") + type + R"(", "status": "True"})");
    EXPECT_TRUE(ended.finished && ended.failed) << type;
  }
}

TEST(ObjectSlice, IsNeverMadeOfASecret) {
  EXPECT_FALSE(slice_object(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "rc"},
                                "data": {"auth_token": "c2VjcmV0"}})"));
}

}  // namespace
}  // namespace raycord
