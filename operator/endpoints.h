// Endpoints serves /healthz, /readyz and /metrics from a Board, in threads of its own.
//
// Both addresses answer all three: KubeRay's chart probes the metrics port.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "operator/board.h"

namespace raycord {

class Endpoints {
 public:
  explicit Endpoints(Board& board);
  ~Endpoints();  // Ends the threads.
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  // Listens on "HOST:PORT"; no host: everywhere; "0": nowhere; port 0: the system chooses.
  // `purpose` is the flag, for messages.
  Outcome listen(const std::string& address, const std::string& purpose);

  // "127.0.0.1:8080", one for each listen() that listens.
  std::vector<std::string> addresses() const;

 private:
  class Server;

  Board& board_;
  std::vector<std::unique_ptr<Server>> servers_;
};

}  // namespace raycord
