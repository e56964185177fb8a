// Runs the rules of one partition in a fixed order.

#pragma once

#include <optional>
#include <vector>

#include "core/rules.h"

namespace raycord {

struct Decided {
  std::vector<Decision> decisions;  // Without sequence numbers; the turn gives them.
  std::optional<Time> wake;         // Next time the partition must be looked at by itself.
};

// Nothing, while we may not write or do not know enough: see may_decide().
Decided decide(const View& view);

// We lead, have a complete view of every kind since this run began, may look at all of them, and
// the partition is not quarantined.
bool may_decide(const View& view);

}  // namespace raycord
