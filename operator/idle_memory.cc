#include "operator/idle_memory.h"

#include <malloc.h>

namespace raycord {

IdleMemory::IdleMemory(Millis every) {
  // RocksDB's and our own threads take turns; an arena for each would keep its own free memory.
  mallopt(M_ARENA_MAX, 2);
  thread_ = std::thread([this, every] { run(every); });
}

IdleMemory::~IdleMemory() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void IdleMemory::run(Millis every) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, every, [this] { return ending_; })) malloc_trim(0);
}

}  // namespace raycord
