// Bodies of status writes: JSON patches (application/json-patch+json) for PATCH on …/status.
//
// A patch replaces the whole status, so that nothing of an older one survives, as a merge patch
// would let it. It sets metadata.resourceVersion to the one the decision was made on: the API
// server answers 409 when the object has moved on. (An operation "test" would do, but fails as 422,
// which is what nonsense gets.) Without a known version the UID is tested.
//
// The fields are KubeRay's (rayservice-behaviour.md 2, raycluster-behaviour.md 2.1); zero and empty
// ones are left out, as it leaves them out. Reading the status back gives what was written.

#pragma once

#include <string>
#include <string_view>

#include "core/decision.h"
#include "core/time.h"

namespace raycord {

// Whole RayClusters are given for the names in `write.status`, and their status is copied; an empty
// text stands for a cluster that is not there (yet). `at` becomes lastUpdateTime.
std::string ray_service_status_json(const WriteServiceStatus& write, Time at,
                                    std::string_view active_raycluster_json,
                                    std::string_view pending_raycluster_json);

std::string ray_cluster_status_json(const WriteClusterStatus& write, Time at);

}  // namespace raycord
