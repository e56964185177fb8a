// The slicers of single kinds, and what they share. Private to formats/.
//
// Each reads `root` and leaves the first field of a wrong type in its ReadTrouble.

#pragma once

#include <string>
#include <vector>

#include "core/objects.h"
#include "formats/json_object.h"

namespace raycord {

RayServiceSlice slice_ray_service(const JsonObject& root);
RayClusterSlice slice_ray_cluster(const JsonObject& root);
PodSlice slice_pod(const JsonObject& root);
ServiceSlice slice_service(const JsonObject& root);
EndpointsSlice slice_endpoints(const JsonObject& root);
AccessSlice slice_access(Kind kind, const JsonObject& root);
JobSlice slice_job(const JsonObject& root);
IngressSlice slice_ingress(const JsonObject& root);
GatewaySlice slice_gateway(const JsonObject& root);
RouteSlice slice_route(const JsonObject& root);

// What a RayCluster of this metadata and spec asks for.
void read_as_cluster(const JsonObject& meta, const JsonObject& spec, RayClusterSlice& cluster);

RayServiceStatus slice_service_status(const JsonObject& status);
RayClusterStatus slice_cluster_status(const JsonObject& status);

Meta slice_meta(const JsonObject& root);
std::vector<Condition> slice_conditions(const JsonObject& status);

// IngressSlice::parts of the Ingress that a RayCluster asks for; empty where it cannot be built.
std::vector<Hash> wanted_ingress(const JsonObject& ray_cluster);

// A decimal number without sign, or the fallback: for labels and annotations, which anyone may
// edit.
std::int64_t number_or(const std::string& text, std::int64_t max, std::int64_t fallback);

}  // namespace raycord
