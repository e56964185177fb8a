// Live runs the engine on the real world: this thread is the loop, the network has one of its own,
// and so has the log.
//
//   StopSignals signals;
//   LogLines lines(flags.log_format);
//   return exit_status(Live(flags, lines, signals).run());
//
// The loop waits for nothing but news (observations, the log's mark, a signal, somebody who asks
// for metrics), the next deadline, and at most a second. At the end, in this order: no more writes
// are ordered, those under way are answered, leadership is given away, the network ends, what it
// still reported is taken in, the log is synced.

#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "adapters/http/curl_transport.h"
#include "adapters/kube/kube_config.h"
#include "core/result.h"
#include "operator/board.h"
#include "operator/clock.h"
#include "operator/cluster_lookup.h"
#include "operator/endpoints.h"
#include "operator/engine.h"
#include "operator/flags.h"
#include "operator/log_lines.h"
#include "operator/metrics.h"
#include "operator/narrator.h"
#include "operator/net_thread.h"
#include "operator/ray_tokens.h"
#include "operator/sandbox_host.h"
#include "operator/stop_signals.h"
#include "operator/waker.h"
#include "operator/webhook.h"
#include "store/rocks_event_log.h"

namespace raycord {

enum class ExitCode : int {
  Stopped = 0,      // A signal asked for it.
  CannotStart = 1,  // Kubeconfig, ports, sandbox.
  WrongFlags = 2,
  LogFailed = 3,   // A write or sync failed; a next start reads the log again.
  LogRefused = 4,  // In use, of another cluster, of a newer format, damaged, incomplete.
  Broken = 70,     // An invariant of ours; a next start folds the log to the same state.
};

class Live {
 public:
  Live(Flags flags, LogLines& lines, StopSignals& signals);
  ~Live();

  ExitCode run();

 private:
  // Each step of the start says itself what went wrong; nothing: go on.
  using Ended = std::optional<ExitCode>;

  Ended listen();
  Ended start_sandbox();
  Ended connect();
  Ended open_log();
  Ended look_up_cluster();
  Ended check_log(const ClusterLookup& lookup);
  Ended start_engine();
  ExitCode turn_until_stopped();
  ExitCode stop_engine();
  ExitCode end_log();

  void wake();
  void renew_profile();
  void set_profile();
  void turn();
  void step(Time now);
  void take_the_rest();
  void show(Time now, const NetView& net);
  std::string not_ready() const;
  RocksEventLog::Options log_options() const;
  EngineOptions engine_options();
  ExitCode refuse(ExitCode code, const Error& error);
  std::string identity() const;

  Flags flags_;
  LogLines& lines_;
  StopSignals& signals_;
  EventClock clock_;
  Board board_;
  Endpoints endpoints_{board_};
  Metrics metrics_;
  std::unique_ptr<SandboxHost> sandbox_;
  KubeEndpoint endpoint_;
  std::string cluster_uid_;
  std::optional<LeaseRecord> lease_;  // As it was before this run took it.
  Absence absence_;
  std::atomic<bool> renewed_{false};  // Credentials, and with them perhaps a certificate.
  Waker waker_;                       // Of the loop.
  std::unique_ptr<CurlTransport> transport_;
  std::unique_ptr<RocksEventLog> log_;
  std::unique_ptr<RayTokens> tokens_;
  std::unique_ptr<Narrator> narrator_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Webhook> webhook_;  // None unless it is asked for.
  std::unique_ptr<NetThread> net_;    // The last member: it uses most others.
};

}  // namespace raycord
