// Every thing that can happen, and Event = number + time + fact.
//
// A fact was observed or happened; it is never refused. Past tense, plain structs, no methods. The
// order of the variant is not part of the log (formats/log.proto has the permanent numbers).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "core/ids.h"
#include "core/objects.h"
#include "core/options.h"
#include "core/time.h"

namespace raycord {

// A rule and the revision of its behaviour; revisions rise, numbers are never reused.
struct RuleRevision {
  std::uint16_t rule = 0;
  std::uint16_t revision = 0;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.rule, self.revision);
  }
  bool operator==(const RuleRevision&) const = default;
};

// A run of the operator began. The first fact of every run: rules read options from it only.
struct Started {
  std::string build;
  std::string log_id;
  std::string cluster_uid;  // UID of namespace kube-system; empty: offline.
  std::vector<RuleRevision> revisions;
  Options options;
  bool operator==(const Started&) const = default;
};

enum class GapCause : std::uint8_t {
  Restart = 1,        // Between two runs of the process.
  Pause = 2,          // Intake paused: full disk, stopped process, suspended machine.
  ClockStep = 3,      // The wall clock was stepped; event times did not follow.
  LogLost = 4,        // Synced frames are missing and the loss was accepted.
  OtherLeader = 5,    // Another log's leader acted in between.
  ApiServerAway = 6,  // The API server did not answer, so leadership was lost; now it is back.
};

const char* name_of(GapCause cause);

// Nothing was observed between `from` and `to`.
struct Gap {
  Time from{};
  Time to{};
  GapCause cause = GapCause::Restart;
  bool operator==(const Gap&) const = default;
};

struct LeadershipGained {
  std::uint64_t epoch = 0;  // leaseTransitions of the Lease.
  bool operator==(const LeadershipGained&) const = default;
};

struct LeadershipLost {
  std::string why;
  bool operator==(const LeadershipLost&) const = default;
};

// An object as a list, a watch or the answer to an own write showed it.
struct ObjectSeen {
  Object object;
  bool operator==(const ObjectSeen&) const = default;
};

enum class GoneHow : std::uint8_t {
  Watched = 1,   // DELETED on the watch.
  Unlisted = 2,  // A complete list at `version` lacks it, and what we believed is not newer.
  Answered = 3,  // The API server's answer to our own delete, or 404 to our own write.
};

const char* name_of(GoneHow how);

struct ObjectGone {
  ObjectName name;
  std::string uid;            // Empty: unknown.
  std::uint64_t version = 0;  // resourceVersion of the deletion, or of the list.
  GoneHow how = GoneHow::Watched;
  bool operator==(const ObjectGone&) const = default;
};

// A complete list of `kind` at `version` has been folded; absent objects were reported gone before.
// Writes that were in doubt before event `asked` are settled: what they made is seen by now.
struct KindListed {
  Kind kind = Kind::RayService;
  std::uint64_t version = 0;
  Seq asked;  // Newest event when the list was asked for.
  bool operator==(const KindListed&) const = default;
};

// A watch of `kind` has passed `version`, a consistent read's resourceVersion asked for after event
// `asked`: settles the writes that were in doubt by then.
struct KindCaughtUp {
  Kind kind = Kind::RayService;
  std::uint64_t version = 0;
  Seq asked;
  bool operator==(const KindCaughtUp&) const = default;
};

// We may no longer look at `kind` (403, its CRD gone, namespace out of scope). Never a deletion.
struct LeftScope {
  Kind kind = Kind::RayService;
  std::string why;
  bool operator==(const LeftScope&) const = default;
};

// The API server served an older world twice (etcd restored from a backup).
struct WorldRestored {
  Kind kind = Kind::RayService;
  std::uint64_t believed = 0;
  std::uint64_t served = 0;
  bool operator==(const WorldRestored&) const = default;
};

// --- Probes -------------------------------------------------------------------------------------

enum class ProbeTarget : std::uint8_t {
  Dashboard = 1,  // GET /api/serve/applications/
  Proxy = 2,      // GET /-/healthz on the head's serve port.
};

const char* name_of(ProbeTarget target);

