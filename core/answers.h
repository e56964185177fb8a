// What a dashboard answers about Serve: the slices of it that rules read.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "core/ids.h"

namespace raycord {

struct DeploymentAnswer {
  std::string name;
  std::string status;   // UPDATING, HEALTHY, UNHEALTHY, …
  std::string trigger;  // status_trigger, e.g. CONFIG_UPDATE_STARTED.
  std::string message;  // Cut and rate-limited at the border.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.name, self.status, self.trigger, self.message);
  }
  bool operator==(const DeploymentAnswer&) const = default;
};

struct AppAnswer {
  std::string name;
  std::string status;  // NOT_STARTED, DEPLOYING, RUNNING, DEPLOY_FAILED, UNHEALTHY, DELETING.
  std::string message;
  Hash config;                                // Of the canonical deployed_app_config.
  std::vector<DeploymentAnswer> deployments;  // By name.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.name, self.status, self.message, self.config, self.deployments);
  }
  bool operator==(const AppAnswer&) const = default;
};

// What GET /api/serve/applications/ said, without what changes by itself (ids, pids, times).
struct ServeAnswer {
  std::vector<AppAnswer> apps;                  // By name.
  std::map<std::string, std::int32_t> proxies;  // Proxy status → how many.
  std::optional<std::int32_t> target_capacity;  // In whole percent; absent: none, or not shown.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.apps, self.proxies, self.target_capacity);
  }
  bool operator==(const ServeAnswer&) const = default;
};

}  // namespace raycord
