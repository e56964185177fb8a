// The Lease object of coordination.k8s.io/v1: who leads, since when, and for how long unheard.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace raycord {

struct LeaseRecord {
  std::string version;  // metadata.resourceVersion, as it is.
  std::string holder;   // holderIdentity; empty: nobody.
  std::uint64_t transitions = 0;
  std::string renewed;  // renewTime as it is: only its changes matter, clocks differ.
  Millis duration{0};   // leaseDurationSeconds.
  std::map<std::string, std::string> annotations;
};
Result<LeaseRecord> read_lease(std::string_view json);

struct LeaseWish {
  std::string holder;
  std::uint64_t transitions = 0;
  Millis duration{0};
  Time renewed{};
  bool acquires = false;                           // Then acquireTime is `renewed` too.
  std::map<std::string, std::string> annotations;  // Added to those that are there.
};

// A new Lease.
std::string lease_body(std::string_view ns, std::string_view name, const LeaseWish& wish);

// `current` with the wish; everything else as it is, resourceVersion included, so that the API
// server refuses it when somebody else was faster.
Result<std::string> lease_body(std::string_view current, const LeaseWish& wish);

}  // namespace raycord
