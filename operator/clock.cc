#include "operator/clock.h"

#include <utility>

#include <time.h>

namespace raycord {
namespace {

std::chrono::nanoseconds read_clock(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Millis whole(std::chrono::nanoseconds duration) { return std::chrono::floor<Millis>(duration); }

}  // namespace

ClockReading read_system_clock() {
  ClockReading reading;
  reading.wall = Time(whole(read_clock(CLOCK_REALTIME)));
  reading.since_boot = read_clock(CLOCK_BOOTTIME);
  return reading;
}

EventClock::EventClock(Source source) : source_(std::move(source)) {
  const ClockReading reading = source_();
  noticed_ = offset(reading);
  base_ = Time(noticed_);
}

Millis EventClock::offset(const ClockReading& reading) const {
  return reading.wall.time_since_epoch() - whole(reading.since_boot);
}

Time EventClock::now() const { return base_ + whole(source_().since_boot); }

Millis EventClock::not_before(Time time) {
  const Time present = now();
  if (present >= time) return Millis(0);
  base_ += time - present;
  return time - present;
}

std::optional<Millis> EventClock::take_step() {
  const Millis present = offset(source_());
  const Millis step = present - noticed_;
  if (step < kClockStep && step > -kClockStep) return std::nullopt;
  noticed_ = present;
  return step;
}

}  // namespace raycord
