#include "operator/loop_side.h"

#include <algorithm>
#include <utility>

#include "core/observation.h"
#include "core/still_wanted.h"
#include "formats/event_json.h"
#include "operator/limits.h"
#include "store/limits.h"

namespace raycord {

LoopSide::LoopSide(const EngineOptions& options, EventLog& log, Crossing& crossing,
                   FoldedLog folded)
    : started_(options.started),
      absence_(options.absence),
      instance_(options.instance),
      log_(log),
      crossing_(crossing),
      loop_(log, std::move(folded)),
      announcer_(loop_.state()) {
  loop_.keep_open(options.open_partitions);
  sources_.fetch = [this](const Template& wanted) { return fetch(wanted); };
  sources_.new_token = options.new_token;
  sources_.log_id = started_.log_id;
  sources_.options = started_.options;
  loop_.set_frame_listener([this](const Frame& frame, const State& state) {
    announce(frame);
    if (frame_listener_) frame_listener_(frame, state);
  });
}

void LoopSide::set_frame_listener(Loop::FrameListener listener) {
  frame_listener_ = std::move(listener);
}

// What is announced leaves the process: not before its frame is synced.
void LoopSide::announce(const Frame& frame) {
  const EventSource source{started_.log_id, instance_};
  const Seq last{frame.first.value + frame.count() - 1};
  for (const Announcement& said : announcer_.follow(loop_.state(), frame)) {
    EventPost post{said.regarding.ns, event_json(said, frame.at, source)};
    announcements_.emplace_back(last, std::move(post));
  }
}

LoopSide::Resume LoopSide::begin(Time now) {
  Resume resume;
  resume.versions = resume_versions();
  loop_.begin(now, started_, absence_);
  resume.newest = loop_.state().last;
  return resume;
}

// A watch goes on where the log ended; a kind that was never listed whole is listed, and all kinds
// are when other namespaces are watched than before.
std::map<Kind, std::uint64_t> LoopSide::resume_versions() const {
  std::map<Kind, std::uint64_t> resume;
  const Options& before = loop_.state().fleet.options;
  if (before.namespaces != started_.options.namespaces) return resume;
  for (const auto& [kind, view] : loop_.state().fleet.kinds) {
    if (view.listed && view.left_scope.empty()) resume[kind] = view.version;
  }
  return resume;
}

void LoopSide::step(Time now) {
  take(now);
  release();
  send_waiting();
  if (told_wanted_ == loop_.wanted_version()) return;
  told_wanted_ = loop_.wanted_version();
  crossing_.want(loop_.wanted());
}

bool LoopSide::is_behind() const { return log_.backlog_bytes() > kBacklogLimit; }

void LoopSide::take(Time now) {
  if (is_behind()) return;
  std::vector<Observation> observations;
  for (Report& report : std::exchange(own_reports_, {})) {
    observations.emplace_back(std::move(report));
  }
  for (Batch& batch : crossing_.take_batches()) {
    now = std::max(now, batch.at);
    for (Observation& one : batch.observations) {
      if (const auto* report = std::get_if<Report>(&one)) note_outcome(report->fact);
      observations.push_back(std::move(one));
    }
  }
  loop_.take(now, reports_of(loop_.state(), std::move(observations)));
}

void LoopSide::note_outcome(const Fact& fact) {
  if (const auto* done = std::get_if<WriteDone>(&fact)) ordered_.erase(done->decided);
}

void LoopSide::release() {
  const std::uint64_t synced = log_.synced();
  while (!announcements_.empty() && announcements_.front().first.value <= synced) {
    if (crossing_.has_room()) {
      crossing_.order(std::move(announcements_.front().second));
    } else {
      ++unannounced_;
    }
    announcements_.pop_front();
  }
  Loop::Released released = loop_.release(synced);
  for (Decision& decision : released.decisions) {
    waiting_.push_back(pending_write(loop_.state(), std::move(decision)));
  }
  for (Report& report : released.withdrawn) own_reports_.push_back(std::move(report));
}

void LoopSide::send_waiting() {
  while (!waiting_.empty() && ordered_.size() < kWritesInFlight && crossing_.has_room()) {
    if (stopping_ || log_.failure()) return;
    const PendingWrite pending = std::move(waiting_.front());
    waiting_.pop_front();
    const Seq decided = pending.decision.seq;
    if (!still_wanted(loop_.state(), pending.decision)) {
      WriteDone withdrawn;
      withdrawn.decided = decided;
      withdrawn.result = WriteResult::Withdrawn;
      own_reports_.push_back({std::move(withdrawn), ""});
      continue;
    }
    auto order = build_write(pending, sources_);
    if (order) {
      ordered_.insert(decided);
      crossing_.order(std::move(*order));
      continue;
    }
    WriteDone refused;
    refused.decided = decided;
    refused.result = WriteResult::Refused;
    refused.message = "not sent: " + order.error().message;
    own_reports_.push_back({std::move(refused), ""});
  }
}

// The one read of the loop: mostly from memory, at worst a block from disk, never behind a sync.
Result<std::string> LoopSide::fetch(const Template& wanted) {
  auto raw = log_.raw(loop_.number_of(wanted.object), wanted.seq.value);
  if (!raw) return fail(raw.error());
  if (!*raw) {
    return fail(ErrorCode::NotFound, to_text(wanted.object) + " as of event " +
                                         std::to_string(wanted.seq.value) + " is not in the log");
  }
  return std::move(**raw);
}

Time LoopSide::next_wake() const {
  if (is_behind()) return Time::max();  // The log says when it has caught up.
  if (!own_reports_.empty() || crossing_.has_batches()) return loop_.state().now;
  return loop_.next_deadline().value_or(Time::max());
}

void LoopSide::stop() {
  if (std::exchange(stopping_, true)) return;
  crossing_.order(StopOrder{});
}

}  // namespace raycord
