// WebhookServer answers the API server's AdmissionReviews over TLS, in threads of its own.
//
//   WebhookServer server;
//   Outcome ready = server.listen(":9443");
//   Outcome good = server.use({certificate, key});   // again whenever it was renewed
//
// Without a certificate every handshake fails. A connection is answered once, and cut when it takes
// too long or sends too much, whatever it is doing; no more are open at once than limits.h says.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"

namespace raycord {

class WebhookServer {
 public:
  struct Answers {
    std::uint64_t allowed = 0;
    std::uint64_t refused = 0;
    std::uint64_t unanswered = 0;  // What was no AdmissionReview of ours.
  };

  explicit WebhookServer(std::chrono::milliseconds connection_limit);
  ~WebhookServer();  // Cuts what is open, ends the threads.
  WebhookServer(const WebhookServer&) = delete;
  WebhookServer& operator=(const WebhookServer&) = delete;

  // "HOST:PORT"; no host: everywhere; port 0: the system chooses.
  Outcome listen(const std::string& address);
  std::string address() const;  // "0.0.0.0:9443"

  // For connections from now on; from any thread. PEM.
  Outcome use(const std::string& certificate, const std::string& key);

  Answers answers() const;

 private:
  class Server;

  std::unique_ptr<Server> server_;
};

}  // namespace raycord
