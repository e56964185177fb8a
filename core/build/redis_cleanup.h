// Builder of the Job that removes a deleted RayCluster's state from Redis
// (raycluster-behaviour.md 3.3): a head pod that runs nothing but the clean-up.

#pragma once

#include <string>
#include <string_view>

#include "core/build/options.h"
#include "core/result.h"

namespace raycord {

Result<std::string> build_redis_cleanup(std::string_view ray_cluster, const std::string& intent,
                                        const BuildOptions& options);

}  // namespace raycord
