// The projection of a RayService's status (rayservice-behaviour.md 2).

#include <algorithm>

#include "core/archive.h"
#include "core/illness.h"
#include "core/incremental.h"
#include "core/limits.h"
#include "core/readiness.h"
#include "core/roles.h"
#include "core/service_phase.h"
#include "core/status.h"
#include "core/wish.h"

namespace raycord {
namespace {

struct Projection {
  const View view;
  const Roles roles;
  const RayServiceSlice& service;
  const std::vector<Condition>& believed;
  RayServiceStatus& status;

  void set(const char* type, const char* value, const char* reason, std::string message) const {
    Condition condition{type, value, reason, std::move(message), {}, service.meta.generation};
    set_condition(status.conditions, believed, std::move(condition), view.now);
  }
  bool was(const char* type, const char* value) const {
    const Condition* condition = find_condition(believed, type);
    return condition != nullptr && condition->status == value;
  }
  bool shows_suspension() const {
    return is_suspending(view.partition) && !is_resuming(view.partition);
  }
  const char* suspension() const {
    return is_suspended(view.partition) ? "SuspendComplete" : "SuspendInProgress";
  }
  bool was_suspended(const char* type) const {
    return had_reason(type, "SuspendInProgress") || had_reason(type, "SuspendComplete");
  }
  bool had_reason(const char* type, const char* reason) const {
    const Condition* condition = find_condition(believed, type);
    return condition != nullptr && condition->reason == reason;
  }
};

// What the dashboard of a head that is not Ready said last is no news of its applications.
std::vector<AppView> apps_of(const Cluster& cluster) {
  std::vector<AppView> apps;
  const Known<PodSlice>* head = head_pod_of(cluster);
  if (head == nullptr || cluster.dashboard.head_uid != head->value.meta.uid) return apps;
  if (!is_head_ready(cluster)) return apps;
  for (const AppAnswer& answer : cluster.dashboard.serve.value.apps) {
    AppView app{answer.name.empty() ? "default" : answer.name, answer.status, answer.message, {}};
    for (const DeploymentAnswer& deployment : answer.deployments) {
      app.deployments.push_back({deployment.name, deployment.status, deployment.message});
    }
    apps.push_back(std::move(app));
  }
  return apps;
}

// A takeover, or a start without its log, is no news of the applications: until a head was asked
// they stand as they stood.
std::vector<AppView> apps_shown(const RayServiceStatus& believed, const std::string& cluster) {
  for (const ClusterView* view : {&believed.active, &believed.pending}) {
    if (view->cluster == cluster) return view->apps;
  }
  return {};
}

ClusterView view_of(const RayServiceStatus& believed, const Cluster* cluster) {
  if (cluster == nullptr) return {};
  const bool asked = cluster->dashboard.latest.since || !is_head_ready(*cluster);
  ClusterView view;
  view.cluster = cluster->object->value.meta.name;
  view.apps = asked ? apps_of(*cluster) : apps_shown(believed, view.cluster);
  return view;
}

// Kept while anything of an incremental upgrade is: what they say survives the loss of the log.
void show_share(const Partition& partition, const Cluster* cluster, ClusterView& view) {
  if (cluster == nullptr) return;
  const Share& share = cluster->share;
  const bool pending = partition.memory.active != view.cluster;
  const bool divided = is_incremental(partition);
  if (!divided && !share.capacity) return;
  view.target_capacity = share.capacity;
  if (!divided) return;
  if (!share.capacity && !pending) view.target_capacity = 100;
  if (route_of(partition) == nullptr && !share.traffic) return;
  view.traffic_percent = share.traffic.value_or(0);
  if (share.traffic_moved != Time{}) view.traffic_moved = share.traffic_moved;
}

// The name of a cluster that is being created stands in the status before the cluster does.
std::string name_under_way(const Partition& partition) {
  for (const auto& [target, write] : partition.in_flight) {
    if (write.object.kind == Kind::RayCluster && write.creates) return write.object.name;
  }
  return "";
}

void project_ready(const Projection& p) {
  const bool given_up =
      is_given_up(p.view.partition, p.view.now) && !is_suspending(p.view.partition);
  if (given_up) {
    return p.set("Ready", "False", "InitializingTimeout",
                 "RayService failed to become ready within the configured timeout: its clusters "
                 "are deleted. Delete it and create it anew, or suspend and resume it");
  }
  if (!p.service.invalid.reason.empty()) {
    return p.set("Ready", "False", "ValidationFailed", p.service.invalid.message);
  }
  if (p.shows_suspension()) {
    return p.set("Ready", "False", p.suspension(), "");
  }
  if (p.status.endpoints > 0) {
    return p.set("Ready", "True", "NonZeroServeEndpoints",
                 "Number of serve endpoints is greater than 0");
  }
  // Initializing until the first endpoint is seen, also when the Services exist already.
  const bool lost = p.was("Ready", "True") || p.had_reason("Ready", "ZeroServeEndpoints") ||
                    (p.had_reason("Ready", "ValidationFailed") && p.roles.active != nullptr);
  p.set("Ready", "False", lost ? "ZeroServeEndpoints" : "Initializing",
        lost ? "No ready pod is behind the serve service" : "RayService is initializing");
  // The time that ray.io/initializing-timeout allows begins anew.
  if (p.was_suspended("Ready")) {
    p.status.conditions.back().since = std::chrono::floor<std::chrono::seconds>(p.view.now);
  }
}

// Why an upgrade that is asked for has not begun.
std::string upgrade_wait(const Projection& p) {
  if (p.roles.active == nullptr || is_current(p.service, p.roles.active->object->value)) return "";
  for (const Cluster* leaving : p.roles.leaving) {
    const auto& due = leaving->object->value.delete_after;
    const std::string name = leaving->object->value.meta.name;
    return "an upgrade waits until " + name + " is gone" +
           (due ? ", at " + to_rfc3339(*due) : std::string());
  }
  return "";
}

void project_upgrade(const Projection& p) {
  const bool pending = !p.status.pending.cluster.empty();
  if (p.shows_suspension()) {
    return p.set("UpgradeInProgress", "False", p.suspension(), "");
  }
  if (!p.status.active.cluster.empty()) {
    const std::string wait = upgrade_wait(p);
    return p.set("UpgradeInProgress", pending ? "True" : "False",
                 pending ? "BothActivePendingClustersExist" : "NoPendingCluster",
                 pending        ? "Both active and pending Ray clusters exist"
                 : wait.empty() ? "Active Ray cluster exists and no pending Ray cluster"
                                : wait);
  }
  const Condition* before = find_condition(p.believed, "UpgradeInProgress");
  const bool initial =
      before == nullptr || before->reason == "Initializing" || p.was_suspended("UpgradeInProgress");
  p.set("UpgradeInProgress", initial ? "False" : "Unknown",
        initial ? "Initializing" : "NoActiveCluster",
        initial ? "RayService is initializing" : "No active Ray cluster exists");
}

void project_suspension(const Projection& p) {
  if (p.shows_suspension()) {
    const bool done = is_suspended(p.view.partition);
    p.set("Suspending", done ? "False" : "True", p.suspension(), "");
    if (done) p.set("Suspended", "True", "SuspendComplete", "");
  } else if (find_condition(p.believed, "Suspending") != nullptr) {
    p.set("Suspending", "False", "SuspendComplete", "");
    p.set("Suspended", "False", "RayServiceResumed", "");
  }
}

// Present only while there is something wrong with the Serve config.
void project_serve_config(const Projection& p) {
  const ServeConfig& wanted = p.service.serve_config;
  if (!wanted.error.empty()) {
    return p.set("ServeConfigAccepted", "False", "InvalidServeConfig",
                 "spec.serveConfigV2: " + wanted.error);
  }
  for (const Cluster* cluster : {p.roles.pending, p.roles.active}) {
    if (cluster == nullptr || cluster->config.refused != wanted.hash || !wanted.hash) continue;
    return p.set("ServeConfigAccepted", "False", "RefusedByRay",
                 "Ray on " + cluster->object->value.meta.name +
                     " refused spec.serveConfigV2: " + cluster->config.refusal);
  }
}

// Present while the active cluster is ill past its threshold, or is being replaced.
void project_failover(const Projection& p) {
  const Cluster* pending = p.roles.pending;
  if (pending != nullptr && pending->object->value.purpose == Purpose::Failover) {
    return p.set("RaycordFailover", "True", "ReplacementPreparing",
                 pending->object->value.meta.name + " is being prepared to replace " +
                     p.status.active.cluster);
  }
  if (p.roles.active == nullptr) return;
  Wishes unused(p.view);
  const auto illness = illness_of(p.view, *p.roles.active, unused);
  if (!illness) return;
  const std::string what = p.status.active.cluster + ": " + illness->what;
  if (failover_mode(p.view) == FailoverMode::Off) {
    return p.set("RaycordFailover", "False", "Off", what + "; failover is off");
  }
  if (failover_mode(p.view) == FailoverMode::Shadow) {
    return p.set("RaycordFailover", "False", "Shadow",
                 what + "; in shadow mode no replacement is started");
  }
  if (p.view.fleet.held) {
    return p.set("RaycordFailover", "False", "Held", what + "; " + p.view.fleet.held_why);
  }
  if (failed_attempts(p.view.partition) >= kAttemptsMax) {
    return p.set("RaycordFailover", "False", "GivenUp",
                 what + "; " + std::to_string(kAttemptsMax) +
                     " replacements did not become ready, the next one waits for an edit");
  }
  if (is_backing_off(p.view, unused)) {
    p.set("RaycordFailover", "False", "BackingOff",
          what + "; the next replacement starts at " +
              to_rfc3339(p.view.partition.memory.back_off_until));
  }
}

// What was packed of a status before it had shares.
struct ViewAsBefore {
  const ClusterView& view;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.view.cluster, self.view.apps);
  }
};
struct AsBefore {
  const RayServiceStatus& status;
  ViewAsBefore active{status.active};
  ViewAsBefore pending{status.pending};

