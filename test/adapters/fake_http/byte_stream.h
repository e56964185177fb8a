// ByteStream is the server's end of one TCP or TLS connection, with blocking calls that also end
// when the server does. For FakeHttp only.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "test/adapters/fake_http/test_certificates.h"

namespace raycord {

class ByteStream {
 public:
  // Takes over `socket`. `stop` becomes readable when the server ends.
  ByteStream(int socket, int stop);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  bool accept_tls(const FakeTls& tls);
  std::string client_name() const { return client_name_; }

  // The next bytes; empty: the client is gone or the server ends.
  std::string receive();
  bool send(std::string_view bytes);
  // Ends our side only and waits for the client's end: a plain close with bytes unread would be a
  // reset, which may overtake what was sent last.
  void finish();
  void shut();   // Orderly.
  void reset();  // With RST.

 private:
  struct Tls;

  bool wait(short events);

  int socket_;
  int stop_;
  std::unique_ptr<Tls> tls_;
  std::string client_name_;
};

}  // namespace raycord
