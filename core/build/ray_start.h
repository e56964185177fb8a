// The `ray start` command of a pod and the shell command of its Ray container.
//
// Private to core/build.

#pragma once

#include <string>

#include "core/build/json_read.h"
#include "core/build/ray_cluster.h"
#include "core/objects.h"

namespace raycord {

std::string ray_start_command(const RayClusterView& cluster, const Json& group, NodeType type,
                              const BuildOptions& options);

// Sets command and args of the Ray container, around what the user wrote there.
void set_ray_command(Json& container, const std::string& ray_start, bool keep_user_command,
                     const BuildOptions& options);

// ["/bin/bash", "-c", "--"], or a login shell by option.
Json shell_command(const BuildOptions& options);

}  // namespace raycord
