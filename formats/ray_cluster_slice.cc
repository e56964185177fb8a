#include <algorithm>
#include <limits>

#include "core/names.h"
#include "formats/cluster_rules.h"
#include "formats/ray_spec.h"
#include "formats/slice_parts.h"
#include "formats/spec_hash.h"
#include "formats/validation.h"

namespace raycord {
namespace {

constexpr std::int32_t kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kCountMax = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kPortMax = 65535;

Purpose purpose_of(const std::string& text) {
  for (const Purpose purpose : {Purpose::First, Purpose::Upgrade, Purpose::Failover}) {
    if (text == name_of(purpose)) return purpose;
  }
  return Purpose::Unknown;
}

WorkerGroup slice_group(const JsonObject& from) {
  WorkerGroup group;
  group.name = from.text("groupName");
  group.min_replicas = from.small_integer("minReplicas").value_or(0);
  group.max_replicas = from.small_integer("maxReplicas").value_or(kIntMax);
  group.replicas = replicas_of(from);
  group.hosts = hosts_of(from);
  group.suspended = from.flag("suspend");
  group.workers_to_delete = from.object("scaleStrategy").texts("workersToDelete");
  return group;
}

void read_head(const JsonObject& head, RayClusterSlice& cluster) {
  const JsonObject service = head.object("headService");
  cluster.head_service_name = service.object("metadata").text("name");
  cluster.head_service_type = service.object("spec").text("type");
  if (cluster.head_service_type.empty()) cluster.head_service_type = head.text("serviceType");
  cluster.autoscaler_account = head.object("template").object("spec").text("serviceAccountName");
  const JsonObject container = ray_container_of(head);
  cluster.dashboard_port = port_named(container, "dashboard").value_or(cluster.dashboard_port);
  cluster.serve_port = port_named(container, "serve").value_or(cluster.serve_port);
  const std::string agent = head.object("rayStartParams").text("dashboard-agent-listen-port");
  cluster.agent_port = static_cast<std::int32_t>(number_or(agent, kPortMax, cluster.agent_port));
}

void read_spec(const JsonObject& spec, RayClusterSlice& cluster) {
  cluster.managed_elsewhere = !is_ours_to_manage(spec);
  cluster.suspended = spec.flag("suspend");
  cluster.autoscaling = spec.flag("enableInTreeAutoscaling");
  cluster.autoscaler_v2 = asks_for_autoscaler_v2(spec);
  for (const JsonObject& from : spec.objects("workerGroupSpecs")) {
    cluster.groups.push_back(slice_group(from));
    if (cluster.groups.back().hosts > 1) cluster.has_multi_host_group = true;
  }
  cluster.desired = desired_resources(spec);
  read_head(spec.object("headGroupSpec"), cluster);
  const JsonObject auth = spec.object("authOptions");
  cluster.token_auth = auth.text("mode") == "token";
  if (!cluster.token_auth) return;
  cluster.token_secret = auth.text("secretName");
  if (!cluster.token_secret.empty()) return;
  cluster.token_secret = checked_name(cluster.meta.name);
  cluster.makes_token_secret = !auth.flag("enableK8sTokenAuth");
}

// Where the state of the head lies, and how long a deletion waits for it to be removed.
void read_fault_tolerance(const JsonObject& meta, const JsonObject& spec,
                          RayClusterSlice& cluster) {
  const JsonObject annotations = meta.object("annotations");
  const bool on_disk = spec.object("gcsFaultToleranceOptions").text("backend") == "rocksdb";
  cluster.redis_tolerant = is_fault_tolerant(spec, annotations) && !on_disk;
  const std::vector<std::string> finalizers = meta.texts("finalizers");
  cluster.has_redis_finalizer =
      std::find(finalizers.begin(), finalizers.end(), kRedisFinalizer) != finalizers.end();
  cluster.names_redis_space =
      !spec.object("gcsFaultToleranceOptions").text("externalStorageNamespace").empty() ||
      !annotations.text("ray.io/external-storage-namespace").empty();
  const std::string timeout = annotations.text("ray.io/gcs-ft-deletion-timeout");
  const std::int64_t seconds = number_or(timeout, kIntMax, 0);
  if (seconds > 0) cluster.redis_deletion_timeout_s = static_cast<std::int32_t>(seconds);
}

void read_wishes(const JsonObject& meta, const JsonObject& spec, RayClusterSlice& cluster) {
  const JsonObject annotations = meta.object("annotations");
  cluster.recreates = spec.object("upgradeStrategy").text("type") == "Recreate";
  cluster.no_head_restart = annotations.text("ray.io/disable-provisioned-head-restart") == "true";
  cluster.wants_serve_service = annotations.text("ray.io/enable-serve-service") == "true";
  if (cluster.invalid.reason.empty()) cluster.doubt = doubt_about_cluster(spec);
}

void read_stamps(const JsonObject& annotations, RayClusterSlice& cluster) {
  cluster.spec_revision = hash_from_hex(annotations.text(kSpecRevisionAnnotation));
  if (cluster.spec_revision) {
    cluster.stamped_groups = static_cast<std::int32_t>(
        number_or(annotations.text("ray.io/num-worker-groups"), kIntMax, -1));
  } else {
    cluster.spec_revision = cluster.own_hashes.back();
  }
  cluster.purpose = purpose_of(annotations.text(kPurposeAnnotation));
  cluster.counter =
      static_cast<std::uint32_t>(number_or(annotations.text(kCounterAnnotation), kCountMax, 0));
  cluster.attempt =
      static_cast<std::uint32_t>(number_or(annotations.text(kAttemptAnnotation), kCountMax, 0));
  cluster.accepted_config = hash_from_hex(annotations.text(kAcceptedConfigAnnotation));
  cluster.delete_after = from_rfc3339(annotations.text(kDeleteAfterAnnotation));
}

}  // namespace

RayClusterStatus slice_cluster_status(const JsonObject& from) {
  RayClusterStatus status;
  status.state = from.text("state");
  status.reason = from.text("reason");
  status.desired_workers = from.small_integer("desiredWorkerReplicas").value_or(0);
  status.min_workers = from.small_integer("minWorkerReplicas").value_or(0);
  status.max_workers = from.small_integer("maxWorkerReplicas").value_or(0);
  status.available_workers = from.small_integer("availableWorkerReplicas").value_or(0);
  status.ready_workers = from.small_integer("readyWorkerReplicas").value_or(0);
  const auto quantity = [&from](const char* key) {
    const std::string text = from.text_or_number(key);
    return text.empty() ? std::string("0") : text;
  };
  status.desired = {quantity("desiredCPU"), quantity("desiredMemory"), quantity("desiredGPU"),
                    quantity("desiredTPU")};
  const JsonObject head = from.object("head");
  status.head = {head.text("podName"), head.text("podIP"), head.text("serviceName"),
                 head.text("serviceIP")};
  status.endpoints = from.text_map("endpoints");
  const JsonObject times = from.object("stateTransitionTimes");
  for (const std::string& state : times.keys()) {
    if (const auto time = times.time(state)) status.state_times.emplace(state, *time);
  }
  status.conditions = slice_conditions(from);
  status.observed_generation = from.integer("observedGeneration").value_or(0);
  return status;
}

void read_as_cluster(const JsonObject& meta, const JsonObject& spec, RayClusterSlice& cluster) {
  read_spec(spec, cluster);
  read_fault_tolerance(meta, spec, cluster);
  read_wishes(meta, spec, cluster);
}

RayClusterSlice slice_ray_cluster(const JsonObject& root) {
  RayClusterSlice cluster;
  cluster.meta = slice_meta(root);
  const JsonObject meta = root.object("metadata");
  cluster.from_ray_service =
      meta.object("labels").text("ray.io/originated-from-crd") == "RayService";
  cluster.invalid = validate_ray_cluster(root);
  const auto spec = root.find("spec");
  cluster.own_hashes = (spec ? hash_spec(*spec) : *hash_spec("{}")).by_groups;
  const JsonObject fields = root.object("spec");
  read_as_cluster(meta, fields, cluster);
  if (fields.object("headGroupSpec").flag("enableIngress")) cluster.ingress = wanted_ingress(root);
  read_stamps(meta.object("annotations"), cluster);
  cluster.status = slice_cluster_status(root.object("status"));
  return cluster;
}

}  // namespace raycord
