// One worker group whose replicas have several hosts: pods that live and die together
// (raycluster-behaviour.md 3.11).

#include <algorithm>
#include <map>
#include <set>

#include "core/limits.h"
#include "core/pod_work.h"

namespace raycord {
namespace {

struct Replica {
  std::string name;
  std::vector<CountedPod*> hosts;
};

// By name. Pods without a replica's name (made before there were such names) are taken together in
// the order of their own names.
std::vector<Replica> replicas_of(PodWork& work, const WorkerGroup& group) {
  std::map<std::string, Replica> by_name;
  std::vector<CountedPod*> nameless;
  for (CountedPod* pod : work.workers_of(group.name)) {
    if (pod->replica_name.empty()) {
      nameless.push_back(pod);
    } else {
      by_name[pod->replica_name].hosts.push_back(pod);
    }
  }
  std::vector<Replica> replicas;
  for (auto& [name, replica] : by_name) replicas.push_back({name, std::move(replica.hosts)});
  const auto hosts = static_cast<std::size_t>(group.hosts);
  for (std::size_t i = 0; i < nameless.size(); ++i) {
    if (i % hosts == 0) replicas.push_back({"", {}});
    replicas.back().hosts.push_back(nameless[i]);
  }
  return replicas;
}

bool is_leaving(const Replica& replica) {
  return std::any_of(replica.hosts.begin(), replica.hosts.end(),
                     [](const CountedPod* pod) { return pod->leaving; });
}

void remove_replica(PodWork& work, Rule rule, const Replica& replica, Seq cause) {
  for (CountedPod* pod : replica.hosts) work.remove(rule, *pod, cause);
}

// Ray on the other hosts can't go on without the one that is missing, dead or not wanted.
void remove_broken(PodWork& work, const WorkerGroup& group, const Replica& replica) {
  const std::set<std::string> named(group.workers_to_delete.begin(), group.workers_to_delete.end());
  for (const CountedPod* pod : replica.hosts) {
    if (pod->seen == nullptr) continue;
    if (is_dead(pod->seen->value)) {
      return remove_replica(work, Rule::DeleteDeadPod, replica, pod->seen->since);
    }
    if (named.count(pod->name) > 0) {
      return remove_replica(work, Rule::DeleteNamedWorker, replica, work.cluster().object->since);
    }
  }
  const bool short_of_hosts = replica.hosts.size() < static_cast<std::size_t>(group.hosts);
  if (short_of_hosts || is_leaving(replica)) {
    remove_replica(work, Rule::DeleteIncompleteReplica, replica, work.cluster().pod_gone);
  }
}

bool has_room(const PodWork& work, std::size_t hosts) {
  // A replica larger than the limit is made when nothing else is being made.
  return work.room() >= hosts || (hosts > kPodsInCreationMax && work.room() == kPodsInCreationMax);
}

void add_replicas(PodWork& work, const WorkerGroup& group, std::size_t count) {
  std::set<std::int32_t> used;
  for (const CountedPod* pod : work.workers_of(group.name)) used.insert(pod->replica_index);
  std::int32_t index = 0;
  for (; count > 0 && has_room(work, static_cast<std::size_t>(group.hosts)); --count, ++index) {
    while (used.count(index) > 0) ++index;
    const std::string name = work.unused_replica_name(group.name);
    for (std::int32_t host = 0; host < group.hosts; ++host) {
      if (!work.create_worker(group.name, index, name, host)) return;
    }
  }
}

// As for single pods: what is not Ready goes first, then the newest, then by name.
bool goes_before(const Replica& a, const Replica& b) {
  const auto first = [](const Replica& replica) {
    return **std::min_element(
        replica.hosts.begin(), replica.hosts.end(),
        [](const CountedPod* x, const CountedPod* y) { return goes_before(*x, *y); });
  };
  return goes_before(first(a), first(b));
}

}  // namespace

void scale_replicas(PodWork& work, const WorkerGroup& group, bool may_create) {
  std::vector<Replica> replicas = replicas_of(work, group);
  for (const Replica& replica : replicas) remove_broken(work, group, replica);
  const auto target = static_cast<std::size_t>(std::max(0, group.replicas));
  if (replicas.size() < target) {
    if (may_create) add_replicas(work, group, target - replicas.size());
    return;
  }
  std::erase_if(replicas, is_leaving);
  if (replicas.size() <= target || !work.may_scale_down()) return;
  std::sort(replicas.begin(), replicas.end(),
            [](const Replica& a, const Replica& b) { return goes_before(a, b); });
  for (std::size_t i = 0; i < replicas.size() - target; ++i) {
    remove_replica(work, Rule::ScaleDown, replicas[i], work.cluster().object->since);
  }
}

}  // namespace raycord
