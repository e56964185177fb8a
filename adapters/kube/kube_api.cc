#include "adapters/kube/kube_api.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "adapters/http/http_status.h"
#include "adapters/limits.h"
#include "formats/kube_list.h"

namespace raycord {
namespace {

// Longer waits than this are not the API server's, and a header must not stop us for days.
constexpr std::int64_t kRetryAfterMaxSeconds = 600;
constexpr std::size_t kBodyExcerpt = 200;

const char* collection_of(Kind kind) {
  switch (kind) {
    case Kind::RayService:
      return "rayservices";
    case Kind::RayCluster:
      return "rayclusters";
    case Kind::Pod:
      return "pods";
    case Kind::Service:
      return "services";
    case Kind::EndpointSlice:
      return "endpointslices";
    case Kind::ServiceAccount:
      return "serviceaccounts";
    case Kind::Role:
      return "roles";
    case Kind::RoleBinding:
      return "rolebindings";
    case Kind::Job:
      return "jobs";
    case Kind::Ingress:
      return "ingresses";
    case Kind::Secret:
      return "secrets";
    case Kind::Gateway:
      return "gateways";
    case Kind::HTTPRoute:
      return "httproutes";
  }
  return "";
}

const char* root_of(Kind kind) {
  switch (kind) {
    case Kind::RayService:
    case Kind::RayCluster:
      return "/apis/ray.io/v1";
    case Kind::Pod:
    case Kind::Service:
    case Kind::ServiceAccount:
    case Kind::Secret:
      return "/api/v1";
    case Kind::EndpointSlice:
      return "/apis/discovery.k8s.io/v1";
    case Kind::Role:
    case Kind::RoleBinding:
      return "/apis/rbac.authorization.k8s.io/v1";
    case Kind::Job:
      return "/apis/batch/v1";
    case Kind::Ingress:
      return "/apis/networking.k8s.io/v1";
    case Kind::Gateway:
    case Kind::HTTPRoute:
      return "/apis/gateway.networking.k8s.io/v1";
  }
  return "";
}

const char* selector_of(Kind kind) {
  switch (kind) {
    case Kind::RayService:
    case Kind::RayCluster:
    case Kind::Service:  // Users' own Services carry no label that all have.
    case Kind::Gateway:
    case Kind::HTTPRoute:
      return "";
    case Kind::Pod:
      return "ray.io/node-type in (head,worker)";
    case Kind::EndpointSlice:
      return "ray.io/originated-from-crd";  // Mirrored from their Service.
    case Kind::ServiceAccount:
    case Kind::Role:
    case Kind::RoleBinding:
    case Kind::Ingress:
    case Kind::Secret:
      return "ray.io/cluster";
    case Kind::Job:
      return "ray.io/node-type=redis-cleanup";
  }
  return "";
}

}  // namespace

KubeApi::KubeApi(std::string server, std::shared_ptr<Credentials> credentials)
    : server_(std::move(server)), credentials_(std::move(credentials)) {}

HttpRequest KubeApi::request(std::string method, std::string_view path, Time now) const {
  HttpRequest request;
  request.method = std::move(method);
  request.url = server_ + std::string(path);
  request.headers = {{"accept", "application/json"}};
  request.timeout = kReadTimeout;
  request.max_body = kAnswerMax;
  if (auto headers = credentials_->headers(now)) {
    for (HttpHeader& header : *headers) request.headers.push_back(std::move(header));
  }
  return request;
}

void KubeApi::note_answer(const HttpOutcome& outcome) const {
  if (outcome.response.status == kUnauthorized) credentials_->rejected();
}

std::string api_path(Kind kind, std::string_view ns, std::string_view name) {
  std::string path = root_of(kind);
  if (!ns.empty()) path += "/namespaces/" + url_encode(ns);
  path += std::string("/") + collection_of(kind);
  if (!name.empty()) path += "/" + url_encode(name);
  return path;
}

std::string selector_query(Kind kind) {
  const std::string selector = selector_of(kind);
  return selector.empty() ? "" : "labelSelector=" + url_encode(selector);
}

bool is_success(const HttpOutcome& outcome) {
  return !outcome.failure && outcome.response.status >= 200 && outcome.response.status < 300;
}

Millis retry_after(const HttpOutcome& outcome) {
  const auto header = find_header(outcome.response.headers, "retry-after");
  if (header) {
    std::int64_t seconds = 0;
    const char* end = header->data() + header->size();
    const auto [stop, error] = std::from_chars(header->data(), end, seconds);
    if (error == std::errc() && stop == end && seconds >= 0) {
      return std::chrono::seconds(std::min(seconds, kRetryAfterMaxSeconds));
    }
  }
  const auto status = read_kube_status(outcome.response.body);
  if (!status) return Millis(0);
  return std::min<Millis>(status->retry_after, std::chrono::seconds(kRetryAfterMaxSeconds));
}

std::string message_of(const HttpOutcome& outcome) {
  if (outcome.failure && outcome.response.status < 300) {
    const std::string reason = name_of(*outcome.failure);
    return short_line(outcome.detail.empty() ? reason : outcome.detail, kServerMessageMax);
  }
  const HttpResponse& response = outcome.response;
  const auto status = read_kube_status(response.body);
  if (status && !status->message.empty()) return short_line(status->message, kServerMessageMax);
  std::string message = "HTTP " + std::to_string(response.status);
  if (!response.body.empty()) message += ": " + short_line(response.body, kBodyExcerpt);
  return message;
}

std::string short_line(std::string_view text, std::size_t max) {
  std::string line(text.substr(0, max));
  if (text.size() > max) {
    const auto continues = [&](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    std::size_t end = max;
    while (end > 0 && continues(text[end])) --end;
    line.resize(end);
  }
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return line;
}

}  // namespace raycord
