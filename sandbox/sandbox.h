// The embedded cluster: Kubernetes' API server, the few controllers below it, kubelets and Ray
// heads, as a pure model that is driven request by request.
//
//   Sandbox sandbox({.seed = 7});
//   auto reply = sandbox.handle(now, {.method = "GET", .url = "/api/v1/pods"});
//   while (auto when = sandbox.next_change()) { sandbox.advance(*when);
//   deliver(sandbox.take_chunks()); }
//
// It has no clock, thread or socket: time comes in with each call and never steps back. The same
// options and calls give the same bytes. What it does not do answers 501 and says so.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "formats/http.h"
#include "sandbox/reply.h"

namespace raycord {

enum class ApiKindId : std::uint8_t;  // sandbox/api_kinds.h

struct SandboxOptions {
  std::uint64_t seed = 1;
  Time start{};  // The cluster's own objects date from here.

  Millis pod_start{200};      // Bound to containers running.
  Millis head_ready{1000};    // Head running to Ready.
  Millis worker_ready{300};   // What a worker waits for holds, to Ready.
  Millis termination{200};    // Deletion to gone.
  Millis head_restart{1000};  // Containers killed to running again.
  Millis app_deploy{200};     // Per deployment of a new or rebuilt application.
  Millis app_update{300};     // Only user_config or replicas changed, or nothing.
  Millis app_delete{300};
  Millis controllers{10};  // Garbage collector and EndpointSlices, behind what they react to.

  std::string pod_ips = "10.64.0.0/12";
  std::string service_ips = "10.96.0.0/16";
  int nodes = 5;
  std::size_t history = 1000;          // Changes remembered per kind; watches from before get 410.
  bool expired_watch_is_http = false;  // 410 as HTTP status, not as ERROR event.
  bool journal = false;                // Keep what clients changed, for GET /sandbox/journal.
};

// Nothing when the options make sense.
std::optional<Error> check_sandbox_options(const SandboxOptions& options);

class Sandbox {
 public:
  using Opened = SandboxOpened;
  using Silence = SandboxSilence;
  using Broken = SandboxBroken;
  using Late = SandboxLate;
  using Reply = SandboxReply;

  explicit Sandbox(SandboxOptions options);  // Checked options.
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // One request at `now`. URLs from the path on, and URLs of hosts that are no pod or service, mean
  // the API server; http://POD-IP:PORT/, http://SERVICE.NAMESPACE.svc:PORT/ and cluster IPs mean
  // those. What is below /sandbox/ is fault injection: see sandbox/README.md.
  Reply handle(Time now, const HttpRequest& request);

  void advance(Time now);                   // Runs everything that is due by `now`.
  std::optional<Time> next_change() const;  // When something will happen by itself.

  struct Chunk {
    std::uint64_t watch;
    std::string bytes;  // Whole lines.
    bool end;           // The server closed the stream behind them.
  };
  std::vector<Chunk> take_chunks();  // What watches said since the last call.
  void close_watch(std::uint64_t watch);

  std::uint64_t resource_version() const;
  std::uint64_t version_of(ApiKindId kind) const;  // Of the kind's newest change.

 private:
  class World;
  std::unique_ptr<World> world_;
};

}  // namespace raycord
