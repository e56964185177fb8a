// The rules for the spec of a RayCluster. Private to formats/: validation.h is the way in.

#pragma once

#include <string>

#include "formats/broken_rules.h"
#include "formats/json_object.h"

namespace raycord {

// `annotations` are those of the object that carries the spec.
void check_cluster_spec(const JsonObject& spec, const JsonObject& annotations, BrokenRules& broken);

// What is odd about a spec that breaks no rule, as "<path> …"; empty: nothing.
std::string doubt_about_cluster(const JsonObject& spec);

}  // namespace raycord
