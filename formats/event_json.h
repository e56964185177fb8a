// Announcements as Events of events.k8s.io/v1.
//
// Fixed names make a repetition harmless. The annotation raycord.io/event holds "<log>:<seq>", the
// event that `raycord why` starts from.

#pragma once

#include <string>

#include "core/announce.h"
#include "core/time.h"

namespace raycord {

struct EventSource {
  std::string log_id;    // Short form.
  std::string instance;  // Who reports: the operator's identity.
};

std::string event_json(const Announcement& announcement, Time at, const EventSource& source);

}  // namespace raycord
