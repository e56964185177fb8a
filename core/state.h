// Everything the operator believes: a small fleet part, and one partition per root object.
//
// A pure fold of the log (core/apply.h). A rule reads its own partition and the fleet's facts,
// nothing else; so partitions can be folded, checked and kept one by one. Phases are derived
// (core/roles.h); stored is only what cannot be computed again: what was seen, and what we decided.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/decision.h"
#include "core/fact.h"
#include "core/ids.h"
#include "core/objects.h"
#include "core/options.h"
#include "core/partitions.h"
#include "core/time.h"

namespace raycord {

// Changes whenever a struct below changes: digests and checkpoints of other layouts don't compare.
inline constexpr std::uint32_t kStateLayout = 7;

// A value together with the event that taught it to us, so that a decision can name its causes.
template <class T>
struct Known {
  T value{};
  Seq since;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.value, self.since);
  }
};

// Ill health of one thing by observed time only: a gap in observation pauses it.
struct IllClock {
  Seq first;                // Event that started it; zero: the thing is well.
  Seq latest;               // Newest event that fed it.
  Time since{};             // First bad answer.
  Time until{};             // Last bad answer counted.
  Millis counted{0};        // Observed ill time.
  std::uint32_t fresh = 0;  // Bad answers since the last gap in observation.
  Time fresh_since{};
  bool paused = false;  // A gap came; `fresh` must grow before anything is concluded.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.first, self.latest, self.since, self.until, self.counted, self.fresh,
                    self.fresh_since, self.paused);
  }
};

// What the dashboard of a cluster's present head said.
struct Dashboard {
  std::string head_uid;  // Incarnation that the rest is about.
  std::int32_t head_restarts = 0;
  bool armed = false;         // It has answered since this head started.
  bool via_agent = false;     // The answers come from the agent port.
  Known<ProbeAnswer> latest;  // Of the newest run, good or bad; what is served is in `serve`.
  Known<ServeAnswer> serve;   // Newest good answer; kept while the dashboard is silent.
  Time serve_at{};            // Time of the newest good answer.
  IllClock silent;            // No answer, or none that could be read.
  std::map<std::string, IllClock> ill_apps;  // Apps that are UNHEALTHY or DEPLOY_FAILED.
  Time running_since{};  // All apps RUNNING without interruption since; epoch: not now.
  Time running_until{};  // Newest answer that showed it.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.head_uid, self.head_restarts, self.armed, self.via_agent, self.latest,
                    self.serve, self.serve_at, self.silent, self.ill_apps, self.running_since,
                    self.running_until);
  }
};

// What /-/healthz of the head's Serve proxy said.
struct Proxy {
  std::string head_uid;
  std::int32_t head_restarts = 0;
  bool healthy = false;
  Seq since;  // Zero: never asked.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.head_uid, self.head_restarts, self.healthy, self.since);
  }
};

// Which Serve config we asked this cluster for, and how that went.
struct ConfigRecord {
  Hash asked;    // Of the newest PUT decided.
  Seq asked_by;  // That decision.
  Time asked_at{};
  Hash accepted;  // Newest config answered with 2xx.
  Seq accepted_by;
  Time accepted_at{};
  std::uint32_t repeats = 0;  // PUTs of it in a row that this head accepted and did not show.
  Hash refused;               // Newest config answered with 4xx; cleared when another is asked.
  std::string refusal;
  Seq refused_by;
  // The PUT may or may not have arrived: nothing is sent before a GET answered after `doubt_at`.
  bool in_doubt = false;
  Time doubt_at{};
  // How the head writes down what it was sent, see core/deployed.h.
  Hash shown_before;     // What it showed when the newest PUT was decided; zero: not known.
  bool stuck = false;    // The PUT before was accepted and changed nothing of that.
  Hash shown_for;        // This config …
  Hash shown;            // … is shown so.
  std::string head_uid;  // Head that was asked: a new head knows nothing.
  std::int32_t head_restarts = 0;
  Hash ran;  // Config with which all its apps were RUNNING at some time.
  Seq ran_since;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.asked, self.asked_by, self.asked_at, self.accepted, self.accepted_by,
                    self.accepted_at, self.repeats, self.refused, self.refusal, self.refused_by,
                    self.in_doubt, self.doubt_at, self.shown_before, self.stuck, self.shown_for,
                    self.shown, self.head_uid, self.head_restarts, self.ran, self.ran_since);
  }
};

