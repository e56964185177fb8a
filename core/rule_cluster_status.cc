// The status of each RayCluster: written when its projection differs from what stands on the
// object, at most once a second; where only messages differ, at most once a minute.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/cluster_phase.h"
#include "core/limits.h"
#include "core/rules.h"
#include "core/status.h"

namespace raycord {
namespace {

template <class Map>
Seq newest_of(const Map& objects) {
  Seq newest;
  for (const auto& [name, known] : objects) newest = std::max(newest, known.since);
  return newest;
}

Seq newest_failure(const Partition& partition, const std::string& cluster) {
  Seq newest;
  for (const auto& [key, retry] : partition.retries) {
    if (retry.cluster == cluster) newest = std::max(newest, retry.since);
  }
  return newest;
}

bool same_failure(const RayClusterStatus& a, const RayClusterStatus& b) {
  const Condition* x = find_condition(a.conditions, "ReplicaFailure");
  const Condition* y = find_condition(b.conditions, "ReplicaFailure");
  return (x == nullptr) == (y == nullptr) && (x == nullptr || *x == *y);
}

bool same_spec(const RayClusterStatus& a, const RayClusterStatus& b) {
  return a.observed_generation == b.observed_generation && a.desired == b.desired &&
         a.desired_workers == b.desired_workers && a.min_workers == b.min_workers &&
         a.max_workers == b.max_workers;
}

bool same_pods(const RayClusterStatus& a, const RayClusterStatus& b) {
  const auto same_condition = [&](const char* type) {
    const Condition* x = find_condition(a.conditions, type);
    const Condition* y = find_condition(b.conditions, type);
    return x != nullptr && y != nullptr && x->status == y->status && x->reason == y->reason &&
           x->message == y->message;
  };
  return a.available_workers == b.available_workers && a.ready_workers == b.ready_workers &&
         a.head.pod_name == b.head.pod_name && a.head.pod_ip == b.head.pod_ip &&
         a.state == b.state && same_condition("HeadPodReady") &&
         same_condition("RayClusterProvisioned") && same_condition("RayClusterSuspending") &&
         same_condition("RayClusterSuspended");
}

bool same_service(const RayClusterStatus& a, const RayClusterStatus& b) {
  return a.endpoints == b.endpoints && a.head.service_name == b.head.service_name &&
         a.head.service_ip == b.head.service_ip;
}

// The newest events that showed what differs.
std::vector<Seq> causes_of(const Partition& partition, const Cluster& cluster,
                           const RayClusterStatus& wanted) {
  const RayClusterStatus& believed = cluster.status.value;
  std::vector<Seq> causes;
  if (!same_spec(wanted, believed)) causes.push_back(cluster.object->since);
  if (!same_pods(wanted, believed)) {
    causes.push_back(std::max(newest_of(cluster.pods), cluster.pod_gone));
  }
  if (!same_service(wanted, believed)) causes.push_back(newest_of(cluster.services));
  if (!same_failure(wanted, believed)) {
    causes.push_back(newest_failure(partition, cluster.object->value.meta.name));
  }
  const bool none = std::none_of(causes.begin(), causes.end(), [](Seq seq) { return bool{seq}; });
  if (none) causes.push_back(partition.last);  // Somebody else wrote the status.
  return causes;
}

// A failure that nobody repeats any more leaves the status by time alone.
void wake_for_failures(const View& view, Wishes& wishes, const std::string& cluster) {
  for (const auto& [key, retry] : view.partition.retries) {
    const Time over = retry.not_before + kFailureShown;
    if (retry.cluster == cluster && view.now < over) wishes.wake_at(over);
  }
}

void write_status(const View& view, Wishes& wishes, const Cluster& cluster) {
  const RayClusterStatus& believed = cluster.status.value;
  RayClusterStatus wanted = wanted_cluster_status(view.partition, cluster, view.fleet, view.now);
  if (wanted == believed) return;
  const bool urgent = hash_without_messages(wanted) != hash_without_messages(believed);
  const Time earliest =
      cluster.status.written_at == Time{}
          ? view.now
          : cluster.status.written_at + (urgent ? kStatusInterval : kStatusMessageInterval);
  if (view.now < earliest) return wishes.wake_at(earliest);
  const Meta& meta = cluster.object->value.meta;
  WriteClusterStatus write;
  write.ns = meta.ns;
  write.name = meta.name;
  write.uid = meta.uid;
  write.version = meta.version;
  write.content = hash_of(wanted);
  std::vector<Seq> causes = causes_of(view.partition, cluster, wanted);
  write.status = std::move(wanted);
  wishes.want(Rule::WriteClusterStatus, std::move(causes), std::move(write));
}

}  // namespace

void rule_cluster_status(const View& view, Wishes& wishes) {
  for (const auto& [name, cluster] : view.partition.clusters) {
    if (!is_to_be_run(view, wishes, cluster)) continue;
    wake_for_failures(view, wishes, name);
    write_status(view, wishes, cluster);
  }
}

}  // namespace raycord
