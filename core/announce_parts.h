// What Kubernetes Events say of decisions: of the decision itself, and of its outcome. Only
// core/announce*.cc use it.

#pragma once

#include <optional>
#include <string>

#include "core/decision.h"
#include "core/state.h"

namespace raycord {

struct Said {
  bool warning = false;
  const char* reason = "";
  const char* action = "";
  std::string text;
};

// Decisions that are news by themselves, before anything came of them.
std::optional<Said> said_of(const Decision& decision);

// How the outcome of an effect is told; nothing: it is not worth an Event.
struct Telling {
  ObjectName regarding;
  const char* verb;    // "create"
  const char* past;    // "Created"
  std::string object;  // "HeadPod", of the reason
  std::string what;    // "head Pod x", of the note
};

std::optional<Telling> telling_of(const State& state, const Decision& decision);

// Pods that KubeRay deletes by one request, and tells of so.
bool is_collection(Rule rule);

// The object that Events of a partition are about.
ObjectName root_of(const PartitionName& partition);

}  // namespace raycord
