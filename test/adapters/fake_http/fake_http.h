// FakeHttp is a scripted HTTP/1.1 server on a port of its own, for tests of what goes over the
// wire.
//
//   FakeHttp server([](FakeConnection& connection, const FakeRequest& request) {
//     if (request.target == "/version") return connection.reply(200, R"({"major":"1"})");
//     connection.start_chunked(200);
//     connection.chunk(R"({"type":"ADDED")");   // half a line
//     connection.hold();                        // and silence, until the client gives up
//   });
//   transport.start({.url = server.origin() + "/version"}, listener);
//
// The script runs once per request, in a thread of the connection; requests of different
// connections at the same time. Every whole request is kept and can be asked for. The destructor
// ends holds.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "formats/http.h"
#include "test/adapters/fake_http/test_certificates.h"

namespace raycord {

struct FakeRequest {
  std::string method;
  std::string target;  // As sent: path and query.
  std::vector<HttpHeader> headers;
  std::string body;
  int connection = 0;       // Counted from 1.
  std::string client_name;  // Common name of the client's certificate; empty without one.

  std::string header(std::string_view name) const;  // Lower case; empty when there is none.
};

class FakeHttp;
class ByteStream;

class FakeConnection {
 public:
  FakeConnection(FakeHttp& server, ByteStream& stream, int number);

  // A whole answer, with content-length.
  void reply(int status, std::string_view body = "", const std::vector<HttpHeader>& headers = {});
  void reply_json(int status, std::string_view body);

  // An answer in pieces: the head, then chunks (each cut anywhere), then the end.
  void start_chunked(int status, const std::vector<HttpHeader>& headers = {});
  void chunk(std::string_view bytes);
  void end_chunks();

  void send(std::string_view raw);  // Bytes as they are.

  void close();  // Ends the connection in an orderly way after what was sent.
  void reset();  // Ends it with a TCP reset.
  void hold();   // Sends nothing more until the client closes or the server ends.
  void pause(std::chrono::milliseconds time);  // Or until the server ends.

  int number() const { return number_; }
  bool open() const { return open_; }

 private:
  FakeHttp& server_;
  ByteStream& stream_;
  int number_;
  bool open_ = true;
};

class FakeHttp {
 public:
  using Script = std::function<void(FakeConnection&, const FakeRequest&)>;

  explicit FakeHttp(Script script);
  FakeHttp(Script script, FakeTls tls);  // https.
  ~FakeHttp();
  FakeHttp(const FakeHttp&) = delete;
  FakeHttp& operator=(const FakeHttp&) = delete;

  std::string origin() const;   // "http://127.0.0.1:40123"
  std::string address() const;  // "127.0.0.1:40123"
  int port() const { return port_; }

  std::vector<FakeRequest> requests() const;
  std::size_t request_count() const;
  int connections() const { return connections_; }

 private:
  friend class FakeConnection;

  void accept_connections();
  void serve(int socket, int number);

  Script script_;
  std::optional<FakeTls> tls_;
  int listener_ = -1;
  int stop_ = -1;  // An eventfd, readable once the server ends.
  int port_ = 0;
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::vector<FakeRequest> requests_;
  std::thread acceptor_;
  std::list<std::thread> workers_;  // The acceptor's until it has ended.
};

// A port on loopback at which nobody listens: taken and given back.
int unused_port();

}  // namespace raycord
