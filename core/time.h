// Time as data: a point in UTC with millisecond resolution, and its text forms.
//
// core/ has no clock; a Time always came in with an event. Within one run of the operator event
// times follow the monotonic clock, so they never step back (shared design, "time is data").

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace raycord {

using Millis = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Millis>;

// "2026-11-23T18:05:33Z": Kubernetes' metav1.Time, whole seconds, rounded down.
std::string to_rfc3339(Time time);

// "2026-11-23T18:05:33.042Z": what people read in timelines.
std::string to_rfc3339_millis(Time time);

// Accepts both forms, any number of fraction digits (cut to milliseconds), 'Z' or an offset.
std::optional<Time> from_rfc3339(std::string_view text);

// "90s", "5m", "2m30s", "1h": for messages. Negative durations print as "0s".
std::string to_short_text(Millis duration);

}  // namespace raycord
