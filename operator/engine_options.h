// EngineOptions is what a run of the engine is told at its start.

#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "adapters/world.h"
#include "core/fact.h"
#include "operator/absence.h"
#include "operator/limits.h"
#include "operator/random_token.h"

namespace raycord {

struct EngineOptions {
  WorldOptions world;
  Started started;  // Log id in its short form.
  Absence absence;
  std::string instance = "raycord-operator";  // Who reports Kubernetes Events.
  std::size_t open_partitions = kOpenPartitions;
  std::function<std::string()> new_token = random_token;
};

}  // namespace raycord
