// The finalizer, and what a deleted or suspended RayService leaves behind.
//
//   RayService            clusters    then
//   no finalizer          any         add it, before anything else is made
//   deletion asked for    some        delete each at once
//   deletion asked for    none        remove the finalizer
//   suspended             some        delete clusters, Services and routes; the finalizer stays
//   never ready in time   some        the same

#include "core/roles.h"
#include "core/rules.h"
#include "core/service_phase.h"

namespace raycord {
namespace {

void delete_cluster(const View& view, Wishes& wishes, const Cluster& cluster, Rule rule) {
  const Meta& meta = cluster.object->value.meta;
  if (cluster.delete_accepted) return;
  wishes.want(rule, {view.partition.service->since, cluster.object->since},
              DeleteObject{{Kind::RayCluster, meta.ns, meta.name}, meta.uid});
}

void delete_all_clusters(const View& view, Wishes& wishes, Rule rule) {
  if (view.fleet.calm_until > view.now) return wishes.wake_at(view.fleet.calm_until);
  for (const auto& [name, cluster] : view.partition.clusters) {
    if (cluster.object) delete_cluster(view, wishes, cluster, rule);
  }
}

bool has_clusters(const Partition& partition) {
  for (const auto& [name, cluster] : partition.clusters) {
    if (cluster.object) return true;
  }
  return roles_of(partition).creating;
}

void set_finalizer(const View& view, Wishes& wishes, Rule rule, bool present) {
  const Known<RayServiceSlice>& service = *view.partition.service;
  const Meta& meta = service.value.meta;
  SetFinalizer effect{meta.ns, meta.name, meta.uid, meta.version, present, {}};
  effect.owner = {{Kind::RayService, meta.ns, meta.name}, service.since};
  wishes.want(rule, {service.since, present ? Seq{} : view.partition.last}, std::move(effect));
}

template <class Objects>
void delete_routing(const View& view, Wishes& wishes, Rule rule, Kind kind,
                    const Objects& objects) {
  if (!is_seen_whole(view.fleet, kind)) return;
  for (const auto& [name, known] : objects) {
    const Meta& meta = known.value.meta;
    if (meta.deleting_since) continue;
    wishes.want(rule, {view.partition.service->since, known.since},
                DeleteObject{{kind, meta.ns, meta.name}, meta.uid});
  }
}

void delete_everything(const View& view, Wishes& wishes, Rule rule) {
  delete_all_clusters(view, wishes, rule);
  if (view.fleet.calm_until > view.now) return;
  for (const auto& [name, service] : view.partition.services) {
    const Meta& meta = service.value.meta;
    if (meta.deleting_since) continue;
    wishes.want(rule, {view.partition.service->since, service.since},
                DeleteObject{{Kind::Service, meta.ns, meta.name}, meta.uid});
  }
  delete_routing(view, wishes, rule, Kind::HTTPRoute, view.partition.routes);
  delete_routing(view, wishes, rule, Kind::Gateway, view.partition.gateways);
}

}  // namespace

void rule_deletion(const View& view, Wishes& wishes) {
  if (!view.partition.service) return;
  const RayServiceSlice& service = view.partition.service->value;
  if (service.meta.deleting_since) {
    delete_all_clusters(view, wishes, Rule::DeleteClusterOfDeletedService);
    if (service.has_finalizer && !has_clusters(view.partition)) {
      set_finalizer(view, wishes, Rule::RemoveFinalizer, false);
    }
    return;
  }
  if (!service.has_finalizer) set_finalizer(view, wishes, Rule::AddFinalizer, true);
  if (is_suspending(view.partition)) {
    delete_everything(view, wishes, Rule::SuspendService);
  } else if (is_given_up(view.partition, view.now)) {
    delete_everything(view, wishes, Rule::GiveUpInitializing);
  } else if (const auto limit = initializing_limit(view.partition)) {
    wishes.wake_at(*limit);
  }
}

}  // namespace raycord
