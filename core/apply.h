// The fold: what an event or a decision changes in what we believe. Total: it refuses nothing.
//
// Events of one partition change that partition and the fleet's bookkeeping; events without one
// change the fleet, and what they say about all partitions (a start, a gap, a completed list) is
// told to each. Rules are not run here: see core/turn.h.

#pragma once

#include <optional>

#include "core/fact.h"
#include "core/state.h"

namespace raycord {

// `home` as route's partition_of() gave it when the event was logged.
void apply(State& state, const Event& event, const std::optional<PartitionName>& home);

// A decision of ours, at the time of its frame.
void apply(State& state, const Decision& decision, Time at);

}  // namespace raycord
