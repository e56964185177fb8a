// The autoscaler's ServiceAccount, Role and RoleBinding, and the Secret with the cluster's token
// (raycluster-behaviour.md 3.4, 3.5): created where they are missing, never changed or removed.
//
// Secrets are not watched, since who may watch them may read them all. Ours is there once creating
// it was answered so; that it went is learned from pods which cannot start without it
// (docs/decisions/0011-secrets-are-not-watched.md).

#include <algorithm>

#include "core/cluster_access.h"
#include "core/cluster_phase.h"
#include "core/names.h"
#include "core/rules.h"

namespace raycord {
namespace {

CreateDependent access_wish(const Cluster& cluster, Kind kind, const std::string& name) {
  return {cluster.object->value.meta.ns, name, kind, template_of(cluster)};
}

Rule rule_for(Kind kind) {
  return kind == Kind::Secret ? Rule::CreateTokenSecret : Rule::CreateAccess;
}

// The event that shows a pod which waits for the Secret `name`; zero: none does.
Seq missed_by(const Cluster& cluster, const std::string& name) {
  const std::string complaint = "secret \"" + name + "\" not found";
  Seq newest;
  for (const auto& [pod_name, pod] : cluster.pods) {
    if (pod.value.ready_message.find(complaint) == std::string::npos) continue;
    newest = std::max(newest, pod.since);
  }
  return newest;
}

bool is_seen(const Cluster& cluster, const std::pair<Kind, std::string>& access) {
  return cluster.access.count(access) > 0;
}

// The name is taken by an object that is not labelled as the cluster's: it will do.
bool is_taken(const Partition& partition, const CreateDependent& wish) {
  const auto retry = partition.retries.find(retry_key_of(wish));
  return retry != partition.retries.end() && retry->second.result == WriteResult::AlreadyExists;
}

}  // namespace

std::vector<std::pair<Kind, std::string>> access_of(const RayClusterSlice& cluster) {
  const std::string name = checked_name(cluster.meta.name);
  std::vector<std::pair<Kind, std::string>> access;
  if (cluster.makes_token_secret) access.emplace_back(Kind::Secret, cluster.token_secret);
  if (!cluster.autoscaling) return access;
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
      const Seq missed = kind == Kind::Secret ? missed_by(cluster, name) : Seq{};
      if (is_seen(cluster, {kind, name}) && !missed) continue;
      wishes.want(rule_for(kind), {cluster.object->since, missed},
                  access_wish(cluster, kind, name));
    }
  }
}

}  // namespace raycord
