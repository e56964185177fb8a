// The Gateway and the HTTPRoute of an incremental upgrade, the Services that the route sends
// traffic to, and how much each gets (rayservice-behaviour.md 7.3, 7.5).
//
//   strategy      Gateway, HTTPRoute            ordinary serve Service
//   incremental   made, kept as we write them   removed when the route is taken by its controller
//   another one   removed when traffic has      made again by rule_traffic
//                 another way in
//
// The route is the record of how traffic is divided: weights that we asked for count when they are
// seen there.

#include <algorithm>

#include "core/cluster_phase.h"
#include "core/incremental.h"
#include "core/names.h"
#include "core/readiness.h"
#include "core/rules.h"
#include "core/service_phase.h"

namespace raycord {
namespace {

constexpr std::int32_t kWhole = 100;
constexpr std::int32_t kHttpPort = 80;

struct Scene {
  const View& view;
  Wishes& wishes;
  const Roles roles;
  const Known<RayServiceSlice>& service;

  const Partition& partition() const { return view.partition; }
};

Template template_of_service(const Scene& scene) {
  const Meta& meta = scene.service.value.meta;
  return {{Kind::RayService, meta.ns, meta.name}, scene.service.since};
}

// --- Services ---

void keep_backend(const Scene& scene, const Cluster& cluster) {
  if (cluster.delete_decided) return;
  const Meta& meta = cluster.object->value.meta;
  const std::string name = serve_service_name(meta.name);
  const auto found = cluster.services.find(name);
  if (found == cluster.services.end()) {
    CreateService create;
    create.ns = meta.ns;
    create.name = name;
    create.role = ServiceRole::Backend;
    create.selects = meta.name;
    create.service = template_of_service(scene);
    create.cluster = template_of(cluster);
    scene.wishes.want(Rule::CreateBackendService, {cluster.object->since, scene.service.since},
                      std::move(create));
    return;
  }
  // The one of annotation ray.io/enable-serve-service: pods that don't serve are behind it, too.
  const ServiceSlice& service = found->second.value;
  if (service.selects_serve || service.meta.deleting_since) return;
  SwitchService update;
  update.ns = meta.ns;
  update.name = name;
  update.uid = service.meta.uid;
  update.version = service.meta.version;
  update.role = ServiceRole::Backend;
  update.selects = meta.name;
  update.service = template_of_service(scene);
  update.cluster = template_of(cluster);
  update.current = {{Kind::Service, meta.ns, name}, found->second.since};
  scene.wishes.want(Rule::CreateBackendService, {cluster.object->since, found->second.since},
                    std::move(update));
}

// --- Gateway ---

WriteRouting routing(const Scene& scene, Kind kind, const std::string& name) {
  WriteRouting write;
  write.ns = scene.service.value.meta.ns;
  write.name = name;
  write.kind = kind;
  write.service = template_of_service(scene);
  return write;
}

template <class Slice>
WriteRouting change_of(const Scene& scene, Kind kind, const Known<Slice>& known) {
  const Meta& meta = known.value.meta;
  WriteRouting write = routing(scene, kind, meta.name);
  write.uid = meta.uid;
  write.version = meta.version;
  write.current = {{kind, meta.ns, meta.name}, known.since};
  return write;
}

void keep_gateway(const Scene& scene) {
  const std::string name = gateway_name(scene.partition().name);
  const Known<GatewaySlice>* gateway = gateway_of(scene.partition());
  if (gateway == nullptr) {
    scene.wishes.want(Rule::CreateGateway, {scene.service.since},
                      routing(scene, Kind::Gateway, name));
    return;
  }
  const GatewaySlice& slice = gateway->value;
  const std::vector<GatewayListener> wanted = {{"http", "HTTP", kHttpPort}};
  const bool same = slice.gateway_class == scene.service.value.incremental->gateway_class &&
                    slice.listeners == wanted;
  if (same || slice.meta.deleting_since) return;
  scene.wishes.want(Rule::UpdateGateway, {scene.service.since, gateway->since},
                    change_of(scene, Kind::Gateway, *gateway));
}

// --- HTTPRoute ---

struct Goal {
  std::vector<RouteBackend> backends;
  std::vector<Seq> causes;
  bool moves = false;  // Traffic, not only the list of backends.
};

RouteBackend backend(const Cluster& cluster, std::int32_t weight) {
  const RayClusterSlice& slice = cluster.object->value;
  return {serve_service_name(slice.meta.name), "", slice.serve_port, weight};
}

Goal all_to(const Cluster& cluster) {
  Goal goal;
  goal.backends = {backend(cluster, kWhole)};
  goal.causes = {cluster.object->since};
  goal.moves = cluster.share.traffic.value_or(kWhole) != kWhole;
  return goal;
}

bool is_interval_over(const Scene& scene, const Cluster& receiver) {
  if (receiver.share.traffic_moved == Time{}) return true;
  const Time due = receiver.share.traffic_moved +
                   std::chrono::seconds(scene.service.value.incremental->interval_s);
  if (due > scene.view.now) scene.wishes.wake_at(due);
  return due <= scene.view.now;
}

// The shares after the step that is due now; nothing: none is.
std::optional<Shares> step_of(const Scene& scene, const Increment& it) {
  if (it.at_once) {
    const bool ready = it.shares.pending_capacity == kWhole &&
                       is_ready_to_switch(scene.view, scene.roles, *it.pending) &&
                       is_ready_for_traffic(scene.view, *it.pending);
    if (!ready || it.shares.pending_traffic == kWhole) return std::nullopt;
    Shares moved = it.shares;
    moved.active_traffic = 0;
    moved.pending_traffic = kWhole;
    return moved;
  }
  const bool forward = it.heading == Heading::Forward;
  if (forward &&
      (!is_routing_ready(scene.partition()) || !is_ready_for_traffic(scene.view, *it.pending))) {
    return std::nullopt;
  }
  const auto moved = next_traffic(it.shares, *scene.service.value.incremental, it.heading);
  if (!moved || !is_interval_over(scene, forward ? *it.pending : *it.active)) return std::nullopt;
  return moved;
}

Goal divided(const Scene& scene, const Increment& it) {
  const auto step = step_of(scene, it);
  const Shares& shares = step ? *step : it.shares;
  Goal goal;
  goal.backends = {backend(*it.active, shares.active_traffic),
                   backend(*it.pending, shares.pending_traffic)};
  goal.causes = {it.active->object->since, it.pending->object->since,
                 it.pending->dashboard.serve.since, it.active->dashboard.serve.since};
  goal.moves = step.has_value();
  return goal;
}

void write_route(const Scene& scene, const Goal& goal) {
  const Known<RouteSlice>* route = route_of(scene.partition());
  std::vector<Seq> causes = goal.causes;
  causes.push_back(scene.service.since);
  if (route == nullptr) {
    WriteRouting write = routing(scene, Kind::HTTPRoute, route_name(scene.partition().name));
    write.backends = goal.backends;
    scene.wishes.want(Rule::CreateRoute, std::move(causes), std::move(write));
    return;
  }
  const RouteSlice& slice = route->value;
  if (slice.meta.deleting_since) return;
  const std::string gateway = slice.meta.ns + "/" + gateway_name(scene.partition().name);
  if (slice.plain && slice.gateway == gateway && slice.backends == goal.backends) return;
  WriteRouting write = change_of(scene, Kind::HTTPRoute, *route);
  write.backends = goal.backends;
  causes.push_back(route->since);
  scene.wishes.want(goal.moves ? Rule::MoveTraffic : Rule::UpdateRoute, std::move(causes),
                    std::move(write));
}

void keep_route(const Scene& scene) {
  const Roles& roles = scene.roles;
  if (takes_over(scene.view, roles)) return write_route(scene, all_to(*roles.pending));
  if (roles.active == nullptr || roles.active->delete_decided) return;
  const auto it = increment_of(scene.view, roles, scene.wishes);
  if (it && !it->pending->delete_decided) return write_route(scene, divided(scene, *it));
  write_route(scene, all_to(*roles.active));
}

// --- Coming and going of the strategy ---

// The route has taken over from the ordinary serve Service, which nobody keeps pointed any more.
void remove_serve_service(const Scene& scene) {
  const Known<RouteSlice>* route = route_of(scene.partition());
  if (!is_routing_ready(scene.partition()) || is_routing_moving(scene.partition())) return;
  if (ready_endpoints(scene.partition(), scene.roles.active) == 0) return;
  for (const auto& [name, service] : scene.partition().services) {
    const Meta& meta = service.value.meta;
    if (!service.value.selects_serve || meta.deleting_since) continue;
    scene.wishes.want(Rule::RemoveServeService, {scene.service.since, service.since, route->since},
                      DeleteObject{{Kind::Service, meta.ns, meta.name}, meta.uid});
  }
}

void keep_routing(const Scene& scene) {
  if (!scene.service.value.invalid.reason.empty() || !scene.service.value.has_finalizer) return;
  for (const Cluster* cluster : {scene.roles.active, scene.roles.pending}) {
    if (cluster != nullptr) keep_backend(scene, *cluster);
  }
  if (!knows_routing(scene.view.fleet)) return;
  keep_gateway(scene);
  keep_route(scene);
  if (scene.roles.active != nullptr) remove_serve_service(scene);
}

// All its capacity is back, and what it runs has grown into it.
bool is_whole_again(const Cluster& cluster) {
  const ServeAnswer& answer = cluster.dashboard.serve.value;
  return !cluster.share.capacity && is_answering(cluster) &&
         std::all_of(answer.apps.begin(), answer.apps.end(),
                     [](const AppAnswer& app) { return app.status == "RUNNING"; });
}

bool has_other_way_in(const Scene& scene) {
  if (!scene.service.value.has_serve_port) return true;
  const Known<ServiceSlice>* serve = service_of(scene.partition(), ServiceRole::Serve);
  if (serve == nullptr) return false;
  for (const auto& [name, slice] : scene.partition().endpoint_slices) {
    if (slice.value.service == serve->value.meta.name && !slice.value.ready_uids.empty()) {
      return true;
    }
  }
  return false;
}

template <class Slice>
void remove(const Scene& scene, Kind kind, const Known<Slice>& known) {
  const Meta& meta = known.value.meta;
  if (meta.deleting_since) return;
  scene.wishes.want(Rule::RemoveRouting, {scene.service.since, known.since},
                    DeleteObject{{kind, meta.ns, meta.name}, meta.uid});
}

void remove_backends(const Scene& scene) {
  for (const auto& [name, cluster] : scene.partition().clusters) {
    const auto found = cluster.services.find(serve_service_name(name));
    if (found == cluster.services.end() || !found->second.value.selects_serve) continue;
    if (found->second.value.meta.intent.empty()) continue;  // Not made by us.
    remove(scene, Kind::Service, found->second);
  }
}

void remove_routing(const Scene& scene) {
  if (!knows_routing(scene.view.fleet)) return;
  if (scene.view.fleet.calm_until > scene.view.now) {
    return scene.wishes.wake_at(scene.view.fleet.calm_until);
  }
  const Known<RouteSlice>* route = route_of(scene.partition());
  const Known<GatewaySlice>* gateway = gateway_of(scene.partition());
  if (route == nullptr && gateway == nullptr) return;
  if (route == nullptr) {
    remove_backends(scene);
    return remove(scene, Kind::Gateway, *gateway);
  }
  const Cluster* active = scene.roles.active;
  if (active == nullptr || active->delete_decided) return;
  if (!is_whole_again(*active)) return;
  if (route->value.backends != std::vector<RouteBackend>{backend(*active, kWhole)}) {
    return write_route(scene, all_to(*active));
  }
  if (has_other_way_in(scene)) remove(scene, Kind::HTTPRoute, *route);
}

}  // namespace

void rule_routing(const View& view, Wishes& wishes) {
  if (!may_have_clusters(view.partition, view.now)) return;
  const Scene scene{view, wishes, roles_of(view.partition), *view.partition.service};
  if (is_incremental(view.partition)) {
    keep_routing(scene);
  } else {
    remove_routing(scene);
  }
}

}  // namespace raycord
