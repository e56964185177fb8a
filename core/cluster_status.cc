// The projection of a RayCluster's status (raycluster-behaviour.md 2).
//
// Differs from KubeRay's where that one forgets or lies: endpoints of ports that are gone vanish,
// observedGeneration always advances, a head that is there twice is said so, and the cluster is
// provisioned when as many pods as asked for have run, not when the first has.

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "core/archive.h"
#include "core/cluster_phase.h"
#include "core/limits.h"
#include "core/status.h"

namespace raycord {
namespace {

constexpr std::array kOwnConditions = {"ReplicaFailure", "HeadPodReady", "RayClusterProvisioned",
                                       "RayClusterSuspending", "RayClusterSuspended"};

struct Projection {
  const Partition& partition;
  const Cluster& cluster;
  const RayClusterSlice& slice;
  const RayClusterStatus& believed;
  const Time now;
  RayClusterStatus& status;

  void set(const char* type, bool value, std::string reason, std::string message) const {
    Condition condition{type, value ? "True" : "False", std::move(reason), std::move(message),
                        {},   slice.meta.generation};
    set_condition(status.conditions, believed.conditions, std::move(condition), now);
  }
  bool was_true(const char* type) const {
    const Condition* condition = find_condition(believed.conditions, type);
    return condition != nullptr && condition->status == "True";
  }
};

// --- Counters -----------------------------------------------------------------------------------

std::int32_t saturated(std::int64_t value) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, 0, kMax));
}

void count_replicas(const Projection& p) {
  std::int64_t desired = 0;
  std::int64_t least = 0;
  std::int64_t most = 0;
  for (const WorkerGroup& group : p.slice.groups) {
    if (group.suspended) continue;
    const std::int64_t hosts = std::max(0, group.hosts);
    desired += std::int64_t{group.replicas} * hosts;
    least += std::int64_t{group.min_replicas} * hosts;
    most += std::int64_t{group.max_replicas} * hosts;
  }
  p.status.desired_workers = saturated(desired);
  p.status.min_workers = saturated(least);
  p.status.max_workers = saturated(most);
  for (const auto& [name, pod] : p.cluster.pods) {
    if (pod.value.node_type != NodeType::Worker || pod.value.phase != PodPhase::Running) continue;
    ++p.status.available_workers;
    if (pod.value.ready) ++p.status.ready_workers;
  }
}

// --- Head and endpoints -------------------------------------------------------------------------

// Those that stay; where there are none, those that are going.
std::vector<const PodSlice*> heads_of(const Cluster& cluster) {
  std::vector<const PodSlice*> staying;
  std::vector<const PodSlice*> leaving;
  for (const auto& [name, pod] : cluster.pods) {
    if (pod.value.node_type != NodeType::Head) continue;
    (pod.value.meta.deleting_since ? leaving : staying).push_back(&pod.value);
  }
  return staying.empty() ? leaving : staying;
}

std::string endpoint_of(const ServicePort& port) {
  if (port.node_port != 0) return std::to_string(port.node_port);
  return port.target.empty() ? std::to_string(port.port) : port.target;
}

void show_head(const Projection& p, const std::vector<const PodSlice*>& heads) {
  HeadView& head = p.status.head;
  if (heads.size() == 1) {
    head.pod_name = heads[0]->meta.name;
    head.pod_ip = heads[0]->ip;
  }
  const Known<ServiceSlice>* service = cluster_head_service(p.cluster);
  if (service == nullptr) return;
  head.service_name = service->value.meta.name;
  head.service_ip = service->value.cluster_ip == "None" ? head.pod_ip : service->value.cluster_ip;
  for (const ServicePort& port : service->value.ports) {
    if (!port.name.empty()) p.status.endpoints[port.name] = endpoint_of(port);
  }
}

// --- Conditions ---------------------------------------------------------------------------------

void set_head_ready(const Projection& p, const std::vector<const PodSlice*>& heads) {
  constexpr const char* kType = "HeadPodReady";
  if (heads.empty()) return p.set(kType, false, "HeadPodNotFound", "There is no head pod.");
  if (heads.size() > 1) {
    std::string names;
    for (const PodSlice* head : heads) names += (names.empty() ? "" : ", ") + head->meta.name;
    return p.set(kType, false, "SeveralHeadPods",
                 "The cluster has several head pods: " + names +
                     ". Its pods are left alone until one head is left.");
  }
  const PodSlice& head = *heads[0];
  if (head.ready) return p.set(kType, true, "HeadPodRunningAndReady", "");
  p.set(kType, false, head.ready_reason, head.ready_message);
}

