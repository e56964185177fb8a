// MarkWatch knows when the log's synced mark stands still though frames wait for it: a leader that
// cannot write must not lead.

#pragma once

#include <cstdint>

#include "core/time.h"
#include "operator/limits.h"

namespace raycord {

class MarkWatch {
 public:
  // To be told often. `synced` and `last`: numbers of the newest event on disk, and of all.
  void look(Time now, std::uint64_t synced, std::uint64_t last) {
    const bool moved = synced != synced_ || synced >= last;
    synced_ = synced;
    if (moved || stuck_at_ == Time::max()) {
      stuck_at_ = synced >= last ? Time::max() : now + kMarkStuck;
    }
  }

  // Time::max(): nothing waits.
  Time stuck_at() const { return stuck_at_; }

 private:
  std::uint64_t synced_ = 0;
  Time stuck_at_ = Time::max();
};

}  // namespace raycord
