// Fault injection and inspection: the requests below /sandbox/. See sandbox/README.md.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "formats/http.h"
#include "sandbox/api_paths.h"
#include "sandbox/api_server.h"
#include "sandbox/gateway_controller.h"
#include "sandbox/kubelet.h"
#include "sandbox/ray_clusters.h"
#include "sandbox/reply.h"

namespace raycord {

// What is wrong with the API server itself.
struct ApiTrouble {
  std::optional<DisturbanceMode> mode;
  int code = 500;                // Error.
  std::int64_t left = 0;         // Error: requests still to spoil; negative: until cleared.
  std::int64_t retry_after = 0;  // Error: seconds named in Retry-After; 0: none.
  Millis latency{0};
  std::string method;  // Only these; empty: all.
  std::string path;    // Only paths that begin so.
};

class SandboxFaults {
 public:
  SandboxFaults(ApiStore& store, ApiServer& api, ApiWatches& watches, Kubelet& kubelet,
                RayClusters& clusters, GatewayController& gateways,
                std::function<void()> look_again)
      : store_(store),
        api_(api),
        watches_(watches),
        kubelet_(kubelet),
        clusters_(clusters),
        gateways_(gateways),
        look_again_(std::move(look_again)) {}

  HttpResponse handle(Time now, const HttpRequest& request, const std::string& path,
                      const ApiQuery& query);

  // What the API server's trouble makes of a request; nothing when it is served as usual.
  std::optional<SandboxReply> spoil(const HttpRequest& request, const std::string& path);
  bool lacks(const ApiKind& kind) const;  // As if its definition were not installed.
  Millis latency(const HttpRequest& request, const std::string& path) const;

 private:
  HttpResponse post(Time now, const std::string& path, const Json& asked);
  HttpResponse disturb(Time now, const Json& asked);
  HttpResponse trouble_gateways(const Json& asked);
  HttpResponse trouble_api(const Json& asked);
  HttpResponse restore(const Json& asked);
  HttpResponse display(Time now, const Json& asked);
  HttpResponse act_on_pods(Time now, const Json& asked);
  HttpResponse reset();
  std::vector<RayClusterRecord*> pick(const Json& asked);
  Json view(Time now, RayClusterRecord& record, bool whole);
  Json puts_since(std::uint64_t seq, bool bodies) const;
  Json totals();

  bool troubled(const HttpRequest& request, const std::string& path) const;

  ApiStore& store_;
  ApiServer& api_;
  ApiWatches& watches_;
  Kubelet& kubelet_;
  RayClusters& clusters_;
  GatewayController& gateways_;
  std::function<void()> look_again_;
  ApiTrouble trouble_;
  bool lacks_gateways_ = false;
};

}  // namespace raycord
