// Replayer folds a log and holds every recorded decision against what this build decides.
//
//   Replayer replayer;
//   log.visit(1, [&](const Frame& frame) { replayer.take(frame); return true; });
//   if (!replayer.report().divergences.empty()) …
//
// Decisions are compared where the rule's revision is the recorded one; others are counted as
// expected to change. A decision that only one side made sends the partition another way: it is
// reported once and the partition is not compared any more.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/state.h"

namespace raycord {

// The world has one history; a build that would have made another is told apart by this.
struct Divergence {
  Seq seq;  // The recorded decision, or where ours would stand.
  Time at{};
  PartitionName partition;
  Rule rule = Rule::AddFinalizer;
  std::string field;     // "decision" if one side has none.
  std::string expected;  // As recorded.
  std::string got;       // By this build.
  bool forks = false;    // The partition was not compared any more.
};

struct PartitionCounts {
  std::uint64_t facts = 0;
  std::uint64_t decisions = 0;
};

struct ReplayReport {
  std::uint64_t frames = 0;
  std::uint64_t events = 0;
  std::uint64_t decisions = 0;  // Recorded ones.
  std::uint64_t compared = 0;
  std::uint64_t diverged = 0;                      // Divergences in all.
  std::vector<Divergence> divergences;             // The first ones, in the order of the log.
  std::map<Rule, std::uint64_t> expected_changes;  // Of rules whose revision differs.
  std::set<PartitionName> forked;
  std::map<PartitionName, PartitionCounts> partitions;
};

class Replayer {
 public:
  // Of one partition, or of all.
  explicit Replayer(std::optional<PartitionName> only = std::nullopt);

  void take(const Frame& recorded);

  const ReplayReport& report() const { return report_; }
  const State& state() const { return state_; }

 private:
  struct Compared;  // The decisions of one partition in one frame.

  void take_own(const Frame& frame);
  void count(const Frame& frame);
  void note_started(const Frame& frame);
  void compare(const Frame& frame, const PartitionName& partition, const Compared& pair);
  void compare_pair(const Frame& frame, const Decision& expected, const Decision& got);
  void note_quarantine(const Frame& frame, const PartitionName& partition);
  void one_sided(const Frame& frame, const Decision& decision, bool is_recorded);
  void report(Divergence divergence);
  bool is_strict(const Decision& decision, bool is_recorded) const;

  std::optional<PartitionName> only_;
  State state_;
  ReplayReport report_;
  std::map<std::uint16_t, std::uint16_t> revisions_;  // Of the recorded run.
};

}  // namespace raycord
