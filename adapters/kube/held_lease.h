// HeldLease keeps one Lease: takes it when it is free, renews it, and knows when it has lost it.
//
// Whether it is held counts from the time the last renewal was sent, so we stop before others may
// start. Another's Lease is free when it did not change for its own duration as we saw it: clocks
// of other machines are not compared. A Lease with our identity is ours, from before a restart.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "adapters/http/transport.h"
#include "adapters/kube/kube_api.h"
#include "adapters/limits.h"
#include "core/time.h"
#include "formats/lease.h"

namespace raycord {

using LeaseAnnotations = std::function<std::map<std::string, std::string>()>;

struct LeaseTerms {
  std::string ns;
  std::string name;
  std::string identity;               // UID of our pod.
  bool create = true;                 // Else it is held only where somebody else made it.
  LeaseAnnotations annotations = {};  // Written at each renewal.
};

class HeldLease final : public HttpListener {
 public:
  HeldLease(LeaseTerms terms, const KubeApi& api, HttpTransport& transport);
  ~HeldLease() override;
  HeldLease(const HeldLease&) = delete;
  HeldLease& operator=(const HeldLease&) = delete;

  void tick(Time now);
  Time next_wake() const;

  // While it rests it is neither taken nor renewed, and runs out by itself.
  void rest(bool resting) { resting_ = resting; }

  bool held(Time now) const;
  Time held_until() const { return held_ ? renewed_at_ + kLeaseDeadline : Time::min(); }
  // It does not exist, and is not ours to make.
  bool absent() const { return absent_; }
  std::uint64_t transitions() const { return transitions_; }
  // It was lost because the API server answered no renewal sent after this; nothing: otherwise.
  std::optional<Time> unanswered_since() const { return unanswered_since_; }
  // Why it is not held, for people.
  const std::string& trouble() const { return trouble_; }

  // Gives it up, so that another may take it at once. No tick() after it.
  void release(Time now);
  bool idle() const { return call_ == 0; }

  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  enum class Call : std::uint8_t { Look, Create, Renew, Take, Release };

  void look(Time now);
  void write(Call call, Time now);
  void start(Call call, HttpRequest request, Time now);
  void take_look(Time now, const HttpOutcome& outcome);
  void judge(Time now, const LeaseRecord& record);
  void take_written(Time now, const HttpOutcome& outcome);
  std::string why_not_renewed() const;
  void lose(const std::string& why);
  std::string path(bool collection) const;

  LeaseTerms terms_;
  const KubeApi& api_;
  HttpTransport& transport_;

  bool touched_ = false;    // Something came in since the last tick().
  std::uint64_t call_ = 0;  // Exchange under way; 0: none.
  Call what_ = Call::Look;
  Time called_at_{};
  Time next_{};  // Of the next call.

  std::string current_;  // The Lease as last answered; empty: to be looked at.
  bool held_ = false;
  bool absent_ = false;
  bool released_ = false;
  bool resting_ = false;
  Time renewed_at_{};
  std::optional<Time> unanswered_since_;
  std::uint64_t transitions_ = 0;
  std::uint64_t wished_transitions_ = 0;

  std::string other_version_;  // Of another holder's record, and since when we see it.
  Time other_since_{};
  std::string trouble_ = "not looked at yet";
};

}  // namespace raycord
