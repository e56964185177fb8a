// The pods of a RayCluster: one head, and the workers of each group (raycluster-behaviour.md 3.6,
// 3.8 to 3.11).
//
//   the cluster is             then
//   Asked (to be suspended)    nothing: the wish is written into the status first
//   Suspending                 every pod is deleted
//   Suspended, Resuming        nothing
//   Running, two live heads    nothing: a person made one of them, the status names both
//   Running                    a dead head is deleted, a missing one made; groups in spec order
//
//   a worker group             then
//   suspended                  its pods are deleted
//   has dead pods              they are deleted first
//   lists workersToDelete      these are deleted, as far as they are the cluster's
//   is short of pods           as many are made, at the smallest free replica indexes
//   has too many               deleted only where no autoscaler runs
//
// Workers don't wait for the head, nor groups for one another. Pods of groups that are no longer in
// the spec stay.

#include <algorithm>
#include <set>

#include "core/cluster_access.h"
#include "core/cluster_phase.h"
#include "core/pod_work.h"
#include "core/rules.h"

namespace raycord {
namespace {

void remove_all(PodWork& work, std::vector<CountedPod*> pods) {
  for (CountedPod* pod : pods) {
    work.remove(Rule::SuspendCluster, *pod, work.cluster().object->since);
  }
}

std::vector<CountedPod*> heads_of(PodWork& work) {
  std::vector<CountedPod*> heads;
  for (CountedPod& pod : work.pods()) {
    if (pod.node_type == NodeType::Head) heads.push_back(&pod);
  }
  return heads;
}

// False: there are two heads, and it is not ours to choose.
bool keep_one_head(PodWork& work, bool may_create) {
  const std::vector<CountedPod*> heads = heads_of(work);
  const auto live = std::count_if(heads.begin(), heads.end(),
                                  [](const CountedPod* pod) { return !pod->leaving; });
  if (live > 1) return false;
  for (CountedPod* head : heads) {
    if (head->seen != nullptr && is_dead(head->seen->value)) {
      work.remove(Rule::DeleteDeadPod, *head);
    }
  }
  if (heads.empty() && may_create) work.create_head();
  return true;
}

void run_groups(PodWork& work, bool may_create) {
  std::set<std::string> done;  // A second group of the same name would count the same pods.
  for (const WorkerGroup& group : work.slice().groups) {
    if (!done.insert(group.name).second) continue;
    if (group.suspended) {
      remove_all(work, work.workers_of(group.name));
    } else if (group.hosts > 1) {
      scale_replicas(work, group, may_create);
    } else {
      scale_group(work, group, may_create);
    }
  }
}

void run_pods(PodWork& work, bool may_create) {
  switch (suspend_step_of(work.cluster())) {
    case SuspendStep::Running:
      if (keep_one_head(work, may_create)) run_groups(work, may_create);
      break;
    case SuspendStep::Suspending: {
      std::vector<CountedPod*> all;
      for (CountedPod& pod : work.pods()) all.push_back(&pod);
      remove_all(work, all);
      break;
    }
    case SuspendStep::Asked:
    case SuspendStep::Suspended:
    case SuspendStep::Resuming:
      break;
  }
}

}  // namespace

void rule_cluster_pods(const View& view, Wishes& wishes) {
  for (const auto& [name, cluster] : view.partition.clusters) {
    if (!is_to_be_run(view, wishes, cluster)) continue;
    PodWork work(view, wishes, cluster);
    run_pods(work, has_access(view.partition, cluster));
  }
}

}  // namespace raycord
