// RivalWatch notices another operator that writes where we do, by the managedFields of RayServices
// and RayClusters: their statuses are written by operators only.
//
//   rivals.see(now, we_lead, name, version, raw);   // each version of an object, as it comes
//   lease.rest(rivals.why(now));                    // not empty: who, and where
//
// A rival wrote after us: on an object whose status we wrote while we led, another's entry changed,
// twice within kRivalWithin. Times are compared with the same object's only, so no clock matters. A
// person at kubectl is no operator.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/time.h"

namespace raycord {

class RivalWatch {
 public:
  explicit RivalWatch(std::string us) : us_(std::move(us)) {}

  void see(Time now, bool leading, const ObjectName& object, std::uint64_t version,
           std::string_view raw);
  void forget(const ObjectName& object) { seen_.erase(object); }

  // Why we are not to lead at present; empty: nobody is in the way.
  std::string why(Time now) const { return now < until_ ? why_ : ""; }
  // When that ends by itself; Time::max(): nothing to end.
  Time next_wake(Time now) const { return now < until_ ? until_ : Time::max(); }

 private:
  struct Seen {
    std::uint64_t version = 0;
    std::string ours;      // Time of our newest write to its status, as it is.
    std::string others;    // Of another's.
    bool written = false;  // By us, while we led.
    Time struck{Time::min()};
  };

  std::string us_;
  std::map<ObjectName, Seen> seen_;
  Time until_{Time::min()};
  std::string why_;
};

}  // namespace raycord
