// CurlTransport is HttpTransport over real sockets: libcurl, driven by one epoll loop.
//
//   CurlTransport transport({.user_agent = "raycord/0.1.0"});
//   transport.set_profile("https://10.0.0.1:6443", {.tls = endpoint.tls, .http2 = true});
//   while (running) transport.poll(Millis(1000));  // callbacks come from here
//
// One thread calls everything but wake(). What libcurl would do by itself and must not:
//  - Repeat a request when a reused connection dies before the answer. Only GET and HEAD may be
//    repeated; anything else is sent at most once and ends as Reset, outcome unknown.
//  - Follow redirects, obey proxy variables, use the user's .netrc, or raise signals.
//  - Share connections between what disturbs each other: streams, reads and writes (with the Lease)
//    have connections of their own. Streams speak HTTP/1.1 always, and are never paused.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/tls_options.h"
#include "adapters/http/transport.h"

namespace raycord {

class CurlExchange;
class CurlLane;

// How to talk to one origin ("https://10.0.0.1:6443"); what has no profile gets an empty one.
struct OriginProfile {
  TlsOptions tls = {};
  bool http2 = false;  // Offer HTTP/2 over TLS; Ray's dashboards stay with HTTP/1.1.
};

// A SYN is repeated after 1, 3 and 7 s; who has not answered by then is away.
inline constexpr Millis kConnectTimeout{10'000};

// Idle connections kept per lane. One per cluster and a few to the API server; whoever has more
// targets says so, or connections are made anew for every probe.
inline constexpr std::size_t kDefaultConnectionCache = 64;

// Connections of a lane to one origin: a burst of writes waits in a queue instead of opening
// hundreds, and its timeouts run meanwhile. Streams are not counted, each needs one for good.
inline constexpr std::size_t kConnectionsPerOrigin = 32;

struct CurlOptions {
  std::string user_agent = "raycord";
  Millis connect_timeout = kConnectTimeout;
  std::size_t connection_cache = kDefaultConnectionCache;
  std::size_t connections_per_origin = kConnectionsPerOrigin;
  bool proxy_from_environment = false;  // In-cluster traffic must not leave through a proxy.
};

class CurlTransport final : public HttpTransport {
 public:
  explicit CurlTransport(CurlOptions options = {});
  // Drops what is in flight without callbacks.
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  // For requests started from now on: rotated certificates take effect without a restart.
  void set_profile(const std::string& origin, OriginProfile profile);
  void set_connection_cache(std::size_t connections);

  std::uint64_t start(HttpRequest request, HttpListener& listener) override;
  void cancel(std::uint64_t id) override;

  // Waits at most so long for something to happen, then makes every callback that is due. Not to be
  // called from a callback.
  void poll(Millis at_most);

  // Ends a poll() that waits, or makes the next one return at once. From any thread.
  void wake();

  // Started and not yet reported.
  std::size_t in_flight() const { return exchanges_.size(); }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kLanes = 3;  // Reads, writes, streams.

  CurlLane& lane_of(const CurlExchange& exchange);
  int wait_millis(Millis at_most) const;
  void drive(int wait);
  void collect_finished();
  void end_silent_streams();
  void deliver();

  CurlOptions options_;
  std::map<std::string, std::shared_ptr<const OriginProfile>> profiles_;  // By normal origin.
  int epoll_ = -1;
  int wake_ = -1;
  std::array<std::unique_ptr<CurlLane>, kLanes> lanes_;
  std::map<std::uint64_t, std::unique_ptr<CurlExchange>> exchanges_;
  std::set<std::pair<SteadyTime, std::uint64_t>> silences_;  // When to look at a stream next.
  std::vector<std::uint64_t> arrived_;                       // Streams with bytes to deliver.
  std::vector<std::uint64_t> finished_;                      // To be reported.
  std::uint64_t last_id_ = 0;
  bool polling_ = false;
};

}  // namespace raycord
