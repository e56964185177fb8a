// QuietFleet goes on with a log on disk through hours in which nothing happens: every head answers
// every probe as before.
//
//   auto quiet = QuietFleet::open(directory);
//   (*quiet)->run(std::chrono::hours(24));
//
// Probes are joined to runs, taken in turns, encoded and appended by the operator's own code; left
// out are the requests and answers in between, because a day of a fleet has 86 million of them.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/ray/probe_run.h"
#include "core/result.h"
#include "operator/loop.h"
#include "store/fold_log.h"
#include "store/rocks_event_log.h"

namespace raycord {

class QuietFleet {
 public:
  static Result<std::unique_ptr<QuietFleet>> open(const std::string& directory);

  Outcome run(Millis length);

  // Runs appended, each of a minute of one target.
  std::uint64_t run_minutes() const { return run_minutes_; }
  std::uint64_t last_event() const { return loop_.state().last.value; }

 private:
  struct Probe {
    ProbeRunner runner;
    Time next{};
    std::uint64_t chance = 0;  // Of how long answers take.
  };

  QuietFleet(std::unique_ptr<RocksEventLog> log, FoldedLog folded);

  void start();
  void answer_until(Probe& probe, Time end, std::vector<ProbeRun>& runs);
  Outcome take(std::vector<Report> reports);

  std::unique_ptr<RocksEventLog> log_;
  Loop loop_;
  Time now_;
  std::vector<Probe> probes_;
  std::uint64_t run_minutes_ = 0;
};

}  // namespace raycord
