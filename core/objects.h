// The slices of Kubernetes objects: the fields that rules read, typed, as facts carry them.
//
// formats/ makes slices from JSON at the border; replay never parses JSON. What a rule does not
// read is not here: templates stay in the log's raw versions, named by object and sequence number.
// Sources of the fields: reference rayservice-behaviour.md 1, 2; raycluster-behaviour.md 1, 2, 3.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "core/answers.h"
#include "core/ids.h"
#include "core/time.h"

namespace raycord {

// The controller among the ownerReferences.
struct Owner {
  std::string kind;
  std::string name;
  std::string uid;  // Empty: no controller owns the object.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.kind, self.name, self.uid);
  }
  bool operator==(const Owner&) const = default;
};

// What every object has.
struct Meta {
  std::string ns;
  std::string name;
  std::string uid;
  std::uint64_t version =
      0;  // resourceVersion as a number, comparable within one kind; 0: unknown.
  std::int64_t generation = 0;
  Time created{};
  std::optional<Time> deleting_since;
  Owner owner;
  std::string intent;  // Annotation raycord.io/intent: "<log>:<seq>" of the decision that made it.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.ns, self.name, self.uid, self.version, self.generation, self.created,
                    self.deleting_since, self.owner, self.intent);
  }
  bool operator==(const Meta&) const = default;
};

// A metav1.Condition.
struct Condition {
  std::string type;
  std::string status;  // "True", "False" or "Unknown".
  std::string reason;
  std::string message;
  Time since{};  // lastTransitionTime: moves only when `status` flips.
  std::int64_t observed_generation = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.type, self.status, self.reason, self.message, self.since,
                    self.observed_generation);
  }
  bool operator==(const Condition&) const = default;
};

// --- RayService ---------------------------------------------------------------------------------

// spec.serveConfigV2 after the YAML was read: hashes of its canonical JSON, or why there are none.
struct ServeConfig {
  Hash hash;                         // Of the whole canonical config.
  std::string error;                 // Not YAML, not a map, … ; then the rest is empty.
  std::map<std::string, Hash> apps;  // Application name → hash of its canonical config.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.hash, self.error, self.apps);
  }
  bool operator==(const ServeConfig&) const = default;
};

struct DeploymentView {
  std::string name;
  std::string status;
  std::string message;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.name, self.status, self.message);
  }
  bool operator==(const DeploymentView&) const = default;
};

struct AppView {
  std::string name;
  std::string status;
  std::string message;
  std::vector<DeploymentView> deployments;  // By name.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.name, self.status, self.message, self.deployments);
  }
  bool operator==(const AppView&) const = default;
};

// activeServiceStatus or pendingServiceStatus.
struct ClusterView {
  std::string cluster;        // rayClusterName; empty: none.
  std::vector<AppView> apps;  // applicationStatuses, by name.
  // Of incremental upgrades.
  std::optional<std::int32_t> target_capacity;
  std::optional<std::int32_t> traffic_percent;  // trafficRoutedPercent.
  std::optional<Time> traffic_moved;            // lastTrafficMigratedTime.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.cluster, self.apps, self.target_capacity, self.traffic_percent,
                    self.traffic_moved);
  }
  bool operator==(const ClusterView&) const = default;
};

// status of a RayService, as read from the object and as the projection wants it.
struct RayServiceStatus {
  std::vector<Condition> conditions;
  std::string service_status;  // "Running" or empty.
  ClusterView active;
  ClusterView pending;
  std::int32_t endpoints = 0;  // numServeEndpoints.
  std::int64_t observed_generation = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.conditions, self.service_status, self.active, self.pending, self.endpoints,
                    self.observed_generation);
  }
  bool operator==(const RayServiceStatus&) const = default;
};

enum class UpgradeType : std::uint8_t { Unset = 0, NewCluster = 1, None = 2, Incremental = 3 };
enum class FailoverMode : std::uint8_t { Unset = 0, Enforce = 1, Shadow = 2, Off = 3 };

const char* name_of(UpgradeType type);
const char* name_of(FailoverMode mode);

