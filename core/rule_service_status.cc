// Writes the RayService's status when its projection changed: at most once a second, and for
// messages alone at most once a minute.

#include <algorithm>
#include <variant>

#include "core/limits.h"
#include "core/roles.h"
#include "core/rules.h"
#include "core/status.h"

namespace raycord {
namespace {

std::optional<RayClusterStatus> status_to_copy(const Cluster* cluster) {
  return cluster ? std::optional<RayClusterStatus>(cluster->status.value) : std::nullopt;
}

// What this turn decides about clusters is shown in a moment: until then the status can wait.
bool is_cluster_decided(const Wishes& wishes) {
  return std::any_of(wishes.decisions().begin(), wishes.decisions().end(),
                     [](const Decision& decision) {
                       return std::holds_alternative<CreateCluster>(decision.effect);
                     });
}

// The newest events of what the status shows.
std::vector<Seq> causes_of_status(const View& view, const Roles& roles) {
  std::vector<Seq> causes = {view.partition.service->since};
  for (const Cluster* cluster : {roles.active, roles.pending}) {
    if (cluster == nullptr) continue;
    causes.push_back(cluster->object->since);
    causes.push_back(cluster->dashboard.serve.since);
  }
  for (const auto& [name, slice] : view.partition.endpoint_slices) causes.push_back(slice.since);
  for (const auto& [name, route] : view.partition.routes) causes.push_back(route.since);
  return causes;
}

}  // namespace

void rule_service_status(const View& view, Wishes& wishes) {
  if (!view.partition.service) return;
  const RayServiceSlice& service = view.partition.service->value;
  if (service.meta.deleting_since || !service.has_finalizer) return;
  const StatusBelief<RayServiceStatus>& belief = view.partition.status;
  const RayServiceStatus wanted = wanted_service_status(view.partition, view.fleet, view.now);
  if (wanted == belief.value) return;
  if (is_cluster_decided(wishes) && !belief.value.conditions.empty()) return;
  const bool only_messages = hash_without_messages(wanted) == hash_without_messages(belief.value);
  const Millis interval = only_messages ? kStatusMessageInterval : kStatusInterval;
  if (belief.written_at != Time{} && belief.written_at + interval > view.now) {
    return wishes.wake_at(belief.written_at + interval);
  }
  const Roles roles = roles_of(view.partition);
  WriteServiceStatus effect;
  effect.ns = service.meta.ns;
  effect.name = service.meta.name;
  effect.uid = service.meta.uid;
  effect.version = service.meta.version;
  effect.content = hash_of(wanted);
  effect.status = wanted;
  effect.active_cluster = status_to_copy(roles.active);
  effect.pending_cluster = status_to_copy(roles.pending);
  wishes.want(Rule::WriteServiceStatus, causes_of_status(view, roles), std::move(effect));
}

}  // namespace raycord
