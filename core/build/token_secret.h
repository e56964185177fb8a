// Builder of the Secret with the token that a RayCluster's members know each other by
// (raycluster-behaviour.md 3.5). The token is made where the Secret is sent; it is in no log.

#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

Result<std::string> build_token_secret(std::string_view ray_cluster, const std::string& intent,
                                       const std::string& token);

}  // namespace raycord
