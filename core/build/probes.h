// Liveness and readiness probes of a Ray container. Private to core/build.

#pragma once

#include "core/build/json_read.h"
#include "core/build/ray_cluster.h"
#include "core/build/ray_start.h"

namespace raycord {

// Adds those that the user did not define.
void add_probes(Json& container, const RayClusterView& cluster, const Json& group, NodeType type);

}  // namespace raycord
