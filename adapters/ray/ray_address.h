// Where a head is asked: at its pod's IP, or through the API server's proxy.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "adapters/kube/kube_api.h"
#include "formats/http.h"

namespace raycord {

struct HeadAddress {
  std::string ns;
  std::string ip;
  std::string pod;
  std::string service;  // RayCluster's head Service.
};

enum class HeadPort : std::uint8_t { Dashboard, Agent, Proxy };

class RayWay {
 public:
  // The token in a Secret, or nothing while it is not known.
  using Token =
      std::function<std::optional<std::string>(const std::string& ns, const std::string& secret)>;

  // `api` not null: through it; must outlive this.
  RayWay(const KubeApi* api, Token token) : api_(api), token_(std::move(token)) {}

  // A request for `path` ("/api/serve/applications/") at a port of the head. With a secret named,
  // it carries the token; nothing: the token is not known yet.
  std::optional<HttpRequest> request(std::string method, const HeadAddress& head, HeadPort which,
                                     std::int32_t port, const std::string& path,
                                     const std::string& secret, Time now) const;

 private:
  const KubeApi* api_;
  Token token_;
};

}  // namespace raycord
