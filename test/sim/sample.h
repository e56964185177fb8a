// The RayService of samples/, as JSON, to begin a simulated world with.

#pragma once

#include <string>

namespace raycord {

std::string sample_manifest();

}  // namespace raycord
