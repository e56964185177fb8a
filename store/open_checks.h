// What RocksEventLog::open checks before anybody may write: identity, damage, lost frames.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "store/chain_walk.h"
#include "store/rocks_columns.h"
#include "store/rocks_event_log.h"

namespace raycord {

// Opens the database, and makes it a log if it is new.
Result<std::unique_ptr<RocksColumns>> open_columns(const RocksEventLog::Options& options);

// Format and cluster are ours. A cluster given for the first time is written down.
Result<LogIdentity> check_identity(RocksColumns& columns, const std::string& cluster);

// Where numbers go on: behind the last frame, or, after an accepted loss, where its receipt says.
Result<LogMark> resume_mark(const Columns& columns, const LogMark& end);

// What is lost: the end is damaged, or it does not reach a mark that is known to have been synced.
struct Loss {
  LogMark witness;  // Zero if damage shows it.
  std::string message;
};
Result<std::optional<Loss>> find_loss(const Columns& columns, const LogTail& tail,
                                      const std::optional<LogMark>& witness);

}  // namespace raycord
