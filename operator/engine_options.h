// EngineOptions is what a run of the engine is told at its start.

#pragma once

#include <string>

#include "adapters/world.h"
#include "core/fact.h"

namespace raycord {

struct EngineOptions {
  WorldOptions world;
  Started started;  // Log id in its short form.
  GapCause gap = GapCause::Restart;
  std::string instance = "raycord-operator";  // Who reports Kubernetes Events.
};

}  // namespace raycord
