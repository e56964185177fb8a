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

#include "core/decision.h"
#include "core/time.h"

namespace raycord {

// `at` becomes lastUpdateTime.
std::string ray_service_status_json(const WriteServiceStatus& write, Time at);
std::string ray_cluster_status_json(const WriteClusterStatus& write, Time at);

}  // namespace raycord
