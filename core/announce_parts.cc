#include "core/announce_parts.h"

#include <utility>

#include "core/overloaded.h"

namespace raycord {
namespace {

const PodSlice* pod_of(const State& state, const PartitionName& home, const ObjectName& object) {
  const auto found = state.partitions.find(home);
  if (found == state.partitions.end()) return nullptr;
  for (const auto& [name, cluster] : found->second.clusters) {
    const auto pod = cluster.pods.find(object.name);
    if (pod != cluster.pods.end()) return &pod->second.value;
  }
  return nullptr;
}

std::string reason_to_replace(Rule rule) {
  if (rule == Rule::FailOverSilentDashboard) return "The dashboard does not answer";
  if (rule == Rule::FailOverUnhealthyApp) return "An application stays unhealthy";
  return "The head pod does not become ready";
}

Said of_upgrade(const char* reason, std::string note) {
  return {false, reason, "Upgrade", std::move(note)};
}

Said failover_to(const std::string& cluster, Rule rule) {
  return {true, "FailoverStarted", "Failover",
          reason_to_replace(rule) + ": " + cluster + " is to replace the active cluster"};
}

std::string promoted_by(const Decision& decision) {
  const auto* change = std::get_if<SwitchService>(&decision.effect);
  return change == nullptr ? "" : change->selects;
}

// Whether a decision of the rule is news by itself, before anything came of it.
bool is_news(Rule rule) {
  switch (rule) {
    case Rule::StartUpgrade:
    case Rule::CancelUpgrade:
    case Rule::ReplacePending:
    case Rule::DropIllPending:
    case Rule::FailOverSilentDashboard:
    case Rule::FailOverUnhealthyApp:
    case Rule::FailOverHeadNotReady:
    case Rule::CancelFailover:
    case Rule::CutDrainForFailover:
    case Rule::ForceRedisFinalizer:
    case Rule::PromoteCluster:
    case Rule::EndRollback:
      return true;
    case Rule::CreateBackendService:
    case Rule::CreateGateway:
    case Rule::UpdateGateway:
    case Rule::CreateRoute:
    case Rule::UpdateRoute:
    case Rule::MoveTraffic:
    case Rule::RaiseCapacity:
    case Rule::LowerCapacity:
    case Rule::RemoveServeService:
    case Rule::RemoveRouting:
    case Rule::RestoreCapacity:
    case Rule::MendOldConfig:
    case Rule::AddFinalizer:
    case Rule::StartFirstCluster:
    case Rule::SendServeConfig:
    case Rule::AppendWorkerGroups:
    case Rule::CreateHeadService:
    case Rule::CreateServeService:
    case Rule::SwitchHeadService:
    case Rule::SwitchServeService:
    case Rule::MarkDrain:
    case Rule::DeleteOldCluster:
    case Rule::LabelHead:
    case Rule::WriteServiceStatus:
    case Rule::DeleteClusterOfDeletedService:
    case Rule::RemoveFinalizer:
    case Rule::RememberOnService:
    case Rule::RememberAcceptedConfig:
    case Rule::SuspendService:
    case Rule::GiveUpInitializing:
    case Rule::CreateClusterHeadService:
    case Rule::CreateAccess:
    case Rule::CreateHeadlessService:
    case Rule::CreateHeadPod:
    case Rule::CreateWorkerPod:
    case Rule::DeleteDeadPod:
    case Rule::DeleteNamedWorker:
    case Rule::ScaleDown:
    case Rule::WriteClusterStatus:
    case Rule::SuspendCluster:
    case Rule::DeleteIncompleteReplica:
    case Rule::AddRedisFinalizer:
    case Rule::DeletePodOfDeletedCluster:
    case Rule::CreateRedisCleanup:
    case Rule::RemoveRedisFinalizer:
    case Rule::CreateTokenSecret:
    case Rule::RecreatePod:
    case Rule::StampHead:
    case Rule::CreateIngress:
    case Rule::UpdateIngress:
    case Rule::CreateClusterServeService:
      return false;
  }
  return false;
}

Telling telling_of_deletion(const State& state, const Decision& decision,
                            const DeleteObject& deletion) {
  const ObjectName& object = deletion.object;
  const std::string what = std::string(name_of(object.kind)) + " " + object.name;
  Telling telling{root_of(decision.partition), "delete", "Deleted", name_of(object.kind), what};
  if (object.kind != Kind::Pod) return telling;
  const PodSlice* pod = pod_of(state, decision.partition, object);
  if (pod == nullptr) return telling;
  telling.regarding = {Kind::RayCluster, object.ns, pod->cluster};
  const bool head = pod->node_type == NodeType::Head;
  telling.what = (head ? "head " : "worker ") + what;
  if (!is_collection(decision.rule)) telling.object = head ? "HeadPod" : "WorkerPod";
  return telling;
}

Telling telling_of_put(Rule rule, const PutServeConfig& put) {
  const bool step =
      rule == Rule::RaiseCapacity || rule == Rule::LowerCapacity || rule == Rule::RestoreCapacity;
  if (!step) {
    return {put.service.object, "update", "Updated", "ServeApplications",
            "Serve applications of RayCluster " + put.cluster};
  }
  return {put.service.object, "update", "Updated", "ServeTargetCapacity",
          "target capacity of RayCluster " + put.cluster + " to " +
              std::to_string(put.capacity.value_or(100)) + " percent"};
}

Telling telling_of_routing(const WriteRouting& write) {
  const std::string kind = name_of(write.kind);
  std::string what = kind + " " + write.name;
  for (const RouteBackend& to : write.backends) {
    what += ", " + std::to_string(to.weight) + " percent to " + to.service;
  }
  const bool made = write.uid.empty();
  return {write.service.object, made ? "create" : "update", made ? "Created" : "Updated", kind,
          what};
}

}  // namespace

std::optional<Said> said_of(const Decision& decision) {
  const Rule rule = decision.rule;
  if (!is_news(rule)) return std::nullopt;
  const std::string cluster = "RayCluster " + object_of(decision.effect).name;
  if (rule == Rule::StartUpgrade) {
    return of_upgrade("UpgradeStarted", cluster + " is being prepared for the changed spec");
  }
  if (rule == Rule::CancelUpgrade) {
    return of_upgrade("UpgradeCancelled",
                      "The spec was changed back: " + cluster + " is not needed");
  }
  if (rule == Rule::ReplacePending) {
    return of_upgrade("UpgradeReplaced",
                      "The spec changed again: " + cluster + " makes room for another");
  }
  if (rule == Rule::DropIllPending) {
    return Said{true, "PendingClusterGivenUp", "Upgrade",
                cluster + " did not become ready and is given up"};
  }
  if (rule == Rule::CancelFailover) {
    return Said{false, "FailoverCancelled", "Failover",
                "The active cluster is well again: " + cluster + " is not needed"};
  }
  if (rule == Rule::CutDrainForFailover) {
    return Said{true, "DrainCutShort", "Failover",
                cluster + " is deleted before its delay, to make room for a replacement"};
  }
  if (rule == Rule::ForceRedisFinalizer) {
    return Said{true, "ForceDeletedStuckCluster", "Cleanup",
                cluster + " is let go: Redis was not cleaned up in time"};
  }
  if (rule == Rule::PromoteCluster) {
    return of_upgrade("UpgradeCompleted", "All traffic has arrived at RayCluster " +
                                              promoted_by(decision) + ": it is active now");
  }
  if (rule == Rule::EndRollback) {
    return of_upgrade("RollbackCompleted", "All traffic has gone back from " + cluster);
  }
  return failover_to(cluster, rule);
}

ObjectName root_of(const PartitionName& partition) {
  return {partition.root, partition.ns, partition.name};
}

// Pods that KubeRay deletes by one request, and tells of so.
bool is_collection(Rule rule) {
  return rule == Rule::SuspendCluster || rule == Rule::RecreatePod ||
         rule == Rule::DeletePodOfDeletedCluster;
}

std::optional<Telling> telling_of(const State& state, const Decision& decision) {
  using Told = std::optional<Telling>;
  const ObjectName root = root_of(decision.partition);
  return std::visit(
      Overloaded{
          [&](const CreateCluster& e) -> Told {
            return Telling{root, "create", "Created", "RayCluster", "RayCluster " + e.name};
          },
          [&](const UpdateClusterGroups& e) -> Told {
            return Telling{root, "update", "Updated", "RayCluster",
                           "RayCluster " + e.name + " with the appended worker groups"};
          },
          [](const CreatePod& e) -> Told {
            const bool head = e.node_type == NodeType::Head;
            return Telling{e.cluster.object, "create", "Created", head ? "HeadPod" : "WorkerPod",
                           (head ? "head Pod " : "worker Pod ") + e.name};
          },
          [](const CreateService& e) -> Told {
            const bool of_service = !e.service.object.name.empty();
            return Telling{of_service ? e.service.object : e.cluster.object, "create", "Created",
                           "Service", "Service " + e.name};
          },
          [](const SwitchService& e) -> Told {
            return Telling{e.service.object, "update", "Updated", "Service",
                           "Service " + e.name + ", to point to RayCluster " + e.selects};
          },
          [](const CreateDependent& e) -> Told {
            const std::string kind = name_of(e.kind);
            const std::string object = e.kind == Kind::Job ? "RedisCleanupJob" : kind;
            return Telling{e.cluster.object, "create", "Created", object, kind + " " + e.name};
          },
          [&](const DeleteObject& e) -> Told { return telling_of_deletion(state, decision, e); },
          [](const SetFinalizer&) -> Told { return std::nullopt; },
          [&](const LabelPod& e) -> Told {
            return Telling{root, "update", "Updated", "HeadPodServeLabel",
                           std::string("label ray.io/serve=") + (e.serve ? "true" : "false") +
                               " of head Pod " + e.name};
          },
          [](const RememberOnService&) -> Told { return std::nullopt; },
          [](const RememberOnCluster&) -> Told { return std::nullopt; },
          [&](const PutServeConfig& e) -> Told { return telling_of_put(decision.rule, e); },
          [](const WriteServiceStatus&) -> Told { return std::nullopt; },
          [](const WriteClusterStatus&) -> Told { return std::nullopt; },
          [](const UpdateIngress& e) -> Told {
            return Telling{e.cluster.object, "update", "Updated", "Ingress", "Ingress " + e.name};
          },
          [](const StampHead&) -> Told { return std::nullopt; },
          [](const WriteRouting& e) -> Told { return telling_of_routing(e); },
      },
      decision.effect);
}

}  // namespace raycord
