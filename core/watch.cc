#include "core/watch.h"

#include <algorithm>
#include <utility>

#include "core/overloaded.h"

namespace raycord {
namespace {

constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kGone = 410;
constexpr int kBadRequest = 400;

bool is_out_of_scope(const CallFailure& failure) {
  return failure.trouble == CallTrouble::Status &&
         (failure.status == kForbidden || failure.status == kNotFound);
}

// A version or a token that the API server takes no more.
bool is_expired(const CallFailure& failure) {
  return failure.trouble == CallTrouble::Status &&
         (failure.status == kGone || failure.status == kBadRequest);
}

Millis wait_after(std::uint32_t failures) {
  Millis wait = kCallBackOffFirst;
  for (std::uint32_t i = 1; i < failures && wait < kCallBackOffMax; ++i) wait *= 2;
  return std::min(wait, kCallBackOffMax);
}

}  // namespace

Watch::Watch(Kind kind, std::string ns) : kind_(kind), ns_(std::move(ns)) {}

void Watch::begin(std::uint64_t resume, Seq asked) {
  position_ = resume;
  phase_ = resume == 0 ? WatchPhase::Empty : WatchPhase::Listed;
  ask_barrier(asked);
}

void Watch::ask_barrier(Seq asked) {
  asked_ = std::max(asked_, asked);
  note_newest(asked);
}

void Watch::note_newest(Seq newest) { newest_ = std::max(newest_, newest); }

// --- Calls --------------------------------------------------------------------------------------

std::optional<WatchCall> Watch::next_call(Time now) {
  if (passing_ && phase_ == WatchPhase::Watching && now >= barrier_list_at()) {
    barrier_listed_at_ = now;
    start_over(now);
  }
  if (cut_) {
    cut_ = false;
    return CutCall{};
  }
  if (now >= not_before_) {
    switch (phase_) {
      case WatchPhase::Empty:
      case WatchPhase::Away:
      case WatchPhase::Listing:
        if (!list_in_flight_) return next_list();
        break;
      case WatchPhase::Listed:
        return next_stream(now);
      case WatchPhase::Watching:
        break;
    }
  }
  if (wants_peek() && !peek_in_flight_ && now >= peek_not_before_) {
    peek_due_ = false;
    peek_in_flight_ = true;
    peek_floor_ = position_;
    peek_asked_ = asked_ > answered_ ? asked_ : Seq{};
    return PeekCall{};
  }
  return std::nullopt;
}

Time Watch::next_wake() const {
  Time wake = Time::max();
  if (cut_) return Time::min();
  const bool list_waits = phase_ != WatchPhase::Watching && !list_in_flight_;
  if (list_waits) wake = not_before_;
  if (wants_peek() && !peek_in_flight_) wake = std::min(wake, peek_not_before_);
  if (passing_ && phase_ == WatchPhase::Watching) wake = std::min(wake, barrier_list_at());
  return wake;
}

ListCall Watch::next_list() {
  if (phase_ != WatchPhase::Listing) {
    phase_ = WatchPhase::Listing;
    page_.clear();
    list_version_ = 0;
    list_asked_ = newest_;
    present_.clear();
    doubtful_ = false;
  }
  list_in_flight_ = true;
  return {page_, limit_};
}

StreamCall Watch::next_stream(Time now) {
  phase_ = WatchPhase::Watching;
  stream_open_ = true;
  opened_at_ = now;
  peek_due_ = true;
  return {position_, kStreamTime};
}

// A list that is under way, or to come, answers barriers as well.
bool Watch::wants_peek() const {
  if (phase_ != WatchPhase::Watching) return false;
  return peek_due_ || (asked_ > answered_ && !passing_);
}

void Watch::cut_stream() {
  if (!stream_open_) return;
  stream_open_ = false;
  cut_ = true;
}

// To be asked only while a barrier waits.
Time Watch::barrier_list_at() const {
  return std::max(passing_->since + kBarrierPatience, barrier_listed_at_ + kBarrierListEvery);
}

void Watch::start_over(Time not_before) {
  cut_stream();
  phase_ = WatchPhase::Empty;
  passing_.reset();
  not_before_ = not_before;
}

// --- Lists --------------------------------------------------------------------------------------

void Watch::on_page(Time now, ListedPage page) {
  list_in_flight_ = false;
  if (phase_ != WatchPhase::Listing) return;
  const bool first = list_version_ == 0;
  if (first && !accept_version(now, page.version)) return;
  if (!first && page.version != list_version_) {
    back_off(now, {CallTrouble::Status, kGone, Millis(0), "the list changed its version"});
    return start_over(not_before_);
  }
  list_version_ = page.version;
  page_ = std::move(page.next_page);
  for (ListedItem& item : page.items) {
    doubtful_ = doubtful_ || item.name.name.empty();
    present_.push_back(std::move(item.name));
    report(std::move(item.fact), std::move(item.raw));
  }
  if (page_.empty()) finish_list(now);
}

// False: the list is older than what was seen, and it is the first time that this happens.
bool Watch::accept_version(Time now, std::uint64_t version) {
  if (version >= position_) {
    suspicious_ = false;
    return true;
  }
  if (!suspicious_) {
    suspect(now);
    return false;
  }
  report(WorldRestored{kind_, position_, version});
  suspicious_ = false;
  restored_ = true;
  position_ = 0;
  return true;
}

void Watch::suspect(Time now) {
  suspicious_ = true;
  trouble_ = "the API server shows an older world";
  start_over(now + kRestoredRecheck);
}

void Watch::finish_list(Time now) {
  if (!doubtful_) {
    std::sort(present_.begin(), present_.end());
    observations_.push_back(
        CompleteList{kind_, ns_, list_version_, restored_, std::exchange(present_, {})});
  }
  position_ = list_version_;
  phase_ = WatchPhase::Listed;
  not_before_ = now;
  limit_ = kListPage;
  restored_ = false;
  left_scope_.clear();
  succeed();
  progress_at_ = now;
  report(KindListed{kind_, position_, list_asked_});
  answered_ = std::max(answered_, list_asked_);
  passing_.reset();
}

void Watch::on_page_unreadable(Time now, Unreadable fact) {
  list_in_flight_ = false;
  back_off(now, {CallTrouble::NoAnswer, 0, Millis(0), "a list could not be read: " + fact.why});
  report(std::move(fact));
  start_over(not_before_);
}

void Watch::on_list_failed(Time now, const CallFailure& failure) {
  list_in_flight_ = false;
  if (phase_ != WatchPhase::Listing) return;
  if (is_out_of_scope(failure)) return leave_scope(now, failure);
  if (failure.trouble == CallTrouble::TooLarge) return shrink_page(now, failure);
  back_off(now, failure);
  if (is_expired(failure)) start_over(failures_ == 1 ? now : not_before_);
}

void Watch::shrink_page(Time now, const CallFailure& failure) {
  if (limit_ > 1) {
    limit_ = std::max<std::uint32_t>(1, limit_ / kListPageCut);
    not_before_ = now;
    return;
  }
  report(Unreadable{std::string("list ") + name_of(kind_) + " " + ns_, failure.message, 0, {}});
  back_off(now, failure);
}

void Watch::leave_scope(Time now, const CallFailure& failure) {
  const std::string why =
      failure.message.empty() ? "HTTP " + std::to_string(failure.status) : failure.message;
  start_over(now + kAwayRetry);
  phase_ = WatchPhase::Away;
  trouble_ = why;
  if (left_scope_ == why) return;
  left_scope_ = why;
  report(LeftScope{kind_, why});
}

void Watch::back_off(Time now, const CallFailure& failure) {
  ++failures_;
  trouble_ = failure.message;
  not_before_ = now + std::max(wait_after(failures_), failure.retry_after);
}

void Watch::succeed() {
  failures_ = 0;
  trouble_.clear();
}

// --- The stream ---------------------------------------------------------------------------------

void Watch::on_line(Time now, WatchLine line) {
  if (!stream_open_) return;
  std::visit(Overloaded{
                 [&](LineObject& object) {
                   succeed();
                   report(std::move(object.fact), std::move(object.raw));
                   pass(now, object.version);
                 },
                 [&](LinePassed& passed) { pass_by(now, passed.version); },
                 [&](LineNotOurs& other) {
                   observations_.push_back(NotOurs{std::move(other.gone)});
                   pass_by(now, other.version);
                 },
                 [&](LineError& error) { fail_line(now, error); },
                 [&](LineGarbage& garbage) {
                   back_off(now, {CallTrouble::NoAnswer, 0, Millis(0),
                                  "a watch could not be read: " + garbage.fact.why});
                   report(std::move(garbage.fact));
                   start_over(not_before_);  // What it said is only in a list now.
                 },
             },
             line);
}

void Watch::pass(Time now, std::uint64_t version) {
  position_ = std::max(position_, version);
  if (!passing_ || position_ < passing_->version) return;
  progress_at_ = now;
  answered_ = std::max(answered_, passing_->asked);
  report(KindCaughtUp{kind_, position_, passing_->asked});
  passing_.reset();
}

// What brings no news is the time to say how far the stream has come.
void Watch::pass_by(Time now, std::uint64_t version) {
  succeed();
  pass(now, version);
  if (now < progress_at_ + kProgressEvery) return;
  progress_at_ = now;
  report(KindCaughtUp{kind_, position_, Seq{}});
}

void Watch::fail_line(Time now, const LineError& error) {
  const CallFailure failure{CallTrouble::Status, error.code, Millis(0), error.message};
  const bool again = failures_ > 0;
  back_off(now, failure);
  if (is_expired(failure)) return start_over(again ? not_before_ : now);
  cut_stream();
  phase_ = WatchPhase::Listed;
}

void Watch::on_stream_ended(Time now, const CallFailure& failure) {
  if (!stream_open_) return;
  stream_open_ = false;
  phase_ = WatchPhase::Listed;
  if (is_out_of_scope(failure)) return leave_scope(now, failure);
  const bool again = failures_ > 0;
  const bool was_well = now >= opened_at_ + kStreamWell || failure.trouble == CallTrouble::Crowded;
  if (was_well && failure.trouble != CallTrouble::Status) {
    not_before_ = now;
  } else {
    back_off(now, failure);
  }
  if (is_expired(failure)) return start_over(again ? not_before_ : now);
}

// --- Peeks --------------------------------------------------------------------------------------

void Watch::on_peek(Time now, std::uint64_t version) {
  peek_in_flight_ = false;
  peek_failures_ = 0;
  if (phase_ != WatchPhase::Watching) return;
  if (version < peek_floor_) return suspect(now);
  trouble_.clear();
  if (!peek_asked_ || (passing_ && passing_->asked >= peek_asked_)) return;
  passing_ = Passing{version, peek_asked_, now};
  pass(now, 0);
}

void Watch::on_peek_failed(Time now, const CallFailure& failure) {
  peek_in_flight_ = false;
  if (phase_ != WatchPhase::Watching) return;
  if (is_out_of_scope(failure)) return leave_scope(now, failure);
  peek_due_ = true;
  ++peek_failures_;
  trouble_ = failure.message;
  peek_not_before_ = now + std::max(wait_after(peek_failures_), failure.retry_after);
}

// --- Observations -------------------------------------------------------------------------------

void Watch::report(Fact fact, std::string raw) {
  observations_.push_back(Report{std::move(fact), std::move(raw)});
}

std::vector<Observation> Watch::take_observations() { return std::exchange(observations_, {}); }

}  // namespace raycord