struct Failure {
  const char* reason;
  const char* what;
};

bool is_head(const Cluster& cluster, const std::string& retry_key) {
  return std::any_of(cluster.pods.begin(), cluster.pods.end(), [&](const auto& entry) {
    const PodSlice& pod = entry.second.value;
    const DeleteObject deletion{{Kind::Pod, pod.meta.ns, pod.meta.name}, pod.meta.uid};
    return pod.node_type == NodeType::Head && retry_key_of(deletion) == retry_key;
  });
}

// Nothing for writes that are not about pods, and for answers that are no failure of the cluster.
std::optional<Failure> failure_of(const Cluster& cluster, const std::string& key,
                                  const Retry& retry) {
  switch (retry.result) {
    case WriteResult::Refused:
    case WriteResult::Failed:
      break;
    case WriteResult::Done:
    case WriteResult::Conflict:
    case WriteResult::AlreadyExists:
    case WriteResult::NotFound:
    case WriteResult::Unknown:
    case WriteResult::Withdrawn:
    case WriteResult::Throttled:
      return std::nullopt;
  }
  const bool of_head = is_head(cluster, key);
  if (retry.rule == Rule::SuspendCluster || retry.rule == Rule::RecreatePod) {
    return Failure{"FailedDeleteAllPods", "deleting a pod"};
  }
  if (retry.rule == Rule::CreateHeadPod) return Failure{"FailedCreateHeadPod", "creating the head"};
  if (retry.rule == Rule::CreateWorkerPod) {
    return Failure{"FailedCreateWorkerPod", "creating a worker"};
  }
  const bool of_pod = retry.rule == Rule::DeleteDeadPod || retry.rule == Rule::DeleteNamedWorker ||
                      retry.rule == Rule::ScaleDown || retry.rule == Rule::DeleteIncompleteReplica;
  if (!of_pod) return std::nullopt;
  return of_head ? Failure{"FailedDeleteHeadPod", "deleting the head"}
                 : Failure{"FailedDeleteWorkerPod", "deleting a worker"};
}

// Of several failures the one that stands in the way of the others: the head's before workers'.
int weight_of(const std::string& reason) {
  constexpr std::array kByWeight = {"FailedDeleteAllPods", "FailedDeleteHeadPod",
                                    "FailedCreateHeadPod", "FailedDeleteWorkerPod",
                                    "FailedCreateWorkerPod"};
  const auto found = std::find(kByWeight.begin(), kByWeight.end(), reason);
  return static_cast<int>(found - kByWeight.begin());
}

// Each attempt has a name of its own; the message is the same for all, or each would be a write.
std::string without_random_part(std::string message, const std::string& cluster) {
  const std::string begins = '"' + cluster + '-';
  for (std::size_t at = message.find(begins); at != std::string::npos;) {
    const std::size_t end = message.find('"', at + 1);
    if (end == std::string::npos) break;
    const std::size_t dash = message.rfind('-', end);
    message.replace(dash + 1, end - dash - 1, "*");
    at = message.find(begins, dash + 3);
  }
  return message;
}

// True if a write of the cluster's pods has failed.
bool set_replica_failure(const Projection& p) {
  std::optional<Failure> worst;
  std::string message;
  for (const auto& [key, retry] : p.partition.retries) {
    if (retry.cluster != p.slice.meta.name || p.now >= retry.not_before + kFailureShown) continue;
    const std::optional<Failure> failure = failure_of(p.cluster, key, retry);
    if (!failure) continue;
    if (worst && weight_of(worst->reason) <= weight_of(failure->reason)) continue;
    worst = failure;
    message = std::string(failure->what) + " failed";
    if (retry.message.empty()) continue;
    message += ": " + without_random_part(retry.message, p.slice.meta.name);
  }
  if (worst) p.set("ReplicaFailure", true, worst->reason, std::move(message));
  return worst.has_value();
}

bool is_running(const PodSlice& pod) {
  return pod.phase == PodPhase::Running && (pod.ready || !pod.has_ready_condition);
}

