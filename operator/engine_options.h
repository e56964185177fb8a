// EngineOptions is what a run of the engine is told at its start.

#pragma once

#include <string>

#include "adapters/world.h"
#include "core/fact.h"
#include "operator/absence.h"

namespace raycord {

struct EngineOptions {
  WorldOptions world;
  Started started;  // Log id in its short form.
  Absence absence;
  std::string instance = "raycord-operator";  // Who reports Kubernetes Events.
};

}  // namespace raycord
