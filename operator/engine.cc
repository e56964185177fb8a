#include "operator/engine.h"

#include <algorithm>
#include <utility>

#include "core/believed.h"
#include "core/still_wanted.h"
#include "formats/event_json.h"
#include "operator/limits.h"
#include "store/limits.h"

namespace raycord {
namespace {

BeliefView belief_of(const Loop& loop) {
  BeliefView view;
  view.objects = [&loop](Kind kind, const std::string& ns) {
    return believed_objects(loop.state(), kind, ns);
  };
  view.has = [&loop](const ObjectName& name) { return is_believed(loop.state(), name); };
  return view;
}

}  // namespace

Engine::Engine(EngineOptions options, EventLog& log, HttpTransport& transport, FoldedLog folded)
    : options_(std::move(options)),
      log_(log),
      loop_(log, std::move(folded)),
      world_(options_.world, transport, belief_of(loop_)),
      announcer_(loop_.state()) {
  sources_.fetch = [this](const Template& wanted) { return fetch(wanted); };
  sources_.log_id = options_.started.log_id;
  sources_.options = options_.started.options;
  loop_.set_frame_listener([this](const Frame& frame, const State& state) {
    announce(frame);
    if (frame_listener_) frame_listener_(frame, state);
  });
}

void Engine::set_frame_listener(Loop::FrameListener listener) {
  frame_listener_ = std::move(listener);
}

// What is announced leaves the process: not before its frame is synced.
void Engine::announce(const Frame& frame) {
  const EventSource source{options_.started.log_id, options_.instance};
  const Seq last{frame.first.value + frame.count() - 1};
  for (const Announcement& said : announcer_.follow(loop_.state(), frame)) {
    EventPost post{said.regarding.ns, event_json(said, frame.at, source)};
    announcements_.emplace_back(last, std::move(post));
  }
}

void Engine::begin(Time now) {
  const auto resume = resume_versions();
  loop_.begin(now, options_.started, options_.gap);
  world_.start(now, resume, loop_.state().last);
  step(now);
}

// A watch goes on where the log ended; a kind that was never listed whole is listed, and all kinds
// are when other namespaces are watched than before.
std::map<Kind, std::uint64_t> Engine::resume_versions() const {
  std::map<Kind, std::uint64_t> resume;
  const Options& before = loop_.state().fleet.options;
  if (before.namespaces != options_.started.options.namespaces) return resume;
  for (const auto& [kind, view] : loop_.state().fleet.kinds) {
    if (view.listed && view.left_scope.empty()) resume[kind] = view.version;
  }
  return resume;
}

void Engine::step(Time now) {
  world_.tick(now);
  take_reports(now);
  release();
  send_waiting(now);
  if (told_wanted_ != loop_.wanted_version()) {
    told_wanted_ = loop_.wanted_version();
    world_.want(now, loop_.wanted());
  }
}

void Engine::take_reports(Time now) {
  if (log_.backlog_bytes() > kBacklogLimit) return;
  std::vector<Report> reports = std::exchange(own_reports_, {});
  for (Report& report : world_.take_reports()) reports.push_back(std::move(report));
  loop_.take(now, std::move(reports));
}

void Engine::release() {
  const std::uint64_t synced = log_.synced();
  while (!announcements_.empty() && announcements_.front().first.value <= synced) {
    world_.announce(std::move(announcements_.front().second));
    announcements_.pop_front();
  }
  Loop::Released released = loop_.release(synced);
  for (Decision& decision : released.decisions) {
    waiting_.push_back(pending_write(loop_.state(), std::move(decision)));
  }
  for (Report& report : released.withdrawn) own_reports_.push_back(std::move(report));
}

void Engine::send_waiting(Time now) {
  while (!waiting_.empty() && world_.writes_in_flight() < kWritesInFlight) {
    if (stopping_ || log_.failure() || !world_.may_write(now)) return;
    PendingWrite pending = std::move(waiting_.front());
    waiting_.pop_front();
    WriteDone outcome;
    outcome.decided = pending.decision.seq;
    if (!still_wanted(loop_.state(), pending.decision)) {
      outcome.result = WriteResult::Withdrawn;
      own_reports_.push_back({outcome, ""});
      continue;
    }
    auto order = build_write(pending, sources_);
    if (order) {
      world_.send(now, std::move(*order));
      continue;
    }
    outcome.result = WriteResult::Refused;
    outcome.message = "not sent: " + order.error().message;
    own_reports_.push_back({outcome, ""});
  }
}

Result<std::string> Engine::fetch(const Template& wanted) {
  auto raw = log_.raw(loop_.number_of(wanted.object), wanted.seq.value);
  if (!raw) return fail(raw.error());
  if (!*raw) {
    return fail(ErrorCode::NotFound, to_text(wanted.object) + " as of event " +
                                         std::to_string(wanted.seq.value) + " is not in the log");
  }
  return std::move(**raw);
}

Time Engine::next_wake() const {
  Time wake = world_.next_wake();
  if (const auto deadline = loop_.next_deadline()) wake = std::min(wake, *deadline);
  if (!own_reports_.empty()) wake = loop_.state().now;
  return wake;
}

void Engine::report(Report report) { own_reports_.push_back(std::move(report)); }

void Engine::ask(Time now, const std::string& path, std::function<void(const HttpOutcome&)> then) {
  world_.fetch(now, path, std::move(then));
}

void Engine::stop(Time now) {
  stopping_ = true;
  if (world_.writes_in_flight() > 0 || given_up_) return;
  given_up_ = true;
  world_.release_leadership(now);
}

bool Engine::stopped() const { return given_up_ && world_.released(); }

}  // namespace raycord
