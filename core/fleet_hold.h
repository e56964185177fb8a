// The fleet hold: when many dashboards fall silent together, the observer is the suspect.
//
// More than max(kFleetHoldCount, kFleetHoldPercent) of the armed dashboards silent since within one
// kFleetHoldWindow (all of them, where there are two or three) hold every failover until enough of
// them answer again. The change is a fact, so that a partition can be folded alone.

#pragma once

#include <optional>

#include "core/fact.h"
#include "core/state.h"

namespace raycord {

// The change that the fleet's dashboards ask for; nothing while the hold is right as it is.
std::optional<FleetHoldChanged> wanted_hold(const Fleet& fleet);

}  // namespace raycord
