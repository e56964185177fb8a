// Builders of the Ingress to a head's dashboard (raycluster-behaviour.md 3.5, 5.5).

#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

// <cluster>-head-ingress. Annotations of the RayCluster are its own, but for kubectl's copy of the
// manifest, what operators noted on the RayCluster, and the one that names the class.
Result<std::string> build_ingress(std::string_view ray_cluster, const std::string& intent);

// A merge patch that makes `existing` say what the RayCluster asks for; its class stays when the
// RayCluster asks for none.
Result<std::string> build_ingress_update(std::string_view existing, std::string_view ray_cluster,
                                         const std::string& intent,
                                         std::string_view resource_version);

}  // namespace raycord
