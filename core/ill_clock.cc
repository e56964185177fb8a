#include "core/ill_clock.h"

#include <algorithm>

#include "core/limits.h"

namespace raycord {

void feed(IllClock& clock, Time first, Time last, std::uint32_t count, Seq event) {
  if (!is_running(clock)) {
    clock.first = event;
    clock.since = first;
    clock.until = first;
    clock.fresh_since = first;
  }
  const bool gap = first - clock.until > kObservationGap;
  if (gap) pause(clock);
  if (clock.paused && clock.fresh == 0) clock.fresh_since = first;
  const Time counted_from = gap ? first : std::min(clock.until, last);
  clock.counted += std::max(Millis(0), last - counted_from);
  clock.until = std::max(clock.until, last);
  clock.fresh += count;
  clock.latest = event;
}

void pause(IllClock& clock) {
  clock.paused = true;
  clock.fresh = 0;
}

bool has_reached(const IllClock& clock, Millis threshold) {
  if (!is_running(clock) || clock.counted < threshold) return false;
  if (!clock.paused) return true;
  return clock.fresh >= kFreshFailures && clock.until - clock.fresh_since >= kFreshTime;
}

Time earliest_reach(const IllClock& clock, Millis threshold) {
  Time reach = clock.until + std::max(Millis(0), threshold - clock.counted);
  if (clock.paused) reach = std::max(reach, clock.fresh_since + kFreshTime);
  return reach;
}

}  // namespace raycord
