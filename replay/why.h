// `raycord why`: which rule decided, because of which events, and what lies behind those.

#pragma once

#include "replay/log_source.h"
#include "replay/session.h"

namespace raycord {

struct WhyOptions {
  Seq seq;
  int depth = 3;  // Decisions behind causes are followed this far.
  Format format = Format::Table;
};

// For a fact that no decision of ours is behind: which decisions cite it.
Result<Exit> explain(const Session& session, const LogSource& log, const WhyOptions& options);

}  // namespace raycord
