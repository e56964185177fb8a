#include "adapters/http/curl_transport.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <mutex>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "adapters/http/curl_exchange.h"
#include "adapters/http/curl_lane.h"
#include "core/check.h"

namespace raycord {
namespace {

constexpr std::size_t kReads = 0;
constexpr std::size_t kWrites = 1;
constexpr std::size_t kStreams = 2;
constexpr std::uint32_t kWakeTag = 3;

// Sockets looked at per poll: enough for a burst, few enough to get back to the callbacks soon.
constexpr int kEventsPerPoll = 256;

// With NOSIGNAL libcurl leaves SIGPIPE to us, and OpenSSL writes to sockets that are gone.
void start_libcurl_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    struct sigaction action {};
    if (sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
      std::signal(SIGPIPE, SIG_IGN);
    }
  });
}

}  // namespace

CurlTransport::CurlTransport(CurlOptions options) : options_(std::move(options)) {
  start_libcurl_once();
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  CHECK(epoll_ >= 0);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CHECK(wake_ >= 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = std::uint64_t{kWakeTag} << 32;
  CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0);
  for (std::size_t i = 0; i < kLanes; ++i) {
    lanes_[i] =
        std::make_unique<CurlLane>(epoll_, static_cast<std::uint32_t>(i), options_.connection_cache,
                                   i == kStreams ? 0 : options_.connections_per_origin);
  }
}

CurlTransport::~CurlTransport() {
  for (const auto& [id, exchange] : exchanges_) {
    if (!exchange->ended()) lane_of(*exchange).remove(exchange->easy());
  }
  exchanges_.clear();
  for (auto& lane : lanes_) lane.reset();
  close(wake_);
  close(epoll_);
}

void CurlTransport::set_profile(const std::string& origin, OriginProfile profile) {
  profiles_[parse_target(origin).origin] =
      std::make_shared<const OriginProfile>(std::move(profile));
}

void CurlTransport::set_connection_cache(std::size_t connections) {
  for (auto& lane : lanes_) lane->set_connection_cache(connections);
}

CurlLane& CurlTransport::lane_of(const CurlExchange& exchange) {
  if (exchange.request().stream) return *lanes_[kStreams];
  return *lanes_[exchange.is_read() ? kReads : kWrites];
}

std::uint64_t CurlTransport::start(HttpRequest request, HttpListener& listener) {
  static const auto kNoProfile = std::make_shared<const OriginProfile>();
  const std::uint64_t id = ++last_id_;
  UrlTarget target = parse_target(request.url);
  auto& exchange = *(
      exchanges_[id] = std::make_unique<CurlExchange>(id, std::move(request), listener, arrived_));
  if (!target.problem.empty()) {
    // A URL with '@' may hold a password.
    const std::string& url = exchange.request().url;
    const bool secret = url.find('@') != std::string::npos;
    exchange.fail_with(HttpFailure::Unsupported, "URL " +
                                                     (secret ? "with user name" : "'" + url + "'") +
                                                     " is not usable: " + target.problem);
    finished_.push_back(id);
    return id;
  }
  const auto profile = profiles_.find(target.origin);
  if (!exchange.prepare(std::move(target),
                        profile == profiles_.end() ? kNoProfile : profile->second, options_)) {
    finished_.push_back(id);
    return id;
  }
  curl_easy_setopt(exchange.easy(), CURLOPT_PRIVATE, static_cast<void*>(&exchange));
  lane_of(exchange).add(exchange.easy());
  if (exchange.request().stream) silences_.emplace(exchange.silent_at(), id);
  return id;
}

void CurlTransport::cancel(std::uint64_t id) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  CurlExchange& exchange = *found->second;
  const bool was_running = !exchange.ended();
  if (was_running) lane_of(exchange).remove(exchange.easy());
  exchange.cancel();
  if (was_running) finished_.push_back(id);
}

void CurlTransport::poll(Millis at_most) {
  CHECK(!polling_);
  polling_ = true;
  drive(wait_millis(at_most));
  collect_finished();
  end_silent_streams();
  deliver();
  polling_ = false;
}

void CurlTransport::wake() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then poll() is awake already.
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
}

int CurlTransport::wait_millis(Millis at_most) const {
  if (!finished_.empty() || !arrived_.empty()) return 0;
  const SteadyTime now = std::chrono::steady_clock::now();
  Millis wait = std::clamp(at_most, Millis(0), Millis(std::numeric_limits<int>::max()));
  const auto look_at = [&](SteadyTime deadline) {
    wait = std::min(wait, std::max(Millis(0), std::chrono::ceil<Millis>(deadline - now)));
  };
  for (const auto& lane : lanes_) {
    if (lane->deadline()) look_at(*lane->deadline());
  }
  if (!silences_.empty()) look_at(silences_.begin()->first);
  return static_cast<int>(wait.count());
}

void CurlTransport::drive(int wait) {
  std::array<epoll_event, kEventsPerPoll> events;
  const int count = epoll_wait(epoll_, events.data(), kEventsPerPoll, wait);
  CHECK(count >= 0 || errno == EINTR);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto tag = static_cast<std::uint32_t>(event.data.u64 >> 32);
    if (tag == kWakeTag) {
      std::uint64_t value = 0;
      [[maybe_unused]] const auto taken = read(wake_, &value, sizeof value);
    } else {
      lanes_[tag]->socket_ready(static_cast<int>(event.data.u64 & 0xffffffffU), event.events);
    }
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  for (auto& lane : lanes_) lane->expire(now);
}

void CurlTransport::collect_finished() {
  for (auto& lane : lanes_) {
    while (const auto finished = lane->next_finished()) {
      void* pointer = nullptr;
      curl_easy_getinfo(finished->first, CURLINFO_PRIVATE, &pointer);
      auto* exchange = static_cast<CurlExchange*>(pointer);
      exchange->end(finished->second);
      lane->remove(finished->first);
      finished_.push_back(exchange->id());
    }
  }
}

// A deadline is looked at when it would have passed without any byte since; bytes move it on.
void CurlTransport::end_silent_streams() {
  const SteadyTime now = std::chrono::steady_clock::now();
  while (!silences_.empty() && silences_.begin()->first <= now) {
    const std::uint64_t id = silences_.extract(silences_.begin()).value().second;
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end() || found->second->ended()) continue;
    CurlExchange& exchange = *found->second;
    if (exchange.silent_at() > now) {
      silences_.emplace(exchange.silent_at(), id);
      continue;
    }
    exchange.go_silent();
    lane_of(exchange).remove(exchange.easy());
    finished_.push_back(id);
  }
}

// Callbacks may start and cancel: what that ends is reported by the next poll().
void CurlTransport::deliver() {
  for (const std::uint64_t id : std::exchange(arrived_, {})) {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end()) continue;
    const std::string chunk = found->second->take_chunk();
    if (!chunk.empty()) found->second->listener().on_chunk(id, chunk);
  }
  for (const std::uint64_t id : std::exchange(finished_, {})) {
    const auto found = exchanges_.find(id);
    CHECK(found != exchanges_.end());
    const std::unique_ptr<CurlExchange> exchange = std::move(found->second);
    exchanges_.erase(found);
    exchange->listener().on_done(id, exchange->take_outcome());
  }
}

}  // namespace raycord
