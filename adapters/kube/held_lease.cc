#include "adapters/kube/held_lease.h"

#include <algorithm>
#include <utility>

#include "adapters/http/http_status.h"

namespace raycord {

HeldLease::HeldLease(LeaseTerms terms, const KubeApi& api, HttpTransport& transport)
    : terms_(std::move(terms)), api_(api), transport_(transport) {}

HeldLease::~HeldLease() {
  if (call_ != 0) transport_.cancel(call_);
}

bool HeldLease::held(Time now) const { return now < held_until(); }

Time HeldLease::next_wake() const {
  if (released_) return Time::max();
  if (touched_) return Time::min();
  Time wake = call_ == 0 && !resting_ ? next_ : Time::max();
  if (held_) wake = std::min(wake, held_until());
  return wake;
}

void HeldLease::tick(Time now) {
  touched_ = false;
  if (released_) return;
  if (held_ && !held(now)) {
    const bool tried = call_ != 0 || !trouble_.empty();
    lose("could not be renewed for " + to_short_text(kLeaseDeadline) + ": " + why_not_renewed());
    if (tried) unanswered_since_ = renewed_at_;
  }
  if (resting_ || call_ != 0 || now < next_) return;
  if (held_ && !current_.empty()) {
    write(Call::Renew, now);
  } else {
    look(now);
  }
}

std::string HeldLease::path(bool collection) const {
  const std::string leases =
      "/apis/coordination.k8s.io/v1/namespaces/" + url_encode(terms_.ns) + "/leases";
  return collection ? leases : leases + "/" + url_encode(terms_.name);
}

void HeldLease::look(Time now) { start(Call::Look, api_.request("GET", path(false), now), now); }

void HeldLease::write(Call call, Time now) {
  if (resting_ && call != Call::Release) {
    next_ = now;
    return;
  }
  LeaseWish wish;
  wish.renewed = now;
  wish.acquires = call == Call::Create || call == Call::Take;
  wish.duration = call == Call::Release ? Millis(std::chrono::seconds(1)) : kLeaseDuration;
  if (call != Call::Release) wish.holder = terms_.identity;
  if (terms_.annotations) wish.annotations = terms_.annotations();
  if (call == Call::Create) wished_transitions_ = 1;
  if (call == Call::Renew || call == Call::Release) wished_transitions_ = transitions_;
  wish.transitions = wished_transitions_;

  const bool creates = call == Call::Create;
  HttpRequest request = api_.request(creates ? "POST" : "PUT", path(creates), now);
  request.headers.push_back({"content-type", "application/json"});
  if (creates) {
    request.body = lease_body(terms_.ns, terms_.name, wish);
  } else {
    Result<std::string> body = lease_body(current_, wish);
    if (!body) {
      current_.clear();
      trouble_ = body.error().message;
      next_ = now + kLeaseRenew;
      return;
    }
    request.body = std::move(*body);
  }
  start(call, std::move(request), now);
}

void HeldLease::start(Call call, HttpRequest request, Time now) {
  request.timeout = kLeaseTimeout;
  what_ = call;
  called_at_ = now;
  call_ = transport_.start(std::move(request), *this);
}

void HeldLease::on_done(std::uint64_t id, HttpOutcome outcome) {
  if (id != call_) return;
  call_ = 0;
  touched_ = true;
  api_.note_answer(outcome);
  const Time now = called_at_ + outcome.elapsed;
  if (released_) return;
  switch (what_) {
    case Call::Look:
      return take_look(now, outcome);
    case Call::Create:
    case Call::Renew:
    case Call::Take:
      return take_written(now, outcome);
    case Call::Release:
      return;
  }
}

void HeldLease::take_look(Time now, const HttpOutcome& outcome) {
  next_ = now + (held_ ? kLeaseRetry : kLeaseRenew);
  if (!outcome.failure && outcome.response.status == kNotFound) {
    if (held_) lose("was deleted");
    if (terms_.create) return write(Call::Create, now);
    absent_ = true;
    trouble_.clear();
    next_ = now + kLeaseAbsentRetry;
    return;
  }
  if (!is_success(outcome)) {
    trouble_ = message_of(outcome);
    return;
  }
  const Result<LeaseRecord> record = read_lease(outcome.response.body);
  if (!record) {
    trouble_ = record.error().message;
    return;
  }
  if (std::exchange(absent_, false)) {
    trouble_ = "Lease " + terms_.ns + "/" + terms_.name + " has come to exist and is not ours yet";
  }
  current_ = outcome.response.body;
  judge(now, *record);
}

void HeldLease::judge(Time now, const LeaseRecord& record) {
  if (record.holder == terms_.identity && held_) {
    transitions_ = record.transitions;
    return write(Call::Renew, now);
  }
  if (held_) lose(record.holder.empty() ? "was released" : "was taken by " + record.holder);
  wished_transitions_ = record.transitions + 1;
  if (record.holder.empty() || record.holder == terms_.identity) return write(Call::Take, now);
  // The version changes with each renewal, and with nothing that we do.
  if (record.version != other_version_) {
    other_version_ = record.version;
    other_since_ = now;
  }
  trouble_ = "Lease " + terms_.ns + "/" + terms_.name + " is held by " + record.holder;
  if (now >= other_since_ + record.duration) return write(Call::Take, now);
  next_ = std::min(now + kLeaseRenew, other_since_ + record.duration);
}

void HeldLease::take_written(Time now, const HttpOutcome& outcome) {
  if (is_success(outcome) && read_lease(outcome.response.body)) {
    held_ = true;
    transitions_ = wished_transitions_;
    renewed_at_ = called_at_;
    current_ = outcome.response.body;
    trouble_.clear();
    next_ = called_at_ + kLeaseRenew;
    return;
  }
  // Somebody else wrote, or it is not known what became of it: look.
  trouble_ = message_of(outcome);
  current_.clear();
  const bool conflict = !outcome.failure && outcome.response.status == kConflict;
  next_ = conflict ? now : now + kLeaseRetry;
}

// A process that stood still has neither tried nor failed.
std::string HeldLease::why_not_renewed() const {
  if (!trouble_.empty()) return trouble_;
  return call_ != 0 ? "no answer yet" : "it was not tried in time";
}

void HeldLease::lose(const std::string& why) {
  held_ = false;
  unanswered_since_.reset();
  trouble_ = "Lease " + terms_.ns + "/" + terms_.name + " " + why;
}

void HeldLease::release(Time now) {
  if (call_ != 0) transport_.cancel(std::exchange(call_, 0));
  if (held(now) && !current_.empty()) write(Call::Release, now);
  held_ = false;
  released_ = true;
  trouble_ = "released";
}

}  // namespace raycord
