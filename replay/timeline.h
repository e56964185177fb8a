// `raycord timeline`: the story of a RayService, or of a RayCluster of its own, for people.

#pragma once

#include <optional>
#include <string>

#include "replay/log_source.h"
#include "replay/session.h"

namespace raycord {

struct TimelineOptions {
  std::optional<PartitionName> partition;  // Nothing: of all.
  std::optional<std::string> ns;           // Of all in this namespace.
  std::optional<Time> since;
  bool everything = false;  // Housekeeping, too: statuses, memories, labels.
  bool follow = false;
  Format format = Format::Table;
};

Result<Exit> show_timeline(const Session& session, LogSource& log, const TimelineOptions& options);

}  // namespace raycord