enum class ProbeTrouble : std::uint8_t {
  None = 0,
  Refused = 1,
  Timeout = 2,
  Reset = 3,
  BadStatus = 4,   // HTTP status outside 2xx; `status` says which.
  Unreadable = 5,  // Not JSON, or not of the schema.
  TooLarge = 6,
  Unauthorized = 7,  // 401 or 403.
  NoServeApi = 8,    // 404 on the dashboard and on the agent.
};

const char* name_of(ProbeTrouble trouble);

// What one probe was told. Equal answers make a run.
struct ProbeAnswer {
  ProbeTrouble trouble = ProbeTrouble::None;
  std::int32_t status = 0;  // HTTP status; 0: none.
  ServeAnswer serve;        // Dashboard without trouble; else empty.
  bool from_agent = false;  // The agent port answered for the dashboard.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.trouble, self.status, self.serve, self.from_agent);
  }
  bool operator==(const ProbeAnswer&) const = default;
};

// A run of equal answers of one target. Flushed when the answer changes, when a decision needs it,
// and by time; a run that goes on is reported as further runs with `continued`.
struct ProbeRun {
  std::string ns;
  std::string cluster;
  std::string head_uid;            // UID of the head pod that was asked.
  std::int32_t head_restarts = 0;  // And the incarnation of its Ray container.
  ProbeTarget target = ProbeTarget::Dashboard;
  Time first{};  // When the first answer came; where none came in time, when it was asked for.
  Time last{};   // When the last one came, or was given up.
  std::uint32_t count = 0;
  Millis slowest{0};
  bool continued = false;  // The answer equals the previous run's; `answer` is then empty.
  ProbeAnswer answer;
  bool operator==(const ProbeRun&) const = default;
};

// --- Time and writes ----------------------------------------------------------------------------

// The deadline next_deadline() asked for has come.
struct DeadlineFired {
  bool operator==(const DeadlineFired&) const = default;
};

enum class WriteResult : std::uint8_t {
  Done = 1,           // Accepted. The object as answered precedes this fact as ObjectSeen.
  Conflict = 2,       // 409: another resourceVersion, or a precondition failed.
  AlreadyExists = 3,  // 409 on create, and the object carries another intent.
  NotFound = 4,       // 404.
  Refused = 5,        // Any other 4xx; `message` says why.
  Failed = 6,         // 5xx, or no connection: certainly not done.
  Unknown = 7,        // Sent, but no answer: done or not. Settled by looking.
  Withdrawn = 8,      // No longer wanted when its turn came; never sent.
  Throttled = 9,      // 429; `retry_after` says how long.
};

const char* name_of(WriteResult result);

// The outcome of the decision with number `decided`.
struct WriteDone {
  Seq decided;
  WriteResult result = WriteResult::Done;
  std::int32_t status = 0;  // HTTP status; 0: none.
  std::string message;      // Of the server, cut; empty when done.
  Millis retry_after{0};
  std::uint64_t version = 0;  // resourceVersion after the write.
  Hash sent;                  // Of the body that was sent.
  bool operator==(const WriteDone&) const = default;
};

// A message that could not be read was seen; its bytes are known by size and hash only.
struct Unreadable {
  std::string where;  // "watch Pod default", "Pod default/x", …
  std::string why;
  std::uint64_t size = 0;
  Hash hash;
  bool operator==(const Unreadable&) const = default;
};

// An invariant broke while folding or deciding this partition: nothing is done for it until a new
// build starts. Derived by the loop, see core/turn.h.
struct Quarantined {
  PartitionName partition;
  std::string check;
  std::string build;
  bool operator==(const Quarantined&) const = default;
};

// Many dashboards fell silent together: the observer is suspect, failovers wait. Derived in the
// turn.
struct FleetHoldChanged {
  bool held = false;
  std::string why;
  bool operator==(const FleetHoldChanged&) const = default;
};

using Fact = std::variant<Started, Gap, LeadershipGained, LeadershipLost, ObjectSeen, ObjectGone,
                          KindListed, KindCaughtUp, LeftScope, WorldRestored, ProbeRun,
                          DeadlineFired, WriteDone, Unreadable, Quarantined, FleetHoldChanged>;

const char* kind_of(const Fact& fact);  // "ObjectSeen"

// The fact is somebody else's, so that folding copies nothing.
struct Event {
  Seq seq;
  Time at;
  const Fact& fact;
};

}  // namespace raycord
