// Observation = what the world hands to the loop: a report, or what becomes reports only when it is
// held against what is believed.
//
//   std::vector<Report> reports = reports_of(state, std::move(observations));
//
// Who watches does not know what is believed: own writes are folded elsewhere, perhaps at this very
// moment. So a complete list says what it showed, and the loop finds out what that makes gone.
// Absence proves a deletion only if what is believed is not newer than the list.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/fact.h"
#include "core/ids.h"
#include "core/report.h"
#include "core/state.h"

namespace raycord {

// A list came to its end, complete at one version.
struct CompleteList {
  Kind kind = Kind::RayService;
  std::string ns;  // Empty: all namespaces.
  std::uint64_t version = 0;
  bool restored = false;  // Of a restored world: what was believed before is of other versions.
  std::vector<ObjectName> present;  // Sorted.

  bool operator==(const CompleteList&) const = default;
};

// An object that does not concern us was changed or deleted. If it did before, it is gone by that.
struct NotOurs {
  ObjectGone gone;

  bool operator==(const NotOurs&) const = default;
};

using Observation = std::variant<Report, CompleteList, NotOurs>;

// The same order, each resolved against the state and what came before it.
std::vector<Report> reports_of(const State& state, std::vector<Observation> observations);

// Memory that it takes, about: for queues that are bounded in bytes.
std::size_t bytes_of(const Observation& observation);

}  // namespace raycord
