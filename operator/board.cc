#include "operator/board.h"

#include <utility>

namespace raycord {

using std::chrono::steady_clock;

Board::Board() { beat_all(); }

void Board::beat(Beating who) {
  const std::lock_guard lock(mutex_);
  beat_at_[static_cast<std::size_t>(who)] = steady_clock::now();
}

void Board::beat_all() {
  beat(Beating::Net);
  beat(Beating::Loop);
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
  const bool net_first = beat_at_[0] < beat_at_[1];
  const auto silent = steady_clock::now() - beat_at_[net_first ? 0 : 1];
  if (silent < kStuckAfter) return "";
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silent).count();
  return std::string(net_first ? "the network's thread" : "the loop") + " has not turned for " +
         std::to_string(seconds) + "s";
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
