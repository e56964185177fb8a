#include "sandbox/ray_ports.h"

#include <algorithm>
#include <utility>

namespace raycord {
namespace {

HttpResponse plain(int code, std::string text) {
  return {code, {{"content-type", "text/plain; charset=utf-8"}}, std::move(text)};
}

HttpResponse json(const Json& body) {
  return {200, {{"content-type", "application/json; charset=utf-8"}}, body.dump()};
}

const char* target_of(int port) {
  if (port == kDashboardPort) return "dashboard";
  return port == kAgentPort ? "agent" : "serve";
}

std::string trimmed(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

bool is_serve_config(const std::string& path) { return trimmed(path) == "/api/serve/applications"; }

}  // namespace

SandboxReply RayPorts::ask(Time now, Kubelet::Pod& pod, int port, const HttpRequest& request,
                           const std::string& path) {
  const bool listens =
      pod.containers_run && !pod.cluster.empty() &&
      (port == kServePort || port == kAgentPort || (port == kDashboardPort && pod.ray != nullptr));
  if (!listens) return SandboxBroken{HttpFailure::Refused};
  const auto& disturbances = clusters_.at(pod.cluster).disturbances;
  const auto found = disturbances.find(target_of(port));
  const Disturbance* disturbance = found == disturbances.end() ? nullptr : &found->second;
  count(now, pod, port, request, path, disturbance);
  if (disturbance != nullptr) {
    switch (disturbance->mode) {
      case DisturbanceMode::Hang:
        return SandboxSilence{};
      case DisturbanceMode::Refuse:
        return SandboxBroken{HttpFailure::Refused};
      case DisturbanceMode::Reset:
        return SandboxBroken{HttpFailure::Reset};
      case DisturbanceMode::Error:
        return plain(disturbance->code, "injected error");
      case DisturbanceMode::Latency:
        break;
    }
  }
  SandboxReply reply = port == kServePort ? serve(now, pod, request, path)
                                          : dashboard(now, pod, request, path, port == kAgentPort);
  HttpResponse* response = std::get_if<HttpResponse>(&reply);
  if (disturbance == nullptr || response == nullptr) return reply;
  return SandboxLate{std::move(*response), disturbance->latency};
}

void RayPorts::count(Time now, Kubelet::Pod& pod, int port, const HttpRequest& request,
                     const std::string& path, const Disturbance* disturbance) {
  RayClusterRecord& record = clusters_.at(pod.cluster);
  const bool bad = disturbance != nullptr && disturbance->mode != DisturbanceMode::Latency;
  if (port == kServePort) {
    if (path == "/-/healthz") record.health_probes.hit(now, bad);
    return;
  }
  if (!is_serve_config(path)) return;
  if (request.method == "GET") record.gets.hit(now, bad);
  if (request.method == "PUT" && bad) {
    record.puts.hit(now, true);
    clusters_.record_put({0, now, pod.cluster, pod.name, 0, false, request.body});
  }
}

HttpResponse RayPorts::dashboard(Time now, Kubelet::Pod& pod, const HttpRequest& request,
                                 const std::string& path, bool agent) {
  const std::string asked = trimmed(path);
  if (asked == "/api/local_raylet_healthz") return plain(200, "success");
  if (agent || pod.ray == nullptr) return plain(404, "404: Not Found");
  if (asked == "/api/gcs_healthz" || asked == "/api/healthz") return plain(200, "success");
  if (asked == "/api/version") {
    return json({{"version", "4"},
                 {"ray_version", pod.ray->version()},
                 {"ray_commit", "sandbox"},
                 {"session_name", pod.ray->session()}});
  }
  if (!is_serve_config(path)) return plain(404, "404: Not Found");
  if (request.method == "GET") {
    const RayDisplays& displays = clusters_.at(pod.cluster).displays;
    return json(pod.ray->details(now, displays, kubelet_.ray_nodes(pod.cluster)));
  }
  if (request.method == "PUT") return put_config(now, pod, request);
  if (request.method == "DELETE") {
    pod.ray->remove_all(now);
    kubelet_.follow_ray(pod.cluster);
    kubelet_.kick_cluster(pod.cluster);
    return plain(200, "");
  }
  return plain(405, "405: Method Not Allowed");
}

HttpResponse RayPorts::put_config(Time now, Kubelet::Pod& pod, const HttpRequest& request) {
  RayClusterRecord& record = clusters_.at(pod.cluster);
  bool changed = false;
  HttpResponse response = pod.ray->put(now, request.body, record.displays, changed);
  record.puts.hit(now, response.status != 200);
  clusters_.record_put({0, now, pod.cluster, pod.name, response.status, changed, request.body});
  kubelet_.follow_ray(pod.cluster);
  kubelet_.kick_cluster(pod.cluster);
  return response;
}

SandboxReply RayPorts::serve(Time now, Kubelet::Pod& pod, const HttpRequest& request,
                             const std::string& path) {
  const Kubelet::Pod* head = kubelet_.live_head(pod.cluster);
  if (head == nullptr || !head->ray->serving(now)) {
    return SandboxBroken{HttpFailure::Refused};  // No proxy runs before Serve does.
  }
  if (path == "/-/healthz") return plain(200, "success");
  if (path == "/-/routes") return json(head->ray->routes(now));
  const auto text = head->ray->answer(now, path, request.body);
  if (!text) {
    return plain(404,
                 "Path '" + path + "' not found. Ping http://.../-/routes for available routes.");
  }
  HttpResponse response = plain(200, *text);
  response.headers.push_back({"x-sandbox-pod", pod.name});
  return response;
}

}  // namespace raycord
