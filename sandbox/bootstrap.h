// What a fresh cluster holds: namespaces, nodes, the API server's own Service, our CRDs.

#pragma once

#include "core/time.h"
#include "sandbox/api_objects.h"
#include "sandbox/chance.h"

namespace raycord {

// The identity of the cluster for everyone who reads it from this namespace, as is the custom.
inline constexpr const char* kKubeSystemUid = "5a6db0c5-0000-4000-8000-000000000001";

void fill_fresh_cluster(ApiStore& store, Chance& chance, Time now, int nodes);

}  // namespace raycord
