// Every write we may ask of the world, and Decision = number + rule + causes + effect.
//
// Effects that build an object name its template (the observed object at a sequence number) and the
// parameters; the executor builds it from there at send time. So a decision stays small in the log.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "core/ids.h"
#include "core/objects.h"
#include "core/time.h"

namespace raycord {

// Rules have numbers that live for ever; docs/rules.md lists them. 1–99 RayService, 100–199
// RayCluster.
enum class Rule : std::uint16_t {
  AddFinalizer = 1,
  StartFirstCluster = 2,
  SendServeConfig = 3,
  StartUpgrade = 4,
  AppendWorkerGroups = 5,
  CancelUpgrade = 6,
  ReplacePending = 7,
  DropIllPending = 8,
  CreateHeadService = 9,
  CreateServeService = 10,
  SwitchHeadService = 11,
  SwitchServeService = 12,
  MarkDrain = 13,
  DeleteOldCluster = 14,
  FailOverSilentDashboard = 15,
  FailOverUnhealthyApp = 16,
  FailOverHeadNotReady = 17,
  CancelFailover = 18,
  LabelHead = 19,
  WriteServiceStatus = 20,
  DeleteClusterOfDeletedService = 21,
  RemoveFinalizer = 22,
  RememberOnService = 23,
  RememberAcceptedConfig = 24,
  SuspendService = 25,
  CutDrainForFailover = 26,
  GiveUpInitializing = 27,
  CreateBackendService = 28,
  MendOldConfig = 29,
  CreateGateway = 30,
  UpdateGateway = 31,
  CreateRoute = 32,
  UpdateRoute = 33,
  MoveTraffic = 34,
  RaiseCapacity = 35,
  LowerCapacity = 36,
  PromoteCluster = 37,
  EndRollback = 38,
  RemoveServeService = 39,
  RemoveRouting = 40,
  RestoreCapacity = 41,

  CreateClusterHeadService = 100,
  CreateAccess = 101,
  CreateHeadlessService = 102,
  CreateHeadPod = 103,
  CreateWorkerPod = 104,
  DeleteDeadPod = 105,
  DeleteNamedWorker = 106,
  ScaleDown = 107,
  WriteClusterStatus = 108,
  SuspendCluster = 109,
  DeleteIncompleteReplica = 110,
  AddRedisFinalizer = 111,
  DeletePodOfDeletedCluster = 112,
  CreateRedisCleanup = 113,
  RemoveRedisFinalizer = 114,
  ForceRedisFinalizer = 115,
  CreateTokenSecret = 116,
  RecreatePod = 117,
  StampHead = 118,
  CreateIngress = 119,
  UpdateIngress = 120,
  CreateClusterServeService = 121,
};

const char* name_of(Rule rule);        // "start-upgrade"
std::uint16_t revision_of(Rule rule);  // Of this build.
const std::vector<Rule>& all_rules();

// The observed object, at the event that showed it, from which an effect is built.
struct Template {
  ObjectName object;
  Seq seq;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.object, self.seq);
  }
  bool operator==(const Template&) const = default;
};

struct CreateCluster {
  std::string ns;
  std::string name;
  Template service;
  Hash spec_revision;
  Purpose purpose = Purpose::First;
  std::uint32_t counter = 0;  // Of names; 1 for the first.
  std::uint32_t attempt = 0;
  bool at_min_size = false;  // Without `replicas`: its autoscaler makes it grow.
  bool operator==(const CreateCluster&) const = default;
};

// Appends the worker groups that the RayService has and the RayCluster lacks; restamps it.
struct UpdateClusterGroups {
  std::string ns;
  std::string name;
  std::string uid;
  std::uint64_t version = 0;
  Template service;
  Template cluster;
  Hash spec_revision;
  bool operator==(const UpdateClusterGroups&) const = default;
};

struct CreatePod {
  std::string ns;
  std::string name;
  Template cluster;
  NodeType node_type = NodeType::Head;
  std::string group;
  std::int32_t replica_index = -1;
  std::string replica_name;
  std::int32_t host_index = -1;
  bool operator==(const CreatePod&) const = default;
};

enum class ServiceRole : std::uint8_t {
  ClusterHead = 1,      // <cluster>-head-svc
  HeadlessWorkers = 2,  // <cluster>-headless
  ServiceHead = 3,      // <rayservice>-head-svc
  Serve = 4,            // <rayservice>-serve-svc or the user's name
  ClusterServe = 5,     // <cluster>-serve-svc
  Backend = 6,          // The same, for the HTTPRoute of an incremental upgrade
};

const char* name_of(ServiceRole role);

struct CreateService {
  std::string ns;
  std::string name;
  ServiceRole role = ServiceRole::ClusterHead;
  std::string selects;  // RayCluster it points to.
  Template service;     // The RayService; empty for a RayCluster's own Services.
  Template cluster;
  bool operator==(const CreateService&) const = default;
};

// Points an existing Service of a RayService to another cluster.
struct SwitchService {
  std::string ns;
  std::string name;
  std::string uid;
  std::uint64_t version = 0;
  ServiceRole role = ServiceRole::Serve;
  std::string selects;
  Template service;
  Template cluster;
  Template current;  // The Service itself.
  bool operator==(const SwitchService&) const = default;
};