// A cluster's share in an incremental upgrade, and the config that it was sent.
struct Share {
  std::optional<std::int32_t> capacity;  // target_capacity that its head accepted last.
  std::optional<std::int32_t> capacity_asked;
  bool capacity_known = false;  // By an answer to a PUT of ours, not recalled from an object.
  Hash config;                  // What it was sent …
  Seq config_from;              // … as the RayService showed it then. Zero: not known.
  Seq config_from_asked;
  std::optional<std::int32_t> traffic;  // Weight in the HTTPRoute, as it was last settled.
  std::optional<std::int32_t> traffic_asked;
  Time traffic_moved{};  // That changed, in whole seconds; epoch: it never had any.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.capacity, self.capacity_asked, self.capacity_known, self.config,
                    self.config_from, self.config_from_asked, self.traffic, self.traffic_asked,
                    self.traffic_moved);
  }
};

template <class Status>
struct StatusBelief {
  Status value;                     // As it stands on the object, as far as we know.
  Time written_at{};                // Our last write; epoch: never.
  std::optional<Status> in_flight;  // Of the write under way.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.value, self.written_at, self.in_flight);
  }
};

// One RayCluster with everything below it.
struct Cluster {
  // Empty: pods or Services outlive it. Its status is in `status`.
  std::optional<Known<RayClusterSlice>> object;
  std::map<std::string, Known<PodSlice>> pods;  // By name.
  std::map<std::string, Known<ServiceSlice>> services;
  std::set<std::pair<Kind, std::string>> access;  // Access objects seen; the Secret we made.
  std::map<std::string, Known<JobSlice>> jobs;
  std::map<std::string, Known<IngressSlice>> ingresses;
  Dashboard dashboard;
  Proxy proxy;
  ConfigRecord config;
  Share share;
  StatusBelief<RayClusterStatus> status;
  std::uint32_t pod_counter = 0;  // Of names given to pods.
  Seq pod_gone;                   // Newest event that showed one of its pods gone.
  Time head_unready_since{};      // The head is missing or not Ready since; epoch: it is Ready.
  Seq head_unready;
  Seq delete_decided;            // Our decision to delete it; zero: none.
  bool delete_accepted = false;  // The API server has accepted its DELETE: it counts no more.
  bool provisioned = false;      // Condition RayClusterProvisioned has been True.
  bool given_up = false;         // Counted as a failed attempt; counted once.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.object, self.pods, self.services, self.access, self.jobs, self.ingresses,
                    self.dashboard, self.proxy, self.config, self.share, self.status,
                    self.pod_counter, self.pod_gone, self.head_unready_since, self.head_unready,
                    self.delete_decided, self.delete_accepted, self.provisioned, self.given_up);
  }
};

// A write that was decided and has no outcome yet.
struct InFlight {
  Seq decided;
  Rule rule = Rule::AddFinalizer;
  Time at{};
  Seq doubt;  // Event that made its outcome unknown; zero: an outcome will come.
  ObjectName object;
  std::string cluster;                  // RayCluster it belongs to, or empty.
  NodeType node_type = NodeType::None;  // Of a pod to be created.
  std::string group;
  std::int32_t replica_index = -1;
  std::string replica_name;
  Hash content;           // See content_of().
  std::string retry_key;  // See retry_key_of().
  bool creates = false;
  bool deletes = false;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.decided, self.rule, self.at, self.doubt, self.object, self.cluster,
                    self.node_type, self.group, self.replica_index, self.replica_name, self.content,
                    self.retry_key, self.creates, self.deletes);
  }
};

// A write that did not succeed is not repeated before `not_before`.
struct Retry {
  std::uint32_t failures = 0;
  Time not_before{};
  WriteResult result = WriteResult::Failed;
  std::string message;
  Rule rule = Rule::AddFinalizer;
  Hash content;                         // What was refused; a wish for other content does not wait.
  std::string cluster;                  // RayCluster it is about, or empty.
  NodeType node_type = NodeType::None;  // Of a pod that could not be made.
  bool creates = false;
  bool deletes = false;
  Seq since;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.failures, self.not_before, self.result, self.message, self.rule,
                    self.content, self.cluster, self.node_type, self.creates, self.deletes,
                    self.since);
  }
};

// An object that was seen to go: older news of it is not believed.
struct Tombstone {
  std::string uid;
  std::uint64_t version = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.uid, self.version);
  }
};

// What a RayService's rules remember beyond what its objects show.
struct ServiceMemory {
  std::string active;  // RayCluster that traffic goes to; empty before the first.
  Seq active_since;
  std::uint32_t name_counter = 0;
  std::uint32_t attempts = 0;  // Replacements in a row that did not become ready.
  Time back_off_until{};
  Seq attempts_since;    // Event that changed one of these.
  Hash attempted_for;    // Wish (spec and config) the attempts were for.
  Hash replaced_config;  // Config that got its one replacement without ever having run.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.active, self.active_since, self.name_counter, self.attempts,
                    self.back_off_until, self.attempts_since, self.attempted_for,
                    self.replaced_config);
  }
};

