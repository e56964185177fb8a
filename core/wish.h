// What the user asks of a RayService, as one hash: the cluster spec and the Serve config.

#pragma once

#include "core/state.h"

namespace raycord {

// Zero while there is no RayService.
Hash wish_of(const Partition& partition);

// The spec revision asked for: the cluster config without the muted fields.
Hash wanted_revision(const RayServiceSlice& service);

// The cluster was made for what is asked for now.
bool is_current(const RayServiceSlice& service, const RayClusterSlice& cluster);

// What is asked for is the cluster's revision with worker groups appended: changed in place
// (rayservice-behaviour.md 3.3, "partial match").
bool only_appends_groups(const RayServiceSlice& service, const RayClusterSlice& cluster);

// Either: no other cluster is needed for what is asked for now.
bool fits(const RayServiceSlice& service, const RayClusterSlice& cluster);

}  // namespace raycord
