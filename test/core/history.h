// Histories for tests of the core: facts are numbered, routed and folded; rules run at turns;
// decisions are answered.
//
//   History history;                                // A run that leads and has seen all kinds.
//   history.see(cluster_slice("rc"));
//   std::vector<Decision> decided = history.turn();
//   history.answer(decided[0], WriteResult::Failed, "quota exceeded");
//   history.wait(1s);
//   history.settle();                               // Turns until nothing more is wanted.
//
// What carry_out() makes of a decision is what a patient API server would: see history_world.cc.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/decide.h"
#include "core/fact.h"
#include "core/frame.h"
#include "core/limits.h"
#include "core/objects.h"
#include "core/state.h"
#include "test/core/slices.h"

namespace raycord {

// --- The history --------------------------------------------------------------------------------

class History {
 public:
  explicit History(const Options& options = {});

  // Another run begins after `away`: Gap, Started, leadership, complete lists.
  void restart(Millis away = std::chrono::seconds(5));

  // Facts, at the present time. Each belongs to the next turn's frame.
  Seq add(const Fact& fact);
  Seq see(Object object);  // UID and version are filled in where they are missing.
  Seq gone(const ObjectName& name, GoneHow how = GoneHow::Watched);
  Seq answer(const Decision& decision, WriteResult result, const std::string& message = "");

  // Answers of a cluster's dashboard or proxy every 2 s for `length` from now, as runs that end
  // every 10 s; time goes on to the last.
  void hear(const std::string& cluster, const ServeAnswer& serve, Millis length = Millis(0));
  void hear_silence(const std::string& cluster, ProbeTrouble trouble, Millis length);
  void hear_proxy(const std::string& cluster, bool healthy);

  // Changes what is believed of an object and sees it at a higher version.
  Seq edit_service(const std::string& name, const std::function<void(RayServiceSlice&)>& edit);
  Seq edit_cluster(const std::string& name, const std::function<void(RayClusterSlice&)>& edit);
  Seq edit_pod(const std::string& name, const std::function<void(PodSlice&)>& edit);
  Seq edit_job(const std::string& name, const std::function<void(JobSlice&)>& edit);
  Seq edit_ingress(const std::string& name, const std::function<void(IngressSlice&)>& edit);
  // The RayCluster's spec changes: as edit_cluster, with the next generation.
  Seq respec_cluster(const std::string& name, const std::function<void(RayClusterSlice&)>& edit);

  // Pods of the cluster become Running and Ready, Services get an IP.
  void start_pods(const std::string& cluster);
  // The RayService's Services get one ready endpoint per ready pod of the cluster they select.
  void fill_endpoints();

  void wait(Millis duration);  // Time passes and nothing happens.
  Time now() const { return now_; }

  // One turn: the rules of all partitions; their decisions are numbered and folded. Without facts
  // since the last turn a deadline has fired.
  std::vector<Decision> turn();
  // The world does what was decided and says so; objects are seen before outcomes.
  void carry_out(const Decision& decision);
  // From now on deleted pods stay, terminating, until gone() is told.
  void let_pods_linger() { pods_linger_ = true; }
  // From now on nobody takes Gateways and HTTPRoutes that are written.
  void silence_gateways() { gateways_answer_ = false; }
  // A user deletes the RayCluster: it goes, or is being deleted while a finalizer holds it.
  void delete_cluster(const std::string& name);
  // Turns, carrying everything out, until nothing is decided. All decisions, in order.
  std::vector<Decision> settle();
  // The same while time passes, with a turn at each deadline that rules asked for.
  std::vector<Decision> settle_for(Millis duration);

  const State& state() const { return state_; }
  const Partition& partition(Kind root, const std::string& name) const;
  const Partition& service(const std::string& name) const;  // Partition of a RayService.
  // Anywhere; it must exist.
  const Cluster& cluster(const std::string& name) const;
  const PodSlice& pod(const std::string& name) const;
  bool has_cluster(const std::string& name) const;  // The object, not only what outlives it.
  std::vector<std::string> pods_of(const std::string& cluster) const;  // Not terminating, by name.
  std::string head_of(const std::string& cluster) const;  // Name of its head pod; empty: none.
  std::vector<std::string> clusters_of(const std::string& service) const;

  std::optional<Time> next_wake() const;  // As the rules asked at the last turn.
  const std::vector<Frame>& frames() const { return frames_; }

 private:
  void begin_run();
  void close_frame();
  static EndpointsSlice endpoints_of(const Partition& part, const Known<ServiceSlice>& service);
  Seq fold(const Fact& fact, const std::optional<PartitionName>& home);
  void probe(const std::string& cluster, ProbeTarget target, const ProbeAnswer& answer,
             Millis length);
  void make(const CreateCluster& create, const std::string& intent);
  void make(const CreatePod& create, const std::string& intent);
  void make(const CreateService& create, const std::string& intent);
  void make(const CreateDependent& create, const std::string& intent);
  void route(const WriteRouting& write, const std::string& intent);
  void append_groups(const UpdateClusterGroups& update);
  void point_service(const SwitchService& change);
  void remove(const DeleteObject& deletion);
  void remove_cluster(const ObjectName& name);
  void set_finalizer(const SetFinalizer& change);
  void set_cluster_finalizer(const SetFinalizer& change);

  Options options_;
  State state_;
  Time now_;
  std::uint64_t version_ = 100;  // resourceVersions of the world.
  int made_ = 0;                 // For UIDs and addresses.
  bool pods_linger_ = false;
  bool gateways_answer_ = true;
  Frame frame_;  // The next one.
  std::vector<Frame> frames_;
  std::map<PartitionName, Time> wakes_;
};

// --- What was decided ---------------------------------------------------------------------------

// Rule names in order, for short comparisons.
std::vector<std::string> rules_of(const std::vector<Decision>& decisions);
std::vector<Decision> of_rule(const std::vector<Decision>& decisions, Rule rule);
std::size_t count_of(const std::vector<Decision>& decisions, Rule rule);

template <class E>
std::vector<E> effects_of(const std::vector<Decision>& decisions) {
  std::vector<E> effects;
  for (const Decision& decision : decisions) {
    if (const E* effect = std::get_if<E>(&decision.effect)) effects.push_back(*effect);
  }
  return effects;
}

}  // namespace raycord
