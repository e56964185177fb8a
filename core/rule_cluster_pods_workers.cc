// One worker group whose replicas are single pods.

#include <algorithm>
#include <set>

#include "core/pod_work.h"

namespace raycord {
namespace {

void remove_dead(PodWork& work, const std::vector<CountedPod*>& workers) {
  for (CountedPod* pod : workers) {
    if (pod->seen != nullptr && is_dead(pod->seen->value)) work.remove(Rule::DeleteDeadPod, *pod);
  }
}

// The names come from the autoscaler, which clears them itself; others' pods are not touched.
void remove_named(PodWork& work, const WorkerGroup& group) {
  for (const std::string& name : group.workers_to_delete) {
    for (CountedPod& pod : work.pods()) {
      if (pod.name != name || pod.node_type != NodeType::Worker) continue;
      work.remove(Rule::DeleteNamedWorker, pod, work.cluster().object->since);
    }
  }
}

void add_workers(PodWork& work, const WorkerGroup& group, std::size_t count) {
  std::set<std::int32_t> used;
  for (const CountedPod* pod : work.workers_of(group.name)) used.insert(pod->replica_index);
  std::int32_t index = 0;
  for (std::size_t made = 0; made < count && work.room() > 0; ++made, ++index) {
    while (used.count(index) > 0) ++index;
    if (!work.create_worker(group.name, index)) return;
  }
}

void drop_workers(PodWork& work, std::vector<CountedPod*> staying, std::size_t count) {
  std::sort(staying.begin(), staying.end(),
            [](const CountedPod* a, const CountedPod* b) { return goes_before(*a, *b); });
  for (std::size_t i = 0; i < count; ++i) {
    work.remove(Rule::ScaleDown, *staying[i], work.cluster().object->since);
  }
}

}  // namespace

void scale_group(PodWork& work, const WorkerGroup& group, bool may_create) {
  std::vector<CountedPod*> workers = work.workers_of(group.name);
  remove_dead(work, workers);
  remove_named(work, group);
  const auto target =
      static_cast<std::size_t>(std::max(0, group.replicas)) * (group.hosts == 1 ? 1u : 0u);
  if (workers.size() < target) {
    if (may_create) add_workers(work, group, target - workers.size());
    return;
  }
  std::erase_if(workers, [](const CountedPod* pod) {
    return pod->leaving || (pod->seen != nullptr && is_dead(pod->seen->value));
  });
  if (workers.size() > target && work.may_scale_down()) {
    drop_workers(work, std::move(workers), workers.size() - target);
  }
}

}  // namespace raycord
