#include "core/decision.h"

#include "core/overloaded.h"

namespace raycord {

namespace {

struct NamedRule {
  Rule rule;
  const char* name;
  std::uint16_t revision = 1;  // Raised by a change that decides otherwise on an old log.
};

// In the order of their numbers; a test compares the two. What each revision was: docs/rules.md.
constexpr NamedRule kRules[] = {
    {Rule::AddFinalizer, "add-finalizer"},
    {Rule::StartFirstCluster, "start-first-cluster", 2},
    {Rule::SendServeConfig, "send-serve-config", 3},
    {Rule::StartUpgrade, "start-upgrade", 2},
    {Rule::AppendWorkerGroups, "append-worker-groups", 2},
    {Rule::CancelUpgrade, "cancel-upgrade", 2},
    {Rule::ReplacePending, "replace-pending", 2},
    {Rule::DropIllPending, "drop-ill-pending", 2},
    {Rule::CreateHeadService, "create-head-service", 3},
    {Rule::CreateServeService, "create-serve-service", 3},
    {Rule::SwitchHeadService, "switch-head-service", 2},
    {Rule::SwitchServeService, "switch-serve-service", 2},
    {Rule::MarkDrain, "mark-drain"},
    {Rule::DeleteOldCluster, "delete-old-cluster"},
    {Rule::FailOverSilentDashboard, "fail-over-silent-dashboard"},
    {Rule::FailOverUnhealthyApp, "fail-over-unhealthy-app"},
    {Rule::FailOverHeadNotReady, "fail-over-head-not-ready"},
    {Rule::CancelFailover, "cancel-failover", 2},
    {Rule::LabelHead, "label-head"},
    {Rule::WriteServiceStatus, "write-service-status", 3},
    {Rule::DeleteClusterOfDeletedService, "delete-cluster-of-deleted-service"},
    {Rule::RemoveFinalizer, "remove-finalizer"},
    {Rule::RememberOnService, "remember-on-service", 2},
    {Rule::RememberAcceptedConfig, "remember-accepted-config"},
    {Rule::SuspendService, "suspend-service", 2},
    {Rule::CutDrainForFailover, "cut-drain-for-failover", 2},
    {Rule::GiveUpInitializing, "give-up-initializing"},
    {Rule::CreateBackendService, "create-backend-service"},
    {Rule::MendOldConfig, "mend-old-config"},
    {Rule::CreateGateway, "create-gateway"},
    {Rule::UpdateGateway, "update-gateway"},
    {Rule::CreateRoute, "create-route"},
    {Rule::UpdateRoute, "update-route"},
    {Rule::MoveTraffic, "move-traffic"},
    {Rule::RaiseCapacity, "raise-capacity"},
    {Rule::LowerCapacity, "lower-capacity"},
    {Rule::PromoteCluster, "promote-cluster"},
    {Rule::EndRollback, "end-rollback"},
    {Rule::RemoveServeService, "remove-serve-service"},
    {Rule::RemoveRouting, "remove-routing"},
    {Rule::RestoreCapacity, "restore-capacity"},
    {Rule::CreateClusterHeadService, "create-cluster-head-service"},
    {Rule::CreateAccess, "create-access"},
    {Rule::CreateHeadlessService, "create-headless-service"},
    {Rule::CreateHeadPod, "create-head-pod"},
    {Rule::CreateWorkerPod, "create-worker-pod", 2},
    {Rule::DeleteDeadPod, "delete-dead-pod"},
    {Rule::DeleteNamedWorker, "delete-named-worker"},
    {Rule::ScaleDown, "scale-down"},
    {Rule::WriteClusterStatus, "write-cluster-status", 2},
    {Rule::SuspendCluster, "suspend-cluster"},
    {Rule::DeleteIncompleteReplica, "delete-incomplete-replica"},
    {Rule::AddRedisFinalizer, "add-redis-finalizer"},
    {Rule::DeletePodOfDeletedCluster, "delete-pod-of-deleted-cluster"},
    {Rule::CreateRedisCleanup, "create-redis-cleanup"},
    {Rule::RemoveRedisFinalizer, "remove-redis-finalizer"},
    {Rule::ForceRedisFinalizer, "force-redis-finalizer"},
    {Rule::CreateTokenSecret, "create-token-secret"},
    {Rule::RecreatePod, "recreate-pod"},
    {Rule::StampHead, "stamp-head", 2},
    {Rule::CreateIngress, "create-ingress"},
    {Rule::UpdateIngress, "update-ingress"},
    {Rule::CreateClusterServeService, "create-cluster-serve-service"},
};

}  // namespace

const char* name_of(Rule rule) {
  for (const NamedRule& named : kRules) {
    if (named.rule == rule) return named.name;
  }
  return "unknown-rule";
}

std::uint16_t revision_of(Rule rule) {
  for (const NamedRule& named : kRules) {
    if (named.rule == rule) return named.revision;
  }
  return 0;
}

const std::vector<Rule>& all_rules() {
  static const std::vector<Rule> kAll = [] {
    std::vector<Rule> rules;
    for (const NamedRule& named : kRules) rules.push_back(named.rule);
    return rules;
  }();
  return kAll;
}

const char* kind_of(const Effect& effect) {
  return std::visit(Overloaded{
                        [](const CreateCluster&) { return "CreateCluster"; },
                        [](const UpdateClusterGroups&) { return "UpdateClusterGroups"; },
                        [](const CreatePod&) { return "CreatePod"; },
                        [](const CreateService&) { return "CreateService"; },
                        [](const SwitchService&) { return "SwitchService"; },
                        [](const CreateDependent&) { return "CreateDependent"; },
                        [](const DeleteObject&) { return "DeleteObject"; },
                        [](const SetFinalizer&) { return "SetFinalizer"; },
                        [](const LabelPod&) { return "LabelPod"; },
                        [](const RememberOnService&) { return "RememberOnService"; },
                        [](const RememberOnCluster&) { return "RememberOnCluster"; },
                        [](const PutServeConfig&) { return "PutServeConfig"; },
                        [](const WriteServiceStatus&) { return "WriteServiceStatus"; },
                        [](const WriteClusterStatus&) { return "WriteClusterStatus"; },
                        [](const UpdateIngress&) { return "UpdateIngress"; },
                        [](const StampHead&) { return "StampHead"; },
                        [](const WriteRouting&) { return "WriteRouting"; },
                    },
                    effect);
}

const char* name_of(ServiceRole role) {
  switch (role) {
    case ServiceRole::ClusterHead:
      return "head";
    case ServiceRole::HeadlessWorkers:
      return "workers";
    case ServiceRole::ServiceHead:
      return "head of the active cluster";
    case ServiceRole::Serve:
      return "serve";
    case ServiceRole::ClusterServe:
      return "serve of one cluster";
    case ServiceRole::Backend:
      return "backend";
  }
  return "unknown";
}

ObjectName object_of(const Effect& effect) {
  return std::visit(Overloaded{
                        [](const CreateCluster& e) {
                          return ObjectName{Kind::RayCluster, e.ns, e.name};
                        },
                        [](const UpdateClusterGroups& e) {
                          return ObjectName{Kind::RayCluster, e.ns, e.name};
                        },
                        [](const CreatePod& e) {
                          return ObjectName{Kind::Pod, e.ns, e.name};
                        },
                        [](const CreateService& e) {
                          return ObjectName{Kind::Service, e.ns, e.name};
                        },
                        [](const SwitchService& e) {
                          return ObjectName{Kind::Service, e.ns, e.name};
                        },
                        [](const CreateDependent& e) {
                          return ObjectName{e.kind, e.ns, e.name};
                        },
                        [](const DeleteObject& e) { return e.object; },
                        [](const SetFinalizer& e) {
                          return ObjectName{e.kind, e.ns, e.name};
                        },
                        [](const LabelPod& e) {
                          return ObjectName{Kind::Pod, e.ns, e.name};
                        },
                        [](const RememberOnService& e) {
                          return ObjectName{Kind::RayService, e.ns, e.name};
                        },
                        [](const RememberOnCluster& e) {
                          return ObjectName{Kind::RayCluster, e.ns, e.name};
                        },
                        [](const PutServeConfig& e) {
                          return ObjectName{Kind::RayCluster, e.ns, e.cluster};
                        },
                        [](const WriteServiceStatus& e) {
                          return ObjectName{Kind::RayService, e.ns, e.name};
                        },
                        [](const WriteClusterStatus& e) {
                          return ObjectName{Kind::RayCluster, e.ns, e.name};
                        },
                        [](const UpdateIngress& e) {
                          return ObjectName{Kind::Ingress, e.ns, e.name};
                        },
                        [](const StampHead& e) {
                          return ObjectName{Kind::Pod, e.ns, e.name};
                        },
                        [](const WriteRouting& e) {
                          return ObjectName{e.kind, e.ns, e.name};
                        },
                    },
                    effect);
}

// The Serve API is its own server; all else is one target per object, its status included: both are
// guarded by the same resourceVersion, so two writes at once would only conflict.
Target target_of(const Effect& effect) {
  const ObjectName object = object_of(effect);
  const std::string where = object.ns + "/" + object.name;
  if (std::holds_alternative<PutServeConfig>(effect)) return "serve " + where;
  return std::string(name_of(object.kind)) + " " + where;
}

std::string retry_key_of(const Effect& effect) {
  if (const auto* pod = std::get_if<CreatePod>(&effect)) {
    return "create Pod " + pod->ns + "/" + pod->cluster.object.name + "/" + pod->group;
  }
  if (const auto* cluster = std::get_if<CreateCluster>(&effect)) {
    return "create RayCluster " + cluster->ns + "/" + cluster->service.object.name;
  }
  // Two kinds of write to one object must not take each other's wait away.
  if (std::holds_alternative<DeleteObject>(effect)) return "delete " + target_of(effect);
  const bool remembers = std::holds_alternative<RememberOnService>(effect) ||
                         std::holds_alternative<RememberOnCluster>(effect);
  if (remembers) return "remember on " + target_of(effect);
  const bool status = std::holds_alternative<WriteServiceStatus>(effect) ||
                      std::holds_alternative<WriteClusterStatus>(effect);
  return (status ? "status of " : "") + target_of(effect);
}

namespace {

Hash content_of_put(const PutServeConfig& put) {
  if (!put.capacity) return put.config;
  return hash_of(to_hex(put.config) + "@" + std::to_string(*put.capacity));
}

Hash content_of_routing(const WriteRouting& write) {
  std::string text;
  for (const RouteBackend& backend : write.backends) {
    text += backend.service + "=" + std::to_string(backend.weight) + ";";
  }
  return hash_of(text);
}

}  // namespace

Hash content_of(const Effect& effect) {
  return std::visit(Overloaded{
                        [](const CreateCluster& e) { return e.spec_revision; },
                        [](const UpdateClusterGroups& e) { return e.spec_revision; },
                        [](const CreatePod& e) { return Hash{e.cluster.seq.value}; },
                        [](const CreateService& e) { return Hash{e.cluster.seq.value}; },
                        [](const SwitchService& e) { return hash_of(e.selects); },
                        [](const CreateDependent&) { return Hash{}; },
                        [](const DeleteObject& e) { return hash_of(e.uid); },
                        [](const SetFinalizer& e) { return Hash{e.present ? 1ULL : 2ULL}; },
                        [](const LabelPod& e) { return Hash{e.serve ? 1ULL : 2ULL}; },
                        [](const RememberOnService& e) { return Hash{e.name_counter + 1ULL}; },
                        [](const RememberOnCluster& e) { return e.accepted_config; },
                        [](const PutServeConfig& e) { return content_of_put(e); },
                        [](const WriteServiceStatus& e) { return e.content; },
                        [](const WriteClusterStatus& e) { return e.content; },
                        [](const UpdateIngress& e) { return Hash{e.cluster.seq.value}; },
                        [](const StampHead& e) { return e.revision; },
                        [](const WriteRouting& e) { return content_of_routing(e); },
                    },
                    effect);
}

}  // namespace raycord