struct Partition {
  Kind root = Kind::RayService;
  std::string ns;
  std::string name;
  std::optional<Known<RayServiceSlice>> service;
  StatusBelief<RayServiceStatus> status;
  std::map<std::string, Cluster> clusters;                       // By RayCluster name.
  std::map<std::string, Known<ServiceSlice>> services;           // The RayService's own.
  std::map<std::string, Known<EndpointsSlice>> endpoint_slices;  // Of those Services.
  std::map<std::string, Known<GatewaySlice>> gateways;           // The RayService's own.
  std::map<std::string, Known<RouteSlice>> routes;
  ServiceMemory memory;
  std::map<Target, InFlight> in_flight;
  std::map<std::string, Retry> retries;  // By retry_key_of().
  std::map<ObjectName, Tombstone> tombstones;
  std::string quarantine;  // The broken invariant; empty: healthy.
  Seq quarantined;
  Seq last;  // Newest event of this partition.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.root, self.ns, self.name, self.service, self.status, self.clusters,
                    self.services, self.endpoint_slices, self.gateways, self.routes, self.memory,
                    self.in_flight, self.retries, self.tombstones, self.quarantine,
                    self.quarantined, self.last);
  }
};

// --- Fleet --------------------------------------------------------------------------------------

struct KindView {
  bool listed = false;        // A complete list was folded since this log began.
  bool caught_up = false;     // Listed, or its watch resumed, since this run started.
  std::uint64_t version = 0;  // Its watch has passed this: where a next run resumes. Answers to own
                              // writes may be newer, and say nothing about what lies between.
  std::string left_scope;     // Why we may not look any more; empty: we may.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.listed, self.caught_up, self.version, self.left_scope);
  }
};

// The fleet's view of one dashboard, for the fleet hold only.
struct FleetDashboard {
  bool armed = false;
  Time silent_since{};  // Epoch: it answers.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.armed, self.silent_since);
  }
};

using ClusterKey = std::pair<std::string, std::string>;  // Namespace, RayCluster.

// Lets a map with such keys be asked without making one.
struct ClusterKeyLess {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    const int ns = std::string_view(a.first).compare(b.first);
    return ns != 0 ? ns < 0 : std::string_view(a.second) < std::string_view(b.second);
  }
};
template <class T>
using ByCluster = std::map<ClusterKey, T, ClusterKeyLess>;

struct Fleet {
  Seq started;
  std::string build;
  std::string log_id;
  std::string cluster_uid;
  Options options;
  bool leading = false;
  std::uint64_t epoch = 0;
  std::map<Kind, KindView> kinds;
  Time calm_until{};  // After WorldRestored: nothing is deleted before.
  Seq restored;
  bool held = false;  // Failovers are held, see FleetHoldChanged.
  std::string held_why;
  Seq held_since;
  ByCluster<FleetDashboard> dashboards;          // Of clusters that have a root.
  ByCluster<PartitionName> roots;                // RayCluster → its partition.
  std::map<ObjectName, PartitionName> homes;     // Any other object → its partition.
  std::map<ObjectName, Known<Object>> unrooted;  // Seen before its RayCluster or Service.
  std::map<Seq, PartitionName> open_writes;      // Decisions without an outcome.
  std::uint64_t unrooted_dropped = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.started, self.build, self.log_id, self.cluster_uid, self.options,
                    self.leading, self.epoch, self.kinds, self.calm_until, self.restored, self.held,
                    self.held_why, self.held_since, self.dashboards, self.roots, self.homes,
                    self.unrooted, self.open_writes, self.unrooted_dropped);
  }
};

struct State {
  Seq last;    // Newest event folded.
  Time now{};  // Its time.
  Fleet fleet;
  Partitions partitions;
  std::set<std::pair<Time, PartitionName>> deadlines;  // Derived: each partition's next deadline.
  std::map<PartitionName, Time> deadline_of;           // The same, by partition.
  // Derived: partitions for which the rules had nothing to add when they last looked, and of which
  // nothing that rules read has changed since. They need not look again before the deadline.
  std::set<PartitionName> settled;
};

const Cluster* find_cluster(const Partition& partition, const std::string& name);
PartitionName name_of(const Partition& partition);

// A checksum of everything a partition believes; equal logs give equal digests.
Hash digest_of(const Partition& partition);
// Of the whole state: the fleet's facts that rules read, and every partition's digest.
Hash digest_of(const State& state);

}  // namespace raycord
