// Waker ends the wait of one thread from others: what was called while nobody waited ends the next
// wait at once.

#pragma once

#include <condition_variable>
#include <mutex>

#include "core/time.h"

namespace raycord {

class Waker {
 public:
  void wake();
  void wait(Millis at_most);

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool called_ = false;
};

// How long to wait at `now` for something that is due at `wake`: never longer than kLongestWait.
Millis wait_until(Time wake, Time now);

}  // namespace raycord
