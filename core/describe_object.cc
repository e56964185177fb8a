// Descriptions of what was seen: objects and answers.

#include "core/describe.h"
#include "core/describe_parts.h"
#include "core/limits.h"
#include "core/overloaded.h"
#include "core/text.h"

namespace raycord {
namespace {

constexpr std::size_t kShortHash = 8;

std::string generation_of(const Meta& meta) {
  return "generation " + std::to_string(meta.generation);
}

std::string ending_of(const Meta& meta, const Invalid& invalid) {
  std::string text;
  if (!invalid.reason.empty()) text += ", invalid: " + invalid.message;
  if (meta.deleting_since) text += ", being deleted";
  return text;
}

std::string text_of(const RayServiceSlice& service) {
  std::string text = generation_of(service.meta) + ", " + counted(service.groups.size(), "group");
  if (!service.cluster_hashes.empty()) {
    text += ", revision " + short_hash(service.cluster_hashes.back());
  }
  const ServeConfig& config = service.serve_config;
  text += config.error.empty() ? ", config " + short_hash(config.hash)
                               : ", config unreadable: " + config.error;
  if (service.managed_elsewhere) text += ", managed elsewhere";
  if (service.suspended) text += ", suspended";
  return text + ending_of(service.meta, service.invalid);
}

std::string text_of(const RayClusterSlice& cluster) {
  std::string text = generation_of(cluster.meta);
  for (const WorkerGroup& group : cluster.groups) {
    text += ", " + group.name + " " + std::to_string(group.replicas);
    if (group.hosts != 1) text += "x" + std::to_string(group.hosts);
    if (group.suspended) text += " suspended";
    if (!group.workers_to_delete.empty()) {
      text += " less " + std::to_string(group.workers_to_delete.size());
    }
  }
  text += ", revision " + short_hash(cluster.spec_revision);
  if (!cluster.status.state.empty()) text += ", " + cluster.status.state;
  if (cluster.delete_after) text += ", to be deleted after " + to_rfc3339(*cluster.delete_after);
  if (cluster.accepted_config) text += ", accepted config " + short_hash(cluster.accepted_config);
  if (cluster.managed_elsewhere) text += ", managed elsewhere";
  if (cluster.suspended) text += ", suspended";
  return text + ending_of(cluster.meta, cluster.invalid);
}

std::string readiness_of(const PodSlice& pod) {
  if (pod.ready) return "Ready";
  if (pod.ready_reason.empty()) return "not Ready";
  return "not Ready (" + pod.ready_reason + ")";
}

std::string text_of(const PodSlice& pod) {
  std::string text;
  switch (pod.node_type) {
    case NodeType::Head:
      text = "head of " + pod.cluster;
      break;
    case NodeType::Worker:
      text = "worker of " + pod.cluster + ", group " + pod.group;
      if (pod.replica_index >= 0) text += " #" + std::to_string(pod.replica_index);
      break;
    case NodeType::None:
      text = "pod of " + pod.cluster;
      break;
  }
  text += std::string(", ") + name_of(pod.phase) + ", " + readiness_of(pod);
  if (!pod.ip.empty()) text += ", " + pod.ip;
  if (pod.ray_restarts > 0) {
    text += ", restarted " + counted(static_cast<std::uint64_t>(pod.ray_restarts), "time");
  }
  if (pod.ray_terminated) text += ", Ray ended";
  if (!pod.serve_label.empty()) text += ", ray.io/serve=" + pod.serve_label;
  return text + ending_of(pod.meta, {});
}

std::string text_of(const ServiceSlice& service) {
  std::string text = "selects " + (service.selected_cluster.empty() ? std::string("nothing")
                                                                    : service.selected_cluster);
  if (service.selects_serve) text += " (serve)";
  if (service.is_head_service) text += " (head)";
  if (service.is_headless_workers) text += " (workers)";
  if (!service.cluster_ip.empty()) text += ", IP " + service.cluster_ip;
  return text + ending_of(service.meta, {});
}

std::string text_of(const EndpointsSlice& slice) {
  return counted(slice.ready_uids.size(), "ready endpoint") + " of " + slice.service;
}

std::string text_of(const JobSlice& job) {
  std::string text = "of " + job.cluster;
  if (job.finished) text += job.failed ? ", failed" : ", complete";
  return text + ending_of(job.meta, {});
}

std::string text_of(const IngressSlice& ingress) {
  return "of " + ingress.cluster + ending_of(ingress.meta, {});
}

std::string text_of(const GatewaySlice& gateway) {
  std::string text = "class " + gateway.gateway_class;
  text += gateway.accepted ? ", accepted" : ", not accepted";
  text += gateway.programmed ? ", programmed" : ", not programmed";
  return text + ending_of(gateway.meta, {});
}

std::string text_of(const RouteSlice& route) {
  std::string text;
  for (const RouteBackend& backend : route.backends) {
    text += (text.empty() ? "" : ", ") + backend.service + " " + std::to_string(backend.weight);
  }
  text += route.accepted ? "; accepted" : "; not accepted";
  if (!route.resolved) text += ", not resolved";
  return text + ending_of(route.meta, {});
}

}  // namespace

std::string short_hash(Hash hash) { return hash ? to_hex(hash).substr(0, kShortHash) : "none"; }

std::string number(Seq seq) { return "#" + std::to_string(seq.value); }

std::string counted(std::uint64_t count, const char* singular) {
  return std::to_string(count) + " " + singular + (count == 1 ? "" : "s");
}

std::string describe(const Object& object) {
  const std::string text =
      std::visit(Overloaded{
                     [](const RayServiceSlice& slice) { return text_of(slice); },
                     [](const RayClusterSlice& slice) { return text_of(slice); },
                     [](const PodSlice& slice) { return text_of(slice); },
                     [](const ServiceSlice& slice) { return text_of(slice); },
                     [](const EndpointsSlice& slice) { return text_of(slice); },
                     [](const AccessSlice& slice) { return "of " + slice.cluster; },
                     [](const JobSlice& slice) { return text_of(slice); },
                     [](const IngressSlice& slice) { return text_of(slice); },
                     [](const GatewaySlice& slice) { return text_of(slice); },
                     [](const RouteSlice& slice) { return text_of(slice); },
                 },
                 object);
  return one_line(text, kDescriptionMax);
}

std::string describe(const ServeAnswer& answer) {
  std::string text;
  for (const AppAnswer& app : answer.apps) {
    text += (text.empty() ? "" : ", ") + app.name + " " + app.status;
  }
  if (text.empty()) text = "no apps";
  if (answer.target_capacity) {
    text += "; at " + std::to_string(*answer.target_capacity) + " % of capacity";
  }
  bool first = true;
  for (const auto& [status, count] : answer.proxies) {
    text += first ? "; " : ", ";
    text += std::to_string(count) + (count == 1 ? " proxy " : " proxies ") + status;
    first = false;
  }
  return one_line(text, kDescriptionMax);
}

}  // namespace raycord
