#include "replay/replayer.h"

#include <algorithm>
#include <utility>

#include "core/describe.h"
#include "core/turn.h"
#include "replay/decision_difference.h"
#include "replay/partition_frames.h"

namespace raycord {
namespace {

// More would not be read; the counts go on.
constexpr std::size_t kDivergencesKept = 1000;

bool same_target(const Decision& a, const Decision& b) {
  return a.effect.index() == b.effect.index() && target_of(a.effect) == target_of(b.effect);
}

std::string text_of(const Decision& decision) {
  return std::string(name_of(decision.rule)) + ": " + describe(decision.effect);
}

}  // namespace

struct Replayer::Compared {
  std::vector<const Decision*> recorded;
  std::vector<const Decision*> decided;
};

Replayer::Replayer(std::optional<PartitionName> only) : only_(std::move(only)) {}

void Replayer::take(const Frame& recorded) {
  if (only_) {
    take_own(frame_of_partition(recorded, *only_));
  } else {
    take_own(recorded);
  }
}

void Replayer::take_own(const Frame& frame) {
  count(frame);
  note_started(frame);
  const ReplayTurn turn = ReplayTurn::run(state_, frame);
  std::map<PartitionName, Compared> pairs;
  for (const Decision& decision : frame.decisions) {
    pairs[decision.partition].recorded.push_back(&decision);
  }
  for (const Decision& decision : turn.decided) {
    pairs[decision.partition].decided.push_back(&decision);
  }
  for (const PartitionName& partition : turn.touched) note_quarantine(frame, partition);
  for (const auto& [partition, pair] : pairs) compare(frame, partition, pair);
}

void Replayer::count(const Frame& frame) {
  ++report_.frames;
  for (const PlacedFact& placed : frame.facts) {
    if (placed.partition) ++report_.partitions[*placed.partition].facts;
    if (!only_ || placed.partition == only_) ++report_.events;
  }
  for (const Decision& decision : frame.decisions) {
    ++report_.partitions[decision.partition].decisions;
    ++report_.decisions;
    ++report_.events;
  }
}

void Replayer::note_started(const Frame& frame) {
  for (const PlacedFact& placed : frame.facts) {
    const auto* started = std::get_if<Started>(&placed.fact);
    if (started == nullptr) continue;
    revisions_.clear();
    for (const RuleRevision& rule : started->revisions) revisions_[rule.rule] = rule.revision;
  }
}

// An invariant that this build breaks where the recorded one did not.
void Replayer::note_quarantine(const Frame& frame, const PartitionName& partition) {
  const auto found = state_.partitions.find(partition);
  if (found == state_.partitions.end() || found->second.quarantine.empty()) return;
  if (found->second.quarantined < frame.first) return;
  const bool recorded =
      std::any_of(frame.facts.begin(), frame.facts.end(), [&](const PlacedFact& placed) {
        const auto* poison = std::get_if<Quarantined>(&placed.fact);
        return poison != nullptr && poison->partition == partition;
      });
  if (recorded || report_.forked.count(partition)) return;
  Divergence divergence;
  divergence.seq = frame.first;
  divergence.at = frame.at;
  divergence.partition = partition;
  divergence.field = "quarantine";
  divergence.expected = "nothing";
  divergence.got = "broken invariant: " + found->second.quarantine;
  divergence.forks = true;
  report(std::move(divergence));
}

bool Replayer::is_strict(const Decision& decision, bool is_recorded) const {
  const std::uint16_t ours = revision_of(decision.rule);
  if (is_recorded) return decision.revision == ours;
  const auto recorded = revisions_.find(static_cast<std::uint16_t>(decision.rule));
  return recorded != revisions_.end() && recorded->second == ours;
}

void Replayer::compare(const Frame& frame, const PartitionName& partition, const Compared& pair) {
  if (report_.forked.count(partition)) return;
  std::vector<const Decision*> left = pair.decided;
  std::vector<const Decision*> alone;
  for (const Decision* recorded : pair.recorded) {
    const auto same = std::find_if(left.begin(), left.end(), [&](const Decision* decided) {
      return same_target(*recorded, *decided);
    });
    if (same == left.end()) {
      alone.push_back(recorded);
      continue;
    }
    compare_pair(frame, *recorded, **same);
    left.erase(same);
  }
  for (const Decision* recorded : alone) {
    ++report_.compared;
    // The same wish with another name is said field by field.
    const auto alike = std::find_if(left.begin(), left.end(), [&](const Decision* decided) {
      return decided->rule == recorded->rule && decided->effect.index() == recorded->effect.index();
    });
    if (alike == left.end()) {
      one_sided(frame, *recorded, true);
      continue;
    }
    compare_pair(frame, *recorded, **alike);
    report_.forked.insert(partition);
    left.erase(alike);
  }
  for (const Decision* decided : left) one_sided(frame, *decided, false);
}

void Replayer::compare_pair(const Frame& frame, const Decision& expected, const Decision& got) {
  const auto found = difference(expected, got);
  ++report_.compared;
  if (!found) return;
  if (!is_strict(expected, true) || !is_strict(got, false)) {
    ++report_.expected_changes[expected.rule];
    return;
  }
  Divergence divergence;
  divergence.seq = expected.seq;
  divergence.at = frame.at;
  divergence.partition = expected.partition;
  divergence.rule = expected.rule;
  divergence.field = found->field;
  divergence.expected = found->expected;
  divergence.got = found->got;
  report(std::move(divergence));
}

void Replayer::one_sided(const Frame& frame, const Decision& decision, bool is_recorded) {
  const bool strict = is_strict(decision, is_recorded);
  if (!strict) ++report_.expected_changes[decision.rule];
  if (!strict || report_.forked.count(decision.partition)) {
    report_.forked.insert(decision.partition);
    return;
  }
  Divergence divergence;
  divergence.seq = is_recorded ? decision.seq : frame.decision_seq(0);
  divergence.at = frame.at;
  divergence.partition = decision.partition;
  divergence.rule = decision.rule;
  divergence.field = "decision";
  divergence.expected = is_recorded ? text_of(decision) : "nothing";
  divergence.got = is_recorded ? "nothing" : text_of(decision);
  divergence.forks = true;
  report(std::move(divergence));
}

void Replayer::report(Divergence divergence) {
  if (divergence.forks) report_.forked.insert(divergence.partition);
  ++report_.diverged;
  if (report_.divergences.size() < kDivergencesKept) {
    report_.divergences.push_back(std::move(divergence));
  }
}

}  // namespace raycord
