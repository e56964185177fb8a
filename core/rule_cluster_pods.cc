// The pods of a RayCluster: one head, and the workers of each group (raycluster-behaviour.md 3.6,
// 3.8 to 3.11).
//
//   the cluster is             then
//   Asked (to be suspended)    nothing: the wish is written into the status first
//   Suspending                 every pod is deleted
//   Suspended, Resuming        nothing
//   Running, two live heads    nothing: a person made one of them, the status names both
//   Running, strategy Recreate a head of another version is stamped; pods of another spec are
//                              deleted, all at once, and made again when their head is gone
//   Running                    a dead head is deleted, a missing one made; groups in spec order
//
//   a worker group             then
//   suspended                  its pods are deleted
//   has dead pods              they are deleted first
//   lists workersToDelete      these are deleted, as far as they are the cluster's
//   is short of pods           as many are made, at the smallest free replica indexes
//   has too many               deleted only where no autoscaler runs
//
// Workers don't wait for the head, nor groups for one another; but where the user named the
// autoscaler's account, a head that cannot be made without it holds the workers back. Pods of
// groups that are no longer in the spec stay.

#include <algorithm>
#include <set>

#include "core/cluster_access.h"
#include "core/cluster_phase.h"
#include "core/pod_work.h"
#include "core/rules.h"
#include "core/status.h"

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

Hash revision_of(const RayClusterSlice& cluster) {
  return cluster.own_hashes.empty() ? Hash{} : cluster.own_hashes.back();
}

// KubeRay's, or an earlier build's of ours: what its hash was made of is not known.
bool is_of_another_version(const PodSlice& head, const Options& options) {
  return !head.made_for || head.made_by != hash_of(options.version);
}

void stamp(const PodSlice& head, const Known<RayClusterSlice>& cluster, Seq seen, Wishes& wishes) {
  wishes.want(Rule::StampHead, {cluster.since, seen},
              StampHead{head.meta.ns, head.meta.name, head.meta.uid, revision_of(cluster.value)});
}

// False: pods of another spec are on their way out, and nothing is made beside them
// (raycluster-behaviour.md 3.7). Workers know their spec too, so that those of the old one don't
// stay when their head was made anew meanwhile.
bool has_pods_of_this_spec(const View& view, Wishes& wishes, PodWork& work) {
  const Hash revision = revision_of(work.slice());
  if (!work.slice().recreates || !revision) return true;
  const std::vector<CountedPod*> heads = heads_of(work);
  const Known<PodSlice>* head = heads.empty() ? nullptr : heads.front()->seen;
  if (head != nullptr && is_of_another_version(head->value, view.fleet.options)) {
    if (!heads.front()->leaving) stamp(head->value, *work.cluster().object, head->since, wishes);
    return true;
  }
  const bool all = head != nullptr && head->value.made_for != revision;
  for (CountedPod& pod : work.pods()) {
    const Hash made_for = pod.seen == nullptr ? Hash{} : pod.seen->value.made_for;
    if (!all && (!made_for || made_for == revision)) continue;
    work.remove(Rule::RecreatePod, pod, work.cluster().object->since);
  }
  return !all;
}

// False: there are two heads, and it is not ours to choose, or one is lost that must stay lost.
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
  if (!heads.empty()) return true;
  const Condition* provisioned =
      find_condition(work.cluster().status.value.conditions, "RayClusterProvisioned");
  const bool lost = provisioned != nullptr && provisioned->status == "True";
  if (lost && work.slice().no_head_restart) return false;
  if (may_create) work.create_head();
  return true;
}

// Without its account the API server takes no head; then the cluster is not to come up headless.
bool waits_for_account(PodWork& work) {
  if (!work.slice().autoscaling || work.slice().autoscaler_account.empty()) return false;
  const std::vector<CountedPod*> heads = heads_of(work);
  return std::none_of(heads.begin(), heads.end(),
                      [](const CountedPod* head) { return head->seen != nullptr; });
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

void run_pods(const View& view, Wishes& wishes, PodWork& work, bool may_create) {
  switch (suspend_step_of(work.cluster())) {
    case SuspendStep::Running:
      if (!has_pods_of_this_spec(view, wishes, work)) break;
      if (!keep_one_head(work, may_create)) break;
      run_groups(work, may_create && !waits_for_account(work));
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
    run_pods(view, wishes, work, has_access(view.partition, cluster));
  }
}

}  // namespace raycord