  template <class Self>
  static auto fields(Self& self) {
    const RayServiceStatus& status = self.status;
    return std::tie(status.conditions, status.service_status, self.active, self.pending,
                    status.endpoints, status.observed_generation);
  }
};

// Present while a rollback lasts.
void project_rollback(const Projection& p) {
  if (!is_incremental(p.view.partition)) return;
  if (p.shows_suspension()) return p.set("RollbackInProgress", "False", p.suspension(), "");
  Wishes unused(p.view);
  const auto it = increment_of(p.view, p.roles, unused);
  if (!it || it->heading == Heading::Forward) return;
  const std::string pending = it->pending->object->value.meta.name;
  p.set("RollbackInProgress", "True", it->ill ? "PendingClusterIll" : "DesiredClusterSpecChanged",
        it->ill ? pending + " is ill: its traffic goes back to the active cluster"
                : "The spec was changed: traffic goes back from " + pending);
}

// Present only while something about the Gateway keeps an incremental upgrade from moving on.
void project_routing(const Projection& p) {
  const Partition& partition = p.view.partition;
  if (!is_incremental(partition) || !may_have_clusters(partition, p.view.now)) return;
  for (const Kind kind : {Kind::Gateway, Kind::HTTPRoute}) {
    const auto found = p.view.fleet.kinds.find(kind);
    if (found == p.view.fleet.kinds.end() || found->second.left_scope.empty()) continue;
    return p.set("RaycordRouting", "False", "GatewayApiMissing",
                 std::string(name_of(kind)) + "s of gateway.networking.k8s.io/v1 cannot be read: " +
                     found->second.left_scope +
                     ". Install the Gateway API and a controller for it, and let this operator "
                     "read and write them");
  }
  const Known<GatewaySlice>* gateway = gateway_of(partition);
  if (gateway != nullptr && !(gateway->value.accepted && gateway->value.programmed)) {
    return p.set("RaycordRouting", "False", "GatewayNotReady",
                 "Gateway " + gateway->value.meta.name +
                     " is not accepted and programmed by its controller" +
                     (gateway->value.trouble.empty() ? "" : ": " + gateway->value.trouble));
  }
  const Known<RouteSlice>* route = route_of(partition);
  if (route != nullptr && !(route->value.accepted && route->value.resolved)) {
    p.set("RaycordRouting", "False", "RouteNotReady",
          "HTTPRoute " + route->value.meta.name + " is not accepted and resolved" +
              (route->value.trouble.empty() ? "" : ": " + route->value.trouble));
  }
}

