// KubeEvents announces decisions as Kubernetes Events: best effort, never in the way of anything.
//
// A bounded queue, a rate, no repetition; what does not fit is dropped and counted. Names are
// deterministic, so an Event that exists already is as good as sent.

#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>

#include "adapters/http/transport.h"
#include "adapters/kube/kube_api.h"
#include "core/time.h"

namespace raycord {

// An Event as it goes out.
struct EventPost {
  std::string ns;
  std::string body;  // An Event of events.k8s.io/v1 as JSON.
};

class KubeEvents final : public HttpListener {
 public:
  KubeEvents(const KubeApi& api, HttpTransport& transport);
  ~KubeEvents() override;
  KubeEvents(const KubeEvents&) = delete;
  KubeEvents& operator=(const KubeEvents&) = delete;

  void add(EventPost post);
  void tick(Time now);
  Time next_wake() const;

  std::uint64_t sent() const { return sent_; }
  std::uint64_t dropped() const { return dropped_; }  // For want of room, or refused.

  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  void refill(Time now);

  const KubeApi& api_;
  HttpTransport& transport_;
  std::deque<EventPost> waiting_;
  std::set<std::uint64_t> under_way_;
  std::uint32_t tokens_;  // May be sent at once.
  Time refilled_at_{};
  std::uint64_t sent_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace raycord
