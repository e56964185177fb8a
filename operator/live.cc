#include "operator/live.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <utility>

#include <unistd.h>

#include "core/frame.h"
#include "operator/build_id.h"
#include "operator/limits.h"
#include "store/fold_log.h"

namespace raycord {
namespace {

constexpr std::size_t kHostNameMax = 64;  // Linux's own limit.

std::string host_name() {
  std::string name(kHostNameMax + 1, '\0');
  if (::gethostname(name.data(), name.size()) != 0) return "unknown-host";
  return name.substr(0, name.find('\0'));
}

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

Live::Live(Flags flags, LogLines& lines, StopSignals& signals)
    : flags_(std::move(flags)), lines_(lines), signals_(signals) {}

Live::~Live() {
  signals_.on_stop(nullptr);
  board_.on_wanted(nullptr);
  if (endpoint_.credentials) endpoint_.credentials->on_renewed(nullptr);
}

ExitCode Live::run() {
  lines_.say(Level::Info, "raycord-operator starts", {{"version", flags_.rules.version}});
  for (const std::string& warning : flags_.warnings) lines_.say(Level::Warning, warning);
  transport_ = std::make_unique<CurlTransport>(
      CurlOptions{.user_agent = "raycord-operator/" + flags_.rules.version});
  signals_.on_stop([this] { wake(); });
  board_.on_wanted([this] { waker_.wake(); });
  if (const Ended ended = listen()) return *ended;
  if (const Ended ended = start_sandbox()) return *ended;
  if (const Ended ended = connect()) return *ended;
  if (const Ended ended = open_log()) return *ended;
  if (const Ended ended = look_up_cluster()) return *ended;
  if (const Ended ended = start_engine()) return *ended;
  return turn_until_stopped();
}

// Whichever thread waits: at the start this one polls the network itself.
void Live::wake() {
  transport_->wake();
  waker_.wake();
}

ExitCode Live::refuse(ExitCode code, const Error& error) {
  lines_.say(Level::Error, error.message);
  return code;
}

Live::Ended Live::listen() {
  if (Outcome ready = endpoints_.listen(flags_.metrics_address, "--metrics-addr"); !ready) {
    return refuse(ExitCode::CannotStart, ready.error());
  }
  if (flags_.probe_address != flags_.metrics_address) {
    if (Outcome ready = endpoints_.listen(flags_.probe_address, "--health-probe-bind-address");
        !ready) {
      return refuse(ExitCode::CannotStart, ready.error());
    }
  }
  for (const std::string& address : endpoints_.addresses()) {
    lines_.say(Level::Info, "serves /metrics, /healthz and /readyz", {{"address", address}});
  }
  if (!flags_.enable_webhooks || flags_.webhook_address == "0") return std::nullopt;
  webhook_ = std::make_unique<Webhook>(lines_);
  if (Outcome ready = webhook_->listen(flags_.webhook_address); !ready) {
    return refuse(ExitCode::CannotStart, ready.error());
  }
  return std::nullopt;
}

Live::Ended Live::start_sandbox() {
  if (!flags_.sandbox) return std::nullopt;
  auto sandbox =
      SandboxHost::start(flags_.sandbox_port, flags_.sandbox_kubeconfig, flags_.log_directory);
  if (!sandbox) return refuse(ExitCode::CannotStart, sandbox.error());
  sandbox_ = std::move(*sandbox);
  flags_.log_directory = sandbox_->log_directory();
  std::cout << "The sandbox listens on " << sandbox_->url() << ". Ctrl-C ends it.\n"
            << "  export KUBECONFIG=" << sandbox_->kubeconfig() << "\n"
            << "  kubectl apply -f samples/rayservice.yaml\n"
            << "  raycord --log-dir " << sandbox_->log_directory() << " timeline\n"
            << std::flush;
  return std::nullopt;
}

Live::Ended Live::connect() {
  const std::string file = sandbox_ ? sandbox_->kubeconfig() : flags_.kubeconfig;
  auto endpoint = find_kube_endpoint(search_from_environment(file, flags_.context));
  if (!endpoint) return refuse(ExitCode::CannotStart, endpoint.error());
  endpoint_ = std::move(*endpoint);
  for (const std::string& warning : endpoint_.warnings) lines_.say(Level::Warning, warning);
  if (Outcome ready = endpoint_.credentials->prepare(clock_.now()); !ready) {
    return refuse(ExitCode::CannotStart, ready.error());
  }
  endpoint_.credentials->on_renewed([this] {
    renewed_ = true;
    transport_->wake();
  });
  set_profile();
  if (flags_.leader_election_namespace.empty()) {
    flags_.leader_election_namespace = endpoint_.default_namespace;
  }
  lines_.say(Level::Info, "API server " + endpoint_.server, {{"from", endpoint_.described}});
  return std::nullopt;
}

void Live::renew_profile() {
  if (renewed_.exchange(false)) set_profile();
}

void Live::set_profile() {
  transport_->set_profile(
      endpoint_.server,
      {.tls = endpoint_.credentials->with_identity(endpoint_.tls), .http2 = flags_.http2});
}

RocksEventLog::Options Live::log_options() const {
  RocksEventLog::Options options;
  options.directory = flags_.log_directory;
  options.now = clock_.now();
  return options;
}

// Before anything is asked of the cluster: a log that cannot be used is no reason to wait, and
// nobody else may use it while we wait.
Live::Ended Live::open_log() {
  auto log = RocksEventLog::open(log_options());
  if (!log) return refuse(ExitCode::LogRefused, log.error());
  log_ = std::move(*log);
  log_->set_listener([this] { waker_.wake(); });
  return std::nullopt;
}

Live::Ended Live::look_up_cluster() {
  const KubeApi api(endpoint_.server, endpoint_.credentials);
  ClusterLookup::Terms terms;
  if (flags_.leader_election) terms.lease_ns = flags_.leader_election_namespace;
  ClusterLookup lookup(terms, api, *transport_);
  std::string said;
  Time said_at{};
  while (!lookup.done()) {
    if (signals_.asked()) return end_log();
    board_.beat_all();
    renew_profile();
    lookup.tick(clock_.now());
    const Time now = clock_.now();
    if (!lookup.trouble().empty() &&
        (lookup.trouble() != said || now >= said_at + kTroubleRepeated)) {
      lines_.say(Level::Warning, "waiting: " + lookup.trouble());
      board_.show_not_ready("waiting: " + lookup.trouble());
      said = lookup.trouble();
      said_at = now;
    }
    transport_->poll(wait_until(lookup.next_wake(), now));
  }
  for (const std::string& warning : lookup.warnings()) lines_.say(Level::Warning, warning);
  return check_log(lookup);
}

Live::Ended Live::check_log(const ClusterLookup& lookup) {
  cluster_uid_ = lookup.cluster_uid();
  lease_ = lookup.lease();
  const std::string id = log_->identity().id.hex();
  if (lookup.witness() && lookup.witness()->log_id == id) {
    RocksEventLog::Options options = log_options();
    options.cluster = cluster_uid_;
    options.witness = lookup.witness()->mark;
    log_.reset();
    auto log = RocksEventLog::open(options);
    if (!log) return refuse(ExitCode::LogRefused, log.error());
    log_ = std::move(*log);
    log_->set_listener([this] { waker_.wake(); });
    return std::nullopt;
  }
  if (cluster_uid_.empty()) return std::nullopt;
  if (Outcome known = log_->set_cluster(cluster_uid_); !known) {
    return refuse(ExitCode::LogRefused, known.error());
  }
  return std::nullopt;
}

// Only one process can hold the log, so host and log together are nobody else, and a restarted one
// finds its own Lease.
std::string Live::identity() const {
  if (!flags_.pod_uid.empty()) return flags_.pod_uid;
  return host_name() + "_" + log_->identity().id.short_form();
}

EngineOptions Live::engine_options() {
  EngineOptions options;
  const std::string log_id = log_->identity().id.short_form();
  Started& started = options.started;
  started.build = flags_.rules.version;
  started.log_id = log_id;
  started.cluster_uid = cluster_uid_;
  for (const Rule rule : all_rules()) {
    started.revisions.push_back({static_cast<std::uint16_t>(rule), revision_of(rule)});
  }
  started.options = flags_.rules;
  options.absence = absence_;
  options.instance = identity();
  WorldOptions& world = options.world;
  world.server = endpoint_.server;
  world.credentials = endpoint_.credentials;
  world.namespaces = flags_.rules.namespaces;
  world.log_id = log_id;
  world.leadership.by_lease = flags_.leader_election;
  world.leadership.ns = flags_.leader_election_namespace;
  world.leadership.identity = identity();
  world.leadership.annotations = [this] {
    return witness_annotations(log_->identity().id, log_->mark());
  };
  world.ray_through_api_server = flags_.rules.kubernetes_proxy;
  world.token = [this](const std::string& ns, const std::string& secret) {
    return tokens_->token(ns, secret);
  };
  return options;
}

Live::Ended Live::start_engine() {
  const Time begun = clock_.now();
  Time said = begun;
  const std::uint64_t total = log_->next_seq() - 1;
  auto folded = fold_log(log_->reader(), Checkpoints(build_id()), [&](std::uint64_t seq) {
    const Time now = clock_.now();
    if (now < said + kProgressAfter) return;
    said = now;
    board_.beat_all();
    lines_.say(Level::Info, "reading the log: event " + number(seq) + " of " + number(total));
  });
  if (!folded) return refuse(ExitCode::LogRefused, folded.error());
  absence_ = absence_before(lease_, log_->identity().id, folded->state.fleet.epoch);
  if (absence_.cause == GapCause::OtherLeader) {
    lines_.say(Level::Warning,
               "another log acted in this cluster before: this one does not know "
               "what happened meanwhile and looks at everything anew");
  }
  const Millis moved = clock_.not_before(folded->state.now);
  if (moved > kClockStep) {
    lines_.say(Level::Warning, "the wall clock is " + to_short_text(moved) +
                                   " behind the log; event times go on from the log's end");
  }
  lines_.say(Level::Info,
             "log " + log_->identity().id.short_form() + " in " + flags_.log_directory + " read",
             {{"events", number(total)},
              {"frames_folded", number(folded->frames)},
              {"took",
               number(static_cast<std::uint64_t>((clock_.now() - begun - moved).count())) + "ms"}});
  tokens_ = std::make_unique<RayTokens>(
      [this](const std::string& path, std::function<void(const HttpOutcome&)> then) {
        engine_->net().ask(clock_.now(), path, std::move(then));
      },
      [this] { return clock_.now(); });
  narrator_ = std::make_unique<Narrator>(lines_, log_->identity().id.short_form());
  engine_ = std::make_unique<Engine>(engine_options(), *log_, *transport_, std::move(*folded));
  engine_->loop().set_frame_listener([this](const Frame& frame, const State&) {
    narrator_->tell(frame);
    metrics_.count(frame);
  });
  engine_->crossing().on_news([this] { transport_->wake(); }, [this] { waker_.wake(); });
  engine_->begin(clock_.now());
  if (webhook_) {
    webhook_->keep(webhook_terms(flags_, endpoint_.default_namespace),
                   KubeApi(endpoint_.server, endpoint_.credentials), *transport_);
  }
  const auto prepare = [this] {
    renew_profile();
    if (webhook_) webhook_->tick(clock_.now());
  };
  net_ = std::make_unique<NetThread>(NetThread::Means{*transport_, engine_->net(), clock_, board_,
                                                      prepare, [this] { waker_.wake(); }});
  return std::nullopt;
}

void Live::turn() {
  waker_.wait(wait_until(engine_->loop().next_wake(), clock_.now()));
  const Time now = clock_.now();
  step(now);
  const NetView net = engine_->crossing().net();
  show(now, net);
  narrator_->tell_troubles(now, net.troubles);
}

void Live::step(Time now) {
  const std::uint64_t before = log_->next_seq();
  const auto begun = std::chrono::steady_clock::now();
  engine_->loop().step(now);
  if (log_->next_seq() != before) {
    metrics_.count_turn(std::chrono::steady_clock::now() - begun);
  }
}

void Live::show(Time now, const NetView& net) {
  board_.beat(Beating::Loop);
  board_.show_not_ready(not_ready());
  if (!board_.metrics_wanted()) return;
  MetricsView view;
  view.writes_in_flight = net.writes_in_flight;
  view.writes_waiting = engine_->loop().writes_waiting();
  view.last_event = log_->next_seq() - 1;
  view.synced_event = log_->synced();
  view.backlog_bytes = log_->backlog_bytes();
  view.observed_bytes = engine_->crossing().reported_bytes();
  view.announced = net.announced;
  view.unannounced = net.unannounced + engine_->loop().unannounced();
  view.troubles = net.troubles.size();
  view.resident_bytes = resident_bytes();
  if (webhook_) view.reviews = webhook_->view();
  view.may_write = !engine_->loop().stopping() && now < net.may_write_until;
  board_.show_metrics(metrics_.text(engine_->state(), view));
}

// Leading or standby, whoever has caught up is ready: a standby takes over at once.
std::string Live::not_ready() const {
  if (signals_.asked()) return "stopping";
  for (const Kind kind : watched_kinds()) {
    const auto view = engine_->state().fleet.kinds.find(kind);
    const bool known = view != engine_->state().fleet.kinds.end();
    if (known && !view->second.left_scope.empty()) {
      return std::string("may not look at ") + name_of(kind) + ": " + view->second.left_scope;
    }
    if (!known || !view->second.caught_up)
      return std::string("has not yet seen every ") + name_of(kind);
  }
  return "";
}

ExitCode Live::turn_until_stopped() {
  while (!signals_.asked()) {
    turn();
    if (net_->has_failed()) net_->end();
    if (log_->failure()) return end_log();
  }
  return stop_engine();
}

ExitCode Live::stop_engine() {
  const Crossing& crossing = engine_->crossing();
  lines_.say(Level::Info, "stops: waits for writes under way and gives leadership away",
             {{"writes", number(crossing.net().writes_in_flight)}});
  const Time limit = clock_.now() + kStopLimit + kGiveAwayLimit;
  engine_->loop().stop();
  while (!crossing.net().stopped && clock_.now() < limit && !log_->failure() &&
         !net_->has_failed()) {
    turn();
  }
  net_->end();
  take_the_rest();
  if (crossing.net().writes_in_flight > 0) {
    lines_.say(Level::Warning,
               "some writes have no answer yet; the next start looks what became "
               "of them");
  }
  engine_->loop().checkpoint();
  return end_log();
}

// Nothing comes in any more, so here the loop may wait for the disk.
void Live::take_the_rest() {
  while (engine_->crossing().has_batches()) {
    if (!log_->wait_synced(log_->next_seq() - 1)) return;
    step(clock_.now());
  }
}

ExitCode Live::end_log() {
  if (net_) net_->end();
  const std::uint64_t last = log_->next_seq() - 1;
  const Outcome synced = log_->wait_synced(last);
  net_.reset();
  engine_.reset();
  if (!synced) {
    lines_.say(Level::Error, "the log could not be written: " + synced.error().message);
    return ExitCode::LogFailed;
  }
  lines_.say(Level::Info, "stopped",
             {{"log", log_->identity().id.short_form()}, {"synced", number(last)}});
  return ExitCode::Stopped;
}

}  // namespace raycord
