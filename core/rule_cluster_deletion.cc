// The finalizer of a RayCluster whose head keeps its state in Redis, and what happens before it
// goes (raycluster-behaviour.md 3.3). Other RayClusters have none and go by garbage collection.
//
//   RayCluster                       then
//   no finalizer                     add it, before anything else is made
//   deletion asked for
//     no clean-up asked for (any more)  remove the finalizer
//     another of the RayService's       remove the finalizer
//     clusters uses the place in Redis
//     the Job has ended, well or not    remove the finalizer
//     past its time limit               remove the finalizer, and say so
//     pods                              delete them, and wait until the heads are gone
//     no head, no Job                   create the Job
//
// Unlike KubeRay's, an invalid spec or a head that does not end does not keep a cluster for ever,
// and the state of a cluster that took over is not cleaned up with that of the one before.

#include <algorithm>
#include <utility>

#include "core/cluster_phase.h"
#include "core/limits.h"
#include "core/names.h"
#include "core/pod_work.h"
#include "core/rules.h"

namespace raycord {
namespace {

void set_finalizer(Wishes& wishes, const Cluster& cluster, Rule rule, bool present,
                   Seq cause = {}) {
  const Meta& meta = cluster.object->value.meta;
  SetFinalizer effect{meta.ns, meta.name, meta.uid, meta.version, present, template_of(cluster)};
  effect.kind = Kind::RayCluster;
  wishes.want(rule, {cluster.object->since, cause}, std::move(effect));
}

const Known<JobSlice>* job_of(const Cluster& cluster) {
  const std::string& uid = cluster.object->value.meta.uid;
  const auto found = std::find_if(cluster.jobs.begin(), cluster.jobs.end(), [&](const auto& job) {
    return job.second.value.meta.owner.uid == uid;
  });
  return found == cluster.jobs.end() ? nullptr : &found->second;
}

// A RayService whose clusters all keep their state at one place that its user named: who takes over
// needs what is there.
bool is_used_by_another(const Partition& partition, const Cluster& cluster) {
  if (!cluster.object->value.names_redis_space) return false;
  return std::any_of(partition.clusters.begin(), partition.clusters.end(), [&](const auto& other) {
    const auto& object = other.second.object;
    return &other.second != &cluster && object && object->value.names_redis_space &&
           !object->value.meta.deleting_since;
  });
}

// True while a head is there, or may still come to be.
bool clear_pods(PodWork& work) {
  bool has_head = false;
  for (CountedPod& pod : work.pods()) {
    has_head = has_head || pod.node_type == NodeType::Head;
    work.remove(Rule::DeletePodOfDeletedCluster, pod, work.cluster().object->since);
  }
  return has_head;
}

void create_job(Wishes& wishes, const Cluster& cluster) {
  const Meta& meta = cluster.object->value.meta;
  wishes.want(
      Rule::CreateRedisCleanup, {cluster.object->since, cluster.pod_gone},
      CreateDependent{meta.ns, redis_cleanup_name(meta.name), Kind::Job, template_of(cluster)});
}

void let_go(const View& view, Wishes& wishes, const Cluster& cluster) {
  const RayClusterSlice& slice = cluster.object->value;
  if (view.now < view.fleet.calm_until) return wishes.wake_at(view.fleet.calm_until);
  if (!wants_redis_cleanup(view, slice) || is_used_by_another(view.partition, cluster)) {
    return set_finalizer(wishes, cluster, Rule::RemoveRedisFinalizer, false);
  }
  const Known<JobSlice>* job = job_of(cluster);
  if (job != nullptr && job->value.finished) {
    return set_finalizer(wishes, cluster, Rule::RemoveRedisFinalizer, false, job->since);
  }
  const Millis timeout = slice.redis_deletion_timeout_s
                             ? Millis(std::chrono::seconds(*slice.redis_deletion_timeout_s))
                             : kRedisDeletionTimeout;
  const Time limit = *slice.meta.deleting_since + timeout;
  if (limit <= view.now) {
    return set_finalizer(wishes, cluster, Rule::ForceRedisFinalizer, false);
  }
  wishes.wake_at(limit);
  PodWork work(view, wishes, cluster);
  const bool has_head = clear_pods(work);
  // Without a complete view of Jobs the one that is not seen may be there all the same.
  const bool may_create = is_seen_whole(view.fleet, Kind::Job);
  if (!has_head && job == nullptr && may_create) create_job(wishes, cluster);
}

}  // namespace

void rule_cluster_deletion(const View& view, Wishes& wishes) {
  for (const auto& [name, cluster] : view.partition.clusters) {
    if (!cluster.object) continue;
    const RayClusterSlice& slice = cluster.object->value;
    if (slice.managed_elsewhere) continue;
    if (slice.meta.deleting_since) {
      if (slice.has_redis_finalizer) let_go(view, wishes, cluster);
    } else if (lacks_redis_finalizer(view, slice) && may_be_run(view, wishes, cluster)) {
      set_finalizer(wishes, cluster, Rule::AddRedisFinalizer, true);
    }
  }
}

}  // namespace raycord
