// CHECK(condition): an invariant of ours is broken. On in every build.
//
// Throws InvariantBroken, the only exception of ours. The loop catches it, quarantines the
// partition whose events led there and goes on with the others; anywhere else it ends the process,
// and the next one folds the log to the same state. Data from outside is never checked this way.

#pragma once

#include <stdexcept>

namespace raycord {

class InvariantBroken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace raycord

#define CHECK(condition)                                       \
  do {                                                         \
    if (!(condition)) [[unlikely]]                             \
      ::raycord::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
