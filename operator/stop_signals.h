// StopSignals waits for SIGTERM and SIGINT in a thread of its own. The first asks for an orderly
// end, the second ends the process at once.
//
// To be made before any other thread, so that all of them leave these signals alone.

#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace raycord {

class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Called from the thread when the first signal comes; at once if it came already.
  void on_stop(std::function<void()> callback);

  bool asked() const { return signal_ != 0; }
  int signal() const { return signal_; }

 private:
  void wait();

  std::atomic<int> signal_{0};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::function<void()> callback_;
  std::thread thread_;  // The last member: it uses all others.
};

}  // namespace raycord
