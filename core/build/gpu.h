// Which resources of a pod are GPUs.

#pragma once

#include <string_view>

namespace raycord {

// "nvidia.com/gpu", "amd.com/gpu", and a slice of a card: "nvidia.com/mig-1g.5gb".
bool is_gpu(std::string_view resource);

}  // namespace raycord
