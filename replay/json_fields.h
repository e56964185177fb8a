// Turns structs into JSON by the names of their fields; only replay/json_*.cc use it.
//
// A struct is known by its list of names, in the order of its fields(): one line each, and a field
// without a name does not compile.

#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "replay/json.h"
#include "replay/words.h"

namespace raycord {

using Name = const char*;

// Specialized for each struct.
template <class T>
inline constexpr std::array<Name, 0> kNamesOf{};

inline JsonTree value_of(const std::string& text) {
  return text.empty() ? JsonTree() : JsonTree(text);
}
inline JsonTree value_of(bool value) { return value; }
inline JsonTree value_of(Seq seq) { return seq ? JsonTree(seq.value) : JsonTree(); }
inline JsonTree value_of(Hash hash) { return hash ? JsonTree(to_hex(hash)) : JsonTree(); }
inline JsonTree value_of(Time time) {
  return time == Time{} ? JsonTree() : JsonTree(to_rfc3339_millis(time));
}
inline JsonTree value_of(Millis duration) { return duration.count(); }
inline JsonTree value_of(Kind kind) { return name_of(kind); }
inline JsonTree value_of(Rule rule) { return name_of(rule); }
inline JsonTree value_of(ProbeTrouble trouble) {
  return trouble == ProbeTrouble::None ? JsonTree() : JsonTree(name_of(trouble));
}
inline JsonTree value_of(WriteResult result) { return name_of(result); }
inline JsonTree value_of(const ObjectName& name) { return to_text(name); }
inline JsonTree value_of(const PartitionName& name) { return to_text(name); }

template <class T>
JsonTree value_of(const T& value);
template <class T>
JsonTree value_of(const std::optional<T>& value) {
  return value ? value_of(*value) : JsonTree();
}
template <class T>
JsonTree value_of(const std::vector<T>& values) {
  JsonTree list;
  for (const T& value : values) list.push_back(value_of(value));
  return list;
}
template <class K, class V>
JsonTree value_of(const std::map<K, V>& values) {
  JsonTree object;
  for (const auto& [key, value] : values) {
    if constexpr (std::is_same_v<K, std::string>) {
      object[key] = value_of(value);
    } else {
      object[to_text(key)] = value_of(value);
    }
  }
  return object;
}

// Sets a member unless the value is not set.
inline void set(JsonTree& object, Name name, JsonTree value) {
  if (!value.is_null()) object[name] = std::move(value);
}

template <std::size_t N, class... Fields>
void set_all(JsonTree& object, const std::array<Name, N>& names,
             const std::tuple<Fields...>& fields) {
  static_assert(N == sizeof...(Fields), "each field has a name");
  std::apply(
      [&](const auto&... field) {
        std::size_t i = 0;
        (set(object, names[i++], value_of(field)), ...);
      },
      fields);
}

template <class T>
JsonTree value_of(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return name_of(value);
  } else if constexpr (std::is_integral_v<T>) {
    return value;
  } else {
    JsonTree object = JsonTree::object();
    set_all(object, kNamesOf<T>, T::fields(value));
    return object;
  }
}

template <>
inline constexpr std::array<Name, 3> kNamesOf<Owner>{"kind", "name", "uid"};
template <>
inline constexpr std::array<Name, 9> kNamesOf<Meta>{"namespace",       "name",       "uid",
                                                    "resourceVersion", "generation", "created",
                                                    "deletingSince",   "owner",      "intent"};
template <>
inline constexpr std::array<Name, 6> kNamesOf<Condition>{"type",    "status", "reason",
                                                         "message", "since",  "observedGeneration"};
template <>
inline constexpr std::array<Name, 3> kNamesOf<ServeConfig>{"hash", "error", "apps"};
template <>
inline constexpr std::array<Name, 3> kNamesOf<DeploymentView>{"name", "status", "message"};
template <>
inline constexpr std::array<Name, 4> kNamesOf<AppView>{"name", "status", "message", "deployments"};
template <>
inline constexpr std::array<Name, 5> kNamesOf<ClusterView>{
    "cluster", "apps", "targetCapacity", "trafficRoutedPercent", "lastTrafficMigrated"};
template <>
inline constexpr std::array<Name, 6> kNamesOf<RayServiceStatus>{
    "conditions", "serviceStatus", "active", "pending", "endpoints", "observedGeneration"};
template <>
inline constexpr std::array<Name, 2> kNamesOf<Invalid>{"reason", "message"};
template <>
inline constexpr std::array<Name, 24> kNamesOf<RayServiceSlice>{"meta",
                                                                "hasFinalizer",
                                                                "managedElsewhere",
                                                                "suspended",
                                                                "invalid",
                                                                "clusterHashes",
                                                                "mutedHash",
                                                                "groups",
                                                                "serveConfig",
                                                                "upgrade",
                                                                "excludeHeadFromServe",
                                                                "serviceUnhealthySeconds",
                                                                "deploymentUnhealthySeconds",
                                                                "deletionDelaySeconds",
                                                                "initializingTimeoutSeconds",
                                                                "serveServiceName",
                                                                "hasServePort",
                                                                "failover",
                                                                "endDrain",
                                                                "nameCounter",
                                                                "attempts",
                                                                "backOffUntil",
                                                                "incremental",
                                                                "status"};
template <>
inline constexpr std::array<Name, 7> kNamesOf<WorkerGroup>{
    "name", "replicas", "minReplicas", "maxReplicas", "hosts", "suspended", "workersToDelete"};
