// What answers on the ports of a Ray pod: dashboard, dashboard agent and Serve proxy.

#pragma once

#include <string>

#include "core/time.h"
#include "formats/http.h"
#include "sandbox/kubelet.h"
#include "sandbox/ray_clusters.h"
#include "sandbox/reply.h"

namespace raycord {

inline constexpr int kDashboardPort = 8265;
inline constexpr int kAgentPort = 52365;
inline constexpr int kServePort = 8000;

class RayPorts {
 public:
  RayPorts(Kubelet& kubelet, RayClusters& clusters) : kubelet_(kubelet), clusters_(clusters) {}

  // A request to a port of a pod. `path` is decoded and without the query.
  SandboxReply ask(Time now, Kubelet::Pod& pod, int port, const HttpRequest& request,
                   const std::string& path);

 private:
  HttpResponse dashboard(Time now, Kubelet::Pod& pod, const HttpRequest& request,
                         const std::string& path, bool agent);
  HttpResponse put_config(Time now, Kubelet::Pod& pod, const HttpRequest& request);
  SandboxReply serve(Time now, Kubelet::Pod& pod, const HttpRequest& request,
                     const std::string& path);
  void count(Time now, Kubelet::Pod& pod, int port, const HttpRequest& request,
             const std::string& path, const Disturbance* disturbance);

  Kubelet& kubelet_;
  RayClusters& clusters_;
};

}  // namespace raycord
