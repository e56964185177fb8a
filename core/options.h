// The options that rules may read. They come in with the Started fact and from nowhere else, so a
// changed flag is an event like any other. KubeRay's names are given where it has one.

#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "core/objects.h"

namespace raycord {

struct Options {
  std::string version = "raycord-0.1.0";          // Stamped as ray.io/kuberay-version.
  std::string cluster_domain = "cluster.local";   // CLUSTER_DOMAIN
  FailoverMode failover = FailoverMode::Enforce;  // --failover: a cap for all services.
  bool zero_downtime = true;                      // ENABLE_ZERO_DOWNTIME
  bool headless_head_service = false;             // --headless-head-service
  bool inject_probes = true;                      // ENABLE_PROBES_INJECTION
  bool inject_init_container = true;              // ENABLE_INIT_CONTAINER_INJECTION
  bool login_shell = false;                       // ENABLE_LOGIN_SHELL
  bool random_pod_delete = false;                 // ENABLE_RANDOM_POD_DELETE
  bool kubernetes_proxy = false;                  // --use-kubernetes-proxy
  bool redis_cleanup = true;                      // ENABLE_GCS_FT_REDIS_CLEANUP
  bool fixed_head_name = false;                   // ENABLE_DETERMINISTIC_HEAD_POD_NAME
  std::vector<std::string> namespaces;            // --watch-namespace; empty: all.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.version, self.cluster_domain, self.failover, self.zero_downtime,
                    self.headless_head_service, self.inject_probes, self.inject_init_container,
                    self.login_shell, self.random_pod_delete, self.kubernetes_proxy,
                    self.redis_cleanup, self.fixed_head_name, self.namespaces);
  }
  bool operator==(const Options&) const = default;
};

}  // namespace raycord
