// RayCluster 66 to 72: fault tolerance of the GCS, and deletion.

#include "test/conformance/scenario.h"

namespace raycord {
namespace {

using Json = Stage::Json;

const char* const kFinalizer = "ray.io/gcs-ft-redis-cleanup-finalizer";

void use_redis(Stage& stage) {
  stage.use_cluster();
  stage.spec()["gcsFaultToleranceOptions"] = {{"redisAddress", "redis:6379"}};
}

std::string env(const Json& pod, const char* name) {
  return Stage::text(env_of(container_of(pod), name), "/value");
}

void deleted_without_redis(Stage& stage) {
  stage.use_cluster();
  stage.run_cluster();
  stage.is(Stage::at(stage.object(), "/metadata/finalizers"), Json(), "finalizers");
  stage.remove(stage.path());
  stage.run(10s);
  stage.is(stage.items(stage.home("pods")).size(), 0U, "pods");
  stage.is(stage.items(stage.home("services")).size(), 0U, "Services");
}

void redis_is_told_to_pods(Stage& stage) {
  use_redis(stage);
  bool late = false;
  stage.at_each_step([&] {
    const Json finalizers = Stage::at(stage.object(), "/metadata/finalizers");
    late = late || (finalizers != Json::array({kFinalizer}) && !stage.pods("rc").empty());
  });
  stage.run_cluster();
  stage.is(Stage::at(stage.object(), "/metadata/finalizers"), Json({kFinalizer}), "finalizers");
  stage.holds(!late, "the finalizer comes first");
  stage.is(env(stage.head(), "RAY_REDIS_ADDRESS"), "redis:6379", "RAY_REDIS_ADDRESS");
  stage.is(env(stage.head(), "RAY_external_storage_namespace"), object_uid(stage.object()),
           "RAY_external_storage_namespace");
  stage.is(annotation_of(stage.head(), "ray.io/ft-enabled"), "true", "ft-enabled");
  stage.is(env(stage.workers().at(0), "RAY_gcs_rpc_server_reconnect_timeout_s"), "600", "timeout");
}

void redis_password(Stage& stage) {
  use_redis(stage);
  const Json source = {{"secretKeyRef", {{"name", "redis"}, {"key", "password"}}}};
  stage.spec()["gcsFaultToleranceOptions"]["redisPassword"] = {{"valueFrom", source}};
  stage.apply_for(5s);
  const Json head = container_of(stage.head());
  stage.is(Stage::at(env_of(head, "REDIS_PASSWORD"), "/valueFrom"), source, "REDIS_PASSWORD");
  stage.holds(
      Stage::text(head, "/args/0").find("--redis-password=$REDIS_PASSWORD") != std::string::npos,
      "--redis-password");
}

void redis_is_cleaned_up(Stage& stage) {
  use_redis(stage);
  stage.run_cluster();
  bool seen = false;
  stage.at_each_step(
      [&] { seen = seen || !stage.get(stage.home("jobs") + "/rc-redis-cleanup").is_null(); });
  stage.remove(stage.path());
  stage.run(5s);
  stage.is(stage.pods("rc", "head").size(), 0U, "heads");
  stage.within(
      "the cluster is gone", [&] { return stage.object().is_null(); }, 5min);
  stage.holds(seen, "a Job cleans up");
  stage.is(stage.events("CreatedRedisCleanupJob"), 1U, "Events");
}

void cleanup_never_ends(Stage& stage) {
  use_redis(stage);
  stage.annotate("ray.io/gcs-ft-deletion-timeout", "10");
  stage.head_container()["image"] = "rayproject/ray:2.52.1";
  stage.run_cluster();
  // No Job can be made, so none ends.
  stage.fault(
      "faults",
      {{"target", "apiserver"}, {"mode", "error"}, {"method", "POST"}, {"path", "/apis/batch/v1"}});
  stage.remove(stage.path());
  stage.run(9s);
  stage.holds(!stage.object().is_null(), "the cluster waits");
  stage.run(6s);
  stage.is(stage.object(), Json(), "the cluster after 10 s");
  stage.is(stage.events("ForceDeletedStuckCluster"), 1U, "Events");
}

void no_cleanup(Stage& stage) {
  stage.options().options.redis_cleanup = false;
  use_redis(stage);
  stage.run_cluster();
  stage.is(env(stage.head(), "RAY_REDIS_ADDRESS"), "redis:6379", "RAY_REDIS_ADDRESS");
  stage.is(Stage::at(stage.object(), "/metadata/finalizers"), Json(), "finalizers");
  stage.remove(stage.path());
  stage.run(10s);
  stage.is(stage.object(), Json(), "the cluster");
}

void redis_address_alone(Stage& stage) {
  stage.use_cluster();
  stage.head_container()["env"] = {{{"name", "RAY_REDIS_ADDRESS"}, {"value", "redis:6379"}}};
  stage.apply_for(5s);
  stage.is(stage.pods("rc").size(), 0U, "pods");
  stage.is(stage.events("InvalidRayClusterSpec"), 1U, "Events");
}

}  // namespace

std::vector<Scenario> cluster_deletion() {
  using enum Tag;
  return {
      {66, Core, "no fault tolerance: no finalizer, the garbage collector takes all",
       deleted_without_redis, same()},
      {67, Plus, "Redis: finalizer first; address, namespace and timeouts in the pods",
       redis_is_told_to_pods, same()},
      {68, Plus, "Redis password from a Secret", redis_password, same()},
      {69, Plus, "Redis, cluster deleted: one Job cleans up, then the finalizer goes",
       redis_is_cleaned_up, same()},
      {70, Plus, "Redis, clean-up that never ends: the finalizer goes after the timeout",
       cleanup_never_ends, same()},
      {71, Plus, "`RAY_REDIS_ADDRESS` without fault tolerance: invalid", redis_address_alone,
       same()},
      {72, Plus, "`ENABLE_GCS_FT_REDIS_CLEANUP=false`: no finalizer", no_cleanup, same()},
  };
}

}  // namespace raycord
