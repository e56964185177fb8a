// Which clusters of a RayService exist: first cluster, upgrade, failover, and never more than two.
//
// Every cell, for a valid RayService that is neither deleted nor suspended. "ill" is past its
// threshold (core/illness.h); "asked" is the revision asked for now.
//
//   active          pending          then
//   -               -                start a first cluster, after back-off and deletions under way
//   -               made for asked   keep it
//   -               made for other   delete it; its successor comes when the DELETE is accepted
//   -               ill              failover is enforced: delete it, count the attempt
//   as asked, well  -                nothing
//   as asked, ill   -                start a failover, if mode, fleet hold and back-off allow;
//                                    a leaving cluster is deleted first
//   as asked        made for asked   a failover: keep it; delete it when the active one is well
//                                    again, unless it is ready to take over in this turn
//   as asked        made for other   cancel: delete it
//   other           -                start an upgrade (strategy allows; no leaving cluster); or, if
//                                    the active one is ill and there is no upgrade, a failover
//   other           made for asked   keep it: it is the replacement too if the active one is ill
//   other           made for other   delete it; its successor comes when the DELETE is accepted
//   any             ill or too late  delete it, count the attempt; not while the fleet is held
//
// In an incremental upgrade a pending cluster that has traffic gives it back first.
//
// Worker groups that were only appended change the cluster in place.
// Source: shared design, section 7, "two clusters".

#include <algorithm>

#include "core/check.h"
#include "core/illness.h"
#include "core/incremental.h"
#include "core/limits.h"
#include "core/names.h"
#include "core/readiness.h"
#include "core/roles.h"
#include "core/rules.h"
#include "core/service_phase.h"
#include "core/wish.h"