// Something that a RayCluster has beside pods and Services, one of its kind: account, role and
// binding of its autoscaler, the Secret with its token, its Ingress, the Job that cleans up after
// it.
struct CreateDependent {
  std::string ns;
  std::string name;
  Kind kind = Kind::ServiceAccount;
  Template cluster;
  bool operator==(const CreateDependent&) const = default;
};

// Makes an Ingress say again what its RayCluster asks for.
struct UpdateIngress {
  std::string ns;
  std::string name;
  std::string uid;
  std::uint64_t version = 0;  // Precondition.
  Template cluster;
  Template current;  // The Ingress itself.
  bool operator==(const UpdateIngress&) const = default;
};

// Creates or changes the Gateway or the HTTPRoute of a RayService.
struct WriteRouting {
  std::string ns;
  std::string name;
  Kind kind = Kind::Gateway;
  std::string uid;            // Empty: it is to be created.
  std::uint64_t version = 0;  // Precondition.
  Template service;
  Template current;                    // The object itself; empty: it is to be created.
  std::vector<RouteBackend> backends;  // Of an HTTPRoute.
  bool operator==(const WriteRouting&) const = default;
};

struct DeleteObject {
  ObjectName object;
  std::string uid;  // Precondition.
  bool operator==(const DeleteObject&) const = default;
};

// Adds or removes our finalizer on a RayService or RayCluster.
struct SetFinalizer {
  std::string ns;
  std::string name;
  std::string uid;
  std::uint64_t version = 0;  // Precondition.
  bool present = false;
  Template owner;  // Whose other finalizers are kept.
  Kind kind = Kind::RayService;
  bool operator==(const SetFinalizer&) const = default;
};

struct LabelPod {
  std::string ns;
  std::string name;
  std::string uid;
  bool serve = false;  // ray.io/serve.
  bool operator==(const LabelPod&) const = default;
};

// Notes on a head pod that it counts as made by this version for this revision.
struct StampHead {
  std::string ns;
  std::string name;
  std::string uid;
  Hash revision;
  bool operator==(const StampHead&) const = default;
};

// What must survive the loss of the log, written on the object (shared design, 3.14).
struct RememberOnService {
  std::string ns;
  std::string name;
  std::string uid;
  std::uint32_t name_counter = 0;
  std::uint32_t attempts = 0;
  std::optional<Time> back_off_until;
  bool operator==(const RememberOnService&) const = default;
};

struct RememberOnCluster {
  std::string ns;
  std::string name;
  std::string uid;
  std::optional<Time> delete_after;
  Hash accepted_config;
  bool operator==(const RememberOnCluster&) const = default;
};

// PUT of the Serve config to the head of a cluster; settled by a later GET that shows it deployed.
struct PutServeConfig {
  std::string ns;
  std::string cluster;
  std::string head_uid;
  std::string address;  // Head pod IP.
  std::int32_t port = 8265;
  bool to_agent = false;
  std::string token_secret;  // Empty: no token.
  Template service;
  Hash config;                           // Expected hash of the canonical config.
  std::optional<std::int32_t> capacity;  // target_capacity to be sent with it; absent: as it says.
  bool operator==(const PutServeConfig&) const = default;
};

// The log keeps hash and number; the text is a projection of the state and comes with the live
// decision only.
struct WriteServiceStatus {
  std::string ns;
  std::string name;
  std::string uid;
  std::uint64_t version = 0;  // Precondition; 0: none.
  Hash content;
  RayServiceStatus status;  // Not in the log, as the next two.
  std::optional<RayClusterStatus>
      active_cluster;  // Copied to activeServiceStatus.rayClusterStatus.
  std::optional<RayClusterStatus> pending_cluster;
  bool operator==(const WriteServiceStatus&) const = default;
};

struct WriteClusterStatus {
  std::string ns;
  std::string name;
  std::string uid;
  std::uint64_t version = 0;
  Hash content;
  RayClusterStatus status;  // Not in the log.
  bool operator==(const WriteClusterStatus&) const = default;
};

using Effect =
    std::variant<CreateCluster, UpdateClusterGroups, CreatePod, CreateService, SwitchService,
                 CreateDependent, DeleteObject, SetFinalizer, LabelPod, RememberOnService,
                 RememberOnCluster, PutServeConfig, WriteServiceStatus, WriteClusterStatus,
                 UpdateIngress, StampHead, WriteRouting>;

const char* kind_of(const Effect& effect);  // "CreateCluster"

// What a write changes: at most one is in flight per target. Serve API: "serve ns/cluster".
using Target = std::string;
Target target_of(const Effect& effect);

// What a retry waits under: the target, but for names that change with each try (pods, clusters).
std::string retry_key_of(const Effect& effect);

// What was asked for, where it is more than the target; a wish for other content does not wait.
Hash content_of(const Effect& effect);

// The object an effect is about; PutServeConfig: the RayCluster.
ObjectName object_of(const Effect& effect);

struct Decision {
  Seq seq;
  Rule rule = Rule::AddFinalizer;
  std::uint16_t revision = 1;
  PartitionName partition;
  std::vector<Seq> causes;  // Events, in ascending order, each once; never empty.
  Effect effect;
};

}  // namespace raycord
