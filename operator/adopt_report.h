// What a takeover would do to each object, and what stands in its way: the report of
// `raycord-operator adopt --dry-run`.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ids.h"
#include "operator/adopt_trial.h"

namespace raycord {

enum class Fate : std::uint8_t {
  Kept,
  Patched,   // Its status, annotations, labels, finalizers, or what it selects.
  Created,   // It does not exist yet.
  Upgraded,  // Another RayCluster takes its place.
  Deleted,
  Ignored,  // spec.managedBy names another controller.
  Invalid,  // Nothing is done for it until it is edited.
};

const char* name_of(Fate fate);  // "kept"

// Something would end, be made anew, or not be looked after.
bool breaks(Fate fate, Kind kind);

struct ObjectLine {
  ObjectName object;
  Fate fate = Fate::Kept;
  std::string what;  // "status; finalizer": for people. Empty: its fate says it all.

  bool operator==(const ObjectLine&) const = default;
};

enum class Weight : std::uint8_t {
  Note,
  Warning,  // To be seen to before the takeover.
  Breaks,   // Something stops working.
};

const char* name_of(Weight weight);  // "note"

struct Finding {
  Weight weight = Weight::Note;
  std::string text;  // Sentences.

  bool operator==(const Finding&) const = default;
};

struct AdoptReport {
  std::string cluster;  // The API server, and how it was found.
  std::vector<ObjectLine> objects;
  std::vector<Finding> findings;

  bool breaks() const;
};

// The objects, by namespace and by what belongs together; findings about them.
AdoptReport report_of(const Trial& trial);

}  // namespace raycord
