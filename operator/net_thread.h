// NetThread drives the net side over real sockets, in a thread of its own.
//
//   NetThread net({transport, engine.net(), clock, board, prepare, failed});
//   …
//   net.end();   // Sends nothing more, then joins; throws what ended it before, if anything did.
//
// While it runs the transport and the net side are its own; others may wake the transport.

#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <thread>

#include "adapters/http/curl_transport.h"
#include "core/time.h"
#include "operator/board.h"
#include "operator/clock.h"
#include "operator/net_side.h"

namespace raycord {

class NetThread {
 public:
  struct Means {
    CurlTransport& transport;
    NetSide& net;
    EventClock& clock;
    Board& board;
    std::function<void()> prepare;  // Called before each turn, from the thread.
    std::function<void()> failed;   // The thread ended by itself; called from it, and last.
  };

  explicit NetThread(Means means);
  ~NetThread();
  NetThread(const NetThread&) = delete;
  NetThread& operator=(const NetThread&) = delete;

  bool has_failed() const { return failed_; }

  void end();

 private:
  void run();
  void turn();
  void note_gaps(Time now);
  void join();

  Means means_;
  Time turned_at_{};
  std::atomic<bool> ending_{false};
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;
  std::thread thread_;  // The last member: it uses all others.
};

}  // namespace raycord
