// CurlLane is one libcurl multi handle with its own connections, watched by an epoll set that
// several lanes share. Costs are in proportion to what happens, not to what is in flight.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <curl/curl.h>

namespace raycord {

// Streams on one HTTP/2 connection. Servers allow a hundred and more, but say so only after we have
// begun, and refuse what is over it; a refused write would have to be sent again.
inline constexpr long kStreamsPerConnection = 32;

class CurlLane {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  // Registers its sockets in `epoll` with the data `tag << 32 | socket`.
  // `connections_per_origin` of 0 is no limit; what is over it waits for its turn.
  CurlLane(int epoll, std::uint32_t tag, std::size_t connection_cache,
           std::size_t connections_per_origin);
  ~CurlLane();
  CurlLane(const CurlLane&) = delete;
  CurlLane& operator=(const CurlLane&) = delete;

  void set_connection_cache(std::size_t connections);

  void add(CURL* easy);
  void remove(CURL* easy);

  void socket_ready(int socket, std::uint32_t epoll_events);
  void expire(SteadyTime now);
  std::optional<SteadyTime> deadline() const { return deadline_; }

  // One transfer that ended, and how; it is still to be removed.
  std::optional<std::pair<CURL*, CURLcode>> next_finished();

 private:
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* lane, void* known);
  static int on_timer(CURLM* multi, long timeout, void* lane);

  CURLM* multi_;
  int epoll_;
  std::uint32_t tag_;
  std::optional<SteadyTime> deadline_;
};

}  // namespace raycord
