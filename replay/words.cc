#include "replay/words.h"

#include "core/overloaded.h"

namespace raycord {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

std::string number(std::int64_t value, const char* unit) { return std::to_string(value) + unit; }

// The two units that matter: "3h5m", "2d".
std::string two_units(Millis time, std::int64_t big, const char* big_unit, std::int64_t small,
                      const char* small_unit) {
  const std::int64_t total = duration_cast<seconds>(time).count();
  const std::int64_t rest = total % big / small;
  return number(total / big, big_unit) + (rest > 0 ? number(rest, small_unit) : "");
}

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

}  // namespace

const char* kind_of(const Fact& fact) {
  return std::visit(Overloaded{
                        [](const Started&) { return "Started"; },
                        [](const Gap&) { return "Gap"; },
                        [](const LeadershipGained&) { return "LeadershipGained"; },
                        [](const LeadershipLost&) { return "LeadershipLost"; },
                        [](const ObjectSeen&) { return "ObjectSeen"; },
                        [](const ObjectGone&) { return "ObjectGone"; },
                        [](const KindListed&) { return "KindListed"; },
                        [](const KindCaughtUp&) { return "KindCaughtUp"; },
                        [](const LeftScope&) { return "LeftScope"; },
                        [](const WorldRestored&) { return "WorldRestored"; },
                        [](const ProbeRun&) { return "ProbeRun"; },
                        [](const DeadlineFired&) { return "DeadlineFired"; },
                        [](const WriteDone&) { return "WriteDone"; },
                        [](const Unreadable&) { return "Unreadable"; },
                        [](const Quarantined&) { return "Quarantined"; },
                        [](const FleetHoldChanged&) { return "FleetHoldChanged"; },
                    },
                    fact);
}

const char* kind_of(const Effect& effect) {
  return std::visit(Overloaded{
                        [](const CreateCluster&) { return "CreateCluster"; },
                        [](const UpdateClusterGroups&) { return "UpdateClusterGroups"; },
                        [](const CreatePod&) { return "CreatePod"; },
                        [](const CreateService&) { return "CreateService"; },
                        [](const SwitchService&) { return "SwitchService"; },
                        [](const CreateAccess&) { return "CreateAccess"; },
                        [](const DeleteObject&) { return "DeleteObject"; },
                        [](const SetFinalizer&) { return "SetFinalizer"; },
                        [](const LabelPod&) { return "LabelPod"; },
                        [](const RememberOnService&) { return "RememberOnService"; },
                        [](const RememberOnCluster&) { return "RememberOnCluster"; },
                        [](const PutServeConfig&) { return "PutServeConfig"; },
                        [](const WriteServiceStatus&) { return "WriteServiceStatus"; },
                        [](const WriteClusterStatus&) { return "WriteClusterStatus"; },
                    },
                    effect);
}

const char* word_for(GapCause cause) {
  switch (cause) {
    case GapCause::Restart:
      return "restart";
    case GapCause::Pause:
      return "pause";
    case GapCause::ClockStep:
      return "clock step";
    case GapCause::LogLost:
      return "log lost";
    case GapCause::OtherLeader:
      return "another leader";
  }
  return "unknown";
}

const char* word_for(GoneHow how) {
  switch (how) {
    case GoneHow::Watched:
      return "watched";
    case GoneHow::Unlisted:
      return "unlisted";
    case GoneHow::Answered:
      return "answered";
  }
  return "unknown";
}

const char* word_for(ProbeTarget target) {
  switch (target) {
    case ProbeTarget::Dashboard:
      return "dashboard";
    case ProbeTarget::Proxy:
      return "proxy";
  }
  return "unknown";
}

const char* word_for(UpgradeType type) {
  switch (type) {
    case UpgradeType::Unset:
      return "unset";
    case UpgradeType::NewCluster:
      return "NewCluster";
    case UpgradeType::None:
      return "None";
    case UpgradeType::Incremental:
      return "Incremental";
  }
  return "unknown";
}

const char* word_for(FailoverMode mode) {
  switch (mode) {
    case FailoverMode::Unset:
      return "unset";
    case FailoverMode::Enforce:
      return "enforce";
    case FailoverMode::Shadow:
      return "shadow";
    case FailoverMode::Off:
      return "off";
  }
  return "unknown";
}

const char* word_for(Purpose purpose) {
  switch (purpose) {
    case Purpose::Unknown:
      return "adopted";
    case Purpose::First:
      return "first";
    case Purpose::Upgrade:
      return "upgrade";
    case Purpose::Failover:
      return "failover";
  }
  return "unknown";
}

const char* word_for(PodPhase phase) {
  switch (phase) {
    case PodPhase::Pending:
      return "Pending";
    case PodPhase::Running:
      return "Running";
    case PodPhase::Succeeded:
      return "Succeeded";
    case PodPhase::Failed:
      return "Failed";
    case PodPhase::Unknown:
      return "Unknown";
  }
  return "unknown";
}

const char* word_for(NodeType type) {
  switch (type) {
    case NodeType::None:
      return "none";
    case NodeType::Head:
      return "head";
    case NodeType::Worker:
      return "worker";
  }
  return "unknown";
}

const char* word_for(RestartPolicy policy) {
  switch (policy) {
    case RestartPolicy::Always:
      return "Always";
    case RestartPolicy::OnFailure:
      return "OnFailure";
    case RestartPolicy::Never:
      return "Never";
  }
  return "unknown";
}

const char* word_for(ServiceRole role) {
  switch (role) {
    case ServiceRole::ClusterHead:
      return "cluster head";
    case ServiceRole::HeadlessWorkers:
      return "headless workers";
    case ServiceRole::ServiceHead:
      return "service head";
    case ServiceRole::Serve:
      return "serve";
  }
  return "unknown";
}

std::string brief(Hash hash) { return hash ? to_hex(hash).substr(0, 8) : "none"; }

std::string date_text(Time time) { return to_rfc3339(time).substr(0, 10); }

std::string clock_text(Time time) { return to_rfc3339(time).substr(11, 8); }

std::string age_text(Millis age) {
  const std::int64_t total = duration_cast<seconds>(age).count();
  if (total < 0) return "0s";
  if (total < 2 * kMinute) return number(total, "s");
  if (total < 10 * kMinute) return two_units(age, kMinute, "m", 1, "s");
  if (total < 3 * kHour) return number(total / kMinute, "m");
  if (total < 8 * kHour) return two_units(age, kHour, "h", kMinute, "m");
  if (total < 2 * kDay) return number(total / kHour, "h");
  if (total < 8 * kDay) return two_units(age, kDay, "d", kHour, "h");
  return number(total / kDay, "d");
}

std::string duration_text(Millis time) {
  const std::int64_t millis = time.count();
  if (millis < 0) return "0s";
  if (millis == 0) return "0s";
  if (millis < 1000) return number(millis, "ms");
  const std::int64_t total = millis / 1000;
  if (total < 10 && millis % 1000 >= 100) {
    return std::to_string(total) + "." + number(millis % 1000 / 100, "s");
  }
  if (total < kMinute) return number(total, "s");
  if (total < kHour) return two_units(time, kMinute, "m", 1, "s");
  if (total < kDay) return two_units(time, kHour, "h", kMinute, "m");
  return two_units(time, kDay, "d", kHour, "h");
}

}  // namespace raycord
