#include "core/announce.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/announce_parts.h"
#include "core/ill_clock.h"
#include "core/limits.h"
#include "core/overloaded.h"
#include "core/service_phase.h"
#include "core/status.h"
#include "core/text.h"
#include "core/wish.h"

namespace raycord {
namespace {

// Empty: the object is not believed to exist.
std::string uid_of(const State& state, const PartitionName& home, const ObjectName& object) {
  const auto found = state.partitions.find(home);
  if (found == state.partitions.end()) return "";
  const Partition& partition = found->second;
  if (object.kind == Kind::RayService) {
    return partition.service ? partition.service->value.meta.uid : "";
  }
  const Cluster* cluster = find_cluster(partition, object.name);
  return cluster != nullptr && cluster->object ? cluster->object->value.meta.uid : "";
}

// A write that others forestalled, or that is looked after again, is not told as a failure.
bool is_failure(const WriteDone& done) {
  switch (done.result) {
    case WriteResult::Refused:
    case WriteResult::Failed:
    case WriteResult::AlreadyExists:
      return true;
    case WriteResult::Done:
    case WriteResult::Conflict:
    case WriteResult::NotFound:
    case WriteResult::Unknown:
    case WriteResult::Withdrawn:
    case WriteResult::Throttled:
      return false;
  }
  return false;
}

// The API server takes no pod whose account does not exist.
bool lacks_account(const std::string& account, const WriteDone& done) {
  return !account.empty() &&
         done.message.find("serviceaccount \"" + account + "\" not found") != std::string::npos;
}

// The account that the user named for the head of a cluster with autoscaler; empty: none.
std::string account_of_head(const State& state, const Decision& decision) {
  const auto* pod = std::get_if<CreatePod>(&decision.effect);
  if (pod == nullptr || pod->node_type != NodeType::Head) return "";
  const auto found = state.partitions.find(decision.partition);
  if (found == state.partitions.end()) return "";
  const Cluster* cluster = find_cluster(found->second, pod->cluster.object.name);
  if (cluster == nullptr || !cluster->object || !cluster->object->value.autoscaling) return "";
  return cluster->object->value.autoscaler_account;
}

bool has_silent_dashboard(const Partition& partition) {
  return std::any_of(partition.clusters.begin(), partition.clusters.end(),
                     [](const auto& entry) { return is_running(entry.second.dashboard.silent); });
}

bool has_ill_app(const Partition& partition) {
  return std::any_of(partition.clusters.begin(), partition.clusters.end(),
                     [](const auto& entry) { return !entry.second.dashboard.ill_apps.empty(); });
}

}  // namespace

// --- One frame ----------------------------------------------------------------------------------

class Announcer::Scribe {
 public:
  Scribe(Announcer& memory, const State& after) : memory_(memory), state_(after) {}

  void hear(Seq seq, const PlacedFact& placed);
  void hear(const Decision& decision);
  void repeat_invalid();  // Behind the frame's facts.
  std::vector<Announcement> take() { return std::move(said_); }

 private:
  void say(const ObjectName& regarding, const std::string& uid, const Said& said, Seq seq);
  void see(Seq seq, const Object& object);
  void see(Seq seq, const RayServiceSlice& service);
  void see(Seq seq, const RayClusterSlice& cluster);
  void judge(Seq seq, const ObjectName& object, const Meta& meta, const Invalid& before,
             const Invalid& now);
  void doubt(Seq seq, const ObjectName& object, const RayServiceSlice& service);
  void doubt(Seq seq, const ObjectName& object, const RayClusterSlice& cluster);
  void note_outcome(const WriteDone& done);
  void note_gap(Seq seq, const Gap& gap);
  void note_hold(Seq seq, const FleetHoldChanged& hold);
  void note_quarantine(Seq seq, const Quarantined& poison);
  void note_failover(const Decision& decision, const WriteServiceStatus& write);
  void note_routing(const Decision& decision, const WriteServiceStatus& write);
  void note_given_up(const Decision& decision, const WriteServiceStatus& write);
  void expect(const Decision& decision);

