#include "adapters/ray/ray_address.h"

#include <utility>

namespace raycord {
namespace {

std::string proxied(const HeadAddress& head, HeadPort which, std::int32_t port) {
  const std::string ns = "/api/v1/namespaces/" + url_encode(head.ns);
  if (which == HeadPort::Dashboard) {
    return ns + "/services/" + url_encode(head.service) + ":dashboard/proxy";
  }
  return ns + "/pods/" + url_encode(head.pod) + ":" + std::to_string(port) + "/proxy";
}

// An IPv6 address needs brackets in a URL.
std::string direct(const HeadAddress& head, std::int32_t port) {
  const bool is_v6 = head.ip.find(':') != std::string::npos;
  return "http://" + (is_v6 ? "[" + head.ip + "]" : head.ip) + ":" + std::to_string(port);
}

}  // namespace

std::optional<HttpRequest> RayWay::request(std::string method, const HeadAddress& head,
                                           HeadPort which, std::int32_t port,
                                           const std::string& path, const std::string& secret,
                                           Time now) const {
  HttpRequest request;
  if (api_ != nullptr) {
    request = api_->request(std::move(method), proxied(head, which, port) + path, now);
  } else {
    request.method = std::move(method);
    request.url = direct(head, port) + path;
    request.headers = {{"accept", "application/json"}};
  }
  if (secret.empty()) return request;
  const auto token = token_ ? token_(head.ns, secret) : std::nullopt;
  if (!token) return std::nullopt;
  // The API server keeps "authorization" for itself; Ray takes this one on both ways.
  request.headers.push_back({"x-ray-authorization", "Bearer " + *token});
  return request;
}

}  // namespace raycord
