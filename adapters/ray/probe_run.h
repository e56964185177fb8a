// ProbeRunner joins equal answers of one probe to runs and says when one is to be reported.
//
// A run is reported when its answer differs from the one before, at the first answer at or after
// `urgent_at`, and every `flush_every` at whole multiples of it, so that many runs are reported in
// the same turn. What follows a report with the same answer is a run with `continued`.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/fact.h"
#include "core/wanted.h"

namespace raycord {

class ProbeRunner {
 public:
  // Of which head, and how often to report. Another incarnation of the head begins a new run.
  void follow(const WantedProbe& wanted, std::vector<ProbeRun>& into);

  void add(Time at, Millis elapsed, ProbeAnswer answer, std::vector<ProbeRun>& into);
  // The same answer as the last one.
  void add_equal(Time at, Millis elapsed, std::vector<ProbeRun>& into);

  // Reports what is due by time; to be called after next_flush().
  void tick(Time now, std::vector<ProbeRun>& into);
  // Reports what was not reported yet.
  void flush(std::vector<ProbeRun>& into);
  Time next_flush() const;  // Time::max(): nothing waits.

  const WantedProbe& wanted() const { return wanted_; }

  // Of the last answer; nothing: there is none.
  std::optional<ProbeTrouble> trouble() const;

 private:
  void count(Time at, Millis elapsed, std::vector<ProbeRun>& into);

  WantedProbe wanted_;
  Hash content_;  // Of the last answer; zero: there is none.
  ProbeTrouble trouble_ = ProbeTrouble::None;
  ProbeAnswer answer_;     // Until it is reported; a fleet's answers are many.
  bool reported_ = false;  // The answer is known to the log.
  std::uint32_t count_ = 0;
  Time first_{};
  Time last_{};
  Time waits_since_{};  // When the first answer that is not reported yet came.
  Millis slowest_{0};
  Time reported_until_{};  // Time of the newest answer in a report.
};

}  // namespace raycord