template <>
inline constexpr std::array<Name, 4> kNamesOf<DesiredResources>{"cpu", "memory", "gpu", "tpu"};
template <>
inline constexpr std::array<Name, 4> kNamesOf<HeadView>{"podName", "podIP", "serviceName",
                                                        "serviceIP"};
template <>
inline constexpr std::array<Name, 13> kNamesOf<RayClusterStatus>{"state",
                                                                 "reason",
                                                                 "desiredWorkers",
                                                                 "minWorkers",
                                                                 "maxWorkers",
                                                                 "availableWorkers",
                                                                 "readyWorkers",
                                                                 "desired",
                                                                 "head",
                                                                 "endpoints",
                                                                 "stateTimes",
                                                                 "conditions",
                                                                 "observedGeneration"};
template <>
inline constexpr std::array<Name, 37> kNamesOf<RayClusterSlice>{"meta",
                                                                "managedElsewhere",
                                                                "fromRayService",
                                                                "invalid",
                                                                "suspended",
                                                                "autoscaling",
                                                                "autoscalerV2",
                                                                "autoscalerAccount",
                                                                "hasMultiHostGroup",
                                                                "groups",
                                                                "desired",
                                                                "headServiceName",
                                                                "headServiceType",
                                                                "dashboardPort",
                                                                "agentPort",
                                                                "servePort",
                                                                "tokenAuth",
                                                                "tokenSecret",
                                                                "makesTokenSecret",
                                                                "redisTolerant",
                                                                "hasRedisFinalizer",
                                                                "namesRedisSpace",
                                                                "redisDeletionTimeoutSeconds",
                                                                "recreates",
                                                                "noHeadRestart",
                                                                "wantsServeService",
                                                                "ingress",
                                                                "doubt",
                                                                "specRevision",
                                                                "ownHashes",
                                                                "stampedGroups",
                                                                "purpose",
                                                                "counter",
                                                                "attempt",
                                                                "acceptedConfig",
                                                                "deleteAfter",
                                                                "status"};
template <>
inline constexpr std::array<Name, 21> kNamesOf<PodSlice>{
    "meta",         "cluster",       "nodeType",          "group",      "replicaIndex",
    "replicaName",  "hostIndex",     "serveLabel",        "phase",      "restartPolicy",
    "ip",           "node",          "hasReadyCondition", "ready",      "readyReason",
    "readyMessage", "rayTerminated", "rayRestarts",       "rayStarted", "madeBy",
    "madeFor"};
template <>
inline constexpr std::array<Name, 4> kNamesOf<ServicePort>{"name", "port", "target", "nodePort"};
template <>
inline constexpr std::array<Name, 7> kNamesOf<ServiceSlice>{
    "meta", "selectedCluster", "selectsServe", "isHeadService", "isHeadlessWorkers", "clusterIP",
    "ports"};
template <>
inline constexpr std::array<Name, 3> kNamesOf<EndpointsSlice>{"meta", "service", "readyUids"};
template <>
inline constexpr std::array<Name, 3> kNamesOf<AccessSlice>{"kind", "meta", "cluster"};
template <>
inline constexpr std::array<Name, 4> kNamesOf<JobSlice>{"meta", "cluster", "finished", "failed"};
template <>
inline constexpr std::array<Name, 3> kNamesOf<IngressSlice>{"meta", "cluster", "parts"};
template <>
inline constexpr std::array<Name, 4> kNamesOf<IncrementalOptions>{
    "maxSurgePercent", "stepSizePercent", "intervalSeconds", "gatewayClassName"};
template <>
inline constexpr std::array<Name, 3> kNamesOf<GatewayListener>{"name", "protocol", "port"};
template <>
inline constexpr std::array<Name, 6> kNamesOf<GatewaySlice>{"meta",     "gatewayClass", "listeners",
                                                            "accepted", "programmed",   "trouble"};
template <>
inline constexpr std::array<Name, 4> kNamesOf<RouteBackend>{"service", "namespace", "port",
                                                            "weight"};
template <>
inline constexpr std::array<Name, 7> kNamesOf<RouteSlice>{
    "meta", "gateway", "plain", "backends", "accepted", "resolved", "trouble"};
template <>
inline constexpr std::array<Name, 4> kNamesOf<DeploymentAnswer>{"name", "status", "trigger",
                                                                "message"};
template <>
inline constexpr std::array<Name, 5> kNamesOf<AppAnswer>{"name", "status", "message", "config",
                                                         "deployments"};
template <>
inline constexpr std::array<Name, 3> kNamesOf<ServeAnswer>{"apps", "proxies", "targetCapacity"};
template <>
inline constexpr std::array<Name, 4> kNamesOf<ProbeAnswer>{"trouble", "status", "serve",
                                                           "fromAgent"};
template <>
inline constexpr std::array<Name, 2> kNamesOf<RuleRevision>{"rule", "revision"};
template <>
inline constexpr std::array<Name, 13> kNamesOf<Options>{
    "version",      "clusterDomain",       "failover",   "zeroDowntime",    "headlessHeadService",
    "injectProbes", "injectInitContainer", "loginShell", "randomPodDelete", "kubernetesProxy",
    "redisCleanup", "fixedHeadName",       "namespaces"};
template <>
inline constexpr std::array<Name, 2> kNamesOf<Template>{"object", "event"};

}  // namespace raycord
