// What the in-tree autoscaler of a RayCluster needs before it can run: an account and its rights.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/state.h"

namespace raycord {

// ServiceAccount, Role and RoleBinding that belong to the cluster; nothing without autoscaling. An
// account that the user named is the user's, and not among them.
std::vector<std::pair<Kind, std::string>> access_of(const RayClusterSlice& cluster);

// All of them are there, ours or (the name was taken) somebody else's.
bool has_access(const Partition& partition, const Cluster& cluster);

}  // namespace raycord
