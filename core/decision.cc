#include "core/decision.h"

#include "core/overloaded.h"

namespace raycord {

const char* name_of(Rule rule) {
  switch (rule) {
    case Rule::AddFinalizer:
      return "add-finalizer";
    case Rule::StartFirstCluster:
      return "start-first-cluster";
    case Rule::SendServeConfig:
      return "send-serve-config";
    case Rule::StartUpgrade:
      return "start-upgrade";
    case Rule::AppendWorkerGroups:
      return "append-worker-groups";
    case Rule::CancelUpgrade:
      return "cancel-upgrade";
    case Rule::ReplacePending:
      return "replace-pending";
    case Rule::DropIllPending:
      return "drop-ill-pending";
    case Rule::CreateHeadService:
      return "create-head-service";
    case Rule::CreateServeService:
      return "create-serve-service";
    case Rule::SwitchHeadService:
      return "switch-head-service";
    case Rule::SwitchServeService:
      return "switch-serve-service";
    case Rule::MarkDrain:
      return "mark-drain";
    case Rule::DeleteOldCluster:
      return "delete-old-cluster";
    case Rule::FailOverSilentDashboard:
      return "fail-over-silent-dashboard";
    case Rule::FailOverUnhealthyApp:
      return "fail-over-unhealthy-app";
    case Rule::FailOverHeadNotReady:
      return "fail-over-head-not-ready";
    case Rule::CancelFailover:
      return "cancel-failover";
    case Rule::LabelHead:
      return "label-head";
    case Rule::WriteServiceStatus:
      return "write-service-status";
    case Rule::DeleteClusterOfDeletedService:
      return "delete-cluster-of-deleted-service";
    case Rule::RemoveFinalizer:
      return "remove-finalizer";
    case Rule::RememberOnService:
      return "remember-on-service";
    case Rule::RememberAcceptedConfig:
      return "remember-accepted-config";
    case Rule::SuspendService:
      return "suspend-service";
    case Rule::CutDrainForFailover:
      return "cut-drain-for-failover";
    case Rule::CreateClusterHeadService:
      return "create-cluster-head-service";
    case Rule::CreateAccess:
      return "create-access";
    case Rule::CreateHeadlessService:
      return "create-headless-service";
    case Rule::CreateHeadPod:
      return "create-head-pod";
    case Rule::CreateWorkerPod:
      return "create-worker-pod";
    case Rule::DeleteDeadPod:
      return "delete-dead-pod";
    case Rule::DeleteNamedWorker:
      return "delete-named-worker";
    case Rule::ScaleDown:
      return "scale-down";
    case Rule::WriteClusterStatus:
      return "write-cluster-status";
    case Rule::SuspendCluster:
      return "suspend-cluster";
    case Rule::DeleteIncompleteReplica:
      return "delete-incomplete-replica";
  }
  return "unknown-rule";
}

// Every rule is in its first behaviour; a change that decides otherwise on an old log raises its
// number here and adds the old one to docs/rules.md.
std::uint16_t revision_of(Rule) { return 1; }

const std::vector<Rule>& all_rules() {
  static const std::vector<Rule> kRules = [] {
    std::vector<Rule> rules;
    for (std::uint16_t number = 1; number < 200; ++number) {
      const Rule rule{number};
      if (std::string(name_of(rule)) != "unknown-rule") rules.push_back(rule);
    }
    return rules;
  }();
  return kRules;
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
                        [](const CreateAccess& e) {
                          return ObjectName{e.kind, e.ns, e.name};
                        },
                        [](const DeleteObject& e) { return e.object; },
                        [](const SetFinalizer& e) {
                          return ObjectName{Kind::RayService, e.ns, e.name};
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
                    },
                    effect);
}

// Status has its own endpoint and the Serve API its own server; all else is one target per object.
Target target_of(const Effect& effect) {
  const ObjectName object = object_of(effect);
  const std::string where = object.ns + "/" + object.name;
  if (std::holds_alternative<PutServeConfig>(effect)) return "serve " + where;
  const bool status = std::holds_alternative<WriteServiceStatus>(effect) ||
                      std::holds_alternative<WriteClusterStatus>(effect);
  return std::string(name_of(object.kind)) + (status ? "/status " : " ") + where;
}

std::string retry_key_of(const Effect& effect) {
  if (const auto* pod = std::get_if<CreatePod>(&effect)) {
    return "create Pod " + pod->ns + "/" + pod->cluster.object.name + "/" + pod->group;
  }
  if (const auto* cluster = std::get_if<CreateCluster>(&effect)) {
    return "create RayCluster " + cluster->ns + "/" + cluster->service.object.name;
  }
  return target_of(effect);
}

Hash content_of(const Effect& effect) {
  return std::visit(Overloaded{
                        [](const CreateCluster& e) { return e.spec_revision; },
                        [](const UpdateClusterGroups& e) { return e.spec_revision; },
                        [](const CreatePod& e) { return Hash{e.cluster.seq.value}; },
                        [](const CreateService& e) { return Hash{e.cluster.seq.value}; },
                        [](const SwitchService& e) { return hash_of(e.selects); },
                        [](const CreateAccess&) { return Hash{}; },
                        [](const DeleteObject& e) { return hash_of(e.uid); },
                        [](const SetFinalizer& e) { return Hash{e.present ? 1ULL : 2ULL}; },
                        [](const LabelPod& e) { return Hash{e.serve ? 1ULL : 2ULL}; },
                        [](const RememberOnService& e) { return Hash{e.name_counter + 1ULL}; },
                        [](const RememberOnCluster& e) { return e.accepted_config; },
                        [](const PutServeConfig& e) { return e.config; },
                        [](const WriteServiceStatus& e) { return e.content; },
                        [](const WriteClusterStatus& e) { return e.content; },
                    },
                    effect);
}

}  // namespace raycord
