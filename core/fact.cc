#include "core/fact.h"

#include "core/overloaded.h"

namespace raycord {

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

const char* name_of(GapCause cause) {
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
    case GapCause::ApiServerAway:
      return "API server away";
  }
  return "unknown";
}

const char* name_of(GoneHow how) {
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

const char* name_of(ProbeTarget target) {
  switch (target) {
    case ProbeTarget::Dashboard:
      return "dashboard";
    case ProbeTarget::Proxy:
      return "proxy";
  }
  return "unknown";
}

const char* name_of(ProbeTrouble trouble) {
  switch (trouble) {
    case ProbeTrouble::None:
      return "none";
    case ProbeTrouble::Refused:
      return "connection refused";
    case ProbeTrouble::Timeout:
      return "timeout";
    case ProbeTrouble::Reset:
      return "connection reset";
    case ProbeTrouble::BadStatus:
      return "bad status";
    case ProbeTrouble::Unreadable:
      return "unreadable";
    case ProbeTrouble::TooLarge:
      return "too large";
    case ProbeTrouble::Unauthorized:
      return "unauthorized";
    case ProbeTrouble::NoServeApi:
      return "no Serve API";
  }
  return "unknown";
}

const char* name_of(WriteResult result) {
  switch (result) {
    case WriteResult::Done:
      return "done";
    case WriteResult::Conflict:
      return "conflict";
    case WriteResult::AlreadyExists:
      return "already exists";
    case WriteResult::NotFound:
      return "not found";
    case WriteResult::Refused:
      return "refused";
    case WriteResult::Failed:
      return "failed";
    case WriteResult::Unknown:
      return "outcome unknown";
    case WriteResult::Withdrawn:
      return "withdrawn";
    case WriteResult::Throttled:
      return "throttled";
  }
  return "unknown";
}

}  // namespace raycord
