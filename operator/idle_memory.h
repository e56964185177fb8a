// IdleMemory gives free memory back to the system, now and then, on a thread of its own.
//
// A start, or a wave of upgrades, takes many times the memory that stays; the allocator keeps it,
// in holes between what stays, until it is asked. To be made before the threads that allocate, and
// after StopSignals, as all threads.

#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/time.h"

namespace raycord {

class IdleMemory {
 public:
  explicit IdleMemory(Millis every);
  ~IdleMemory();
  IdleMemory(const IdleMemory&) = delete;
  IdleMemory& operator=(const IdleMemory&) = delete;

 private:
  void run(Millis every);

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;  // The last member: it uses all others.
};

}  // namespace raycord
