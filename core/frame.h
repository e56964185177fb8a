// Frame = one turn of the loop: its facts in order, then the decisions they led to.
//
// Frame edges are part of the truth: replay decides at the same edges. All events of a frame share
// its time. The facts have the numbers first, first + 1, …; the decisions go on from there.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/decision.h"
#include "core/fact.h"
#include "core/ids.h"
#include "core/time.h"

namespace raycord {

// A fact and the partition that folds it; none: a fleet fact, which all partitions may read.
struct PlacedFact {
  std::optional<PartitionName> partition;
  Fact fact;
};

struct Frame {
  Seq first;
  Time at{};
  std::uint64_t epoch = 0;  // leaseTransitions of the Lease under which the turn was made.
  std::vector<PlacedFact> facts;
  std::vector<Decision> decisions;

  std::size_t count() const { return facts.size() + decisions.size(); }
  Seq fact_seq(std::size_t index) const { return {first.value + index}; }
  Seq decision_seq(std::size_t index) const { return {first.value + facts.size() + index}; }
};

}  // namespace raycord