// What changes with every observation of an ill cluster must not make a status new by itself.
template <class Status>
void clear_messages(Status& status) {
  for (Condition& condition : status.conditions) condition.message.clear();
}

void clear_messages(ClusterView& view) {
  for (AppView& app : view.apps) {
    app.message.clear();
    for (DeploymentView& deployment : app.deployments) deployment.message.clear();
  }
}

}  // namespace

RayServiceStatus wanted_service_status(const Partition& partition, const Fleet& fleet, Time now) {
  RayServiceStatus status;
  if (!partition.service) return status;
  const RayServiceSlice& service = partition.service->value;
  const Projection p{View{partition, fleet, now}, roles_of(partition), service,
                     partition.status.value.conditions, status};
  if (may_have_clusters(partition, now)) {
    status.active = view_of(partition.status.value, p.roles.active);
    status.pending = view_of(partition.status.value, p.roles.pending);
    show_share(partition, p.roles.active, status.active);
    show_share(partition, p.roles.pending, status.pending);
  }
  if (status.pending.cluster.empty()) status.pending.cluster = name_under_way(partition);
  status.endpoints = static_cast<std::int32_t>(ready_endpoints(partition, nullptr));
  status.observed_generation = service.meta.generation;
  project_ready(p);
  project_upgrade(p);
  project_suspension(p);
  project_serve_config(p);
  project_failover(p);
  project_rollback(p);
  project_routing(p);
  const Condition* ready = find_condition(status.conditions, "Ready");
  if (ready != nullptr && ready->status == "True") status.service_status = "Running";
  return status;
}

// As it was before a status had shares: logs of then hold these hashes.
Hash hash_of(const RayServiceStatus& status) {
  std::string bytes = pack(AsBefore{status});
  for (const ClusterView* view : {&status.active, &status.pending}) {
    const bool divided = view->target_capacity || view->traffic_percent || view->traffic_moved;
    if (divided) bytes += pack(*view);
  }
  return hash_of(bytes);
}

Hash hash_without_messages(const RayServiceStatus& status) {
  RayServiceStatus quiet = status;
  clear_messages(quiet);
  clear_messages(quiet.active);
  clear_messages(quiet.pending);
  return hash_of(quiet);
}

}  // namespace raycord
