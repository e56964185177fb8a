#include "test/adapters/fake_http/fake_http.h"

#include <array>
#include <cctype>
#include <csignal>
#include <cstdint>
#include <cstdio>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/check.h"
#include "test/adapters/fake_http/byte_stream.h"

namespace raycord {
namespace {

// A socket bound to a free port of loopback, and the port.
std::pair<int, int> bind_loopback() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(socket >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t length = sizeof address;
  CHECK(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  return {socket, ntohs(address.sin_port)};
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Reads whole requests from a stream; what was read too far is kept for the next one.
class RequestReader {
 public:
  explicit RequestReader(ByteStream& stream) : stream_(stream) {}

  std::optional<FakeRequest> next() {
    const auto end = await("\r\n\r\n");
    if (!end) return std::nullopt;
    FakeRequest request;
    parse_head(buffer_.substr(0, *end), request);
    buffer_.erase(0, *end + 4);
    if (lower(request.header("transfer-encoding")) == "chunked") {
      if (!take_chunks(request.body)) return std::nullopt;
    } else if (const std::string length = request.header("content-length"); !length.empty()) {
      if (!take(std::stoul(length), request.body)) return std::nullopt;
    }
    return request;
  }

 private:
  static void parse_head(const std::string& head, FakeRequest& request) {
    std::size_t line_end = head.find("\r\n");
    const std::string first = head.substr(0, line_end);
    const auto space = first.find(' ');
    const auto second = first.find(' ', space + 1);
    request.method = first.substr(0, space);
    request.target = first.substr(space + 1, second - space - 1);
    while (line_end != std::string::npos) {
      const auto begin = line_end + 2;
      line_end = head.find("\r\n", begin);
      const std::string line = head.substr(begin, line_end - begin);
      const auto colon = line.find(':');
      const auto value = line.find_first_not_of(' ', colon + 1);
      request.headers.push_back(
          {lower(line.substr(0, colon)), value == std::string::npos ? "" : line.substr(value)});
    }
  }

  std::optional<std::size_t> await(std::string_view mark) {
    for (;;) {
      if (const auto at = buffer_.find(mark); at != std::string::npos) return at;
      if (!more()) return std::nullopt;
    }
  }

  bool take(std::size_t length, std::string& into) {
    while (buffer_.size() < length) {
      if (!more()) return false;
    }
    into += buffer_.substr(0, length);
    buffer_.erase(0, length);
    return true;
  }

  bool take_chunks(std::string& body) {
    for (;;) {
      const auto end = await("\r\n");
      if (!end) return false;
      const std::size_t length = std::stoul(buffer_.substr(0, *end), nullptr, 16);
      buffer_.erase(0, *end + 2);
      std::string ignored;
      if (!take(length, body) || !take(2, ignored)) return false;
      if (length == 0) return true;
    }
  }

  bool more() {
    const std::string bytes = stream_.receive();
    buffer_ += bytes;
    return !bytes.empty();
  }

  ByteStream& stream_;
  std::string buffer_;
};

std::string head_of(int status, const std::vector<HttpHeader>& headers) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
  for (const HttpHeader& header : headers) head += header.name + ": " + header.value + "\r\n";
  return head;
}

}  // namespace

std::string FakeRequest::header(std::string_view name) const {
  return find_header(headers, name).value_or("");
}

FakeConnection::FakeConnection(FakeHttp& server, ByteStream& stream, int number)
    : server_(server), stream_(stream), number_(number) {}

void FakeConnection::reply(int status, std::string_view body,
                           const std::vector<HttpHeader>& headers) {
  send(head_of(status, headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
       std::string(body));
}

void FakeConnection::reply_json(int status, std::string_view body) {
  reply(status, body, {{"Content-Type", "application/json"}});
}

void FakeConnection::start_chunked(int status, const std::vector<HttpHeader>& headers) {
  send(head_of(status, headers) + "Transfer-Encoding: chunked\r\n\r\n");
}

void FakeConnection::chunk(std::string_view bytes) {
  std::array<char, 20> length{};
  std::snprintf(length.data(), length.size(), "%zx\r\n", bytes.size());
  send(length.data() + std::string(bytes) + "\r\n");
}

void FakeConnection::end_chunks() { send("0\r\n\r\n"); }

void FakeConnection::send(std::string_view raw) { open_ = open_ && stream_.send(raw); }

void FakeConnection::close() {
  stream_.shut();
  open_ = false;
}

void FakeConnection::reset() {
  stream_.reset();
  open_ = false;
}

void FakeConnection::hold() {
  while (!stream_.receive().empty()) {
  }
  open_ = false;
}

void FakeConnection::pause(std::chrono::milliseconds time) {
  pollfd stop{server_.stop_, POLLIN, 0};
  if (::poll(&stop, 1, static_cast<int>(time.count())) > 0) open_ = false;
}

FakeHttp::FakeHttp(Script script) : script_(std::move(script)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to clients that have gone.
  std::tie(listener_, port_) = bind_loopback();
  CHECK(listen(listener_, SOMAXCONN) == 0);
  stop_ = eventfd(0, EFD_CLOEXEC);
  CHECK(stop_ >= 0);
  acceptor_ = std::thread([this] { accept_connections(); });
}

FakeHttp::FakeHttp(Script script, FakeTls tls) : FakeHttp(std::move(script)) {
  const std::lock_guard lock(mutex_);
  tls_ = std::move(tls);
}

FakeHttp::~FakeHttp() {
  const std::uint64_t one = 1;
  CHECK(write(stop_, &one, sizeof one) == sizeof one);
  acceptor_.join();
  for (std::thread& worker : workers_) worker.join();
  ::close(listener_);
  ::close(stop_);
}

std::string FakeHttp::address() const { return "127.0.0.1:" + std::to_string(port_); }

std::string FakeHttp::origin() const {
  const std::lock_guard lock(mutex_);
  return (tls_ ? "https://" : "http://") + address();
}

std::vector<FakeRequest> FakeHttp::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t FakeHttp::request_count() const {
  const std::lock_guard lock(mutex_);
  return requests_.size();
}

void FakeHttp::accept_connections() {
  for (;;) {
    std::array<pollfd, 2> both{{{listener_, POLLIN, 0}, {stop_, POLLIN, 0}}};
    CHECK(::poll(both.data(), both.size(), -1) > 0);
    if (both[1].revents != 0) return;
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int number = ++connections_;
    workers_.emplace_back([this, socket, number] { serve(socket, number); });
  }
}

void FakeHttp::serve(int socket, int number) {
  ByteStream stream(socket, stop_);
  std::optional<FakeTls> tls;
  {
    const std::lock_guard lock(mutex_);
    tls = tls_;
  }
  if (tls && !stream.accept_tls(*tls)) return stream.finish();
  RequestReader reader(stream);
  FakeConnection connection(*this, stream, number);
  while (connection.open()) {
    std::optional<FakeRequest> request = reader.next();
    if (!request) return;
    request->connection = number;
    request->client_name = stream.client_name();
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
    }
    script_(connection, *request);
  }
}

int unused_port() {
  const auto [socket, port] = bind_loopback();
  ::close(socket);
  return port;
}

}  // namespace raycord
