#include "core/pod_work.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/cluster_phase.h"
#include "core/limits.h"
#include "core/names.h"

namespace raycord {
namespace {

bool is_delete_in_flight(const Partition& partition, const DeleteObject& deletion) {
  const auto found = partition.in_flight.find(target_of(deletion));
  return found != partition.in_flight.end() && found->second.deletes;
}

DeleteObject deletion_of(const PodSlice& pod) {
  return {{Kind::Pod, pod.meta.ns, pod.meta.name}, pod.meta.uid};
}

}  // namespace

bool is_dead(const PodSlice& pod) {
  switch (pod.phase) {
    case PodPhase::Succeeded:
    case PodPhase::Failed:
      return true;
    case PodPhase::Running:
      return pod.ray_terminated && pod.restart_policy == RestartPolicy::Never;
    case PodPhase::Pending:
    case PodPhase::Unknown:
      return false;
  }
  return false;
}

bool goes_before(const CountedPod& a, const CountedPod& b) {
  const auto rank = [](const CountedPod& pod) {
    const bool seen = pod.seen != nullptr;
    const bool ready = seen && pod.seen->value.ready;
    return std::pair(seen, ready);  // What is only being created is the newest of all.
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  if (a.seen == nullptr) return a.name < b.name;
  const Time made_a = a.seen->value.meta.created;
  const Time made_b = b.seen->value.meta.created;
  return made_a != made_b ? made_a > made_b : a.name < b.name;
}

PodWork::PodWork(const View& view, Wishes& wishes, const Cluster& cluster)
    : view_(view), wishes_(wishes), cluster_(cluster) {
  count_seen();
  count_creations();
}

void PodWork::count_seen() {
  for (const auto& [name, pod] : cluster_.pods) {
    const PodSlice& slice = pod.value;
    CountedPod counted{name, slice.node_type, slice.group, slice.replica_index, slice.replica_name,
                       &pod};
    counted.leaving = slice.meta.deleting_since.has_value() ||
                      is_delete_in_flight(view_.partition, deletion_of(slice));
    pods_.push_back(std::move(counted));
    names_.insert(name);
  }
}

void PodWork::count_creations() {
  for (const auto& [target, write] : view_.partition.in_flight) {
    if (!write.creates || write.object.kind != Kind::Pod) continue;
    if (write.cluster != slice().meta.name || names_.count(write.object.name) > 0) continue;
    pods_.push_back(
        {write.object.name, write.node_type, write.group, write.replica_index, write.replica_name});
    names_.insert(write.object.name);
    ++creating_;
  }
}

bool PodWork::may_scale_down() const {
  return !slice().autoscaling || view_.fleet.options.random_pod_delete;
}

std::vector<CountedPod*> PodWork::workers_of(const std::string& group) {
  std::vector<CountedPod*> workers;
  for (CountedPod& pod : pods_) {
    if (pod.node_type == NodeType::Worker && pod.group == group) workers.push_back(&pod);
  }
  return workers;
}

bool PodWork::remove(Rule rule, CountedPod& pod, Seq cause) {
  if (pod.leaving) return true;
  if (pod.seen == nullptr) return false;
  const PodSlice& known = pod.seen->value;
  if (known.meta.owner.uid != slice().meta.uid) return false;
  if (view_.now < view_.fleet.calm_until) {
    wishes_.wake_at(view_.fleet.calm_until);
    return false;
  }
  if (!wishes_.want(rule, {pod.seen->since, cause}, deletion_of(known))) return false;
  pod.leaving = true;
  return true;
}

std::size_t PodWork::room() const {
  return creating_ < kPodsInCreationMax ? kPodsInCreationMax - creating_ : 0;
}

// The counter goes on by one with each pod that is decided; a name that is taken is passed over.
std::string PodWork::unused_name(NodeType type, const std::string& group) {
  const Meta& meta = slice().meta;
  // The name may have been another head's: that one is gone, or no head would be made.
  if (type == NodeType::Head && view_.fleet.options.fixed_head_name) {
    return fixed_head_name(meta.name);
  }
  for (std::uint32_t counter = cluster_.pod_counter + created_ + 1;; ++counter) {
    std::string name = type == NodeType::Head
                           ? head_pod_name(meta.name, meta.uid, counter)
                           : worker_pod_name(meta.name, meta.uid, group, counter);
    const bool buried = view_.partition.tombstones.count({Kind::Pod, meta.ns, name}) > 0;
    if (!buried && names_.count(name) == 0) return name;
  }
}

std::string PodWork::unused_replica_name(const std::string& group) {
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(pods_.begin(), pods_.end(),
                       [&](const CountedPod& pod) { return pod.replica_name == name; });
  };
  for (std::uint32_t counter = cluster_.pod_counter + created_ + 1;; ++counter) {
    std::string name = replica_name(slice().meta.uid, group, counter);
    if (!is_taken(name)) return name;
  }
}

bool PodWork::create(Rule rule, CreatePod pod, Seq cause) {
  pod.ns = slice().meta.ns;
  pod.name = unused_name(pod.node_type, pod.group);
  pod.cluster = template_of(cluster_);
  const auto retry = view_.partition.retries.find(retry_key_of(pod));
  const Seq failed = retry == view_.partition.retries.end() ? Seq{} : retry->second.since;
  const CountedPod counted{pod.name, pod.node_type, pod.group, pod.replica_index, pod.replica_name};
  if (!wishes_.want(rule, {cluster_.object->since, cause, failed}, std::move(pod))) return false;
  names_.insert(counted.name);
  pods_.push_back(counted);
  ++creating_;
  ++created_;
  return true;
}

bool PodWork::create_head() {
  CreatePod pod;
  pod.node_type = NodeType::Head;
  return create(Rule::CreateHeadPod, std::move(pod), cluster_.head_unready);
}

bool PodWork::create_worker(const std::string& group, std::int32_t replica_index,
                            const std::string& replica_name, std::int32_t host_index) {
  CreatePod pod;
  pod.node_type = NodeType::Worker;
  pod.group = group;
  pod.replica_index = replica_index;
  pod.replica_name = replica_name;
  pod.host_index = host_index;
  // A pod that went before the cluster was last seen is not why this one is made.
  const bool replaces = cluster_.object->since < cluster_.pod_gone;
  return create(Rule::CreateWorkerPod, std::move(pod), replaces ? cluster_.pod_gone : Seq{});
}

}  // namespace raycord