// The first violated validation rule (rayservice-behaviour.md 1.3, 1.4;
// raycluster-behaviour.md 1.9).
struct Invalid {
  std::string reason;   // Event reason, e.g. "InvalidRayServiceSpec"; empty: the object is valid.
  std::string message;  // Names the field, what is wrong, what is allowed.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.reason, self.message);
  }
  bool operator==(const Invalid&) const = default;
};

// spec.upgradeStrategy.clusterUpgradeOptions (rayservice-behaviour.md 1.2).
struct IncrementalOptions {
  std::int32_t max_surge = 100;  // Percent of capacity that one step may move.
  std::int32_t step = 0;         // Percent of traffic.
  std::int32_t interval_s = 0;   // Between two steps of traffic.
  std::string gateway_class;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.max_surge, self.step, self.interval_s, self.gateway_class);
  }
  bool operator==(const IncrementalOptions&) const = default;
};

struct RayServiceSlice {
  Meta meta;
  bool has_finalizer = false;      // ray.io/rayservice-finalizer.
  bool managed_elsewhere = false;  // spec.managedBy names another controller: we do nothing at all.
  bool suspended = false;
  Invalid invalid;

  // Of spec.rayClusterConfig without the muted fields (rayservice-behaviour.md 3.10), truncated to
  // its first n worker groups; the last entry is the whole. "Appended groups" compares these.
  std::vector<Hash> cluster_hashes;
  Hash muted_hash;  // Of the muted fields alone: an edit that changes only this has no effect.
  std::vector<std::string> groups;  // Worker group names in order.

  ServeConfig serve_config;
  UpgradeType upgrade = UpgradeType::Unset;
  bool exclude_head_from_serve = false;
  std::optional<std::int32_t> service_unhealthy_s;     // serviceUnhealthySecondThreshold.
  std::optional<std::int32_t> deployment_unhealthy_s;  // deploymentUnhealthySecondThreshold.
  std::optional<std::int32_t> deletion_delay_s;        // rayClusterDeletionDelaySeconds.
  std::optional<std::int32_t> initializing_timeout_s;  // Annotation ray.io/initializing-timeout.
  std::string serve_service_name;                      // spec.serveService.metadata.name, or empty.
  bool has_serve_port = false;  // The head declares a port named serve, or serveService is given.

  // Our annotations.
  FailoverMode failover = FailoverMode::Unset;  // raycord.io/failover.
  bool end_drain = false;                       // raycord.io/end-drain: "true".
  std::uint32_t name_counter = 0;               // raycord.io/name-counter: last used.
  std::uint32_t attempts = 0;                   // raycord.io/attempts: replacements that failed.
  std::optional<Time> back_off_until;           // raycord.io/back-off-until.

  // Present with upgrade type Incremental, also when they are not valid.
  std::optional<IncrementalOptions> incremental;

  RayServiceStatus status;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.meta, self.has_finalizer, self.managed_elsewhere, self.suspended,
                    self.invalid, self.cluster_hashes, self.muted_hash, self.groups,
                    self.serve_config, self.upgrade, self.exclude_head_from_serve,
                    self.service_unhealthy_s, self.deployment_unhealthy_s, self.deletion_delay_s,
                    self.initializing_timeout_s, self.serve_service_name, self.has_serve_port,
                    self.failover, self.end_drain, self.name_counter, self.attempts,
                    self.back_off_until, self.incremental, self.status);
  }
  bool operator==(const RayServiceSlice&) const = default;
};

// --- RayCluster ---------------------------------------------------------------------------------

struct WorkerGroup {
  std::string name;
  std::int32_t replicas = 0;  // Wanted pods' replicas after clamping to [min, max].
  std::int32_t min_replicas = 0;
  std::int32_t max_replicas = 0;
  std::int32_t hosts = 1;  // numOfHosts.
  bool suspended = false;
  std::vector<std::string> workers_to_delete;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.name, self.replicas, self.min_replicas, self.max_replicas, self.hosts,
                    self.suspended, self.workers_to_delete);
  }
  bool operator==(const WorkerGroup&) const = default;
};

