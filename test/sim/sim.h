// Sim is the whole operator over the embedded cluster in virtual time, in one thread.
//
//   Sim sim({.seed = 7});
//   sim.apply(manifest);
//   sim.run_for(30s);
//   sim.crash();              // The process dies; what was synced survives.
//   sim.run_for(10s);         // The next one goes on.
//
// The engine, the adapters, the codecs and the log's checks are the real ones; the clock, the
// sockets and the disk are not. The same seed and calls give the same log, byte for byte.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/options.h"
#include "core/result.h"
#include "core/state.h"
#include "operator/engine.h"
#include "sandbox/sandbox.h"
#include "store/memory_event_log.h"
#include "test/sim/virtual_transport.h"

namespace raycord {

struct SimOptions {
  std::uint64_t seed = 1;
  Options options = {};
  bool through_api_server = false;  // --use-kubernetes-proxy
  SandboxOptions sandbox = {};
};

// What a process of the simulator writes at its start.
Started sim_started(const SimOptions& options, const std::string& log_id);

class Sim {
 public:
  explicit Sim(SimOptions options);
  ~Sim();

  Time now() const { return now_; }
  void run_for(Millis duration);
  // Runs until `done` says so, at most for `limit`; false when it did not.
  bool run_until(const std::function<bool()>& done, Millis limit);

  // --- The user, with an API client of his own ---
  Outcome apply(const std::string& manifest);  // Creates or replaces, each document.
  HttpResponse request(const std::string& method, const std::string& path,
                       const std::string& body = "", const std::string& content_type = "");
  // POST to an application through the serve Service; the body, or "<status> <body>" when not 2xx.
  std::string ask(const std::string& service, const std::string& path, const std::string& body);
  std::vector<std::string> names(const std::string& collection);  // Of the objects listed there.
  void fault(const std::string& path, const std::string& json);   // POST /sandbox/…

  // --- The process ---
  // Dies without a word; of the frames not synced the first `survivors` reached the disk all the
  // same. The next process starts at once.
  void crash(std::size_t survivors = 0);
  void stop();      // Only dies.
  void start();     // A process on the same log.
  void lose_log();  // A process on an empty log; call stop() before, start() after.

  const State& state() const { return engine_->state(); }
  const Partition* partition(const std::string& service) const;
  MemoryEventLog& log() { return *log_; }
  Sandbox& sandbox() { return sandbox_; }
  VirtualTransport& transport() { return transport_; }

  // Told each frame, over all processes.
  void set_frame_listener(Loop::FrameListener listener) { frame_listener_ = std::move(listener); }
  // Called after every step: checks of promises.
  void set_step_listener(std::function<void()> listener) { step_listener_ = std::move(listener); }

 private:
  void step();
  Time next_time() const;

  SimOptions options_;
  Time now_;
  Sandbox sandbox_;
  VirtualTransport transport_;
  std::unique_ptr<MemoryEventLog> log_;
  std::uint8_t logs_ = 0;  // Made so far, for their ids.
  std::unique_ptr<Engine> engine_;
  Loop::FrameListener frame_listener_;
  std::function<void()> step_listener_;
};

}  // namespace raycord