  Announcer& memory_;
  const State& state_;
  std::set<ObjectName> judged_;   // Said to be invalid by this frame.
  std::set<ObjectName> doubted_;  // Said by this frame to be odd, or to have such a Serve config.
  Seq gained_;                    // Leadership, in this frame.
  std::vector<Announcement> said_;
};

void Announcer::Scribe::say(const ObjectName& regarding, const std::string& uid, const Said& said,
                            Seq seq) {
  const std::string reference = state_.fleet.log_id + ":" + std::to_string(seq.value);
  const std::string tail = " (" + reference + ")";
  Announcement announcement;
  announcement.regarding = regarding;
  announcement.uid = uid;
  announcement.type = said.warning ? "Warning" : "Normal";
  announcement.reason = said.reason;
  announcement.action = said.action;
  announcement.note = one_line(said.text, kNoteMax - tail.size()) + tail;
  announcement.name = regarding.name + "." + to_hex(hash_of(reference + "/" + said.reason));
  announcement.seq = seq;
  said_.push_back(std::move(announcement));
}

void Announcer::Scribe::judge(Seq seq, const ObjectName& object, const Meta& meta,
                              const Invalid& before, const Invalid& now) {
  if (now.reason.empty() || now == before || !judged_.insert(object).second) return;
  say(object, meta.uid, {true, now.reason.c_str(), "Validate", now.message}, seq);
}

void Announcer::Scribe::see(Seq seq, const RayServiceSlice& service) {
  if (service.managed_elsewhere) return;
  const ObjectName name{Kind::RayService, service.meta.ns, service.meta.name};
  const auto known = memory_.shown_.find(name);
  const bool first = known == memory_.shown_.end();
  const Shown before = first ? Shown{} : known->second;
  Shown now = shown_by(service);
  now.failover = before.failover;
  now.given_up = before.given_up;
  memory_.shown_[name] = now;
  judge(seq, name, service.meta, before.invalid, now.invalid);
  if (now.config_error != before.config_error) doubt(seq, name, service);
  const bool muted_edit = !first && now.muted != before.muted && now.revision == before.revision &&
                          now.config == before.config;
  if (!muted_edit) return;
  say(name, service.meta.uid,
      {false, "EditWithoutEffect", "Validate",
       "Only fields changed that never change a running cluster (replicas, minReplicas, "
       "maxReplicas, workersToDelete, tolerations, schedulingGates, suspend, upgradeStrategy of "
       "rayClusterConfig): they count from the next cluster on"},
      seq);
}

void Announcer::Scribe::see(Seq seq, const RayClusterSlice& cluster) {
  if (cluster.managed_elsewhere) return;
  const ObjectName name{Kind::RayCluster, cluster.meta.ns, cluster.meta.name};
  Shown& shown = memory_.shown_[name];
  const Invalid before = std::exchange(shown.invalid, cluster.invalid);
  judge(seq, name, cluster.meta, before, cluster.invalid);
  const std::string doubted = std::exchange(shown.doubt, cluster.doubt);
  if (cluster.doubt != doubted) doubt(seq, name, cluster);
}

void Announcer::Scribe::doubt(Seq seq, const ObjectName& object, const RayServiceSlice& service) {
  const std::string& error = service.serve_config.error;
  if (error.empty() || !doubted_.insert(object).second) return;
  say(object, service.meta.uid,
      {true, "InvalidServeConfig", "Validate", "spec.serveConfigV2: " + error}, seq);
}

void Announcer::Scribe::doubt(Seq seq, const ObjectName& object, const RayClusterSlice& cluster) {
  if (cluster.doubt.empty() || !doubted_.insert(object).second) return;
  say(object, cluster.meta.uid, {true, "InvalidRayClusterSpec", "Validate", cluster.doubt}, seq);
}

void Announcer::Scribe::see(Seq seq, const Object& object) {
  std::visit(Overloaded{
                 [&](const RayServiceSlice& service) { see(seq, service); },
                 [&](const RayClusterSlice& cluster) { see(seq, cluster); },
                 [](const PodSlice&) {},
                 [](const ServiceSlice&) {},
                 [](const EndpointsSlice&) {},
                 [](const AccessSlice&) {},
                 [](const JobSlice&) {},
                 [](const IngressSlice&) {},
                 [](const GatewaySlice&) {},
                 [](const RouteSlice&) {},
             },
             object);
}

void Announcer::Scribe::note_outcome(const WriteDone& done) {
  const auto found = memory_.expected_.find(done.decided);
  if (found == memory_.expected_.end()) return;
  const Expected expected = std::move(found->second);
  memory_.expected_.erase(found);
  if (done.result == WriteResult::Done) {
    say(expected.regarding, expected.uid,
        {false, expected.done_reason.c_str(), expected.action.c_str(), expected.done},
        done.decided);
  } else if (is_failure(done) &&
             !(expected.may_exist && done.result == WriteResult::AlreadyExists)) {
    if (lacks_account(expected.account, done)) {
      return say(expected.regarding, expected.uid,
                 {true, "AutoscalerServiceAccountNotFound", "Validate",
                  "ServiceAccount " + expected.account +
                      ", which the head names, does not exist: no pods are made before it does"},
                 done.decided);
    }
    std::string text = expected.failed + ": " + name_of(done.result);
    if (done.status != 0) text += " (" + std::to_string(done.status) + ")";
    if (!done.message.empty()) text += ": " + done.message;
    say(expected.regarding, expected.uid,
        {true, expected.failed_reason.c_str(), expected.action.c_str(), text}, done.decided);
  }
}

// What was seen by a standby, or before a first election, was told by nobody.
void Announcer::Scribe::repeat_invalid() {
  if (!gained_) return;
  for (const auto& [name, partition] : state_.partitions) {
    if (partition.service && !partition.service->value.managed_elsewhere) {
      const RayServiceSlice& service = partition.service->value;
      judge(gained_, root_of(name), service.meta, {}, service.invalid);
      doubt(gained_, root_of(name), service);
    }
    for (const auto& [cluster_name, cluster] : partition.clusters) {
      if (!cluster.object || cluster.object->value.managed_elsewhere) continue;
      const RayClusterSlice& slice = cluster.object->value;
      const ObjectName object{Kind::RayCluster, name.ns, cluster_name};
      judge(gained_, object, slice.meta, {}, slice.invalid);
      doubt(gained_, object, slice);
    }
  }
}

// Those whose clocks of ill health it paused are told.
void Announcer::Scribe::note_gap(Seq seq, const Gap& gap) {
  if (gap.to - gap.from <= kObservationGap) return;
  for (const auto& [name, partition] : state_.partitions) {
    if (!partition.service || !(has_silent_dashboard(partition) || has_ill_app(partition)))
      continue;
    say(root_of(name), partition.service->value.meta.uid,
        {true, "FailoverDelayed", "Failover",
         "Nothing was observed for " + to_short_text(gap.to - gap.from) + " (" +
             name_of(gap.cause) + "): ill health must be seen afresh before a failover"},
        seq);
  }
}

// Those whose failover it holds are told; the fleet at large has the metric.
void Announcer::Scribe::note_hold(Seq seq, const FleetHoldChanged& hold) {
  for (const auto& [name, partition] : state_.partitions) {
    if (!partition.service || !has_silent_dashboard(partition)) continue;
    const Said held{true, "FailoverHeld", "Failover", "Failovers are held: " + hold.why};
    const Said free{false, "FailoverHoldEnded", "Failover", "Failovers are no longer held"};
    say(root_of(name), partition.service->value.meta.uid, hold.held ? held : free, seq);
  }
}

void Announcer::Scribe::note_quarantine(Seq seq, const Quarantined& poison) {
  const ObjectName root = root_of(poison.partition);
  say(root, uid_of(state_, poison.partition, root),
      {true, "Quarantined", "Reconcile",
       "An invariant of raycord " + poison.build + " broke: nothing is done for this " +
           name_of(root.kind) + " until another build starts. " + poison.check},
      seq);
}

void Announcer::Scribe::hear(Seq seq, const PlacedFact& placed) {
  std::visit(Overloaded{
                 // Outcomes of an earlier run's writes don't come.
                 [&](const Started&) { memory_.expected_.clear(); },
                 [&](const Gap& gap) { note_gap(seq, gap); },
                 [&](const LeadershipGained&) { gained_ = seq; },
                 [](const LeadershipLost&) {},
                 [&](const ObjectSeen& seen) { see(seq, seen.object); },
                 [&](const ObjectGone& gone) { memory_.shown_.erase(gone.name); },
                 [](const KindListed&) {},
                 [](const KindCaughtUp&) {},
                 [](const LeftScope&) {},
                 [](const WorldRestored&) {},
                 [](const ProbeRun&) {},
                 [](const DeadlineFired&) {},
                 [&](const WriteDone& done) { note_outcome(done); },
                 [](const Unreadable&) {},
                 [&](const Quarantined& poison) { note_quarantine(seq, poison); },
                 [&](const FleetHoldChanged& hold) { note_hold(seq, hold); },
             },
             placed.fact);
}

// What failover would do, or is kept from doing, stands in the status; a change of it is news.
void Announcer::Scribe::note_failover(const Decision& decision, const WriteServiceStatus& write) {
  const ObjectName name{Kind::RayService, write.ns, write.name};
  const Condition* condition = find_condition(write.status.conditions, "RaycordFailover");
  const std::string reason = condition == nullptr ? "" : condition->reason;
  if (std::exchange(memory_.shown_[name].failover, reason) == reason) return;
  if (condition == nullptr || condition->status == "True") return;  // FailoverStarted said so.
  const std::string announced = "Failover" + reason;
  say(name, write.uid, {true, announced.c_str(), "Failover", condition->message}, decision.seq);
}

// Only what somebody has to do something about: a Gateway takes a moment to become ready.
void Announcer::Scribe::note_routing(const Decision& decision, const WriteServiceStatus& write) {
  const ObjectName name{Kind::RayService, write.ns, write.name};
  const Condition* condition = find_condition(write.status.conditions, "RaycordRouting");
  const bool missing = condition != nullptr && condition->reason == "GatewayApiMissing";
  if (std::exchange(memory_.shown_[name].lacks_gateways, missing) == missing || !missing) return;
  say(name, write.uid, {true, "GatewayApiMissing", "Reconcile", condition->message}, decision.seq);
}

void Announcer::Scribe::note_given_up(const Decision& decision, const WriteServiceStatus& write) {
  const ObjectName name{Kind::RayService, write.ns, write.name};
  const bool given_up = is_given_up(write.status);
  if (std::exchange(memory_.shown_[name].given_up, given_up) == given_up || !given_up) return;
  say(name, write.uid,
      {true, "RayServiceInitializingTimeout", "Reconcile",
       find_condition(write.status.conditions, "Ready")->message},
      decision.seq);
}

void Announcer::Scribe::expect(const Decision& decision) {
  const auto telling = telling_of(state_, decision);
  if (!telling) return;
  const std::string by_rule = std::string(" (") + name_of(decision.rule) + ")";
  Expected expected;
  expected.regarding = telling->regarding;
  expected.uid = uid_of(state_, decision.partition, telling->regarding);
  expected.action = telling->verb;
  expected.action[0] = telling->past[0];
  expected.done_reason = telling->past + telling->object;
  expected.failed_reason = "FailedTo" + expected.action + telling->object;
  if (is_collection(decision.rule)) expected.failed_reason += "Collection";
  // KubeRay's two words for one thing.
  if (telling->object == "ServeTargetCapacity") {
    expected.failed_reason = "FailedToUpdateTargetCapacity";
  }
  expected.done = telling->past + (" " + telling->what) + by_rule;
  expected.failed = std::string("Could not ") + telling->verb + " " + telling->what + by_rule;
  expected.account = account_of_head(state_, decision);
  expected.may_exist = decision.rule == Rule::CreateTokenSecret;
  memory_.expected_[decision.seq] = std::move(expected);
}

void Announcer::Scribe::hear(const Decision& decision) {
  expect(decision);
  if (const auto* write = std::get_if<WriteServiceStatus>(&decision.effect)) {
    note_failover(decision, *write);
    note_given_up(decision, *write);
    note_routing(decision, *write);
  }
  const auto said = said_of(decision);
  if (!said) return;
  const bool of_cluster = decision.rule == Rule::ForceRedisFinalizer;
  const ObjectName object = of_cluster ? object_of(decision.effect) : root_of(decision.partition);
  say(object, uid_of(state_, decision.partition, object), *said, decision.seq);
}

// --- The announcer ------------------------------------------------------------------------------

Announcer::Shown Announcer::shown_by(const RayServiceSlice& service) {
  Shown shown;
  shown.revision = wanted_revision(service);
  shown.muted = service.muted_hash;
  shown.config = service.serve_config.hash;
  shown.config_error = service.serve_config.error;
  shown.invalid = service.invalid;
  return shown;
}

Announcer::Announcer(const State& state) {
  for (const auto& [name, partition] : state.partitions) {
    if (partition.service) {
      Shown shown = shown_by(partition.service->value);
      const Condition* failover =
          find_condition(partition.status.value.conditions, "RaycordFailover");
      if (failover != nullptr) shown.failover = failover->reason;
      shown.given_up = is_given_up(partition.status.value);
      const Condition* routing =
          find_condition(partition.status.value.conditions, "RaycordRouting");
      shown.lacks_gateways = routing != nullptr && routing->reason == "GatewayApiMissing";
      shown_[root_of(name)] = std::move(shown);
    }
    for (const auto& [cluster_name, cluster] : partition.clusters) {
      if (!cluster.object) continue;
      Shown& shown = shown_[{Kind::RayCluster, name.ns, cluster_name}];
      shown.invalid = cluster.object->value.invalid;
      shown.doubt = cluster.object->value.doubt;
    }
  }
}

std::vector<Announcement> Announcer::follow(const State& after, const Frame& frame) {
  Scribe scribe(*this, after);
  for (std::size_t i = 0; i < frame.facts.size(); ++i) {
    scribe.hear(frame.fact_seq(i), frame.facts[i]);
  }
  scribe.repeat_invalid();
  for (const Decision& decision : frame.decisions) scribe.hear(decision);
  std::vector<Announcement> said = scribe.take();
  if (!after.fleet.leading) said.clear();
  return said;
}

}  // namespace raycord
