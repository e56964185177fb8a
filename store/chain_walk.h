// ChainWalk checks stored frames one after the other: numbers, names, running hash.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "store/columns.h"
#include "store/event_log.h"
#include "store/log_mark.h"
#include "store/log_reader.h"

namespace raycord {

// Frames follow each other without a hole, but where an accepted loss says otherwise.
Outcome check_follows(const Columns& columns, const LogMark& before, std::uint64_t first_seq);

class ChainWalk {
 public:
  // From the oldest frame kept, or from behind a frame whose mark is trusted.
  static Result<ChainWalk> from_start(const Columns& columns);
  static Result<ChainWalk> from(const Columns& columns, const LogMark& trusted);

  // Moves behind `frame`, unless it does not fit.
  Outcome step(const StoredFrame& frame);

  const LogMark& mark() const { return mark_; }   // Behind the last good frame.
  std::uint32_t names() const { return names_; }  // The highest number named so far.

 private:
  ChainWalk(const Columns& columns, const LogMark& mark) : columns_(&columns), mark_(mark) {}

  Outcome find_names();
  Result<std::vector<NewName>> names_of(const StoredFrame& frame);

  const Columns* columns_;
  LogMark mark_;
  std::uint32_t names_ = 0;
  std::unique_ptr<Cursor> name_;  // At the first name that no frame before mark_ gave.
};

// The end of a log: its last good frame, and what is wrong behind it, if anything.
struct LogTail {
  LogMark end;
  std::uint32_t names = 0;
  std::optional<std::string> damage;
};

// Checks the last `frames` frames.
Result<LogTail> check_tail(const Columns& columns, std::size_t frames);

}  // namespace raycord