namespace raycord {
namespace {

constexpr std::size_t kClustersMax = 2;  // Two GPU fleets at once is what users can be asked for.

struct Scene {
  const View& view;
  Wishes& wishes;
  Roles roles;
  const Known<RayServiceSlice>& service;
};

void start_cluster(Scene& scene, Rule rule, Purpose purpose, std::vector<Seq> causes) {
  if (scene.roles.creating || scene.roles.counted >= kClustersMax) return;
  const RayServiceSlice& service = scene.service.value;
  if (!service.has_finalizer) return;
  const std::uint32_t counter = scene.view.partition.memory.name_counter + 1;
  CreateCluster effect;
  effect.ns = service.meta.ns;
  effect.name = cluster_name(service.meta.name, service.meta.uid, counter);
  effect.service = {{Kind::RayService, service.meta.ns, service.meta.name}, scene.service.since};
  effect.spec_revision = wanted_revision(service);
  effect.purpose = purpose;
  effect.counter = counter;
  effect.attempt = failed_attempts(scene.view.partition) + 1;
  effect.at_min_size = purpose == Purpose::Upgrade && service.incremental;
  causes.push_back(scene.service.since);
  scene.wishes.want(rule, std::move(causes), std::move(effect));
}

// While a write to a Service of the RayService has no outcome, nobody knows where it points.
bool is_traffic_moving(const Scene& scene) {
  const RayServiceSlice& service = scene.service.value;
  const auto& in_flight = scene.view.partition.in_flight;
  return std::any_of(in_flight.begin(), in_flight.end(), [&](const auto& entry) {
    const ObjectName& object = entry.second.object;
    if (object.kind == Kind::HTTPRoute) return true;
    return object.kind == Kind::Service &&
           (object.name == service_name_of(service, ServiceRole::ServiceHead) ||
            object.name == service_name_of(service, ServiceRole::Serve));
  });
}

// Deletes a cluster that carries no traffic. That it carries none is checked here, always.
void delete_cluster(Scene& scene, Rule rule, const Cluster& cluster, std::vector<Seq> causes) {
  if (cluster.delete_decided || cluster.delete_accepted) return;
  if (scene.view.fleet.calm_until > scene.view.now) {
    scene.wishes.wake_at(scene.view.fleet.calm_until);
    return;
  }
  const Meta& meta = cluster.object->value.meta;
  // Half of a switch was done: rule_traffic takes it back first.
  if (serves(scene.view.partition, meta.name) || is_traffic_moving(scene)) return;
  CHECK(meta.name != scene.view.partition.memory.active);
  causes.push_back(cluster.object->since);
  scene.wishes.want(rule, std::move(causes),
                    DeleteObject{{Kind::RayCluster, meta.ns, meta.name}, meta.uid});
}

void append_groups(Scene& scene, const Cluster& cluster) {
  if (cluster.delete_decided) return;
  const RayClusterSlice& slice = cluster.object->value;
  if (!only_appends_groups(scene.service.value, slice)) return;
  const Meta& service = scene.service.value.meta;
  UpdateClusterGroups effect;
  effect.ns = slice.meta.ns;
  effect.name = slice.meta.name;
  effect.uid = slice.meta.uid;
  effect.version = slice.meta.version;
  effect.service = {{Kind::RayService, service.ns, service.name}, scene.service.since};
  effect.cluster = {{Kind::RayCluster, slice.meta.ns, slice.meta.name}, cluster.object->since};
  effect.spec_revision = wanted_revision(scene.service.value);
  scene.wishes.want(Rule::AppendWorkerGroups, {scene.service.since, cluster.object->since},
                    std::move(effect));
}

bool fits(const Scene& scene, const Cluster& cluster) {
  return fits(scene.service.value, cluster.object->value);
}

// What keeps it from taking over was seen in this run: after a start a Ready head is asked first.
bool is_seen_unready(const Scene& scene, const Cluster& pending) {
  return !is_head_ready(pending) || scene.view.fleet.started < pending.dashboard.latest.since;
}

// A pending cluster that took too long, though it is not ill. A first cluster may take for ever:
// there is nothing better to go back to.
bool is_past_its_limit(Scene& scene, const Cluster& pending) {
  const RayClusterSlice& slice = pending.object->value;
  if (slice.purpose == Purpose::First || scene.roles.active == nullptr) return false;
  if (!is_seen_unready(scene, pending)) return false;
  if (is_ready_to_switch(scene.view, scene.roles, pending)) return false;
  // An incremental upgrade takes as long as its steps do.
  const bool moves_on = pending.share.traffic_moved != Time{} || runs_as_asked(scene.view, pending);
  if (scene.service.value.incremental && moves_on) return false;
  const Time due = slice.meta.created + kPrepareLimit;
  if (due > scene.view.now) scene.wishes.wake_at(due);
  return due <= scene.view.now;
}

bool may_fail_over(const Scene& scene) {
  return failover_mode(scene.view) == FailoverMode::Enforce && !scene.view.fleet.held;
}

void start_failover(Scene& scene, const Illness& illness) {
  if (!may_fail_over(scene) || is_backing_off(scene.view, scene.wishes)) return;
  for (const Cluster* leaving : scene.roles.leaving) {
    delete_cluster(scene, Rule::CutDrainForFailover, *leaving, illness.causes);
  }
  start_cluster(scene, illness.rule, Purpose::Failover, illness.causes);
}

void without_active(Scene& scene) {
  for (const Cluster* leaving : scene.roles.leaving) {
    if (leaving->delete_decided) return;  // Its successor comes when the DELETE is accepted.
  }
  if (is_backing_off(scene.view, scene.wishes)) return;
  const Seq gone = scene.view.partition.memory.active.empty() ? Seq{} : scene.view.partition.last;
  start_cluster(scene, Rule::StartFirstCluster, Purpose::First,
                {gone, scene.view.partition.memory.attempts_since});
}

void with_active_alone(Scene& scene) {
  const Cluster& active = *scene.roles.active;
  append_groups(scene, active);
  const auto illness = illness_of(scene.view, active, scene.wishes);
  if (!fits(scene, active) && upgrades_by_new_cluster(scene.view)) {
    if (is_backing_off(scene.view, scene.wishes)) return;
    for (const Cluster* leaving : scene.roles.leaving) {
      if (!illness || !may_fail_over(scene)) break;
      delete_cluster(scene, Rule::CutDrainForFailover, *leaving, illness->causes);
    }
    if (!scene.roles.leaving.empty()) return;  // rule_drain says until when.
    // Without the Gateway API no traffic could move.
    if (scene.service.value.incremental && !knows_routing(scene.view.fleet)) return;
    start_cluster(scene, Rule::StartUpgrade, Purpose::Upgrade, {active.object->since});
    return;
  }
  if (illness) start_failover(scene, *illness);
}

// The rule by which a pending cluster that no longer fits goes.
Rule rule_to_supersede(const Scene& scene) {
  const bool reverted = scene.roles.active != nullptr && fits(scene, *scene.roles.active);
  return reverted ? Rule::CancelUpgrade : Rule::ReplacePending;
}

// Deletes a pending cluster that will not become ready; true if there is a reason to.
bool drops_pending(Scene& scene, const Cluster& pending) {
  if (scene.view.fleet.held) return false;
  const bool is_all_there_is = scene.roles.active == nullptr;
  const auto illness = illness_of(scene.view, pending, scene.wishes);
  if (illness && (!is_all_there_is || may_fail_over(scene))) {
    delete_cluster(scene, Rule::DropIllPending, pending, illness->causes);
    return true;
  }
  if (!is_past_its_limit(scene, pending)) return false;
  delete_cluster(scene, Rule::DropIllPending, pending,
                 {pending.object->since, pending.dashboard.latest.since});
  return true;
}

// A pending cluster that is not wanted any more goes at once, unless it had traffic: that is moved
// back first, by steps, and requests under way get the time that an old cluster gets.
void give_up_increment(Scene& scene, const Increment& it) {
  const Cluster& pending = *it.pending;
  if (pending.share.traffic_moved == Time{} && pending.share.traffic.value_or(0) == 0) {
    return delete_cluster(scene, rule_to_supersede(scene), pending, {scene.service.since});
  }
  const bool done = is_complete(it.shares, Heading::Back, it.giver_fixed);
  if (!done || serves(scene.view.partition, pending.object->value.meta.name)) return;
  if (pending.delete_decided) return;
  const RayClusterSlice& slice = pending.object->value;
  RememberOnCluster mark;
  mark.ns = slice.meta.ns;
  mark.name = slice.meta.name;
  mark.uid = slice.meta.uid;
  mark.delete_after = drain_end(scene.service.value, scene.view.now);
  mark.accepted_config = slice.accepted_config;
  std::vector<Seq> causes = {scene.service.since, pending.object->since, it.active->object->since};
  if (const auto* route = route_of(scene.view.partition)) causes.push_back(route->since);
  scene.wishes.want(Rule::EndRollback, std::move(causes), std::move(mark));
}

void with_pending(Scene& scene) {
  const Cluster& pending = *scene.roles.pending;
  append_groups(scene, pending);
  if (!fits(scene, pending)) {
    const auto it = increment_of(scene.view, scene.roles, scene.wishes);
    if (it) return give_up_increment(scene, *it);
    return delete_cluster(scene, rule_to_supersede(scene), pending, {scene.service.since});
  }
  if (drops_pending(scene, pending)) return;
  const Cluster* active = scene.roles.active;
  if (active == nullptr) return;
  append_groups(scene, *active);
  if (is_ready_to_switch(scene.view, scene.roles, pending)) return;
  const bool for_failover = pending.object->value.purpose == Purpose::Failover;
  if (for_failover && fits(scene, *active) && is_well_again(scene.view, *active)) {
    delete_cluster(scene, Rule::CancelFailover, pending,
                   {active->dashboard.serve.since, active->object->since});
  }
}

}  // namespace

void rule_clusters(const View& view, Wishes& wishes) {
  if (!view.partition.service) return;
  const RayServiceSlice& service = view.partition.service->value;
  if (!may_have_clusters(view.partition, view.now) || !service.invalid.reason.empty()) return;
  Scene scene{view, wishes, roles_of(view.partition), *view.partition.service};
  if (scene.roles.pending != nullptr) {
    with_pending(scene);
  } else if (scene.roles.active != nullptr) {
    with_active_alone(scene);
  } else {
    without_active(scene);
  }
}

}  // namespace raycord
