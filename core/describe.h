// One line of plain text for each fact, effect and decision: for golden files, logs and the CLI.
//
//   describe(fact)      "RayService default/llm seen: generation 3, 1 group, config 8f3a51c2"
//   describe(decision)  "start-upgrade: create RayCluster default/llm-raycluster-x7k2p (upgrade,
//                        revision 5d0e77aa, attempt 1) because #12 #31"
//
// Stable: equal values give equal lines, and golden files hold them. Hashes show their first eight
// digits. Nothing is quoted but messages; every line is cut at kDescriptionMax.

#pragma once

#include <string>

#include "core/decision.h"
#include "core/fact.h"

namespace raycord {

std::string describe(const Fact& fact);
std::string describe(const Effect& effect);
std::string describe(const Decision& decision);

// What an object seen shows, without its name: "generation 3, 1 group, config 8f3a51c2".
std::string describe(const Object& object);

// "fruit_app RUNNING, math_app DEPLOYING; 1 proxy HEALTHY"
std::string describe(const ServeAnswer& answer);

}  // namespace raycord
