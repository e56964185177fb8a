// What a RayCluster needs before its pods can run: the account of its in-tree autoscaler with its
// rights, and the Secret with its token.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/state.h"

namespace raycord {

// Secret, ServiceAccount, Role and RoleBinding that belong to the cluster. What the user named is
// the user's, and not among them.
std::vector<std::pair<Kind, std::string>> access_of(const RayClusterSlice& cluster);

// All of them are there, ours or (the name was taken) somebody else's.
bool has_access(const Partition& partition, const Cluster& cluster);

}  // namespace raycord
