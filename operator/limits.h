// The numbers of the loop, with their reasons. What decisions depend on is in core/limits.h.

#pragma once

#include <cstddef>

#include "core/time.h"

namespace raycord {

// Reports taken in one turn: keeps a frame within a few hundred KB and the loop answering within
// milliseconds when a list of thousands arrives.
inline constexpr std::size_t kReportsPerTurn = 256;

// Above this much unwritten log the loop takes nothing in until the disk has caught up.
inline constexpr std::size_t kBacklogPause = 64 * 1024 * 1024;

// Writes under way at once. The API server's default for one client is 400 in flight.
inline constexpr std::size_t kWritesInFlight = 64;

// Folding a million events takes about a second; longer starts show progress.
inline constexpr Millis kProgressAfter{1000};

}  // namespace raycord
