// Pods, Services, EndpointSlices and the autoscaler's access objects.

#include <algorithm>
#include <limits>

#include "core/names.h"
#include "formats/slice_parts.h"

namespace raycord {
namespace {

constexpr std::int64_t kIndexMax = std::numeric_limits<std::int32_t>::max();

PodPhase phase_of(const std::string& text) {
  if (text.empty() || text == "Pending") return PodPhase::Pending;
  if (text == "Running") return PodPhase::Running;
  if (text == "Succeeded") return PodPhase::Succeeded;
  if (text == "Failed") return PodPhase::Failed;
  return PodPhase::Unknown;
}

RestartPolicy restart_policy_of(const std::string& text) {
  if (text == "Never") return RestartPolicy::Never;
  return text == "OnFailure" ? RestartPolicy::OnFailure : RestartPolicy::Always;
}

NodeType node_type_of(const std::string& text) {
  if (text == "head") return NodeType::Head;
  return text == "worker" ? NodeType::Worker : NodeType::None;
}

// The status of the first container of the spec; the kubelet sorts statuses by name.
const JsonObject* ray_container(const std::vector<JsonObject>& statuses, const std::string& name) {
  const auto found = std::find_if(statuses.begin(), statuses.end(), [&](const JsonObject& status) {
    return status.text("name") == name;
  });
  return found == statuses.end() ? nullptr : &*found;
}

struct ContainerTrouble {
  std::string reason;
  std::string message;  // "<container>: <its message>"
};

// Of the first container that waits or has ended; an empty reason: there is none, or it says none.
ContainerTrouble first_trouble(const std::vector<JsonObject>& statuses) {
  for (const JsonObject& status : statuses) {
    for (const char* kind : {"waiting", "terminated"}) {
      const JsonObject state = status.object("state").object(kind);
      if (state.exists()) {
        return {state.text("reason"), status.text("name") + ": " + state.text("message")};
      }
    }
  }
  return {};
}

// The Ready condition as the status of a RayCluster tells it (raycluster-behaviour.md 2.2).
void read_ready(const JsonObject& status, const std::vector<JsonObject>& containers,
                PodSlice& pod) {
  for (const Condition& condition : slice_conditions(status)) {
    if (condition.type != "Ready") continue;
    pod.has_ready_condition = true;
    pod.ready = condition.status == "True";
    pod.ready_reason = condition.reason;
    pod.ready_message = condition.message;
  }
  if (pod.ready || (pod.has_ready_condition && pod.ready_reason != "ContainersNotReady")) return;
  const ContainerTrouble trouble = first_trouble(containers);
  if (trouble.reason.empty()) return;
  pod.ready_reason = trouble.reason;
  if (!pod.ready_message.empty()) pod.ready_message += "; ";
  pod.ready_message += trouble.message;
}

// Which version made the pod, and for which spec (raycluster-behaviour.md 3.7). KubeRay's hash is
// of another form than ours and equal to none.
void read_stamps(const JsonObject& annotations, PodSlice& pod) {
  const bool head = pod.node_type == NodeType::Head;
  const std::string maker = head ? annotations.text("ray.io/kuberay-version") : "";
  if (!maker.empty()) pod.made_by = hash_of(maker);
  const std::string made_for = annotations.text(head ? "ray.io/upgrade-strategy-recreate-hash"
                                                     : std::string(kSpecRevisionAnnotation));
  if (made_for.empty()) return;
  pod.made_for = hash_from_hex(made_for);
  if (!pod.made_for) pod.made_for = hash_of(made_for);
}

}  // namespace

PodSlice slice_pod(const JsonObject& root) {
  PodSlice pod;
  pod.meta = slice_meta(root);
  const JsonObject labels = root.object("metadata").object("labels");
  pod.cluster = labels.text("ray.io/cluster");
  pod.node_type = node_type_of(labels.text("ray.io/node-type"));
  pod.group = labels.text("ray.io/group");
  pod.replica_index = static_cast<std::int32_t>(
      number_or(labels.text("ray.io/worker-group-replica-index"), kIndexMax, -1));
  pod.replica_name = labels.text("ray.io/worker-group-replica-name");
  pod.host_index =
      static_cast<std::int32_t>(number_or(labels.text("ray.io/replica-host-index"), kIndexMax, -1));
  pod.serve_label = labels.text("ray.io/serve");

  read_stamps(root.object("metadata").object("annotations"), pod);

  const JsonObject spec = root.object("spec");
  pod.restart_policy = restart_policy_of(spec.text("restartPolicy"));
  pod.node = spec.text("nodeName");

  const JsonObject status = root.object("status");
  pod.phase = phase_of(status.text("phase"));
  pod.ip = status.text("podIP");
  const std::vector<JsonObject> statuses = status.objects("containerStatuses");
  read_ready(status, statuses, pod);
  const std::vector<JsonObject> containers = spec.objects("containers");
  if (containers.empty()) return pod;
  if (const JsonObject* ray = ray_container(statuses, containers[0].text("name"))) {
    pod.ray_terminated = ray->object("state").has("terminated");
    pod.ray_restarts = ray->small_integer("restartCount").value_or(0);
    pod.ray_started = ray->object("state").object("running").time("startedAt");
  }
  return pod;
}

ServiceSlice slice_service(const JsonObject& root) {
  ServiceSlice service;
  service.meta = slice_meta(root);
  const JsonObject labels = root.object("metadata").object("labels");
  const JsonObject spec = root.object("spec");
  const JsonObject selector = spec.object("selector");
  service.selected_cluster = selector.text("ray.io/cluster");
  service.selects_serve = selector.text("ray.io/serve") == "true";
  service.is_head_service =
      selector.text("ray.io/node-type") == "head" || labels.text("ray.io/node-type") == "head";
  service.is_headless_workers = labels.has("ray.io/headless-worker-svc");
  service.cluster_ip = spec.text("clusterIP");
  for (const JsonObject& from : spec.objects("ports")) {
    ServicePort port;
    port.name = from.text("name");
    port.port = from.small_integer("port").value_or(0);
    port.target = from.text_or_number("targetPort");
    if (port.target.empty() || port.target == "0") port.target = std::to_string(port.port);
    port.node_port = from.small_integer("nodePort").value_or(0);
    service.ports.push_back(std::move(port));
  }
  return service;
}

EndpointsSlice slice_endpoints(const JsonObject& root) {
  EndpointsSlice slice;
  slice.meta = slice_meta(root);
  slice.service = root.object("metadata").object("labels").text("kubernetes.io/service-name");
  for (const JsonObject& endpoint : root.objects("endpoints")) {
    const std::string uid = endpoint.object("targetRef").text("uid");
    if (endpoint.object("conditions").flag("ready") && !uid.empty()) {
      slice.ready_uids.push_back(uid);
    }
  }
  std::sort(slice.ready_uids.begin(), slice.ready_uids.end());
  slice.ready_uids.erase(std::unique(slice.ready_uids.begin(), slice.ready_uids.end()),
                         slice.ready_uids.end());
  return slice;
}

AccessSlice slice_access(Kind kind, const JsonObject& root) {
  AccessSlice access;
  access.kind = kind;
  access.meta = slice_meta(root);
  access.cluster = root.object("metadata").object("labels").text("ray.io/cluster");
  return access;
}

}  // namespace raycord
