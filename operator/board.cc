#include "operator/board.h"

#include <utility>

namespace raycord {

using std::chrono::steady_clock;

Board::Board() : beat_at_(steady_clock::now()) {}

void Board::beat() {
  const std::lock_guard lock(mutex_);
  beat_at_ = steady_clock::now();
}

void Board::show_not_ready(std::string why) {
  const std::lock_guard lock(mutex_);
  not_ready_ = std::move(why);
}

bool Board::metrics_wanted() const {
  const std::lock_guard lock(mutex_);
  return wanted_;
}

void Board::show_metrics(std::string text) {
  const std::lock_guard lock(mutex_);
  metrics_ = std::move(text);
  metrics_at_ = steady_clock::now();
  wanted_ = false;
  shown_.notify_all();
}

void Board::on_wanted(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

std::string Board::not_alive() const {
  const std::lock_guard lock(mutex_);
  const auto silent = steady_clock::now() - beat_at_;
  if (silent < kStuckAfter) return "";
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silent).count();
  return "the loop has not turned for " + std::to_string(seconds) + "s";
}

std::string Board::not_ready() const {
  const std::lock_guard lock(mutex_);
  return not_ready_;
}

std::string Board::metrics() {
  std::unique_lock lock(mutex_);
  const auto is_fresh = [&] { return steady_clock::now() - metrics_at_ < kMetricsAge; };
  if (is_fresh() && metrics_at_ != SteadyTime{}) return metrics_;
  wanted_ = true;
  if (wake_) wake_();
  shown_.wait_for(lock, kMetricsAge, [&] { return !wanted_; });
  return metrics_;
}

}  // namespace raycord
