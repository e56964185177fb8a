// Absence = what a start knows of the time before it: why nothing was observed, and since when.
//
// The log knows how long its own operator was away. Only the Lease knows that somebody else led in
// between: it carries the marks of the log that wrote last, and counts its holders.

#pragma once

#include <cstdint>
#include <optional>

#include "core/fact.h"
#include "formats/lease.h"
#include "store/log_mark.h"

namespace raycord {

struct Absence {
  GapCause cause = GapCause::Restart;
  // Where the log is too new to know: when the leader before was heard of last.
  std::optional<Time> since = {};
};

// `lease` as it was before this run took it, `epoch` the log's last one; 0: it never led by Lease.
Absence absence_before(const std::optional<LeaseRecord>& lease, const LogId& id,
                       std::uint64_t epoch);

}  // namespace raycord
