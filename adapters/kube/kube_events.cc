#include "adapters/kube/kube_events.h"

#include <algorithm>
#include <utility>

#include "adapters/http/http_status.h"
#include "adapters/limits.h"

namespace raycord {

KubeEvents::KubeEvents(const KubeApi& api, HttpTransport& transport)
    : api_(api), transport_(transport), tokens_(kAnnouncementBurst) {}

KubeEvents::~KubeEvents() {
  for (const std::uint64_t id : under_way_) transport_.cancel(id);
}

void KubeEvents::add(EventPost post) {
  if (waiting_.size() >= kAnnouncementsMax) {
    ++dropped_;
    return;
  }
  waiting_.push_back(std::move(post));
}

void KubeEvents::refill(Time now) {
  if (tokens_ == kAnnouncementBurst) refilled_at_ = now;
  while (tokens_ < kAnnouncementBurst && now >= refilled_at_ + kAnnouncementEvery) {
    refilled_at_ += kAnnouncementEvery;
    ++tokens_;
  }
}

void KubeEvents::tick(Time now) {
  refill(now);
  while (!waiting_.empty() && tokens_ > 0 && under_way_.size() < kAnnouncementsInFlight) {
    EventPost next = std::move(waiting_.front());
    waiting_.pop_front();
    --tokens_;
    HttpRequest request = api_.request(
        "POST", "/apis/events.k8s.io/v1/namespaces/" + url_encode(next.ns) + "/events", now);
    request.headers.push_back({"content-type", "application/json"});
    request.body = std::move(next.body);
    under_way_.insert(transport_.start(std::move(request), *this));
  }
}

Time KubeEvents::next_wake() const {
  if (waiting_.empty() || under_way_.size() >= kAnnouncementsInFlight) return Time::max();
  return tokens_ > 0 ? Time::min() : refilled_at_ + kAnnouncementEvery;
}

void KubeEvents::on_done(std::uint64_t id, HttpOutcome outcome) {
  if (under_way_.erase(id) == 0) return;
  api_.note_answer(outcome);
  const bool known = !outcome.failure && outcome.response.status == kConflict;
  ++(is_success(outcome) || known ? sent_ : dropped_);
}

}  // namespace raycord
