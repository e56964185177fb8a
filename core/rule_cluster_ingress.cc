// The Ingress to a RayCluster's dashboard (raycluster-behaviour.md 3.5): made where it is missing,
// changed where it lacks what the RayCluster asks for, never removed. One that the RayCluster does
// not own is left alone: the attempt to make ours says that it is in the way.

#include <algorithm>

#include "core/cluster_phase.h"
#include "core/names.h"
#include "core/rules.h"

namespace raycord {
namespace {

// Absence says nothing before a list; where we may not look, the API server knows.
bool knows_ingresses(const Fleet& fleet) {
  const auto found = fleet.kinds.find(Kind::Ingress);
  if (found == fleet.kinds.end()) return false;
  return (found->second.listed && found->second.caught_up) || !found->second.left_scope.empty();
}

void keep_ingress(Wishes& wishes, const Cluster& cluster) {
  const Meta& meta = cluster.object->value.meta;
  const std::vector<Hash>& wanted = cluster.object->value.ingress;
  const std::string name = ingress_name(meta.name);
  const auto found = cluster.ingresses.find(name);
  if (found == cluster.ingresses.end() || found->second.value.meta.owner.uid != meta.uid) {
    wishes.want(Rule::CreateIngress, {cluster.object->since},
                CreateDependent{meta.ns, name, Kind::Ingress, template_of(cluster)});
    return;
  }
  const IngressSlice& ingress = found->second.value;
  if (ingress.meta.deleting_since) return;
  if (std::includes(ingress.parts.begin(), ingress.parts.end(), wanted.begin(), wanted.end())) {
    return;
  }
  UpdateIngress update{meta.ns,
                       name,
                       ingress.meta.uid,
                       ingress.meta.version,
                       template_of(cluster),
                       {{Kind::Ingress, meta.ns, name}, found->second.since}};
  wishes.want(Rule::UpdateIngress, {cluster.object->since, found->second.since}, std::move(update));
}

}  // namespace

void rule_cluster_ingress(const View& view, Wishes& wishes) {
  if (!knows_ingresses(view.fleet)) return;
  for (const auto& [name, cluster] : view.partition.clusters) {
    if (!is_to_be_run(view, wishes, cluster)) continue;
    if (!cluster.object->value.ingress.empty()) keep_ingress(wishes, cluster);
  }
}

}  // namespace raycord
