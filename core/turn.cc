#include "core/turn.h"

#include <algorithm>
#include <utility>

#include "core/apply.h"
#include "core/check.h"
#include "core/decide.h"
#include "core/fleet_hold.h"
#include "core/limits.h"
#include "core/overloaded.h"
#include "core/route.h"
#include "core/status.h"

namespace raycord {
namespace {

// Facts of the fleet that every partition may decide differently after.
bool concerns_all(const Fact& fact) {
  return std::visit(Overloaded{
                        [](const Started&) { return true; },
                        [](const Gap&) { return true; },
                        [](const LeadershipGained&) { return true; },
                        [](const LeadershipLost&) { return false; },
                        [](const ObjectSeen&) { return false; },
                        [](const ObjectGone&) { return false; },
                        [](const KindListed&) { return true; },
                        [](const KindCaughtUp&) { return true; },
                        [](const LeftScope&) { return false; },
                        [](const WorldRestored&) { return true; },
                        [](const ProbeRun&) { return false; },
                        [](const DeadlineFired&) { return false; },
                        [](const WriteDone&) { return false; },
                        [](const Unreadable&) { return false; },
                        [](const Quarantined&) { return false; },
                        [](const FleetHoldChanged&) { return true; },
                    },
                    fact);
}

bool may_change_hold(const Fact& fact) {
  if (const auto* run = std::get_if<ProbeRun>(&fact)) return !run->continued;
  return std::holds_alternative<ObjectGone>(fact);
}

// The text of status writes is a projection of the state before the frame's decisions; it is put
// back where this build still projects the same.
std::vector<Decision> restore_statuses(const State& state, const Frame& recorded) {
  std::vector<Decision> restored;
  for (const Decision& decision : recorded.decisions) {
    const bool is_status = std::holds_alternative<WriteServiceStatus>(decision.effect) ||
                           std::holds_alternative<WriteClusterStatus>(decision.effect);
    if (!is_status) continue;
    restored.push_back(decision);
    const auto found = state.partitions.find(decision.partition);
    if (found == state.partitions.end()) continue;
    Effect& effect = restored.back().effect;
    if (auto* write = std::get_if<WriteServiceStatus>(&effect)) {
      write->status = wanted_service_status(found->second, state.fleet, recorded.at);
    }
    if (auto* write = std::get_if<WriteClusterStatus>(&effect)) {
      const Cluster* cluster = find_cluster(found->second, write->name);
      if (cluster == nullptr) continue;
      write->status = wanted_cluster_status(found->second, *cluster, state.fleet, recorded.at);
    }
  }
  return restored;
}

void fold_decisions(State& state, const Frame& recorded) {
  const std::vector<Decision> restored = restore_statuses(state, recorded);
  auto next = restored.begin();
  for (const Decision& decision : recorded.decisions) {
    const bool is_restored = next != restored.end() && next->seq == decision.seq;
    apply(state, is_restored ? *next++ : decision, recorded.at);
  }
}

}  // namespace

Turn::Turn(State& state, Time at) : state_(state) {
  frame_.first = {state.last.value + 1};
  frame_.at = std::max(at, state.now);
  frame_.epoch = state.fleet.epoch;
}

Seq Turn::next() const { return frame_.fact_seq(folded_); }

void Turn::add(Fact fact) {
  std::optional<PartitionName> home = partition_of(state_.fleet, fact);
  place(std::move(fact), std::move(home));
}

void Turn::place(Fact fact, std::optional<PartitionName> home) {
  hold_may_change_ = hold_may_change_ || may_change_hold(fact);
  const Seq seq = next();
  frame_.facts.push_back({home, std::move(fact)});
  ++folded_;
  try {
    apply(state_, {seq, frame_.at, frame_.facts.back().fact}, home);
    touch_for(frame_.facts.back().fact, home);
  } catch (const InvariantBroken& broken) {
    if (!home) throw;
    state_.last = seq;
    touched_.insert(*home);
    quarantine(*home, broken.what());
  }
}

void Turn::touch_for(const Fact& fact, const std::optional<PartitionName>& home) {
  if (home && state_.settled.count(*home) == 0) touched_.insert(*home);
  if (!concerns_all(fact)) return;
  state_.partitions.add_names(touched_);
}

void Turn::touch_due() {
  for (const auto& [time, name] : state_.deadlines) {
    if (time > frame_.at) break;
    touched_.insert(name);
  }
}

void Turn::quarantine(const PartitionName& partition, const char* check) {
  place(Quarantined{partition, check, state_.fleet.build}, partition);
}

void Turn::add_derived() {
  for (Fact& fact : facts_to_rehome(state_.fleet)) add(std::move(fact));
  if (!hold_may_change_) return;
  if (const auto change = wanted_hold(state_.fleet)) add(*change);
}

std::vector<Decision> Turn::decide_touched() {
  std::vector<Decision> decisions;
  const std::set<PartitionName> touched = touched_;
  for (const PartitionName& name : touched) {
    const auto found = state_.partitions.find(name);
    if (found == state_.partitions.end()) continue;
    try {
      Decided decided = decide({found->second, state_.fleet, frame_.at});
      set_deadline(name, decided.wake);
      if (decided.decisions.empty()) state_.settled.insert(name);
      std::move(decided.decisions.begin(), decided.decisions.end(), std::back_inserter(decisions));
    } catch (const InvariantBroken& broken) {
      quarantine(name, broken.what());
      set_deadline(name, std::nullopt);
    }
    state_.partitions.rest();
  }
  return decisions;
}

void Turn::set_deadline(const PartitionName& partition, std::optional<Time> wake) {
  const auto known = state_.deadline_of.find(partition);
  if (known != state_.deadline_of.end()) {
    state_.deadlines.erase({known->second, partition});
    state_.deadline_of.erase(known);
  }
  if (!wake) return;
  // A rule that wants to look again at once has missed its own condition; don't spin.
  const Time due = std::max(*wake, frame_.at + Millis(1));
  state_.deadlines.insert({due, partition});
  state_.deadline_of[partition] = due;
}

Frame Turn::finish() {
  touch_due();
  add_derived();
  std::vector<Decision> decisions = decide_touched();
  Seq seq = next();
  for (Decision& decision : decisions) {
    decision.seq = seq;
    ++seq.value;
    apply(state_, decision, frame_.at);
    frame_.decisions.push_back(std::move(decision));
  }
  state_.partitions.rest();
  return std::move(frame_);
}

ReplayTurn ReplayTurn::run(State& state, const Frame& recorded, Look look) {
  Turn turn(state, recorded.at);
  turn.frame_.first = recorded.first;
  turn.frame_.epoch = recorded.epoch;
  for (const PlacedFact& placed : recorded.facts) {
    const Seq seq = turn.next();
    ++turn.folded_;
    try {
      apply(state, {seq, recorded.at, placed.fact}, placed.partition);
    } catch (const InvariantBroken&) {
      state.last = seq;  // The Quarantined fact follows in the record.
      if (placed.partition) state.settled.erase(*placed.partition);
    }
    if (look == Look::Everywhere && placed.partition) turn.touched_.insert(*placed.partition);
    turn.touch_for(placed.fact, placed.partition);
  }
  turn.touch_due();
  ReplayTurn result;
  result.decided = turn.decide_touched();
  Seq seq = recorded.decision_seq(0);
  for (Decision& decision : result.decided) {
    decision.seq = seq;
    ++seq.value;
  }
  fold_decisions(state, recorded);
  state.partitions.rest();
  result.touched = std::move(turn.touched_);
  return result;
}

void fold_frame(State& state, const Frame& recorded) {
  Seq seq = recorded.first;
  for (const PlacedFact& placed : recorded.facts) {
    try {
      apply(state, {seq, recorded.at, placed.fact}, placed.partition);
    } catch (const InvariantBroken&) {
      state.last = seq;  // The Quarantined fact follows in the record.
    }
    ++seq.value;
  }
  fold_decisions(state, recorded);
  state.partitions.rest();
}

std::optional<Time> next_deadline(const State& state) {
  if (state.deadlines.empty()) return std::nullopt;
  return state.deadlines.begin()->first;
}

}  // namespace raycord
