// Builders of Services: the object that is sent to the API server, as JSON.
//
// Head Services have a real cluster IP and publish addresses that are not ready, so that nothing is
// cut off from a head that is slow for a moment; headless by option. Ports are sorted by name.

#pragma once

#include <string>
#include <string_view>

#include "core/build/options.h"
#include "core/result.h"

namespace raycord {

// <cluster>-head-svc, or what headGroupSpec.headService asks for.
Result<std::string> build_cluster_head_service(std::string_view ray_cluster,
                                               const std::string& intent,
                                               const BuildOptions& options);

// <cluster>-headless: names for the pods of groups with several hosts.
Result<std::string> build_headless_worker_service(std::string_view ray_cluster,
                                                  const std::string& intent);

// <cluster>-serve-svc, for clusters with the annotation ray.io/enable-serve-service.
Result<std::string> build_cluster_serve_service(std::string_view ray_cluster,
                                                const std::string& intent);

// <cluster>-serve-svc for the HTTPRoute of an incremental upgrade: pods that serve are behind it.
Result<std::string> build_backend_service(std::string_view ray_service,
                                          std::string_view ray_cluster, const std::string& intent);

// <rayservice>-head-svc, pointing to the head of the cluster.
Result<std::string> build_service_head_service(std::string_view ray_service,
                                               std::string_view ray_cluster,
                                               const std::string& intent,
                                               const BuildOptions& options);

// <rayservice>-serve-svc or spec.serveService, pointing to the serving pods of the cluster.
Result<std::string> build_serve_service(std::string_view ray_service, std::string_view ray_cluster,
                                        const std::string& intent);

}  // namespace raycord
