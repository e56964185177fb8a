// Board is what net and loop show to those who ask over HTTP. Neither side waits for the other for
// long: the loop writes when it comes by, readers take what is there.

#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace raycord {

// Who did not come by for so long is stuck; both turn at least once a second.
inline constexpr std::chrono::seconds kStuckAfter{60};
// Metrics are written at most so often, and a reader waits so long for fresh ones.
inline constexpr std::chrono::milliseconds kMetricsAge{1000};

enum class Beating : std::uint8_t { Net, Loop };

class Board {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  Board();

  void beat(Beating who);  // It is alive.
  void beat_all();         // While one thread does everything: at the start.

  // The loop's side.
  void show_not_ready(std::string why);  // Empty: ready.
  bool metrics_wanted() const;
  void show_metrics(std::string text);
  void on_wanted(std::function<void()> wake);  // Called from a reader's thread.

  // The readers' side.
  std::string not_alive() const;  // Empty: alive.
  std::string not_ready() const;  // Empty: ready.
  std::string metrics();          // Of the last second, if the loop comes by in time.

 private:
  mutable std::mutex mutex_;
  std::condition_variable shown_;
  std::function<void()> wake_;
  std::array<SteadyTime, 2> beat_at_;  // By who.
  std::string not_ready_ = "starting";
  std::string metrics_;
  SteadyTime metrics_at_{};
  bool wanted_ = false;
};

}  // namespace raycord
