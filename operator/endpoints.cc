#include "operator/endpoints.h"

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include <httplib.h>

namespace raycord {
namespace {

constexpr int kUnavailable = 503;
constexpr std::size_t kThreads = 4;      // A scrape and the kubelet's probes, and one to spare.
constexpr std::time_t kIdleSeconds = 1;  // What an end may have to wait for.

void answer(httplib::Response& response, const std::string& problem) {
  if (!problem.empty()) response.status = kUnavailable;
  response.set_content(problem.empty() ? "ok\n" : problem + "\n", "text/plain");
}

}  // namespace

class Endpoints::Server {
 public:
  explicit Server(Board& board) {
    http_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http_.set_keep_alive_timeout(kIdleSeconds);
    http_.set_read_timeout(kIdleSeconds);
    // The library would share the port with whoever listens there already.
    http_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    http_.Get("/healthz", [&board](const httplib::Request&, httplib::Response& response) {
      answer(response, board.not_alive());
    });
    http_.Get("/readyz", [&board](const httplib::Request&, httplib::Response& response) {
      answer(response, board.not_ready());
    });
    http_.Get("/metrics", [&board](const httplib::Request&, httplib::Response& response) {
      response.set_content(board.metrics(), "text/plain; version=0.0.4; charset=utf-8");
    });
  }

  ~Server() {
    if (!thread_.joinable()) return;
    http_.stop();
    thread_.join();
  }

  bool listen(const std::string& host, int port) {
    port_ = port == 0 ? http_.bind_to_any_port(host.c_str())
                      : (http_.bind_to_port(host.c_str(), port) ? port : -1);
    if (port_ < 0) return false;
    host_ = host;
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    // stop() is without effect on a server that has not begun.
    while (!http_.is_running()) std::this_thread::yield();
    return true;
  }

  std::string address() const { return host_ + ":" + std::to_string(port_); }

 private:
  httplib::Server http_;
  std::string host_;
  int port_ = -1;
  std::thread thread_;
};

Endpoints::Endpoints(Board& board) : board_(board) {}

Endpoints::~Endpoints() = default;

Outcome Endpoints::listen(const std::string& address, const std::string& purpose) {
  if (address == "0") return Done{};
  const std::size_t colon = address.rfind(':');
  const std::string host = colon == 0 ? "0.0.0.0" : address.substr(0, colon);
  const int port = std::stoi(address.substr(colon + 1));
  auto server = std::make_unique<Server>(board_);
  errno = 0;
  if (!server->listen(host, port)) {
    const std::string why =
        errno == 0 ? "the name does not resolve" : std::generic_category().message(errno);
    return fail(ErrorCode::InUse, "cannot listen on " + address + ": " + why + "; give another " +
                                      purpose + ", or 0 for none");
  }
  servers_.push_back(std::move(server));
  return Done{};
}

std::vector<std::string> Endpoints::addresses() const {
  std::vector<std::string> addresses;
  for (const auto& server : servers_) addresses.push_back(server->address());
  return addresses;
}

}  // namespace raycord
