// A log of a million events, made by the simulator and kept below build/bench: a fleet comes up, a
// fifth of it is upgraded, and then there is nothing but probes for hours, as on a real day.

#pragma once

#include <string>

namespace raycord {

// The directory of the log; made at the first call unless an earlier process has made it.
const std::string& million_log();

// The busy part alone, smaller: bring-up and upgrades, almost no unchanged probes.
const std::string& busy_log();

}  // namespace raycord
