#include "operator/idle_memory.h"

#include <chrono>
#include <cstddef>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace raycord {
namespace {

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST(IdleMemory, GivesBackWhatIsFreeBetweenWhatStays) {
  constexpr std::size_t kMegabyte = 1 << 20;
  const std::size_t before = resident_bytes();
  std::vector<std::string> stays;
  {
    std::vector<std::string> goes;
    for (int i = 0; i < 4096; ++i) {
      for (int j = 0; j < 16; ++j) goes.emplace_back(1000, 'g');
      stays.emplace_back(100, 's');
    }
  }
  ASSERT_GT(resident_bytes(), before + 50 * kMegabyte);

  const IdleMemory idle(Millis(1));
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (resident_bytes() > before + 25 * kMegabyte) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    std::this_thread::yield();
  }
}

#endif

TEST(IdleMemory, EndsWithoutWaiting) {
  const auto begin = std::chrono::steady_clock::now();
  { const IdleMemory idle(std::chrono::hours(1)); }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes(1));
}

}  // namespace
}  // namespace raycord
