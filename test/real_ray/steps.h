// The life of a head in steps, and what the operator's adapters make of each.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "test/real_ray/played_head.h"

namespace raycord {

// What was observed in one step, in words that are equal where rules would see no difference.
struct StepResult {
  std::string step;
  bool ended = false;  // In time.
  // Of interest, by name: "put", "apps" (statuses in their order), "config" (does what is shown
  // equal what was sent), "in the end" (the last slice), "requests", "proxy".
  std::vector<std::pair<std::string, std::string>> observed;
  std::vector<std::string> slices;  // All that differed from the one before, in their order.
};

// Plays all steps on a head that has deployed nothing yet.
std::vector<StepResult> play(PlayedHead& head);

}  // namespace raycord
