// `raycord state`: what was believed at an event.

#pragma once

#include <optional>

#include "replay/log_source.h"
#include "replay/session.h"

namespace raycord {

struct StateOptions {
  PartitionName partition;
  Seq at;  // After this event; zero: after the last one.
  Format format = Format::Table;
};

Result<Exit> show_state(const Session& session, const LogSource& log, const StateOptions& options);

}  // namespace raycord
