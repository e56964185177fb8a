// Metrics counts what the loop does and writes it down with what it believes, for Prometheus.
//
// Used by the loop's thread alone. Names that begin with kuberay_ are KubeRay's, with its labels.

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/frame.h"
#include "core/state.h"

namespace raycord {

// What the admission webhook did, and how long its certificate is good.
struct ReviewsView {
  std::uint64_t allowed = 0;
  std::uint64_t refused = 0;
  std::uint64_t unanswered = 0;
  Time good_until{};
};

// What is not in the state.
struct MetricsView {
  bool may_write = false;
  std::size_t writes_in_flight = 0;
  std::size_t writes_waiting = 0;
  std::uint64_t last_event = 0;
  std::uint64_t synced_event = 0;
  std::size_t backlog_bytes = 0;
  std::size_t observed_bytes = 0;
  std::uint64_t announced = 0;
  std::uint64_t unannounced = 0;
  std::size_t troubles = 0;
  std::uint64_t resident_bytes = 0;
  std::optional<ReviewsView> reviews;  // Nothing: there is no webhook.
};

// Upper bounds of turn times in seconds: a turn of one fact takes 50 µs, a list of thousands some
// 10 ms; from 1 s on decisions are noticeably late.
inline constexpr std::array<double, 10> kTurnBuckets = {0.0001, 0.0005, 0.001, 0.005, 0.01,
                                                        0.05,   0.1,    0.5,   1,     5};

class Metrics {
 public:
  void count(const Frame& frame);
  void count_turn(std::chrono::nanoseconds took);

  std::string text(const State& state, const MetricsView& view) const;

 private:
  std::map<std::string, std::uint64_t> facts_;      // By kind.
  std::map<std::string, std::uint64_t> decisions_;  // By rule.
  std::map<std::string, std::uint64_t> outcomes_;   // By result.
  std::map<std::string, std::uint64_t> probes_;     // By target.
  std::map<std::string, std::uint64_t> troubles_;   // Changes of probe answers, by trouble.
  std::array<std::uint64_t, kTurnBuckets.size() + 1> turns_{};
  std::chrono::nanoseconds turn_time_{0};
};

std::uint64_t resident_bytes();  // Of this process; 0: unknown.

}  // namespace raycord
