// Report = a fact, and the bytes that showed it.
//
// What the world hands to the loop. Facts that belong together (an answered object and the outcome
// of the write it answers) are neighbours and are folded in one turn.

#pragma once

#include <string>

#include "core/fact.h"

namespace raycord {

struct Report {
  Fact fact;
  std::string raw;  // JSON of the object, as observed; empty where there is none.
};

}  // namespace raycord
