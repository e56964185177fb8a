// When a cluster runs what was asked for, and when it may take the traffic.

#pragma once

#include <cstddef>
#include <vector>

#include "core/roles.h"
#include "core/rules.h"

namespace raycord {

// The dashboard of the present head has answered, and its newest answer was good.
bool is_answering(const Cluster& cluster);

// Deployed as asked for, and every application RUNNING (at least one).
bool runs_as_asked(const View& view, const Cluster& cluster);

// Pods that the serve Service would send traffic to: labelled, Ready, with an address, not going.
std::size_t serving_pods(const Cluster& cluster);

// Serving pods the pending cluster needs before it may take over: as many as serve now, but not
// more than it will ever have; at least one.
std::size_t serving_pods_needed(const View& view, const Roles& roles, const Cluster& pending);

// May take the traffic of the active cluster.
bool is_ready_to_switch(const View& view, const Roles& roles, const Cluster& pending);

// When an old cluster goes that has no traffic from now on.
Time drain_end(const RayServiceSlice& service, Time now);

// Events that showed a cluster running as asked: its dashboard's answer, its head pod, the service.
std::vector<Seq> causes_of_running(const View& view, const Cluster& cluster);

}  // namespace raycord
