#include "adapters/http/curl_lane.h"

#include <algorithm>
#include <cerrno>

#include <sys/epoll.h>

#include "core/check.h"

namespace raycord {

CurlLane::CurlLane(int epoll, std::uint32_t tag, std::size_t connection_cache,
                   std::size_t connections_per_origin)
    : multi_(curl_multi_init()), epoll_(epoll), tag_(tag) {
  CHECK(multi_ != nullptr);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLane::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLane::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, kStreamsPerConnection);
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                    static_cast<long>(connections_per_origin));
  set_connection_cache(connection_cache);
}

CurlLane::~CurlLane() { curl_multi_cleanup(multi_); }

void CurlLane::set_connection_cache(std::size_t connections) {
  constexpr std::size_t kMost = 1'000'000;  // Any more is a mistake, and long has an end.
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS,
                    static_cast<long>(std::clamp<std::size_t>(connections, 1, kMost)));
}

void CurlLane::add(CURL* easy) {
  const CURLMcode code = curl_multi_add_handle(multi_, easy);
  CHECK(code == CURLM_OK);
}

void CurlLane::remove(CURL* easy) {
  const CURLMcode code = curl_multi_remove_handle(multi_, easy);
  CHECK(code == CURLM_OK);
}

void CurlLane::socket_ready(int socket, std::uint32_t epoll_events) {
  int what = 0;
  if ((epoll_events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
  if ((epoll_events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
  if ((epoll_events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
  int running = 0;
  const CURLMcode code = curl_multi_socket_action(multi_, socket, what, &running);
  CHECK(code == CURLM_OK);
}

void CurlLane::expire(SteadyTime now) {
  if (!deadline_ || *deadline_ > now) return;
  deadline_.reset();  // Before the call: it may set the next one.
  int running = 0;
  const CURLMcode code = curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  CHECK(code == CURLM_OK);
}

std::optional<std::pair<CURL*, CURLcode>> CurlLane::next_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) return std::pair(message->easy_handle, message->data.result);
  }
  return std::nullopt;
}

// Sockets come and go with equal numbers, and a closed one has left the epoll set by itself: so
// whatever is known about a number is tried, and the other call made when it was wrong.
int CurlLane::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  const auto* lane = static_cast<CurlLane*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(lane->epoll_, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  event.data.u64 = (std::uint64_t{lane->tag_} << 32) | static_cast<std::uint32_t>(socket);
  if (epoll_ctl(lane->epoll_, EPOLL_CTL_MOD, socket, &event) == 0) return 0;
  // Out of watches: the exchange will end by its timeout. A failure here would end the whole lane.
  epoll_ctl(lane->epoll_, EPOLL_CTL_ADD, socket, &event);
  return 0;
}

int CurlLane::on_timer(CURLM*, long timeout, void* self) {
  auto* lane = static_cast<CurlLane*>(self);
  if (timeout < 0) {
    lane->deadline_.reset();
  } else {
    lane->deadline_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout);
  }
  return 0;
}

}  // namespace raycord
