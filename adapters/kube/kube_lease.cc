#include "adapters/kube/kube_lease.h"

#include <algorithm>
#include <utility>

namespace raycord {

KubeLease::KubeLease(LeadershipTerms terms, const KubeApi& api, HttpTransport& transport)
    : terms_(std::move(terms)) {
  if (!terms_.by_lease) return;
  own_ = std::make_unique<HeldLease>(
      LeaseTerms{terms_.ns, terms_.name, terms_.identity, true, terms_.annotations}, api,
      transport);
  if (terms_.beside.empty()) return;
  beside_ = std::make_unique<HeldLease>(
      LeaseTerms{terms_.ns, terms_.beside, terms_.identity, false, {}}, api, transport);
}

Time KubeLease::leads_until() const {
  if (released_ || !resting_.empty()) return Time::min();
  const Time own = own_ ? own_->held_until() : Time::max();
  return !beside_ || beside_->absent() ? own : std::min(own, beside_->held_until());
}

Time KubeLease::may_write_until() const { return leading_ ? leads_until() : Time::min(); }

void KubeLease::rest(std::string why) {
  resting_ = std::move(why);
  if (own_) own_->rest(!resting_.empty());
  if (beside_) beside_->rest(!resting_.empty());
}

void KubeLease::tick(Time now) {
  if (own_) own_->tick(now);
  if (beside_) beside_->tick(now);
  const bool leads_now = now < leads_until();
  if (leads_now == leading_) return;
  leading_ = leads_now;
  if (leading_) {
    if (away_since_) reports_.push_back({Gap{*away_since_, now, GapCause::ApiServerAway}, ""});
    away_since_.reset();
    reports_.push_back({LeadershipGained{own_ ? own_->transitions() : 0}, ""});
  } else {
    note_lost(now);
  }
}

void KubeLease::note_lost(Time now) {
  if (!resting_.empty()) {
    reports_.push_back({LeadershipLost{resting_}, ""});
    return;
  }
  const HeldLease& lost = own_->held(now) ? *beside_ : *own_;
  away_since_ = lost.unanswered_since();
  reports_.push_back({LeadershipLost{lost.trouble()}, ""});
}

Time KubeLease::next_wake() const {
  const bool leads_by_itself = !own_ && !leading_ && !released_ && resting_.empty();
  Time wake = leads_by_itself ? Time::min() : Time::max();
  if (own_) wake = std::min(wake, own_->next_wake());
  if (beside_) wake = std::min(wake, beside_->next_wake());
  return wake;
}

std::string KubeLease::trouble() const {
  if (released_) return "given up in an orderly way";
  if (!resting_.empty()) return resting_;
  if (leading_) return "";
  if (own_ && !own_->trouble().empty()) return own_->trouble();
  return beside_ ? beside_->trouble() : "";
}

void KubeLease::release(Time now) {
  if (own_) own_->release(now);
  if (beside_) beside_->release(now);
  released_ = true;
  if (!std::exchange(leading_, false)) return;
  reports_.push_back({LeadershipLost{trouble()}, ""});
}

bool KubeLease::idle() const { return (!own_ || own_->idle()) && (!beside_ || beside_->idle()); }

std::vector<Report> KubeLease::take_reports() { return std::exchange(reports_, {}); }

}  // namespace raycord
