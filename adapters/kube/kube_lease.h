// KubeLease is leadership: our own Lease, and as long as it exists KubeRay's too, so that the two
// operators never act at the same time.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kube/held_lease.h"
#include "core/report.h"

namespace raycord {

struct LeadershipTerms {
  bool by_lease = true;  // Else we lead from the start, with epoch 0: one replica, by hand.
  std::string ns;
  std::string name = "raycord-operator";
  std::string identity;                        // UID of our pod.
  std::string beside = "ray-operator-leader";  // KubeRay's Lease; empty: not heeded.
  LeaseAnnotations annotations = {};           // Log id, synced number, running hash.
};

class KubeLease {
 public:
  KubeLease(LeadershipTerms terms, const KubeApi& api, HttpTransport& transport);

  // Reports LeadershipGained and LeadershipLost as they happen. Where it was lost because the API
  // server did not answer, a Gap stands before the next LeadershipGained.
  void tick(Time now);
  Time next_wake() const;

  // `why` not empty: we do not lead from the next tick on, and our Leases are left to run out.
  // Empty: we may lead again.
  void rest(std::string why);

  // To be asked immediately before each send.
  bool may_write(Time now) const { return now < may_write_until(); }
  // Without anything else happening; Time::min(): not now.
  Time may_write_until() const;
  // Why we do not lead, for people; empty: we do.
  std::string trouble() const;

  void release(Time now);
  bool idle() const;

  std::vector<Report> take_reports();

 private:
  Time leads_until() const;
  void note_lost(Time now);

  LeadershipTerms terms_;
  std::unique_ptr<HeldLease> own_;     // Null without Leases.
  std::unique_ptr<HeldLease> beside_;  // Null where none is heeded.
  bool leading_ = false;               // As reported.
  bool released_ = false;
  std::string resting_;             // Why we may not lead; empty: we may.
  std::optional<Time> away_since_;  // Leadership was lost for want of answers since then.
  std::vector<Report> reports_;
};

}  // namespace raycord
