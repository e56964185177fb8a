// The virtual-time front of the sandbox: an HttpTransport whose clock is an argument.
//
//   VirtualTransport transport(sandbox, latency);
//   transport.start(request, listener);
//   transport.advance(now);          // Delivers what is due; callbacks run from here only.
//   transport.next();                // When something is due next.
//
// A request reaches the sandbox half a latency after start(), its answer comes half a latency after
// that. drop_all() is the process dying: nobody is called back.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "adapters/http/transport.h"
#include "core/time.h"
#include "sandbox/sandbox.h"

namespace raycord {

class VirtualTransport final : public HttpTransport {
 public:
  VirtualTransport(Sandbox& sandbox, Time now, Millis latency = Millis(2));

  std::uint64_t start(HttpRequest request, HttpListener& listener) override;
  void cancel(std::uint64_t id) override;

  // Time goes on to `now`; the sandbox with it.
  void advance(Time now);
  std::optional<Time> next() const;

  void drop_all();

  // What the operator wrote to Kubernetes and Ray so far, by method and path; see api_writes.h.
  const std::map<std::string, std::uint64_t>& writes() const { return writes_; }

 private:
  enum class Stage { Sent, Waiting, Streaming, Answered };

  struct Exchange {
    HttpRequest request;
    HttpListener* listener = nullptr;
    Stage stage = Stage::Sent;
    Time started{};
    std::uint64_t id = 0;
    Time due{};           // Of the next thing that happens to it; see set_due().
    Time silent_since{};  // Of a stream.
    std::uint64_t watch = 0;
    HttpOutcome outcome;
  };

  void arrive(std::uint64_t id, Time at);
  void take(Exchange& exchange, SandboxReply reply, Time at);
  void deliver_chunks(Time at);
  void finish(std::uint64_t id, Time at);
  void set_due(Exchange& exchange, Time due);
  void end(Exchange& exchange, HttpFailure failure, const char* detail, Time due);

  Sandbox& sandbox_;
  Time now_;
  Millis latency_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Exchange> exchanges_;
  std::set<std::pair<Time, std::uint64_t>> due_;    // Exchanges by when they are due.
  std::map<std::uint64_t, std::uint64_t> watches_;  // Sandbox watch → exchange.
  std::map<std::string, std::uint64_t> writes_;
};

}  // namespace raycord
