// Facts, decisions and states as JSON for people and scripts. Only .cc files include this.
//
// Every field is named as in the code, in camel case. What is not set is left out: empty texts and
// lists, hashes and times of zero. Sequence numbers are numbers, hashes hexadecimal text.

#pragma once

#include <nlohmann/json.hpp>

#include "core/decision.h"
#include "core/fact.h"
#include "core/state.h"

namespace raycord {

using JsonTree = nlohmann::ordered_json;

JsonTree json_of(const Object& object);
JsonTree json_of(const ProbeAnswer& answer);
JsonTree json_of(const Options& options);
JsonTree json_of(const Fact& fact);  // With the member "kind".
JsonTree json_of(const Effect& effect);
JsonTree json_of(const Decision& decision);  // Without its number.
JsonTree json_of(const Partition& partition);

}  // namespace raycord
