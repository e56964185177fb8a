// The pods of one RayCluster in one turn: counted once, then created and deleted by its rules.
//
// A pod counts from the decision to create it (a creation in doubt counts) until it is seen gone;
// it is leaving from the decision to delete it. So nothing is made or removed twice, whatever the
// order of outcomes and watch events, and a replacement waits until its predecessor is gone.

#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "core/rules.h"

namespace raycord {

struct CountedPod {
  std::string name;
  NodeType node_type = NodeType::None;
  std::string group;  // Of a worker.
  std::int32_t replica_index = -1;
  std::string replica_name;
  const Known<PodSlice>* seen = nullptr;  // nullptr: it is being created.
  bool leaving = false;                   // Being deleted, or its deletion is decided.
};

// Ended for good: nobody starts it again (raycluster-behaviour.md 3.10).
bool is_dead(const PodSlice& pod);

// A pod to be deleted by choice: not Ready goes first, then the newest, then by name.
bool goes_before(const CountedPod& a, const CountedPod& b);

class PodWork {
 public:
  PodWork(const View& view, Wishes& wishes, const Cluster& cluster);

  const Cluster& cluster() const { return cluster_; }
  const RayClusterSlice& slice() const { return cluster_.object->value; }
  bool may_scale_down() const;

  // All pods, by name; those being created last.
  std::deque<CountedPod>& pods() { return pods_; }
  std::vector<CountedPod*> workers_of(const std::string& group);

  // False if it can't be deleted now, or is not the cluster's to delete. A pod that is being
  // created waits until it is seen.
  bool remove(Rule rule, CountedPod& pod, Seq cause = {});

  // How many pods may still be created in this turn.
  std::size_t room() const;
  bool create_head();
  // False if it must wait; then so must every other of its group.
  bool create_worker(const std::string& group, std::int32_t replica_index,
                     const std::string& replica_name = "", std::int32_t host_index = -1);
  // A name for a new replica of a multi-host group.
  std::string unused_replica_name(const std::string& group);

 private:
  bool create(Rule rule, CreatePod pod, Seq cause);
  std::string unused_name(NodeType type, const std::string& group);
  void count_seen();
  void count_creations();

  const View& view_;
  Wishes& wishes_;
  const Cluster& cluster_;
  std::deque<CountedPod> pods_;  // Pointers into it stay good while pods are added.
  std::set<std::string> names_;  // Taken.
  std::size_t creating_ = 0;
  std::uint32_t created_ = 0;  // In this turn.
};

// core/rule_cluster_pods_workers.cc: one group of single pods.
void scale_group(PodWork& work, const WorkerGroup& group, bool may_create);
// core/rule_cluster_pods_replicas.cc: one group whose replicas have several hosts.
void scale_replicas(PodWork& work, const WorkerGroup& group, bool may_create);

}  // namespace raycord
