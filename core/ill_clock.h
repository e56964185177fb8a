// The arithmetic of IllClock: how long something has been ill, by observed time.
//
// Answers say that a thing was ill from `first` to `last`, and how often that was seen. Silence of
// the observer longer than kObservationGap is not counted, and pauses the clock: after it ill
// health must be seen kFreshFailures times over kFreshTime before anything is concluded.

#pragma once

#include "core/ids.h"
#include "core/state.h"
#include "core/time.h"

namespace raycord {

// Bad answers were seen between `first` and `last`, `count` of them.
void feed(IllClock& clock, Time first, Time last, std::uint32_t count, Seq event);

// The observer was away (or suspects itself): conclusions wait for fresh evidence.
void pause(IllClock& clock);

inline void reset(IllClock& clock) { clock = IllClock{}; }
inline bool is_running(const IllClock& clock) { return static_cast<bool>(clock.first); }

// Ill for at least `threshold` of observed time, and the evidence is fresh enough.
bool has_reached(const IllClock& clock, Millis threshold);

// When a next bad answer can make has_reached() true, if answers go on without a gap.
Time earliest_reach(const IllClock& clock, Millis threshold);

}  // namespace raycord
