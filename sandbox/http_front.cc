#include "sandbox/http_front.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <httplib.h>

namespace raycord {
namespace {

// Each open watch and each hung request holds a thread of the server.
constexpr std::size_t kThreads = 128;
constexpr std::size_t kBodyMax = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds kLongestNap{1000};
constexpr Millis kHang{60'000};  // Longer than any client of ours waits; then the thread is free.

HttpRequest request_of(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method;
  request.url = from.target;
  request.body = from.body;
  for (const auto& [name, value] : from.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    request.headers.push_back({std::move(lower), value});
  }
  return request;
}

void fill(httplib::Response& to, HttpResponse from) {
  to.status = from.status;
  std::string type = "text/plain";
  for (const HttpHeader& header : from.headers) {
    if (header.name == "content-type") {
      type = header.value;
    } else {
      to.set_header(header.name.c_str(), header.value);
    }
  }
  to.set_content(std::move(from.body), type.c_str());
}

}  // namespace

class HttpFront::Server {
 public:
  Server(SandboxOptions options, Clock clock) : sandbox_(std::move(options)), clock_(clock) {}
  ~Server() { stop(); }

  Outcome listen(int port) {
    http_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http_.set_payload_max_length(kBodyMax);
    http_.set_tcp_nodelay(true);
    // The library would share the port with whoever listens there already.
    http_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    http_.set_keep_alive_max_count(1'000'000);
    http_.set_pre_routing_handler([this](const httplib::Request& from, httplib::Response& to) {
      // The library would wait for a body of which the headers say nothing.
      if (!from.has_header("Content-Length") && !from.has_header("Transfer-Encoding")) {
        answer(from, to);
        return httplib::Server::HandlerResponse::Handled;
      }
      return httplib::Server::HandlerResponse::Unhandled;
    });
    const auto handler = [this](const httplib::Request& from, httplib::Response& to) {
      answer(from, to);
    };
    http_.Post(".*", handler);
    http_.Put(".*", handler);
    http_.Patch(".*", handler);
    http_.Delete(".*", handler);
    http_.Get(".*", handler);
    if (port == 0) {
      port_ = http_.bind_to_any_port("127.0.0.1");
    } else {
      port_ = http_.bind_to_port("127.0.0.1", port) ? port : -1;
    }
    if (port_ < 0) {
      return fail(ErrorCode::InUse,
                  "cannot listen on 127.0.0.1:" + std::to_string(port) + "; is the port in use?");
    }
    network_ = std::thread([this] {
      http_.listen_after_bind();
      network_ended_ = true;
    });
    ticker_ = std::thread([this] { tick(); });
    return Done{};
  }

  int port() const { return port_; }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    ticker_wake_.notify_all();
    while (network_.joinable() && !http_.is_running() && !network_ended_) {
      std::this_thread::yield();  // stop() before listen_after_bind() would be forgotten.
    }
    http_.stop();
    if (network_.joinable()) network_.join();
    if (ticker_.joinable()) ticker_.join();
  }

 private:
  struct Stream {
    std::string bytes;
    bool ended = false;
  };

