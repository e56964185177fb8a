// Whether a decision that waited (for the disk, for its turn) is still to be carried out.

#pragma once

#include "core/decision.h"
#include "core/state.h"

namespace raycord {

// Asked just before sending. False reports WriteResult::Withdrawn; the rules then decide anew.
bool still_wanted(const State& state, const Decision& decision);

}  // namespace raycord
