// One turn of the loop: facts are folded in order, then the rules of the touched partitions decide.
//
//   Turn turn(state, at);
//   for (Report& report : reports) turn.add(as_logged(report.fact, turn.next()));
//   Frame frame = turn.finish();          // Ready to be logged; its decisions are folded already.
//
// Replay takes the same turns from recorded frames (see replay_turn), so live and replay share
// every line that can change a decision.

#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "core/frame.h"
#include "core/state.h"

namespace raycord {

class Turn {
 public:
  Turn(State& state, Time at);

  // The number that the next event of this turn gets.
  Seq next() const;

  // Folds a fact. A ProbeRun or an outcome whose partition is gone is kept, as fleet facts.
  void add(Fact fact);

  // Adds what follows from the facts (objects that found their root, the fleet hold, quarantines),
  // decides, numbers and folds the decisions, and sets the deadlines.
  Frame finish();

  // Partitions whose rules ran, or are to run.
  const std::set<PartitionName>& touched() const { return touched_; }

 private:
  friend struct ReplayTurn;

  void place(Fact fact, std::optional<PartitionName> home);
  void add_derived();
  void touch_for(const Fact& fact, const std::optional<PartitionName>& home);
  void touch_due();
  void quarantine(const PartitionName& partition, const char* check);
  std::vector<Decision> decide_touched();
  void set_deadline(const PartitionName& partition, std::optional<Time> wake);

  State& state_;
  Frame frame_;
  std::size_t folded_ = 0;  // Facts.
  std::set<PartitionName> touched_;
  bool hold_may_change_ = false;
};

// What replaying one recorded frame gave: the facts are folded as recorded, and what the rules of
// this build decide stands beside what was decided. The recorded decisions are folded.
struct ReplayTurn {
  std::vector<Decision> decided;  // By this build, numbered as they would have been.
  std::set<PartitionName> touched;

  // Everywhere: the rules look also where nothing they read has changed, as a test of that.
  enum class Look : std::uint8_t { WhereNeeded, Everywhere };
  static ReplayTurn run(State& state, const Frame& recorded, Look look = Look::WhereNeeded);
};

// Folds a recorded frame without running rules: what a start and the tools do. Gives the state that
// the live turn left, deadlines apart: they are set by the next turn that decides.
void fold_frame(State& state, const Frame& recorded);

// When the next turn is due though nothing happens; nothing: never.
std::optional<Time> next_deadline(const State& state);

// True if both ask for the same thing for the same reasons: rule, revision, partition, causes,
// effect as the log keeps it.
bool same_decision(const Decision& a, const Decision& b);

}  // namespace raycord
