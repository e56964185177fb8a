// HttpTransport is the one way out: every conversation with Kubernetes and Ray goes through it.
//
// Single-threaded and callback style: start() queues, and whoever drives the implementation gets
// the callbacks (CurlTransport::poll; the sandbox's virtual-time front drives itself). No clock
// appears here, timeouts are part of the request, so both implementations can be honest about time.
//
//   const std::uint64_t id = transport.start({.method = "GET", .url = server + "/version"}, *this);
//   ... on_done(id, outcome): outcome.failure is empty when outcome.response is whole.
//
// Nobody retries here: each start() is one request, and its outcome is reported as it was.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"
#include "formats/http.h"

namespace raycord {

struct HttpOutcome {
  HttpResponse response;               // With a failure: what had arrived, status 0 for nothing.
  std::optional<HttpFailure> failure;  // Empty: the response is whole, whatever its status.
  std::string detail;                  // For people: "could not connect to 10.0.0.1:8265: …".
  Millis elapsed{0};                   // From start() to the end, as the transport measured it.
};

// Must outlive the exchanges it was given to. Callbacks may call start() and cancel().
class HttpListener {
 public:
  virtual ~HttpListener() = default;

  // Streams with a 2xx status only: the next bytes of the body, cut anywhere. The body of any other
  // status is short and comes whole in the response.
  virtual void on_chunk(std::uint64_t id, std::string_view bytes) = 0;

  // Exactly once for each start(), never from inside start() or cancel(), and last.
  virtual void on_done(std::uint64_t id, HttpOutcome outcome) = 0;
};

class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // Never blocks and never fails: what is wrong with the request comes as on_done. Ids are not 0
  // and never used twice.
  virtual std::uint64_t start(HttpRequest request, HttpListener& listener) = 0;

  // Gives up: no chunk follows, on_done follows with HttpFailure::Cancelled. A write may have
  // reached the server all the same. Does nothing for an id that is done or unknown.
  virtual void cancel(std::uint64_t id) = 0;
};

}  // namespace raycord
