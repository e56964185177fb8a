// What we believe to exist of one kind: the other side of the comparison when a list is complete.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/state.h"

namespace raycord {

struct Believed {
  ObjectName name;
  std::string uid;            // Empty: not kept.
  std::uint64_t version = 0;  // resourceVersion; 0: not kept.

  bool operator==(const Believed&) const = default;
};

// By namespace and name; `ns` empty: of all namespaces. Walks the whole state.
std::vector<Believed> believed_objects(const State& state, Kind kind, const std::string& ns);

// Whether one object is believed to exist; does not walk.
bool is_believed(const State& state, const ObjectName& name);

}  // namespace raycord
