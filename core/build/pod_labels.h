// Labels of Ray pods, and with them the selector of every Service that means the head.
//
// Private to core/build.

#pragma once

#include <map>
#include <string>

#include "core/build/json_read.h"
#include "core/build/ray_cluster.h"
#include "core/build/ray_start.h"

namespace raycord {

using Labels = std::map<std::string, std::string>;

// Without the labels of replicas and of Serve, which depend on more than the cluster's spec.
Labels pod_labels(const RayClusterView& cluster, const Json& group, NodeType type,
                  const BuildOptions& options);

// What head pods of the cluster carry and no other pod does.
Labels head_selector(const RayClusterView& cluster, const BuildOptions& options);

}  // namespace raycord
