// The declarative Serve config as the dashboard takes it: validation with Ray's messages, and what
// a change of it means.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/json.h"

namespace raycord {

struct RayRefusal {
  int code;  // 400: refused by the schema; 500: Serve fell over it.
  std::string text;
};

// Nothing when `body` is a config that Serve accepts; then `config` holds it.
std::optional<RayRefusal> read_ray_config(std::string_view body, Json& config);

std::string ray_app_name(const Json& app);      // "default" when it has none.
std::string ray_route_prefix(const Json& app);  // "/" when it has none; empty when null.

// The deployments of an application; one named after the imported object when none is listed.
std::vector<Json> ray_deployments(const Json& app);

// True when the change needs no new replicas: only user_config, num_replicas or autoscaling_config.
bool is_light_change(const Json& before, const Json& after);

// A deployment's config with the defaults that Serve reports.
Json full_deployment_config(const Json& deployment);

}  // namespace raycord
