// Builders of the Gateway and the HTTPRoute of an incremental upgrade
// (rayservice-behaviour.md 7.3).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/objects.h"
#include "core/result.h"

namespace raycord {

// <rayservice>-gateway: one listener, HTTP on port 80.
Result<std::string> build_gateway(std::string_view ray_service, const std::string& intent);

// <rayservice>-httproute: all paths to the backends, by weight.
Result<std::string> build_route(std::string_view ray_service,
                                const std::vector<RouteBackend>& backends,
                                const std::string& intent);

// Merge patches that make an existing one say the same. A Gateway keeps what others added to it; of
// an HTTPRoute the whole spec is ours.
Result<std::string> build_gateway_update(std::string_view existing, std::string_view ray_service,
                                         const std::string& intent,
                                         std::string_view resource_version);
Result<std::string> build_route_update(std::string_view existing, std::string_view ray_service,
                                       const std::vector<RouteBackend>& backends,
                                       const std::string& intent,
                                       std::string_view resource_version);

}  // namespace raycord
