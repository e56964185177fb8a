#include "operator/stop_signals.h"

#include <csignal>
#include <utility>

#include <signal.h>
#include <unistd.h>

namespace raycord {
namespace {

constexpr int kKilledBySignal = 128;  // A shell's way to say it, plus the signal.
constexpr int kOwn = SIGUSR1;         // Ends the thread.

sigset_t awaited() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, kOwn);
  return signals;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t signals = awaited();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { wait(); });
}

StopSignals::~StopSignals() {
  ending_ = true;
  pthread_kill(thread_.native_handle(), kOwn);
  thread_.join();
}

void StopSignals::on_stop(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  callback_ = std::move(callback);
  if (asked() && callback_) callback_();
}

void StopSignals::wait() {
  const sigset_t signals = awaited();
  while (!ending_) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0 || signal == kOwn) continue;
    if (asked()) _exit(kKilledBySignal + signal);
    const std::lock_guard lock(mutex_);
    signal_ = signal;
    if (callback_) callback_();
  }
}

}  // namespace raycord
