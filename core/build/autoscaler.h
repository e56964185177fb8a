// The sidecar of a head pod that runs Ray's autoscaler. Private to core/build.

#pragma once

#include "core/build/json_read.h"
#include "core/build/ray_cluster.h"

namespace raycord {

// The account of head pods of an autoscaling cluster: the user's, or the one that we create.
std::string autoscaler_account(const RayClusterView& cluster);

// Appends the sidecar and shares the log folder with the Ray container.
void add_autoscaler(Json& pod_spec, const RayClusterView& cluster, const BuildOptions& options);

}  // namespace raycord
