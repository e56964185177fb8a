#include "operator/net_side.h"

#include <algorithm>
#include <utility>

#include "core/overloaded.h"
#include "operator/limits.h"

namespace raycord {

NetSide::NetSide(WorldOptions options, const EventLog& log, HttpTransport& transport,
                 Crossing& crossing)
    : log_(log), crossing_(crossing), world_(std::move(options), transport) {}

void NetSide::begin(Time now, const std::map<Kind, std::uint64_t>& resume, Seq newest) {
  world_.start(now, resume, newest);
}

bool NetSide::obey(Time now) {
  if (auto order = crossing_.next_order()) {
    std::visit(Overloaded{
                   [&](WriteOrder& write) { send(now, std::move(write)); },
                   [&](EventPost& post) { world_.announce(std::move(post)); },
                   [&](const StopOrder&) { give_away_at_ = now + kStopLimit; },
               },
               *order);
    return true;
  }
  const auto wanted = crossing_.next_wanted();
  if (wanted) world_.want(now, *wanted);
  return wanted.has_value();
}

void NetSide::send(Time now, WriteOrder order) {
  if (world_.may_write(now) && !log_.failure()) return world_.send(now, std::move(order));
  WriteDone withdrawn;
  withdrawn.decided = order.decided;
  withdrawn.result = WriteResult::Withdrawn;
  withdrawn_.push_back({withdrawn, ""});
}

void NetSide::tick(Time now) {
  look_at_mark(now);
  world_.tick(now, crossing_.reported_bytes());
  hand_over(now);
  give_leadership_away(now);
  crossing_.show(view());
}

void NetSide::hand_over(Time now) {
  Batch batch{now, {}};
  for (Report& report : own_reports_) batch.observations.emplace_back(std::move(report));
  for (Observation& one : world_.take_observations()) batch.observations.push_back(std::move(one));
  for (Report& report : withdrawn_) batch.observations.emplace_back(std::move(report));
  own_reports_.clear();
  withdrawn_.clear();
  if (!batch.observations.empty()) crossing_.report(std::move(batch));
}

void NetSide::look_at_mark(Time now) {
  mark_.look(now, log_.synced(), log_.next_seq() - 1);
  world_.rest_from_leading(now < mark_.stuck_at()
                               ? ""
                               : "the log has not come to disk for " + to_short_text(kMarkStuck));
}

// After the outcomes of the last writes. What has none by then is looked for by whoever leads next.
void NetSide::give_leadership_away(Time now) {
  if (given_away_ || give_away_at_ == Time::max()) return;
  if (world_.writes_in_flight() > 0 && now < give_away_at_) return;
  given_away_ = true;
  world_.release_leadership(now);
  hand_over(now);
}

Time NetSide::next_wake() const {
  if (!own_reports_.empty() || !withdrawn_.empty()) return Time::min();
  Time wake = world_.next_wake();
  // Once it is stuck there is nothing to wait for but the mark.
  if (world_.may_write_until() != Time::min()) wake = std::min(wake, mark_.stuck_at());
  return given_away_ ? wake : std::min(wake, give_away_at_);
}

void NetSide::report(Report report) { own_reports_.push_back(std::move(report)); }

void NetSide::ask(Time now, const std::string& path, std::function<void(const HttpOutcome&)> then) {
  world_.fetch(now, path, std::move(then));
}

NetView NetSide::view() const {
  NetView view;
  view.may_write_until = world_.may_write_until();
  view.writes_in_flight = world_.writes_in_flight();
  view.announced = world_.events().sent();
  view.unannounced = world_.events().dropped();
  view.troubles = world_.troubles();
  view.stopped = given_away_ && world_.released();
  return view;
}

}  // namespace raycord
