// The autoscaler's ServiceAccount, Role and RoleBinding (raycluster-behaviour.md 3.4): created
// where they are missing, never changed or removed.

#include <algorithm>

#include "core/cluster_access.h"
#include "core/cluster_phase.h"
#include "core/names.h"
#include "core/rules.h"

namespace raycord {
namespace {

CreateAccess access_wish(const Cluster& cluster, Kind kind, const std::string& name) {
  return {cluster.object->value.meta.ns, name, kind, template_of(cluster)};
}

bool is_seen(const Cluster& cluster, const std::pair<Kind, std::string>& access) {
  return cluster.access.count(access) > 0;
}

// The name is taken by an object that is not labelled as the cluster's: it will do.
bool is_taken(const Partition& partition, const CreateAccess& wish) {
  const auto retry = partition.retries.find(retry_key_of(wish));
  return retry != partition.retries.end() && retry->second.result == WriteResult::AlreadyExists;
}

}  // namespace

std::vector<std::pair<Kind, std::string>> access_of(const RayClusterSlice& cluster) {
  if (!cluster.autoscaling) return {};
  const std::string name = checked_name(cluster.meta.name);
  std::vector<std::pair<Kind, std::string>> access;
  if (cluster.autoscaler_account.empty()) access.emplace_back(Kind::ServiceAccount, name);
  access.emplace_back(Kind::Role, name);
  access.emplace_back(Kind::RoleBinding, name);
  return access;
}

bool has_access(const Partition& partition, const Cluster& cluster) {
  const auto access = access_of(cluster.object->value);
  return std::all_of(access.begin(), access.end(), [&](const auto& needed) {
    return is_seen(cluster, needed) ||
           is_taken(partition, access_wish(cluster, needed.first, needed.second));
  });
}

void rule_cluster_access(const View& view, Wishes& wishes) {
  for (const auto& [cluster_name, cluster] : view.partition.clusters) {
    if (!is_to_be_run(view, wishes, cluster)) continue;
    for (const auto& [kind, name] : access_of(cluster.object->value)) {
      if (is_seen(cluster, {kind, name})) continue;
      wishes.want(Rule::CreateAccess, {cluster.object->since}, access_wish(cluster, kind, name));
    }
  }
}

}  // namespace raycord
