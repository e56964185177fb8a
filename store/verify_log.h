// verify_log reads a whole log and says whether it is intact, or which frame is the first bad one.
//
// Intact means: nothing was damaged or lost. Without a witness outside the volume it does not mean
// that nobody rewrote it.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "store/columns.h"
#include "store/log_mark.h"
#include "store/log_reader.h"

namespace raycord {

struct VerifyOptions {
  // Called now and then with the last event checked and the last one of the log; false stops.
  std::function<bool(std::uint64_t seq, std::uint64_t last)> progress{};

  // The numbers a frame touched, as its payload says. Without it the index is only checked for
  // entries that lead nowhere, with it also for missing ones.
  std::function<std::vector<std::uint32_t>(const StoredFrame&)> touched{};
};

struct Verified {
  LogMark begin;  // Before the first frame checked.
  LogMark end;    // After the last good one.
  std::uint64_t frames = 0;
  bool stopped = false;               // By progress, before the end.
  std::optional<std::string> damage;  // What is wrong behind `end`.

  bool intact() const { return !damage && !stopped; }
};

// An error says that the log could not be read at all.
Result<Verified> verify_log(const Columns& columns, const VerifyOptions& options = {});

// "intact: 12 frames, events 1 to 40", "damaged after event 17: ...".
std::string describe(const Verified& verified);

}  // namespace raycord
