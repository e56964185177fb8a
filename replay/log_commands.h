// `raycord log …`: the log as it is, event by event, and whether it is intact.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/ids.h"
#include "replay/log_source.h"
#include "replay/session.h"

namespace raycord {

struct ListOptions {
  std::uint64_t from = 0;  // 0: from the first one kept.
  std::uint64_t to = UINT64_MAX;
  std::optional<Time> since;
  std::optional<PartitionName> partition;
  std::string kind;  // Only these: "ProbeRun", a rule's name, "decision" or "fact"; empty: all.
  bool follow = false;
  Format format = Format::Table;
};
Result<Exit> list_events(const Session& session, LogSource& log, const ListOptions& options);

struct ShowOptions {
  Seq seq;
  bool raw = false;  // The observed bytes instead.
  Format format = Format::Table;
};
Result<Exit> show_event(const Session& session, const LogSource& log, const ShowOptions& options);

Result<Exit> show_statistics(const Session& session, const LogSource& log, Format format);

// Bad: damaged.
Result<Exit> verify(const Session& session, const LogSource& log, Format format);

struct AcceptLossOptions {
  std::string directory;
  bool yes = false;     // Without it nothing is done.
  std::string witness;  // "SEQ:CHAIN", the mark noted outside the volume; empty: none.
};
Result<Exit> accept_loss(const Session& session, const AcceptLossOptions& options);

}  // namespace raycord
