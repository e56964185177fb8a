// Objects of others that a takeover must know of: KubeRay's Deployment, its webhooks, RayJobs, and
// the resource definitions. Read once, for people; no rule knows them.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace raycord {

// A RayJob or RayCronJob.
struct RayJobHead {
  std::string ns;
  std::string name;
  bool ended = false;  // It succeeded or failed for good; a RayCronJob never ends.
};
Result<RayJobHead> read_ray_job(std::string_view json);

struct DeploymentHead {
  std::string ns;
  std::string name;
  std::int64_t replicas = 1;  // Asked for.
};
Result<DeploymentHead> read_deployment(std::string_view json);

// A webhook for objects of ray.io, without whose answer they cannot be written.
struct StrictWebhook {
  std::string configuration;
  std::string name;
  std::string service_ns;
  std::string service;  // Empty: it is reached by URL.
  std::string url;
};
// Of a ValidatingWebhookConfiguration or MutatingWebhookConfiguration.
Result<std::vector<StrictWebhook>> read_strict_webhooks(std::string_view json);

struct DefinitionHead {
  std::vector<std::string> served;
  std::string stored;
  bool by_controller_gen = false;  // As KubeRay's are; Raycord's are written by a script.
};
Result<DefinitionHead> read_definition(std::string_view json);

// Values in spec of a RayService or RayCluster that rules need no more of than yes or no.
struct WishHead {
  std::string managed_by;
  std::string upgrade_type;  // spec.upgradeStrategy.type
  bool has_routes = false;   // The status of an incremental upgrade: traffic is shared.
};
Result<WishHead> read_wish(std::string_view json);

}  // namespace raycord
