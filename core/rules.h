// The rules: each reads a View of one partition and adds its wishes. One line per rule file.
//
// A rule names its causes: the events that taught it what it read. It may read its partition and
// the fleet's facts, nothing else, and must give the same wishes for the same View.

#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/decision.h"
#include "core/state.h"

namespace raycord {

struct View {
  const Partition& partition;
  const Fleet& fleet;
  Time now{};  // Time of the turn.
};

// All objects of the kind are known, so absence says something.
bool is_seen_whole(const Fleet& fleet, Kind kind);

// Collects what the rules of one partition want in one turn.
class Wishes {
 public:
  explicit Wishes(const View& view) : view_(view) {}

  // Decides `effect`, unless a write to its target is in flight or decided in this turn, or a retry
  // of it must wait. True if it was decided.
  bool want(Rule rule, std::vector<Seq> causes, Effect effect);

  // The partition is to be looked at again at `time`, even if nothing happens.
  void wake_at(Time time);

  const std::vector<Decision>& decisions() const { return decisions_; }
  std::vector<Decision> take_decisions() { return std::move(decisions_); }
  std::optional<Time> wake() const { return wake_; }

 private:
  bool may_write(const Effect& effect);

  const View& view_;
  std::vector<Decision> decisions_;  // Without numbers.
  std::optional<Time> wake_;
};

// RayService, in the order they run.
void rule_deletion(const View& view, Wishes& wishes);  // Finalizer; clusters of a deleted service.
void rule_clusters(const View& view,
                   Wishes& wishes);  // Which clusters exist: the two-clusters table.
void rule_serve_config(const View& view, Wishes& wishes);  // Which Serve config each cluster runs.
void rule_capacity(const View& view, Wishes& wishes);      // How much of it each cluster runs.
void rule_routing(const View& view, Wishes& wishes);       // Gateway, HTTPRoute and its backends.
void rule_traffic(const View& view, Wishes& wishes);       // Services and where they point.
void rule_drain(const View& view, Wishes& wishes);         // The old cluster after a switch.
void rule_head_label(const View& view, Wishes& wishes);    // ray.io/serve on head pods.
void rule_memory(const View& view, Wishes& wishes);        // What objects must remember for us.
void rule_service_status(const View& view, Wishes& wishes);

// RayCluster, for each cluster of the partition.
void rule_cluster_deletion(const View& view, Wishes& wishes);  // Redis finalizer and clean-up.
void rule_cluster_services(const View& view, Wishes& wishes);  // Head Service, headless Service.
void rule_cluster_access(const View& view, Wishes& wishes);    // Autoscaler access, token Secret.
void rule_cluster_ingress(const View& view, Wishes& wishes);   // Ingress to the dashboard.
void rule_cluster_pods(const View& view, Wishes& wishes);      // Head and worker pods.
void rule_cluster_status(const View& view, Wishes& wishes);

}  // namespace raycord
