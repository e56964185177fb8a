#include "adapters/ray/probe_run.h"

#include <algorithm>
#include <utility>

#include "adapters/limits.h"
#include "core/archive.h"

namespace raycord {

void ProbeRunner::follow(const WantedProbe& wanted, std::vector<ProbeRun>& into) {
  const bool same_head =
      wanted.head_uid == wanted_.head_uid && wanted.head_restarts == wanted_.head_restarts;
  if (!same_head) {
    flush(into);
    content_ = {};
    reported_ = false;
    reported_until_ = Time{};
  }
  wanted_ = wanted;
}

void ProbeRunner::add(Time at, Millis elapsed, ProbeAnswer answer, std::vector<ProbeRun>& into) {
  const Hash content = hash_of(pack(answer));
  if (content != content_) {
    flush(into);
    content_ = content;
    trouble_ = answer.trouble;
    answer_ = std::move(answer);
    reported_ = false;
  }
  count(at, elapsed, into);
}

void ProbeRunner::add_equal(Time at, Millis elapsed, std::vector<ProbeRun>& into) {
  count(at, elapsed, into);
}

void ProbeRunner::count(Time at, Millis elapsed, std::vector<ProbeRun>& into) {
  if (count_ == 0) {
    // Silence began when the question was asked; that it would not be answered is known only now.
    // A process that stood still meanwhile has heard no silence.
    const bool answered = trouble_ == ProbeTrouble::None;
    first_ = answered ? at : at - std::min(elapsed, kProbeTimeout);
    waits_since_ = at;
    slowest_ = Millis(0);
  }
  ++count_;
  last_ = std::max(at, first_);
  slowest_ = std::max(slowest_, elapsed);
  const Time urgent = wanted_.urgent_at;
  const bool is_urgent = urgent != Time{} && at >= urgent && reported_until_ < urgent;
  if (!reported_ || is_urgent || last_ >= next_flush()) flush(into);
}

// The first whole multiple of flush_every after the first answer that waits.
Time ProbeRunner::next_flush() const {
  if (count_ == 0) return Time::max();
  const Millis every = std::max(wanted_.flush_every, Millis(1));
  return Time((waits_since_.time_since_epoch() / every + 1) * every);
}

std::optional<ProbeTrouble> ProbeRunner::trouble() const {
  return content_ ? std::optional(trouble_) : std::nullopt;
}

void ProbeRunner::tick(Time now, std::vector<ProbeRun>& into) {
  if (now >= next_flush()) flush(into);
}

void ProbeRunner::flush(std::vector<ProbeRun>& into) {
  if (count_ == 0) return;
  ProbeRun run;
  run.ns = wanted_.ns;
  run.cluster = wanted_.cluster;
  run.head_uid = wanted_.head_uid;
  run.head_restarts = wanted_.head_restarts;
  run.target = wanted_.target;
  run.first = first_;
  run.last = last_;
  run.count = count_;
  run.slowest = slowest_;
  run.continued = reported_;
  if (!reported_) run.answer = std::exchange(answer_, {});
  reported_ = true;
  reported_until_ = last_;
  count_ = 0;
  into.push_back(std::move(run));
}

}  // namespace raycord
