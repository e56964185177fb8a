// Kubernetes Events that say what was decided, what became of it, and what is wrong with a
// manifest.
//
//   Announcer announcer(state);                 // After the log was folded.
//   for (const Announcement& a : announcer.follow(state, frame)) send(a);
//
// Announcements are derived from frames and never logged; sending them is best effort. Each ends in
// "(<log>:<seq>)", the event that `raycord why` starts from. Reasons and actions are KubeRay's
// where it has them (rayservice-behaviour.md 6.1, raycluster-behaviour.md 7.1).

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/state.h"

namespace raycord {

struct Announcement {
  ObjectName regarding;
  std::string uid;   // Of `regarding`.
  std::string type;  // "Normal" or "Warning".
  std::string reason;
  std::string action;
  std::string note;
  std::string name;  // "<object>.<hash>": the same event is never announced under two names.
  Seq seq;           // What it is about: a decision, or a fact.

  bool operator==(const Announcement&) const = default;
};

class Announcer {
 public:
  // What `state` shows already is not announced again.
  explicit Announcer(const State& state);

  // `after` is the state with the frame folded. Without leadership nothing is announced.
  std::vector<Announcement> follow(const State& after, const Frame& frame);

 private:
  // What the newest manifest of a RayService or RayCluster said.
  struct Shown {
    Hash revision;
    Hash muted;
    Hash config;
    std::string config_error;
    Invalid invalid;
    std::string doubt;
    std::string failover;         // Reason of the condition RaycordFailover.
    bool given_up = false;        // Never ready in time.
    bool lacks_gateways = false;  // The Gateway API is not to be had.
  };
  // What the outcome of a decision will be called.
  struct Expected {
    ObjectName regarding;
    std::string uid;
    std::string action;
    std::string done_reason;
    std::string failed_reason;
    std::string done;  // "Created head Pod rc-head-x7k2p (create-head-pod)"
    std::string failed;
    std::string account;     // The user's, that a head pod needs; empty: none.
    bool may_exist = false;  // Somebody else's will do.
  };
  class Scribe;  // Follows one frame.

  static Shown shown_by(const RayServiceSlice& service);

  std::map<ObjectName, Shown> shown_;
  std::map<Seq, Expected> expected_;
};

}  // namespace raycord
