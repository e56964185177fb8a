// Board is what the loop shows to those who ask over HTTP. Neither side waits for the other for
// long: the loop writes when it comes by, readers take what is there.

#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

namespace raycord {

// A loop that did not come by for so long is stuck; it turns at least once a second.
inline constexpr std::chrono::seconds kStuckAfter{60};
// Metrics are written at most so often, and a reader waits so long for fresh ones.
inline constexpr std::chrono::milliseconds kMetricsAge{1000};

class Board {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  Board();

  // The loop's side.
  void beat();                           // The loop is alive.
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
  SteadyTime beat_at_;
  std::string not_ready_ = "starting";
  std::string metrics_;
  SteadyTime metrics_at_{};
  bool wanted_ = false;
};

}  // namespace raycord
