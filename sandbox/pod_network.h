// How requests reach pods: through the API server's proxies, by pod address, by service address or
// by service name.

#pragma once

#include <map>
#include <string>
#include <variant>

#include "core/time.h"
#include "formats/http.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_paths.h"
#include "sandbox/kubelet.h"
#include "sandbox/ray_ports.h"
#include "sandbox/reply.h"

namespace raycord {

class PodNetwork {
 public:
  PodNetwork(const ApiStore& store, Kubelet& kubelet, RayPorts& ports)
      : store_(store), kubelet_(kubelet), ports_(ports) {}

  // GET /api/v1/namespaces/NS/{pods,services}/[http:]NAME[:PORT]/proxy/PATH
  SandboxReply proxy(Time now, const HttpRequest& request, const ApiPath& path);

  // http://HOST:PORT/PATH where HOST is the address of a pod, or the address or DNS name of a
  // service. An address that nobody has never answers; a name that nobody has does not resolve.
  SandboxReply direct(Time now, const HttpRequest& request, const std::string& path);

 private:
  struct Target {
    Kubelet::Pod* pod = nullptr;
    int port = 0;
  };
  using Found = std::variant<Target, ApiFailure>;

  Found find_pod(const std::string& name_space, const std::string& name, const std::string& port);
  Found find_service(const std::string& name_space, const std::string& name,
                     const std::string& port);
  Found pick_endpoint(const ApiObject& service, const std::string& port_name);
  ApiObjectPtr service_by_address(const std::string& address) const;

  const ApiStore& store_;
  Kubelet& kubelet_;
  RayPorts& ports_;
  std::map<std::string, std::size_t> turns_;  // Round robin, by service.
};

}  // namespace raycord
