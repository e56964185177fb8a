// The status of a RayService and of a RayCluster as projections of what is believed.
//
// lastTransitionTime of a condition is carried over from the believed status while its `status`
// stays the same, so the projection of an unchanged world is unchanged. Times are those of events.
// Sources: rayservice-behaviour.md 2, raycluster-behaviour.md 2.

#pragma once

#include "core/state.h"

namespace raycord {

RayServiceStatus wanted_service_status(const Partition& partition, const Fleet& fleet, Time now);
RayClusterStatus wanted_cluster_status(const Partition& partition, const Cluster& cluster,
                                       const Fleet& fleet, Time now);

Hash hash_of(const RayServiceStatus& status);
Hash hash_of(const RayClusterStatus& status);

// The same without messages: what makes a write urgent.
Hash hash_without_messages(const RayServiceStatus& status);
Hash hash_without_messages(const RayClusterStatus& status);

// Sets a condition; `since` moves to `now` only when its status differs from the one in `believed`.
void set_condition(std::vector<Condition>& wanted, const std::vector<Condition>& believed,
                   Condition condition, Time now);

const Condition* find_condition(const std::vector<Condition>& conditions, const char* type);

}  // namespace raycord
