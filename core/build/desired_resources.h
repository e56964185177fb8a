// What the pods of a RayCluster ask for in all: status.desiredCPU and its siblings.

#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

struct DesiredResources {  // quantities in canonical form, "0" where nothing is asked for
  std::string cpu;
  std::string memory;
  std::string gpu;
  std::string tpu;
};

Result<DesiredResources> desired_resources(std::string_view ray_cluster);

}  // namespace raycord
