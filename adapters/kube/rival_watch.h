// RivalWatch notices another operator that writes where we do, by the managedFields of RayServices
// and RayClusters: their statuses are written by operators only.
//
//   rivals.see(now, we_lead, {name, version, by_us}, raw);   // as it is watched, or answered to us
//   lease.rest(rivals.why(now));                    // not empty: who, and where
//
// A rival wrote after us: on an object that we wrote while we led, another's entry changed in a
// later version, twice within kRivalWithin. What a resumed watch tells of before is older than our
// write. Times are compared with the same object's only, so no clock matters. A person at kubectl
// is no operator.

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

  struct Sight {
    ObjectName object;
    std::uint64_t version = 0;
    bool by_us = false;  // It is the answer to a write of ours.
  };
  void see(Time now, bool leading, const Sight& sight, std::string_view raw);
  void forget(const ObjectName& object) { seen_.erase(object); }

  // Why we are not to lead at present; empty: nobody is in the way.
  std::string why(Time now) const { return now < until_ ? why_ : ""; }
  // When that ends by itself; Time::max(): nothing to end.
  Time next_wake(Time now) const { return now < until_ ? until_ : Time::max(); }

 private:
  struct Seen {
    std::uint64_t version = 0;
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
