// HTTP requests and responses as values, shared by the real transport (adapters/http, libcurl) and
// the embedded cluster (sandbox/). No IO here.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raycord {

// What a Ray dashboard's answer may take; a list of objects asks for more by HttpRequest::max_body.
inline constexpr std::size_t kMaxBody = 4 * 1024 * 1024;

struct HttpHeader {
  std::string name;  // Lower case.
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};  // Absolute ("https://host:6443/api/v1/pods?limit=500"), or a path only.
  std::vector<HttpHeader> headers = {};  // The "= {}" let callers name only what they set.
  std::string body = {};
  std::chrono::milliseconds timeout{10'000};  // For the whole exchange; a stream: for its silence.
  bool stream = false;                        // Deliver the body as it arrives (watch).
  std::size_t max_body = kMaxBody;            // A longer body fails as TooLarge; streams have none.
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string body;  // Empty for a stream: its bytes were delivered as chunks.
};

// Why there is no response, or not a whole one.
enum class HttpFailure : std::uint8_t {
  Refused,      // No connection: refused, no route, or the name does not resolve.
  Timeout,      // Nothing, or not all of it, within the request's timeout.
  Reset,        // The peer closed or reset the connection in mid-exchange.
  Tls,          // Certificate not accepted, or the handshake failed.
  TooLarge,     // The body passed the caller's limit.
  Cancelled,    // We gave up ourselves.
  Unsupported,  // The URL or the protocol makes no sense here.
};

const char* name_of(HttpFailure failure);

// The value of header `name` (lower case), or nothing.
std::optional<std::string> find_header(const std::vector<HttpHeader>& headers,
                                       std::string_view name);

// The parts of a URL or a path: "/a/b?x=1&y=2" -> "/a/b", {{"x","1"},{"y","2"}}, percent-decoded.
struct UrlParts {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};
UrlParts split_url(std::string_view url);

// Percent-encodes everything but unreserved characters (RFC 3986).
std::string url_encode(std::string_view text);

}  // namespace raycord