  // Moves the model on when something is due, and hands out what watches said.
  void tick() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      sandbox_.advance(clock_());
      hand_out();
      const auto next = sandbox_.next_change();
      auto nap = kLongestNap;
      if (next) nap = std::clamp(*next - clock_(), std::chrono::milliseconds(1), kLongestNap);
      ticker_wake_.wait_for(lock, nap);
    }
  }

  void hand_out() {
    bool any = false;
    for (Sandbox::Chunk& chunk : sandbox_.take_chunks()) {
      const auto found = streams_.find(chunk.watch);
      if (found == streams_.end()) continue;
      found->second.bytes += chunk.bytes;
      found->second.ended = found->second.ended || chunk.end;
      any = true;
    }
    if (any) changed_.notify_all();
  }

  void answer(const httplib::Request& from, httplib::Response& to) {
    const HttpRequest request = request_of(from);
    std::unique_lock lock(mutex_);
    SandboxReply reply = sandbox_.handle(clock_(), request);
    if (const auto* opened = std::get_if<SandboxOpened>(&reply)) {
      streams_[opened->watch];
      hand_out();
      ticker_wake_.notify_all();
      stream(opened->watch, to);
      return;
    }
    hand_out();
    ticker_wake_.notify_all();
    if (auto* response = std::get_if<HttpResponse>(&reply)) {
      fill(to, std::move(*response));
    } else if (auto* late = std::get_if<SandboxLate>(&reply)) {
      wait(lock, late->after);
      fill(to, std::move(late->response));
    } else {
      if (std::holds_alternative<SandboxSilence>(reply)) wait(lock, kHang);
      break_off(to);
    }
  }

  void wait(std::unique_lock<std::mutex>& lock, Millis time) {
    changed_.wait_for(lock, time, [this] { return stopping_; });
  }

  // Promises a body and sends none: the client sees the connection break.
  void break_off(httplib::Response& to) {
    to.set_header("Connection", "close");
    to.set_content_provider(1, "text/plain",
                            [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
  }

  void stream(std::uint64_t watch, httplib::Response& to) {
    // With a parameter, the library does not compress it: a compressor would sit on the events.
    to.set_chunked_content_provider(
        "application/json;charset=utf-8",
        [this, watch](std::size_t, httplib::DataSink& sink) {
          std::unique_lock lock(mutex_);
          Stream& stream = streams_[watch];
          changed_.wait_for(lock, kLongestNap, [this, &stream] {
            return stopping_ || !stream.bytes.empty() || stream.ended;
          });
          const std::string bytes = std::exchange(stream.bytes, "");
          const bool ended = stream.ended || stopping_;
          lock.unlock();
          if (!bytes.empty() && !sink.write(bytes.data(), bytes.size())) return false;
          if (ended) sink.done();
          return sink.is_writable();
        },
        [this, watch](bool) {
          const std::lock_guard lock(mutex_);
          sandbox_.close_watch(watch);
          streams_.erase(watch);
        });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable ticker_wake_;
  Sandbox sandbox_;
  Clock clock_;
  std::map<std::uint64_t, Stream> streams_;
  bool stopping_ = false;
  std::atomic<bool> network_ended_ = false;
  int port_ = -1;
  httplib::Server http_;
  std::thread network_;
  std::thread ticker_;
};

HttpFront::HttpFront(std::unique_ptr<Server> server) : server_(std::move(server)) {}

HttpFront::~HttpFront() = default;

Result<std::unique_ptr<HttpFront>> HttpFront::start(SandboxOptions options, int port, Clock clock) {
  if (auto problem = check_sandbox_options(options)) return fail(std::move(*problem));
  auto server = std::make_unique<Server>(std::move(options), std::move(clock));
  if (auto listening = server->listen(port); !listening) return fail(listening.error());
  return std::unique_ptr<HttpFront>(new HttpFront(std::move(server)));
}

int HttpFront::port() const { return server_->port(); }

std::string HttpFront::url() const { return "http://127.0.0.1:" + std::to_string(port()); }

std::string HttpFront::kubeconfig() const {
  return "apiVersion: v1\n"
         "kind: Config\n"
         "current-context: raycord-sandbox\n"
         "clusters:\n"
         "- name: raycord-sandbox\n"
         "  cluster:\n"
         "    server: " +
         url() +
         "\n"
         "contexts:\n"
         "- name: raycord-sandbox\n"
         "  context:\n"
         "    cluster: raycord-sandbox\n"
         "    namespace: default\n"
         "    user: raycord-sandbox\n"
         "users:\n"
         "- name: raycord-sandbox\n"
         "  user: {}\n";
}

void HttpFront::stop() { server_->stop(); }

}  // namespace raycord