// status.desiredCPU …: canonical quantities, summed at the border (raycluster-behaviour.md 2.4).
struct DesiredResources {
  std::string cpu = "0";
  std::string memory = "0";
  std::string gpu = "0";
  std::string tpu = "0";

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.cpu, self.memory, self.gpu, self.tpu);
  }
  bool operator==(const DesiredResources&) const = default;
};

struct HeadView {
  std::string pod_name;
  std::string pod_ip;
  std::string service_name;
  std::string service_ip;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.pod_name, self.pod_ip, self.service_name, self.service_ip);
  }
  bool operator==(const HeadView&) const = default;
};

// status of a RayCluster, as read from the object and as the projection wants it.
struct RayClusterStatus {
  std::string state;  // "", "ready" or "suspended".
  std::string reason;
  std::int32_t desired_workers = 0;
  std::int32_t min_workers = 0;
  std::int32_t max_workers = 0;
  std::int32_t available_workers = 0;
  std::int32_t ready_workers = 0;
  DesiredResources desired;
  HeadView head;
  std::map<std::string, std::string> endpoints;
  std::map<std::string, Time> state_times;  // stateTransitionTimes.
  std::vector<Condition> conditions;
  std::int64_t observed_generation = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.state, self.reason, self.desired_workers, self.min_workers,
                    self.max_workers, self.available_workers, self.ready_workers, self.desired,
                    self.head, self.endpoints, self.state_times, self.conditions,
                    self.observed_generation);
  }
  bool operator==(const RayClusterStatus&) const = default;
};

// Why a RayCluster of a RayService exists (annotation raycord.io/purpose).
enum class Purpose : std::uint8_t { Unknown = 0, First = 1, Upgrade = 2, Failover = 3 };

const char* name_of(Purpose purpose);

struct RayClusterSlice {
  Meta meta;
  bool managed_elsewhere = false;
  bool from_ray_service = false;  // Label ray.io/originated-from-crd=RayService.
  Invalid invalid;
  bool suspended = false;
  bool autoscaling = false;
  bool autoscaler_v2 = false;
  std::string autoscaler_account;  // The head template's serviceAccountName, or empty.
  bool has_multi_host_group = false;
  std::vector<WorkerGroup> groups;
  DesiredResources desired;
  std::string head_service_name;  // headService.metadata.name, or empty for <cluster>-head-svc.
  std::string head_service_type;
  std::int32_t dashboard_port = 8265;  // Of the head's container port named dashboard.
  std::int32_t agent_port = 52365;     // rayStartParams dashboard-agent-listen-port.
  std::int32_t serve_port = 8000;      // Of the head's container port named serve.
  bool token_auth = false;             // authOptions.mode is token.
  std::string token_secret;            // Secret that holds the token.
  bool makes_token_secret = false;     // It is ours to make: the user named none.

  // raycluster-behaviour.md 3.3 to 3.8.
  bool redis_tolerant = false;       // Redis holds what its head knows, and is cleaned up after it.
  bool has_redis_finalizer = false;  // ray.io/gcs-ft-redis-cleanup-finalizer.
  bool names_redis_space = false;    // The user names its place in Redis: another may use it too.
  std::optional<std::int32_t> redis_deletion_timeout_s;  // ray.io/gcs-ft-deletion-timeout.
  bool recreates = false;                                // upgradeStrategy.type is Recreate.
  bool no_head_restart = false;      // ray.io/disable-provisioned-head-restart: "true".
  bool wants_serve_service = false;  // ray.io/enable-serve-service: "true".
  std::vector<Hash> ingress;         // IngressSlice::parts of the Ingress it wants; empty: none.
  std::string doubt;  // What is odd about its spec and done all the same, for people; or empty.

  // The spec revision this cluster was made for: the stamp raycord.io/spec-revision, or the hash of
  // spec as it is where no stamp of ours exists (adopted clusters), with the number of groups then.
  Hash spec_revision;
  std::vector<Hash> own_hashes;      // Computed from its spec as RayServiceSlice::cluster_hashes.
  std::int32_t stamped_groups = -1;  // ray.io/num-worker-groups at stamping; -1: no stamp of ours.

