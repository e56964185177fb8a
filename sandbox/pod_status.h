// The status a kubelet writes for a pod.

#pragma once

#include <cstdint>
#include <string>

#include "core/time.h"
#include "sandbox/json.h"

namespace raycord {

enum class PodStage : std::uint8_t {
  Starting,  // Bound to a node, containers not yet created.
  ImageMissing,
  Init,     // Init containers run.
  Running,  // Not Ready.
  Ready,
  Crashed,  // Containers ended and will be started again.
  Failed,
  Succeeded,
};
const char* name_of(PodStage stage);

struct PodSight {
  PodStage stage = PodStage::Starting;
  std::string ip;
  std::string host_ip;
  Time bound{};
  Time running{};  // When the containers started last.
  Time killed{};   // When they ended last.
  int restarts = 0;
  std::string kill_reason;
};

// `pod` is the whole object: conditions keep the times they had while their status stays.
Json pod_status(const Json& pod, const PodSight& sight, Time now);

}  // namespace raycord
