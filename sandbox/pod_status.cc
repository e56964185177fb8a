#include "sandbox/pod_status.h"

#include <utility>

namespace raycord {
namespace {

constexpr int kKilledExitCode = 137;  // 128 + SIGKILL.

bool started(PodStage stage) { return stage == PodStage::Running || stage == PodStage::Ready; }

bool past_init(PodStage stage) {
  switch (stage) {
    case PodStage::Starting:
    case PodStage::ImageMissing:
    case PodStage::Init:
      return false;
    case PodStage::Running:
    case PodStage::Ready:
    case PodStage::Crashed:
    case PodStage::Failed:
    case PodStage::Succeeded:
      return true;
  }
  return false;
}

const char* phase_of(PodStage stage) {
  switch (stage) {
    case PodStage::Starting:
    case PodStage::ImageMissing:
    case PodStage::Init:
      return "Pending";
    case PodStage::Running:
    case PodStage::Ready:
    case PodStage::Crashed:
      return "Running";
    case PodStage::Failed:
      return "Failed";
    case PodStage::Succeeded:
      return "Succeeded";
  }
  return "Unknown";
}

Json condition(const Json& pod, const char* type, bool holds, const std::string& reason,
               const std::string& message, Time now) {
  const char* status = holds ? "True" : "False";
  Json made = {{"type", type},
               {"status", status},
               {"lastProbeTime", nullptr},
               {"lastTransitionTime", to_rfc3339(now)}};
  for (const Json& old : list_at(pod, {"status", "conditions"})) {
    if (text_at(old, {"type"}) == type && text_at(old, {"status"}) == status) {
      made["lastTransitionTime"] = old["lastTransitionTime"];
    }
  }
  if (!holds && !reason.empty()) made["reason"] = reason;
  if (!holds && !message.empty()) made["message"] = message;
  return made;
}

std::string names_of(const Json& containers) {
  std::string names;
  for (const Json& container : containers) {
    names += (names.empty() ? "" : " ") + text_at(container, {"name"});
  }
  return "[" + names + "]";
}

Json conditions_of(const Json& pod, const PodSight& sight, Time now) {
  const bool initialized =
      past_init(sight.stage) || list_at(pod, {"spec", "initContainers"}).empty();
  const bool ready = sight.stage == PodStage::Ready;
  const char* why = sight.stage == PodStage::Succeeded ? "PodCompleted" : "ContainersNotReady";
  const std::string unready =
      "containers with unready status: " + names_of(list_at(pod, {"spec", "containers"}));
  const std::string incomplete =
      "containers with incomplete status: " + names_of(list_at(pod, {"spec", "initContainers"}));
  return Json::array(
      {condition(pod, "PodReadyToStartContainers", sight.stage != PodStage::Starting, "", "", now),
       condition(pod, "Initialized", initialized, "ContainersNotInitialized", incomplete, now),
       condition(pod, "Ready", ready, why, unready, now),
       condition(pod, "ContainersReady", ready, why, unready, now),
       condition(pod, "PodScheduled", true, "", "", now)});
}

Json terminated(int code, const std::string& reason, Time start, Time end,
                const std::string& container_id) {
  return {{"exitCode", code},
          {"reason", reason},
          {"startedAt", to_rfc3339(start)},
          {"finishedAt", to_rfc3339(end)},
          {"containerID", container_id}};
}

Json container_state(const PodSight& sight, const Json& container, const std::string& id,
                     bool has_init) {
  switch (sight.stage) {
    case PodStage::Running:
    case PodStage::Ready:
      return {{"running", {{"startedAt", to_rfc3339(sight.running)}}}};
    case PodStage::Succeeded:
      return {{"terminated", terminated(0, "Completed", sight.running, sight.killed, id)}};
    case PodStage::Failed:
    case PodStage::Crashed:
      return {{"terminated",
               terminated(kKilledExitCode, sight.kill_reason, sight.running, sight.killed, id)}};
    case PodStage::ImageMissing:
      return {{"waiting",
               {{"reason", "ImagePullBackOff"},
                {"message", "Back-off pulling image \"" + text_at(container, {"image"}) + "\""}}}};
    case PodStage::Starting:
    case PodStage::Init:
      return {{"waiting", {{"reason", has_init ? "PodInitializing" : "ContainerCreating"}}}};
  }
  return Json::object();
}

Json container_status(const Json& pod, const PodSight& sight, const Json& container) {
  const std::string name = text_at(container, {"name"});
  const std::string stem = "sandbox://" + text_at(pod, {"metadata", "uid"}) + "-" + name + "-";
  const bool has_init = !list_at(pod, {"spec", "initContainers"}).empty();
  const bool ran = past_init(sight.stage);
  Json status = {
      {"name", name},
      {"image", text_at(container, {"image"})},
      {"imageID", ran ? "sandbox/" + text_at(container, {"image"}) : ""},
      {"restartCount", sight.restarts},
      {"ready", sight.stage == PodStage::Ready},
      {"started", started(sight.stage)},
      {"state", container_state(sight, container, stem + std::to_string(sight.restarts), has_init)},
      {"lastState", Json::object()}};
  if (ran) status["containerID"] = stem + std::to_string(sight.restarts);
  if (sight.restarts > 0) {
    status["lastState"]["terminated"] =
        terminated(kKilledExitCode, sight.kill_reason, sight.bound, sight.killed,
                   stem + std::to_string(sight.restarts - 1));
  }
  return status;
}

Json init_status(const Json& pod, const PodSight& sight, const Json& container, Time now) {
  const std::string name = text_at(container, {"name"});
  const bool seen = past_init(sight.stage) || sight.stage == PodStage::Init;
  const std::string id = "sandbox://" + text_at(pod, {"metadata", "uid"}) + "-" + name + "-0";
  Json status = {{"name", name},
                 {"image", text_at(container, {"image"})},
                 {"imageID", seen ? "sandbox/" + text_at(container, {"image"}) : ""},
                 {"restartCount", 0},
                 {"ready", past_init(sight.stage)},
                 {"started", sight.stage == PodStage::Init},
                 {"lastState", Json::object()}};
  if (seen) status["containerID"] = id;
  if (past_init(sight.stage)) {
    status["state"]["terminated"] = terminated(0, "Completed", sight.bound, sight.running, id);
  } else if (sight.stage == PodStage::Init) {
    status["state"]["running"] = {{"startedAt", to_rfc3339(now)}};
  } else {
    status["state"]["waiting"] = {{"reason", "PodInitializing"}};
  }
  return status;
}

}  // namespace

const char* name_of(PodStage stage) {
  switch (stage) {
    case PodStage::Starting:
      return "starting";
    case PodStage::ImageMissing:
      return "image-missing";
    case PodStage::Init:
      return "init";
    case PodStage::Running:
      return "running";
    case PodStage::Ready:
      return "ready";
    case PodStage::Crashed:
      return "crashed";
    case PodStage::Failed:
      return "failed";
    case PodStage::Succeeded:
      return "succeeded";
  }
  return "";
}

Json pod_status(const Json& pod, const PodSight& sight, Time now) {
  Json containers = Json::array();
  for (const Json& container : list_at(pod, {"spec", "containers"})) {
    containers.push_back(container_status(pod, sight, container));
  }
  Json status = {{"phase", phase_of(sight.stage)},
                 {"qosClass", text_at(pod, {"status", "qosClass"})},
                 {"hostIP", sight.host_ip},
                 {"hostIPs", Json::array({{{"ip", sight.host_ip}}})},
                 {"startTime", to_rfc3339(sight.bound)},
                 {"conditions", conditions_of(pod, sight, now)},
                 {"containerStatuses", containers}};
  if (sight.stage != PodStage::Starting) {
    status["podIP"] = sight.ip;
    status["podIPs"] = Json::array({{{"ip", sight.ip}}});
  }
  Json inits = Json::array();
  for (const Json& container : list_at(pod, {"spec", "initContainers"})) {
    inits.push_back(init_status(pod, sight, container, now));
  }
  if (!inits.empty()) status["initContainerStatuses"] = inits;
  return status;
}

}  // namespace raycord