bool all_running(const Cluster& cluster) {
  return !cluster.pods.empty() &&
         std::all_of(cluster.pods.begin(), cluster.pods.end(),
                     [](const auto& entry) { return is_running(entry.second.value); });
}

bool has_pods(const Projection& p) {
  const auto& writes = p.partition.in_flight;
  return !p.cluster.pods.empty() ||
         std::any_of(writes.begin(), writes.end(), [&](const auto& entry) {
           const InFlight& write = entry.second;
           return write.creates && write.object.kind == Kind::Pod &&
                  write.cluster == p.slice.meta.name;
         });
}

void set_provisioned(const Projection& p, bool suspended) {
  constexpr const char* kType = "RayClusterProvisioned";
  const std::int64_t wanted = std::int64_t{p.status.desired_workers} + 1;
  const bool complete = static_cast<std::int64_t>(p.cluster.pods.size()) >= wanted;
  if (!suspended && (p.was_true(kType) || (complete && all_running(p.cluster)))) {
    return p.set(kType, true, "AllPodRunningAndReadyFirstTime",
                 "All Ray Pods are ready for the first time");
  }
  p.set(kType, false, "RayClusterPodsProvisioning", "RayCluster Pods are being provisioned");
}

// One step at a time: each is taken when the API server has accepted the one before.
// True while the cluster is suspended, or becomes it with this status.
bool set_suspension(const Projection& p) {
  bool suspending = false;
  bool suspended = false;
  switch (suspend_step_of(p.cluster)) {
    case SuspendStep::Running:
    case SuspendStep::Resuming:
      break;
    case SuspendStep::Asked:
      suspending = true;
      break;
    case SuspendStep::Suspending:
      suspending = has_pods(p);
      suspended = !suspending;
      break;
    case SuspendStep::Suspended:
      suspended = true;
      break;
  }
  p.set("RayClusterSuspending", suspending, "RayClusterSuspending", "");
  p.set("RayClusterSuspended", suspended, "RayClusterSuspended", "");
  return suspended;
}

// What others have written beside ours stays.
void keep_foreign_conditions(const Projection& p) {
  for (const Condition& condition : p.believed.conditions) {
    const bool own = std::find(kOwnConditions.begin(), kOwnConditions.end(), condition.type) !=
                     kOwnConditions.end();
    if (!own) p.status.conditions.push_back(condition);
  }
}

// --- State --------------------------------------------------------------------------------------

// "ready" stays through failures and scaling, as users of KubeRay know it.
void set_state(const Projection& p, bool failed) {
  RayClusterStatus& status = p.status;
  status.state = p.believed.state;
  status.reason = p.believed.reason;
  status.state_times = p.believed.state_times;
  const std::int64_t wanted = std::int64_t{status.desired_workers} + 1;
  const bool complete = static_cast<std::int64_t>(p.cluster.pods.size()) == wanted;
  if (!failed && complete && all_running(p.cluster)) {
    status.state = "ready";
    status.reason.clear();
  } else if (p.slice.suspended && !has_pods(p)) {
    status.state = "suspended";
  }
  if (status.state == p.believed.state || status.state.empty()) return;
  status.state_times[status.state] = std::chrono::floor<std::chrono::seconds>(p.now);
}

void drop_messages(std::vector<Condition>& conditions) {
  for (Condition& condition : conditions) condition.message.clear();
}

}  // namespace

RayClusterStatus wanted_cluster_status(const Partition& partition, const Cluster& cluster,
                                       const Fleet&, Time now) {
  if (!cluster.object) return cluster.status.value;
  RayClusterStatus status;
  const Projection p{partition, cluster, cluster.object->value, cluster.status.value, now, status};
  status.observed_generation = p.slice.meta.generation;
  status.desired = p.slice.desired;
  count_replicas(p);
  const std::vector<const PodSlice*> heads = heads_of(cluster);
  show_head(p, heads);
  const bool failed = set_replica_failure(p);
  set_head_ready(p, heads);
  const bool suspended = set_suspension(p);
  set_provisioned(p, suspended);
  keep_foreign_conditions(p);
  set_state(p, failed);
  return status;
}

Hash hash_of(const RayClusterStatus& status) { return hash_of(pack(status)); }

Hash hash_without_messages(const RayClusterStatus& status) {
  RayClusterStatus silent = status;
  drop_messages(silent.conditions);
  return hash_of(silent);
}

}  // namespace raycord
