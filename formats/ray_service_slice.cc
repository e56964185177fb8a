#include <algorithm>
#include <limits>

#include "core/names.h"
#include "formats/ray_spec.h"
#include "formats/serve_config.h"
#include "formats/slice_parts.h"
#include "formats/spec_hash.h"
#include "formats/validation.h"

namespace raycord {
namespace {

constexpr std::int64_t kCountMax = std::numeric_limits<std::uint32_t>::max();

UpgradeType upgrade_type_of(const std::string& text) {
  if (text == "NewCluster") return UpgradeType::NewCluster;
  if (text == "None") return UpgradeType::None;
  if (text == "NewClusterWithIncrementalUpgrade") return UpgradeType::Incremental;
  return UpgradeType::Unset;  // Any other text makes the slice invalid.
}

ClusterView slice_view(const JsonObject& from) {
  ClusterView view;
  view.cluster = from.text("rayClusterName");
  for (const auto& [name, app] : from.object_map("applicationStatuses")) {
    AppView seen{name, app.text("status"), app.text("message"), {}};
    for (const auto& [deployment, status] : app.object_map("serveDeploymentStatuses")) {
      seen.deployments.push_back({deployment, status.text("status"), status.text("message")});
    }
    view.apps.push_back(std::move(seen));
  }
  view.target_capacity = from.small_integer("targetCapacity");
  view.traffic_percent = from.small_integer("trafficRoutedPercent");
  view.traffic_moved = from_rfc3339(from.text("lastTrafficMigratedTime"));
  return view;
}

std::optional<IncrementalOptions> read_incremental(const JsonObject& strategy) {
  if (upgrade_type_of(strategy.text("type")) != UpgradeType::Incremental) return std::nullopt;
  const JsonObject from = strategy.object("clusterUpgradeOptions");
  IncrementalOptions options;
  options.max_surge = from.small_integer("maxSurgePercent").value_or(options.max_surge);
  options.step = from.small_integer("stepSizePercent").value_or(0);
  options.interval_s = from.small_integer("intervalSeconds").value_or(0);
  options.gateway_class = from.text("gatewayClassName");
  return options;
}

void read_annotations(const JsonObject& annotations, RayServiceSlice& service) {
  service.initializing_timeout_s =
      read_initializing_timeout(annotations.text("ray.io/initializing-timeout"));
  service.failover = read_failover_mode(annotations.text(kFailoverAnnotation));
  service.end_drain = annotations.text(kEndDrainAnnotation) == "true";
  service.name_counter =
      static_cast<std::uint32_t>(number_or(annotations.text(kNameCounterAnnotation), kCountMax, 0));
  service.attempts =
      static_cast<std::uint32_t>(number_or(annotations.text(kAttemptsAnnotation), kCountMax, 0));
  service.back_off_until = from_rfc3339(annotations.text(kBackOffUntilAnnotation));
}

void read_cluster_config(const JsonObject& spec, RayServiceSlice& service) {
  const auto config = spec.find("rayClusterConfig");
  if (!config) {
    const SpecHashes none = *hash_spec("{}");
    service.cluster_hashes = none.by_groups;
    service.muted_hash = none.muted;
    return;
  }
  SpecHashes hashes = hash_spec(*config);
  service.cluster_hashes = std::move(hashes.by_groups);
  service.muted_hash = hashes.muted;
  for (const JsonObject& group : spec.object("rayClusterConfig").objects("workerGroupSpecs")) {
    service.groups.push_back(group.text("groupName"));
  }
}

// What could not be read of the RayCluster once it is made is told here already: an unreadable
// RayCluster counts as none, and another one would be made.
void check_as_cluster(const JsonObject& meta, const JsonObject& spec) {
  meta.text_map("labels");
  meta.text_map("annotations");
  RayClusterSlice ignored;
  read_as_cluster(meta, spec.object("rayClusterConfig"), ignored);
}

}  // namespace

RayServiceStatus slice_service_status(const JsonObject& from) {
  RayServiceStatus status;
  status.conditions = slice_conditions(from);
  status.service_status = from.text("serviceStatus");
  status.active = slice_view(from.object("activeServiceStatus"));
  status.pending = slice_view(from.object("pendingServiceStatus"));
  status.endpoints = from.small_integer("numServeEndpoints").value_or(0);
  status.observed_generation = from.integer("observedGeneration").value_or(0);
  return status;
}

RayServiceSlice slice_ray_service(const JsonObject& root) {
  RayServiceSlice service;
  service.meta = slice_meta(root);
  const JsonObject meta = root.object("metadata");
  const JsonObject spec = root.object("spec");
  const std::vector<std::string> finalizers = meta.texts("finalizers");
  service.has_finalizer =
      std::find(finalizers.begin(), finalizers.end(), kServiceFinalizer) != finalizers.end();
  service.managed_elsewhere = !is_ours_to_manage(spec);
  service.suspended = spec.flag("suspend");
  service.invalid = validate_ray_service(root);
  read_cluster_config(spec, service);
  check_as_cluster(meta, spec);
  service.serve_config = read_serve_config(spec.text("serveConfigV2"));
  service.upgrade = upgrade_type_of(spec.object("upgradeStrategy").text("type"));
  service.incremental = read_incremental(spec.object("upgradeStrategy"));
  service.exclude_head_from_serve = spec.flag("excludeHeadPodFromServeSvc");
  service.service_unhealthy_s = spec.small_integer("serviceUnhealthySecondThreshold");
  service.deployment_unhealthy_s = spec.small_integer("deploymentUnhealthySecondThreshold");
  service.deletion_delay_s = spec.small_integer("rayClusterDeletionDelaySeconds");
  service.serve_service_name = spec.object("serveService").object("metadata").text("name");
  service.has_serve_port = spec.object("serveService").exists() ||
                           declares_serve(spec.object("rayClusterConfig").object("headGroupSpec"));
  read_annotations(meta.object("annotations"), service);
  service.status = slice_service_status(root.object("status"));
  return service;
}

}  // namespace raycord