  // Our annotations.
  Purpose purpose = Purpose::Unknown;
  std::uint32_t counter = 0;  // raycord.io/counter: the name counter it was made with; 0: adopted.
  std::uint32_t attempt = 0;  // raycord.io/attempt.
  Hash accepted_config;       // raycord.io/accepted-config: last Serve config accepted.
  std::optional<Time> delete_after;  // raycord.io/delete-after.

  RayClusterStatus status;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.meta, self.managed_elsewhere, self.from_ray_service, self.invalid,
                    self.suspended, self.autoscaling, self.autoscaler_v2, self.autoscaler_account,
                    self.has_multi_host_group, self.groups, self.desired, self.head_service_name,
                    self.head_service_type, self.dashboard_port, self.agent_port, self.serve_port,
                    self.token_auth, self.token_secret, self.makes_token_secret,
                    self.redis_tolerant, self.has_redis_finalizer, self.names_redis_space,
                    self.redis_deletion_timeout_s, self.recreates, self.no_head_restart,
                    self.wants_serve_service, self.ingress, self.doubt, self.spec_revision,
                    self.own_hashes, self.stamped_groups, self.purpose, self.counter, self.attempt,
                    self.accepted_config, self.delete_after, self.status);
  }
  bool operator==(const RayClusterSlice&) const = default;
};

// --- Pod, Service, EndpointSlice ----------------------------------------------------------------

enum class PodPhase : std::uint8_t {
  Pending = 0,
  Running = 1,
  Succeeded = 2,
  Failed = 3,
  Unknown = 4
};
enum class NodeType : std::uint8_t { None = 0, Head = 1, Worker = 2 };
enum class RestartPolicy : std::uint8_t { Always = 0, OnFailure = 1, Never = 2 };

const char* name_of(PodPhase phase);
const char* name_of(NodeType type);
const char* name_of(RestartPolicy policy);

struct PodSlice {
  Meta meta;
  std::string cluster;  // Label ray.io/cluster.
  NodeType node_type = NodeType::None;
  std::string group;                // Label ray.io/group.
  std::int32_t replica_index = -1;  // Label ray.io/worker-group-replica-index.
  std::string replica_name;         // Label ray.io/worker-group-replica-name.
  std::int32_t host_index = -1;     // Label ray.io/replica-host-index.
  std::string serve_label;          // Label ray.io/serve.
  PodPhase phase = PodPhase::Pending;
  RestartPolicy restart_policy = RestartPolicy::Always;
  std::string ip;
  std::string node;  // spec.nodeName.
  bool has_ready_condition = false;
  bool ready = false;
  std::string ready_reason;  // Of condition Ready, else of the first waiting container.
  std::string ready_message;
  bool ray_terminated = false;      // The Ray container (the first) is in state terminated.
  std::int32_t ray_restarts = 0;    // restartCount of the Ray container.
  std::optional<Time> ray_started;  // state.running.startedAt of the Ray container.
  Hash made_by;   // Of the text of annotation ray.io/kuberay-version; zero: it has none.
  Hash made_for;  // Spec revision it was made for, by annotation; of whatever text another put
                  // there.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.meta, self.cluster, self.node_type, self.group, self.replica_index,
                    self.replica_name, self.host_index, self.serve_label, self.phase,
                    self.restart_policy, self.ip, self.node, self.has_ready_condition, self.ready,
                    self.ready_reason, self.ready_message, self.ray_terminated, self.ray_restarts,
                    self.ray_started, self.made_by, self.made_for);
  }
  bool operator==(const PodSlice&) const = default;
};

struct ServicePort {
  std::string name;
  std::int32_t port = 0;
  std::string target;  // targetPort as text: a number or a name.
  std::int32_t node_port = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.name, self.port, self.target, self.node_port);
  }
  bool operator==(const ServicePort&) const = default;
};

