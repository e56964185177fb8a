// Recorder is an HttpListener for tests: it keeps everything, and drives a CurlTransport until what
// the test waits for has come.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "adapters/http/curl_transport.h"

namespace raycord {

class Recorder : public HttpListener {
 public:
  void on_chunk(std::uint64_t id, std::string_view bytes) override;
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

  // Polls until `done`; false after ten seconds, which no test needs when all is well.
  static bool drive(CurlTransport& transport, const std::function<bool()>& done);

  // Starts the request and waits for its end.
  HttpOutcome fetch(CurlTransport& transport, HttpRequest request);

  std::map<std::uint64_t, std::string> bytes;  // Of streams, joined.
  std::map<std::uint64_t, int> chunks;
  std::map<std::uint64_t, HttpOutcome> outcomes;
  std::function<void(std::uint64_t)> when_chunk;  // Called after a chunk was kept.
  std::function<void(std::uint64_t)> when_done;
};

}  // namespace raycord
