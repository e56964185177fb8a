#include "core/readiness.h"

#include <algorithm>

#include "core/deployed.h"
#include "core/limits.h"
#include "core/wish.h"

namespace raycord {
namespace {

constexpr std::int32_t kWholeCapacity = 100;

}  // namespace

bool is_answering(const Cluster& cluster) {
  const Known<PodSlice>* head = head_pod_of(cluster);
  const Dashboard& dashboard = cluster.dashboard;
  return head != nullptr && dashboard.head_uid == head->value.meta.uid &&
         dashboard.head_restarts == head->value.ray_restarts && dashboard.latest.since &&
         dashboard.latest.value.trouble == ProbeTrouble::None;
}

bool runs_as_asked(const View& view, const Cluster& cluster) {
  if (!view.partition.service || !is_answering(cluster)) return false;
  const ServeConfig& wanted = view.partition.service->value.serve_config;
  const ServeAnswer& answer = cluster.dashboard.serve.value;
  if (!wanted.error.empty() || wanted.apps.empty() || !is_deployed(wanted, cluster)) return false;
  return std::all_of(answer.apps.begin(), answer.apps.end(), [](const AppAnswer& app) {
    return app.status == "RUNNING" || app.status == "DELETING";
  });
}

std::size_t serving_pods(const Cluster& cluster) {
  return static_cast<std::size_t>(
      std::count_if(cluster.pods.begin(), cluster.pods.end(), [](const auto& entry) {
        const PodSlice& pod = entry.second.value;
        return pod.serve_label == "true" && pod.ready && !pod.ip.empty() &&
               !pod.meta.deleting_since;
      }));
}

std::size_t serving_pods_needed(const View& view, const Roles& roles, const Cluster& pending) {
  std::size_t wanted = view.partition.service->value.exclude_head_from_serve ? 0 : 1;
  for (const WorkerGroup& group : pending.object->value.groups) {
    if (group.suspended) continue;
    wanted += static_cast<std::size_t>(std::max(0, group.replicas * group.hosts));
  }
  const std::size_t now = roles.active ? ready_endpoints(view.partition, roles.active) : 0;
  return std::max<std::size_t>(1, std::min(now, wanted));
}

bool is_ready_to_switch(const View& view, const Roles& roles, const Cluster& pending) {
  if (!pending.object || pending.delete_decided || pending.delete_accepted) return false;
  if (!is_current(view.partition.service->value, pending.object->value)) return false;
  if (!is_head_ready(pending) || !runs_as_asked(view, pending)) return false;
  // Where an incremental upgrade was given up on the way, it gets all its capacity first.
  const bool whole = pending.share.capacity.value_or(kWholeCapacity) == kWholeCapacity;
  if (!whole && !view.partition.service->value.incremental) return false;
  if (!view.partition.service->value.has_serve_port) return true;
  return serving_pods(pending) >= serving_pods_needed(view, roles, pending);
}

Time drain_end(const RayServiceSlice& service, Time now) {
  const Millis delay = service.deletion_delay_s
                           ? Millis(std::chrono::seconds(*service.deletion_delay_s))
                           : kDeletionDelayDefault;
  // Whole seconds, for the annotation has no more; never earlier than promised.
  return std::chrono::ceil<std::chrono::seconds>(now + delay);
}

std::vector<Seq> causes_of_running(const View& view, const Cluster& cluster) {
  std::vector<Seq> causes = {cluster.dashboard.serve.since, view.partition.service->since};
  if (const Known<PodSlice>* head = head_pod_of(cluster)) causes.push_back(head->since);
  if (cluster.object) causes.push_back(cluster.object->since);
  return causes;
}

}  // namespace raycord