struct ServiceSlice {
  Meta meta;
  std::string selected_cluster;      // Selector ray.io/cluster.
  bool selects_serve = false;        // Selector has ray.io/serve=true.
  bool is_head_service = false;      // Selector or label ray.io/node-type=head.
  bool is_headless_workers = false;  // Label ray.io/headless-worker-svc.
  std::string cluster_ip;            // "None" for a headless one.
  std::vector<ServicePort> ports;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.meta, self.selected_cluster, self.selects_serve, self.is_head_service,
                    self.is_headless_workers, self.cluster_ip, self.ports);
  }
  bool operator==(const ServiceSlice&) const = default;
};

struct EndpointsSlice {
  Meta meta;
  std::string service;                  // Label kubernetes.io/service-name.
  std::vector<std::string> ready_uids;  // targetRef.uid of ready endpoints, sorted, distinct.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.meta, self.service, self.ready_uids);
  }
  bool operator==(const EndpointsSlice&) const = default;
};

// ServiceAccount, Role or RoleBinding of the in-tree autoscaler: existence is all that rules read.
struct AccessSlice {
  Kind kind = Kind::ServiceAccount;
  Meta meta;
  std::string cluster;  // Label ray.io/cluster.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.kind, self.meta, self.cluster);
  }
  bool operator==(const AccessSlice&) const = default;
};

// The Job that cleans Redis up after a deleted RayCluster.
struct JobSlice {
  Meta meta;
  std::string cluster;    // Label ray.io/cluster.
  bool finished = false;  // Condition Complete, Failed or FailureTarget is True.
  bool failed = false;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.meta, self.cluster, self.finished, self.failed);
  }
  bool operator==(const JobSlice&) const = default;
};

// The way into a head's dashboard. Each part is the hash of one thing that it says: a label, an
// annotation, its class, the rest of its spec. So what others add to it is told from what is
// missing.
struct IngressSlice {
  Meta meta;
  std::string cluster;      // Label ray.io/cluster.
  std::vector<Hash> parts;  // Sorted.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.meta, self.cluster, self.parts);
  }
  bool operator==(const IngressSlice&) const = default;
};

struct GatewayListener {
  std::string name;
  std::string protocol;
  std::int32_t port = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.name, self.protocol, self.port);
  }
  bool operator==(const GatewayListener&) const = default;
};

// The Gateway of a RayService. What its controller says counts for the generation it is about.
struct GatewaySlice {
  Meta meta;
  std::string gateway_class;
  std::vector<GatewayListener> listeners;  // In the order of the spec.
  bool accepted = false;
  bool programmed = false;
  std::string trouble;  // Message of the first condition that is not True.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.meta, self.gateway_class, self.listeners, self.accepted, self.programmed,
                    self.trouble);
  }
  bool operator==(const GatewaySlice&) const = default;
};

struct RouteBackend {
  std::string service;
  std::string ns;  // Empty: the route's own.
  std::int32_t port = 0;
  std::int32_t weight = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.service, self.ns, self.port, self.weight);
  }
  bool operator==(const RouteBackend&) const = default;
};

// The HTTPRoute of a RayService.
struct RouteSlice {
  Meta meta;
  std::string gateway;  // "ns/name" of its one parent; empty: it has none, or several.
  // One rule for all paths below /, without host names and filters: the form that we write.
  bool plain = false;
  std::vector<RouteBackend> backends;  // Of all its rules, in their order.
  bool accepted = false;               // By that Gateway's controller, as it is now.
  bool resolved = false;
  std::string trouble;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.meta, self.gateway, self.plain, self.backends, self.accepted,
                    self.resolved, self.trouble);
  }
  bool operator==(const RouteSlice&) const = default;
};

using Object =
    std::variant<RayServiceSlice, RayClusterSlice, PodSlice, ServiceSlice, EndpointsSlice,
                 AccessSlice, JobSlice, IngressSlice, GatewaySlice, RouteSlice>;

const Meta& meta_of(const Object& object);
ObjectName name_of(const Object& object);

}  // namespace raycord
