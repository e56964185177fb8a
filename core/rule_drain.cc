// The old cluster after a switch: drained for the promised time, then deleted.
//
//   the new one's endpoints are seen   write raycord.io/delete-after on the old one
//   delete-after has passed, or the RayService carries raycord.io/end-drain: "true"   delete it
//
// The promise stands on the object, so it survives the loss of the log and runs through gaps.

#include "core/check.h"
#include "core/incremental.h"
#include "core/readiness.h"
#include "core/roles.h"
#include "core/rules.h"
#include "core/service_phase.h"

namespace raycord {
namespace {

// Traffic has arrived at the active cluster: its pods are the endpoints of the serve Service.
bool has_traffic(const View& view, const Cluster& active) {
  if (is_incremental(view.partition)) {
    const Known<RouteSlice>* route = route_of(view.partition);
    return route != nullptr && route->value.backends.size() == 1 &&
           weight_in(route->value.backends, active.object->value.meta.name) > 0;
  }
  if (!view.partition.service->value.has_serve_port) return true;
  const Known<ServiceSlice>* serve = service_of(view.partition, ServiceRole::Serve);
  if (serve == nullptr || serve->value.selected_cluster != active.object->value.meta.name) {
    return false;
  }
  const std::size_t of_active = ready_endpoints(view.partition, &active);
  return of_active > 0 && of_active == ready_endpoints(view.partition, nullptr);
}

std::vector<Seq> causes_of_traffic(const View& view, const Cluster& leaving) {
  std::vector<Seq> causes = {leaving.object->since, view.partition.memory.active_since};
  for (const auto& [name, slice] : view.partition.endpoint_slices) causes.push_back(slice.since);
  if (const auto* route = route_of(view.partition)) causes.push_back(route->since);
  return causes;
}

void mark(const View& view, Wishes& wishes, const Cluster& leaving) {
  const RayClusterSlice& slice = leaving.object->value;
  RememberOnCluster effect;
  effect.ns = slice.meta.ns;
  effect.name = slice.meta.name;
  effect.uid = slice.meta.uid;
  effect.delete_after = drain_end(view.partition.service->value, view.now);
  effect.accepted_config = slice.accepted_config;
  wishes.want(Rule::MarkDrain, causes_of_traffic(view, leaving), std::move(effect));
}

void delete_old(const View& view, Wishes& wishes, const Cluster& leaving) {
  if (view.fleet.calm_until > view.now) return wishes.wake_at(view.fleet.calm_until);
  const Meta& meta = leaving.object->value.meta;
  if (serves(view.partition, meta.name)) return;
  CHECK(meta.name != view.partition.memory.active);
  wishes.want(
      Rule::DeleteOldCluster,
      {leaving.object->since, view.partition.memory.active_since, view.partition.service->since},
      DeleteObject{{Kind::RayCluster, meta.ns, meta.name}, meta.uid});
}

}  // namespace

void rule_drain(const View& view, Wishes& wishes) {
  if (!may_have_clusters(view.partition, view.now)) return;
  const RayServiceSlice& service = view.partition.service->value;
  const Roles roles = roles_of(view.partition);
  if (roles.active == nullptr) return;
  for (const Cluster* leaving : roles.leaving) {
    if (leaving->delete_decided) continue;
    const auto& due = leaving->object->value.delete_after;
    if (!due) {
      if (has_traffic(view, *roles.active)) mark(view, wishes, *leaving);
    } else if (*due <= view.now || service.end_drain) {
      delete_old(view, wishes, *leaving);
    } else {
      wishes.wake_at(*due);
    }
  }
}

}  // namespace raycord
