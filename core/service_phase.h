// What keeps a RayService from having clusters: it is suspended, or was given up before it was ever
// ready. Both are remembered in the conditions of its status, so they outlive our log.

#pragma once

#include <optional>

#include "core/state.h"
#include "core/time.h"

namespace raycord {

// Asked for, or begun and not complete: what is begun is finished, even if the wish is withdrawn
// meanwhile (rayservice-behaviour.md 3.6).
bool is_suspending(const Partition& partition);

// Suspended with nothing left of it.
bool is_suspended(const Partition& partition);

// The same, and the wish was withdrawn: nothing is made before the status says so.
bool is_resuming(const Partition& partition);

// When a RayService that was never ready is given up, by annotation ray.io/initializing-timeout;
// nothing: never, or it happened already (rayservice-behaviour.md 3.7).
std::optional<Time> initializing_limit(const Partition& partition);

// The status says that it was.
bool is_given_up(const RayServiceStatus& status);

// It was, for good: an edit does not revive it. Resuming from a suspension does.
bool is_given_up(const Partition& partition, Time now);

// Neither deleted, suspended nor given up: it may have clusters.
bool may_have_clusters(const Partition& partition, Time now);

}  // namespace raycord
