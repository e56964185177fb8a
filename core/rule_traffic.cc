// The RayService's Services, and which cluster they point to.
//
//   target    the pending cluster once it is ready to switch, else the active one
//   missing   created when the target runs as asked (the first time), or at once for an active one
//   head      follows the target first
//   serve     follows when the head Service points to the target
//
// In incremental upgrades there is a head Service only, see core/rule_routing.cc.
//
// A head Service that was switched to a pending cluster which then lost its readiness goes back.

#include "core/incremental.h"
#include "core/readiness.h"
#include "core/roles.h"
#include "core/rules.h"
#include "core/service_phase.h"

namespace raycord {
namespace {

struct Course {
  const View& view;
  Wishes& wishes;
  const Cluster& target;
  std::vector<Seq> causes;  // Why it is the target.
};

Template template_of(const Known<RayServiceSlice>& service) {
  return {{Kind::RayService, service.value.meta.ns, service.value.meta.name}, service.since};
}

Template template_of(const Cluster& cluster) {
  const Meta& meta = cluster.object->value.meta;
  return {{Kind::RayCluster, meta.ns, meta.name}, cluster.object->since};
}

void create(const Course& course, ServiceRole role, Rule rule) {
  const Known<RayServiceSlice>& service = *course.view.partition.service;
  CreateService effect;
  effect.ns = service.value.meta.ns;
  effect.name = service_name_of(service.value, role);
  effect.role = role;
  effect.selects = course.target.object->value.meta.name;
  effect.service = template_of(service);
  effect.cluster = template_of(course.target);
  course.wishes.want(rule, course.causes, std::move(effect));
}

void point_to_target(const Course& course, ServiceRole role, Rule rule,
                     const Known<ServiceSlice>& current) {
  const Known<RayServiceSlice>& service = *course.view.partition.service;
  const Meta& meta = current.value.meta;
  SwitchService effect;
  effect.ns = meta.ns;
  effect.name = meta.name;
  effect.uid = meta.uid;
  effect.version = meta.version;
  effect.role = role;
  effect.selects = course.target.object->value.meta.name;
  effect.service = template_of(service);
  effect.cluster = template_of(course.target);
  effect.current = {{Kind::Service, meta.ns, meta.name}, current.since};
  std::vector<Seq> causes = course.causes;
  causes.push_back(current.since);
  course.wishes.want(rule, std::move(causes), std::move(effect));
}

// True when the Service exists and points to the target.
bool settle(const Course& course, ServiceRole role, Rule create_rule, Rule switch_rule) {
  const Known<ServiceSlice>* current = service_of(course.view.partition, role);
  if (current == nullptr) {
    create(course, role, create_rule);
    return false;
  }
  if (current->value.meta.deleting_since) return false;
  if (current->value.selected_cluster == course.target.object->value.meta.name) return true;
  point_to_target(course, role, switch_rule, *current);
  return false;
}

void set_course(const Course& course) {
  const bool head_settled =
      settle(course, ServiceRole::ServiceHead, Rule::CreateHeadService, Rule::SwitchHeadService);
  if (!course.view.partition.service->value.has_serve_port) return;
  const bool serve_exists = service_of(course.view.partition, ServiceRole::Serve) != nullptr;
  if (!serve_exists || head_settled) {
    settle(course, ServiceRole::Serve, Rule::CreateServeService, Rule::SwitchServeService);
  }
}

// The HTTPRoute divides traffic; the head Service follows when all of it has arrived.
void follow_increment(const View& view, Wishes& wishes, const Roles& roles, bool valid) {
  const Cluster* target = roles.active;
  std::vector<Seq> causes = {view.partition.service->since, view.partition.memory.active_since};
  const bool first = roles.active == nullptr && view.partition.memory.active.empty() &&
                     view.partition.services.empty();
  const bool runs = first && roles.pending != nullptr && !roles.pending->delete_decided &&
                    runs_as_asked(view, *roles.pending);
  if (valid && (runs || is_to_be_promoted(view, roles, wishes))) {
    target = roles.pending;
    causes = causes_of_running(view, *target);
    if (const auto* route = route_of(view.partition)) causes.push_back(route->since);
  }
  if (target == nullptr || target->delete_decided) return;
  causes.push_back(target->object->since);
  const Rule rule = target == roles.active ? Rule::SwitchHeadService : Rule::PromoteCluster;
  settle({view, wishes, *target, std::move(causes)}, ServiceRole::ServiceHead,
         Rule::CreateHeadService, rule);
}

}  // namespace

void rule_traffic(const View& view, Wishes& wishes) {
  if (!view.partition.service) return;
  const RayServiceSlice& service = view.partition.service->value;
  if (!may_have_clusters(view.partition, view.now)) return;
  const Roles roles = roles_of(view.partition);
  const bool valid = service.invalid.reason.empty();
  if (service.incremental) return follow_increment(view, wishes, roles, valid);
  const Cluster* pending = roles.pending;
  if (valid && pending != nullptr && is_ready_to_switch(view, roles, *pending)) {
    return set_course({view, wishes, *pending, causes_of_running(view, *pending)});
  }
  // Before the first switch there is no active cluster: Services appear when the apps run.
  const bool first = roles.active == nullptr && view.partition.services.empty();
  if (valid && first && pending != nullptr && !pending->delete_decided &&
      runs_as_asked(view, *pending)) {
    return set_course({view, wishes, *pending, causes_of_running(view, *pending)});
  }
  if (roles.active == nullptr || roles.active->delete_decided) return;
  set_course({view,
              wishes,
              *roles.active,
              {roles.active->object->since, view.partition.service->since,
               view.partition.memory.active_since}});
}

}  // namespace raycord
