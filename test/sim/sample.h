// The manifests of samples/, as JSON, to begin a simulated world with.

#pragma once

#include <string>

namespace raycord {

std::string sample_manifest();  // The RayService.
std::string sample_cluster();   // The RayCluster.

}  // namespace raycord
