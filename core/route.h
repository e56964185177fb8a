// Which partition an event belongs to. Coupling between services ends here: everything below a
// RayCluster goes to the partition of the RayService that owns it.

#pragma once

#include <optional>
#include <vector>

#include "core/fact.h"
#include "core/state.h"

namespace raycord {

// Nothing: a fact of the fleet, or an object whose root is not known yet (Fleet::unrooted).
std::optional<PartitionName> partition_of(const Fleet& fleet, const Fact& fact);

// Objects parked in Fleet::unrooted whose root has become known: they are to be seen again.
std::vector<Fact> facts_to_rehome(const Fleet& fleet);

// False when `fact` shows nothing that we don't believe already, or something older than that: an
// echo of an own write, a late watch event, a repeated list entry, what had the name before and
// what became of it. Such facts are not logged.
bool is_news(const State& state, const Fact& fact);

}  // namespace raycord
