// The environment variables that the operator gives to Ray containers.
//
// Where a row is "if absent" the user's own value stays; the others are appended last, so that they
// win. Private to core/build.

#pragma once

#include <string>

#include "core/build/json_read.h"
#include "core/build/ray_cluster.h"
#include "core/build/ray_start.h"

namespace raycord {

void append_env(Json& container, std::string_view name, std::string_view value);
void append_env_if_absent(Json& container, std::string_view name, std::string_view value);
void append_field_env(Json& container, std::string_view name, std::string_view field_path);

// Everything for the Ray container of a head or a worker.
void add_ray_environment(Json& container, const RayClusterView& cluster, NodeType type,
                         const std::string& ray_start, const Json& default_env,
                         const BuildOptions& options);

// Where the head is: for worker Ray containers and every init container.
void add_head_environment(Json& container, const RayClusterView& cluster,
                          const BuildOptions& options);

// Token authentication; a Ray container, wait-gcs-ready and the autoscaler each need it.
void add_auth_environment(Json& container, const RayClusterView& cluster);

// The Redis namespace of a fault tolerant cluster.
std::string storage_namespace(const RayClusterView& cluster);

}  // namespace raycord
