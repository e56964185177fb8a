// What the sandbox knows of each Ray cluster, by the label of its pods. It outlives the pods, so
// that faults, counters and fault-tolerant storage stay with the name.

#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/time.h"
#include "formats/http.h"
#include "sandbox/ray_head.h"

namespace raycord {

enum class DisturbanceMode : std::uint8_t {
  Hang,     // No answer, ever.
  Refuse,   // No connection.
  Reset,    // The connection breaks.
  Error,    // An HTTP error.
  Latency,  // The answer, late.
};

struct Disturbance {
  DisturbanceMode mode = DisturbanceMode::Hang;
  int code = 500;           // Error.
  Millis latency{0};        // Latency.
  Millis unready_after{0};  // > 0: the head's readiness probe fails after this time.
  Time since{};
};

struct RequestCounter {
  std::uint64_t count = 0;
  std::uint64_t failed = 0;  // Answered by an error or not at all.
  std::optional<Time> first;
  std::optional<Time> last;

  void hit(Time now, bool failure) {
    if (!first) first = now;
    last = now;
    ++count;
    if (failure) ++failed;
  }
};

struct RayPut {
  std::uint64_t seq = 0;
  Time at{};
  std::string cluster;
  std::string pod;
  int code = 0;  // 0: not answered.
  bool changed = false;
  std::string body;
};

struct RayClusterRecord {
  std::string key;              // "namespace/raycluster"
  std::set<std::string> heads;  // Pod uids.
  std::set<std::string> workers;
  std::map<std::string, Disturbance> disturbances;  // By target: dashboard, agent, serve.
  RayDisplays displays;
  RayApps kept;  // Applications in storage that survives the head.
  RequestCounter gets;
  RequestCounter puts;
  RequestCounter health_probes;
};

class RayClusters {
 public:
  RayClusterRecord& at(const std::string& key) {
    RayClusterRecord& record = records_[key];
    record.key = key;
    return record;
  }
  RayClusterRecord* find(const std::string& key) {
    const auto found = records_.find(key);
    return found == records_.end() ? nullptr : &found->second;
  }
  std::map<std::string, RayClusterRecord>& all() { return records_; }

  void record_put(RayPut put) {
    put.seq = ++last_put_;
    puts_.push_back(std::move(put));
    if (puts_.size() > kPutsKept) puts_.pop_front();
  }
  const std::deque<RayPut>& puts() const { return puts_; }
  void forget_puts() { puts_.clear(); }

 private:
  static constexpr std::size_t kPutsKept = 2000;  // With bodies of some KB: a few MB.

  std::map<std::string, RayClusterRecord> records_;
  std::deque<RayPut> puts_;
  std::uint64_t last_put_ = 0;
};

}  // namespace raycord
