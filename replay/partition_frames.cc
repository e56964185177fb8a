#include "replay/partition_frames.h"

#include <algorithm>

namespace raycord {

Frame frame_of_partition(const Frame& frame, const PartitionName& partition) {
  Frame own;
  own.first = frame.first;
  own.at = frame.at;
  own.epoch = frame.epoch;
  own.facts.reserve(frame.facts.size());
  for (const PlacedFact& placed : frame.facts) {
    if (!placed.partition || *placed.partition == partition) {
      own.facts.push_back(placed);
    } else {
      own.facts.push_back({std::nullopt, DeadlineFired{}});  // Folds to nothing, takes its number.
    }
  }
  for (const Decision& decision : frame.decisions) {
    if (decision.partition == partition) own.decisions.push_back(decision);
  }
  return own;
}

Frame frame_until(const Frame& frame, Seq last) {
  Frame cut = frame;
  if (last < frame.first) {
    cut.facts.clear();
  } else if (const std::uint64_t kept = last.value - frame.first.value + 1;
             kept < cut.facts.size()) {
    cut.facts.resize(kept);
  }
  std::erase_if(cut.decisions, [&](const Decision& decision) { return decision.seq > last; });
  return cut;
}

bool concerns(const Frame& frame, const PartitionName& partition) {
  return std::any_of(frame.facts.begin(), frame.facts.end(),
                     [&](const PlacedFact& placed) {
                       return placed.partition
                                  ? *placed.partition == partition
                                  : !std::holds_alternative<DeadlineFired>(placed.fact);
                     }) ||
         std::any_of(frame.decisions.begin(), frame.decisions.end(),
                     [&](const Decision& decision) { return decision.partition == partition; });
}

}  // namespace raycord
