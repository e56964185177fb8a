// The rules for the spec of a RayCluster. Private to formats/: validation.h is the way in.

#pragma once

#include <string>

#include "formats/json_object.h"

namespace raycord {

// The first broken rule as "<path> …"; empty: none. `annotations` are those of the object that
// carries the spec.
std::string first_broken_cluster_rule(const JsonObject& spec, const JsonObject& annotations);

// What is odd about a spec that breaks no rule, as "<path> …"; empty: nothing.
std::string doubt_about_cluster(const JsonObject& spec);

}  // namespace raycord
