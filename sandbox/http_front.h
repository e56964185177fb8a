// The sandbox on a loopback port, for plain kubectl and for an operator in another process: a thin
// layer of threads that feeds real time into the model and streams its watches.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "core/time.h"
#include "sandbox/sandbox.h"

namespace raycord {

class HttpFront {
 public:
  // Called from several threads; must never step back.
  using Clock = std::function<Time()>;

  // Listens on 127.0.0.1; port 0 lets the system choose.
  static Result<std::unique_ptr<HttpFront>> start(SandboxOptions options, int port, Clock clock);
  ~HttpFront();
  HttpFront(const HttpFront&) = delete;
  HttpFront& operator=(const HttpFront&) = delete;

  int port() const;
  std::string url() const;         // "http://127.0.0.1:PORT"
  std::string kubeconfig() const;  // A kubeconfig file whose only context is the sandbox.
  void stop();                     // Ends all streams and waits for the threads.

 private:
  class Server;
  explicit HttpFront(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace raycord
