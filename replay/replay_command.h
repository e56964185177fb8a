// `raycord replay`: does this build decide what was decided?

#pragma once

#include <optional>
#include <string>

#include "core/ids.h"
#include "replay/log_source.h"
#include "replay/session.h"

namespace raycord {

struct ReplayOptions {
  std::optional<PartitionName> partition;
  bool digests = false;  // Say each partition's checksum at the end.
  bool alone = false;    // Fold `partition` alone and with all others, and compare.
  Format format = Format::Table;
};

// Bad: a divergence, or another digest.
Result<Exit> replay_log(const Session& session, const LogSource& log, const ReplayOptions& options);

}  // namespace raycord
