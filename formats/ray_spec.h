// Questions about a RayCluster's spec that slices and validation both ask. Private to formats/.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/objects.h"
#include "formats/json_object.h"

namespace raycord {

// The Ray container of a group: the first of its pod template, whatever its name.
JsonObject ray_container_of(const JsonObject& group);

// The value of variable `name` of a container; nothing when it is not declared.
std::optional<std::string> env_of(const JsonObject& container, std::string_view name);

// The pods of one replica. Less than one is one: KubeRay means to say so, and then makes none
// (raycluster-behaviour.md 8.3).
std::int32_t hosts_of(const JsonObject& worker_group);

// The wanted replicas within their bounds.
std::int32_t replicas_of(const JsonObject& worker_group);

// By its options or, as before there were any, by annotation (raycluster-behaviour.md 1.7).
bool is_fault_tolerant(const JsonObject& cluster_spec, const JsonObject& annotations);

bool asks_for_autoscaler_v2(const JsonObject& cluster_spec);

// The container port called `name`.
std::optional<std::int32_t> port_named(const JsonObject& container, std::string_view name);

// Whether the Ray container has a port for Serve: "serve" or "serve-…", or none at all, since then
// the default ports apply (rayservice-behaviour.md 5.3, 5.4).
bool declares_serve(const JsonObject& head_group);

// False when managedBy names a controller other than KubeRay's operator, whose place we take.
bool is_ours_to_manage(const JsonObject& spec);

// Pods' resources summed (raycluster-behaviour.md 2.4); a quantity that cannot be read counts zero.
DesiredResources desired_resources(const JsonObject& cluster_spec);

}  // namespace raycord
