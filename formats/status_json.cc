#include "formats/status_json.h"

#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "formats/canonical_json.h"
#include "formats/serve_config.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

void put(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

void put(Json& object, const char* key, std::int64_t number) {
  if (number != 0) object[key] = number;
}

void put_object(Json& object, const char* key, Json inner) {
  if (!inner.empty()) object[key] = std::move(inner);
}

Json conditions_json(const std::vector<Condition>& conditions) {
  Json list = Json::array();
  for (const Condition& condition : conditions) {
    // Reason and message are required fields of the schema, empty or not.
    Json entry = {{"type", condition.type},
                  {"status", condition.status},
                  {"reason", condition.reason},
                  {"message", condition.message},
                  {"lastTransitionTime", to_rfc3339(condition.since)}};
    put(entry, "observedGeneration", condition.observed_generation);
    list.push_back(std::move(entry));
  }
  return list;
}

Json head_json(const HeadView& head) {
  Json object = Json::object();
  put(object, "podName", head.pod_name);
  put(object, "podIP", head.pod_ip);
  put(object, "serviceName", head.service_name);
  put(object, "serviceIP", head.service_ip);
  return object;
}

Json cluster_status_json(const RayClusterStatus& status) {
  Json object = {{"desiredCPU", status.desired.cpu},
                 {"desiredMemory", status.desired.memory},
                 {"desiredGPU", status.desired.gpu},
                 {"desiredTPU", status.desired.tpu},
                 {"head", head_json(status.head)}};
  put(object, "state", status.state);
  put(object, "reason", status.reason);
  put(object, "desiredWorkerReplicas", status.desired_workers);
  put(object, "minWorkerReplicas", status.min_workers);
  put(object, "maxWorkerReplicas", status.max_workers);
  put(object, "availableWorkerReplicas", status.available_workers);
  put(object, "readyWorkerReplicas", status.ready_workers);
  put(object, "observedGeneration", status.observed_generation);
  put_object(object, "endpoints", Json(status.endpoints));
  put_object(object, "conditions", conditions_json(status.conditions));
  Json times = Json::object();
  for (const auto& [state, time] : status.state_times) times[state] = to_rfc3339(time);
  put_object(object, "stateTransitionTimes", std::move(times));
  return object;
}

Json apps_json(const std::vector<AppView>& apps) {
  Json object = Json::object();
  for (const AppView& app : apps) {
    Json deployments = Json::object();
    for (const DeploymentView& deployment : app.deployments) {
      Json entry = Json::object();
      put(entry, "status", deployment.status);
      put(entry, "message", deployment.message);
      deployments[deployment.name] = std::move(entry);
    }
    Json entry = Json::object();
    put(entry, "status", app.status);
    put(entry, "message", app.message);
    put_object(entry, "serveDeploymentStatuses", std::move(deployments));
    object[app.name.empty() ? kDefaultApp : app.name] = std::move(entry);
  }
  return object;
}

Json view_json(const ClusterView& view, const std::optional<RayClusterStatus>& cluster) {
  Json object = {{"rayClusterStatus", cluster_status_json(cluster.value_or(RayClusterStatus{}))}};
  put(object, "rayClusterName", view.cluster);
  put_object(object, "applicationStatuses", apps_json(view.apps));
  if (view.target_capacity) object["targetCapacity"] = *view.target_capacity;
  if (view.traffic_percent) object["trafficRoutedPercent"] = *view.traffic_percent;
  if (view.traffic_moved) object["lastTrafficMigratedTime"] = to_rfc3339(*view.traffic_moved);
  return object;
}

std::string status_patch(const std::string& uid, std::uint64_t version, Json status) {
  Json patch = Json::array();
  if (version != 0) {
    patch.push_back(
        {{"op", "add"}, {"path", "/metadata/resourceVersion"}, {"value", std::to_string(version)}});
  } else if (!uid.empty()) {
    patch.push_back({{"op", "test"}, {"path", "/metadata/uid"}, {"value", uid}});
  }
  patch.push_back({{"op", "add"}, {"path", "/status"}, {"value", std::move(status)}});
  return canonical_json(patch);
}

}  // namespace

std::string ray_service_status_json(const WriteServiceStatus& write, Time at) {
  const RayServiceStatus& status = write.status;
  Json object = {{"lastUpdateTime", to_rfc3339(at)},
                 {"activeServiceStatus", view_json(status.active, write.active_cluster)},
                 {"pendingServiceStatus", view_json(status.pending, write.pending_cluster)}};
  put(object, "serviceStatus", status.service_status);
  put(object, "numServeEndpoints", status.endpoints);
  put(object, "observedGeneration", status.observed_generation);
  put_object(object, "conditions", conditions_json(status.conditions));
  return status_patch(write.uid, write.version, std::move(object));
}

std::string ray_cluster_status_json(const WriteClusterStatus& write, Time at) {
  Json object = cluster_status_json(write.status);
  object["lastUpdateTime"] = to_rfc3339(at);
  return status_patch(write.uid, write.version, std::move(object));
}

}  // namespace raycord
