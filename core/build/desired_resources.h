// What the pods of a RayCluster ask for in all: status.desiredCPU and its siblings.

#pragma once

#include <string_view>

#include "core/objects.h"
#include "core/result.h"

namespace raycord {

// Quantities in canonical form, "0" where nothing is asked for.
Result<DesiredResources> desired_resources(std::string_view ray_cluster);

}  // namespace raycord
