#include "operator/waker.h"

#include <algorithm>

#include "operator/limits.h"

namespace raycord {

void Waker::wake() {
  {
    const std::lock_guard lock(mutex_);
    called_ = true;
  }
  woken_.notify_one();
}

void Waker::wait(Millis at_most) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, at_most, [&] { return called_; });
  called_ = false;
}

// At once is Time::min(), so the times are compared before they are subtracted.
Millis wait_until(Time wake, Time now) {
  return wake > now ? std::min<Millis>(wake - now, kLongestWait) : Millis(0);
}

}  // namespace raycord
