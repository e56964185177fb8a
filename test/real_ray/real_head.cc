#include "test/real_ray/real_head.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace raycord {

void RealHead::pass(Millis time) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + time;
  for (auto left = time; left > Millis(0);
       left = std::chrono::duration_cast<Millis>(end - Clock::now())) {
    transport_.poll(left);
  }
}

void RealHead::make_ill(const std::string&) { std::ofstream(ill_file_) << "ill\n"; }

void RealHead::make_well(const std::string&) { std::filesystem::remove(ill_file_); }

void RealHead::kill_dashboard() {
  if (std::system(kill_command_.c_str()) != 0) std::cerr << "failed: " << kill_command_ << "\n";
}

}  // namespace raycord
