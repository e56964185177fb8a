// EventClock gives the times of events: wall time at start plus time since boot, which goes on
// while the machine sleeps and is never stepped.
//
//   EventClock clock;
//   const Time now = clock.now();
//   if (const auto step = clock.take_step()) report_that_the_wall_clock_moved(*step);

#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "core/time.h"

namespace raycord {

// The wall clock is slewed by less than this between two looks; more was a step.
inline constexpr Millis kClockStep{1000};

struct ClockReading {
  Time wall{};
  std::chrono::nanoseconds since_boot{0};
};
ClockReading read_system_clock();

class EventClock {
 public:
  using Source = std::function<ClockReading()>;

  explicit EventClock(Source source = read_system_clock);

  // Never steps back. From any thread.
  Time now() const;

  // The wall clock was set back between two runs: events must not be older than those in the log.
  // Returns how far the times were moved. Before other threads use the clock.
  Millis not_before(Time time);

  // How far the wall clock was stepped since the last such answer.
  std::optional<Millis> take_step();

 private:
  Millis offset(const ClockReading& reading) const;

  Source source_;
  Time base_;       // Event time at boot.
  Millis noticed_;  // Of wall time against time since boot.
};

}  // namespace raycord
