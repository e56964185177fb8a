#include "sandbox/pod_network.h"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace raycord {
namespace {

std::optional<int> port_number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// "[scheme:]name[:port]" as in proxy paths.
struct ProxyName {
  std::string scheme;
  std::string name;
  std::string port;
};

ProxyName split_proxy_name(const std::string& text) {
  const auto first = text.find(':');
  if (first == std::string::npos) return {"", text, ""};
  const auto second = text.find(':', first + 1);
  if (second == std::string::npos) return {"", text.substr(0, first), text.substr(first + 1)};
  return {text.substr(0, first), text.substr(first + 1, second - first - 1),
          text.substr(second + 1)};
}

// The API server's words for what went wrong behind a proxy.
SandboxReply through_proxy(SandboxReply reply, const std::string& address) {
  const auto* broken = std::get_if<SandboxBroken>(&reply);
  if (broken == nullptr) return reply;
  const std::string cause = broken->why == HttpFailure::Refused
                                ? "dial tcp " + address + ": connect: connection refused"
                                : "read tcp " + address + ": read: connection reset by peer";
  return failure_response(unavailable("error trying to reach service: " + cause));
}

struct HostPort {
  std::string host;
  int port = 80;
};

HostPort host_of(const std::string& url) {
  const auto start = url.find("://") + 3;
  const std::string authority = url.substr(start, url.find_first_of("/?", start) - start);
  const auto colon = authority.rfind(':');
  if (colon == std::string::npos) return {authority, 80};
  return {authority.substr(0, colon), port_number(authority.substr(colon + 1)).value_or(0)};
}

// "name.namespace[.svc[.domain…]]"
std::optional<std::pair<std::string, std::string>> service_of_host(const std::string& host) {
  const auto dot = host.find('.');
  if (dot == std::string::npos) return {};
  const auto end = host.find('.', dot + 1);
  if (end != std::string::npos && host.compare(end, 4, ".svc") != 0) return {};
  return std::make_pair(host.substr(dot + 1, end - dot - 1), host.substr(0, dot));
}

}  // namespace

PodNetwork::Found PodNetwork::find_pod(const std::string& name_space, const std::string& name,
                                       const std::string& port) {
  const ApiObjectPtr object = store_.find(ApiKindId::Pod, name_space, name);
  Kubelet::Pod* pod = kubelet_.find(name_space, name);
  if (object == nullptr || pod == nullptr) return not_found(api_kind(ApiKindId::Pod), name);
  if (text_at(object->body, {"status", "podIP"}).empty()) {
    return bad_request("address not allowed: pod " + name + " has no address yet");
  }
  if (const auto number = port_number(port)) return Target{pod, *number};
  for (const Json& container : list_at(object->body, {"spec", "containers"})) {
    for (const Json& open : list_at(container, {"ports"})) {
      if (port.empty() || text_at(open, {"name"}) == port) {
        return Target{pod, static_cast<int>(number_at(open, {"containerPort"}, 0))};
      }
    }
  }
  if (port.empty()) return Target{pod, 80};
  return bad_request("pod " + name + " has no port named \"" + port + "\"");
}

PodNetwork::Found PodNetwork::find_service(const std::string& name_space, const std::string& name,
                                           const std::string& port) {
  const ApiObjectPtr service = store_.find(ApiKindId::Service, name_space, name);
  if (service == nullptr) return not_found(api_kind(ApiKindId::Service), name);
  const Json& ports = list_at(service->body, {"spec", "ports"});
  const auto number = port_number(port);
  for (const Json& open : ports) {
    const bool meant = port.empty() ? ports.size() == 1
                       : number     ? number_at(open, {"port"}, 0) == *number
                                    : text_at(open, {"name"}) == port;
    if (meant) return pick_endpoint(*service, text_at(open, {"name"}));
  }
  return unavailable("no service port \"" + port + "\" found for service \"" + name + "\"");
}

PodNetwork::Found PodNetwork::pick_endpoint(const ApiObject& service,
                                            const std::string& port_name) {
  std::vector<Target> ready;
  // Names of slices begin with their service's, so that its own lie together.
  constexpr std::size_t kPrefixMax = 58;  // Where generateName cuts.
  const std::string prefix = service.key().substr(0, service.name_space.size() + 1 + kPrefixMax);
  const ApiStore::Objects& slices = store_.all(ApiKindId::EndpointSlice);
  for (auto at = slices.lower_bound(prefix); at != slices.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    const Json& slice = at->second->body;
    if (text_at(slice, {"metadata", "labels", "kubernetes.io/service-name"}) != service.name) {
      continue;
    }
    int port = 0;
    for (const Json& open : list_at(slice, {"ports"})) {
      if (text_at(open, {"name"}) == port_name) {
        port = static_cast<int>(number_at(open, {"port"}, 0));
      }
    }
    if (port == 0) continue;
    for (const Json& endpoint : list_at(slice, {"endpoints"})) {
      if (!true_at(endpoint, {"conditions", "ready"})) continue;
      Kubelet::Pod* pod = kubelet_.find_uid(text_at(endpoint, {"targetRef", "uid"}));
      if (pod != nullptr) ready.push_back({pod, port});
    }
  }
  if (ready.empty()) {
    return unavailable("no endpoints available for service \"" + service.name + "\"");
  }
  return ready[turns_[service.key()]++ % ready.size()];
}

SandboxReply PodNetwork::proxy(Time now, const HttpRequest& request, const ApiPath& path) {
  const ProxyName asked = split_proxy_name(path.name);
  if (asked.scheme == "https") {
    return failure_response(not_simulated("TLS behind the API server's proxy"));
  }
  Found found = path.kind->id == ApiKindId::Pod
                    ? find_pod(path.name_space, asked.name, asked.port)
                    : find_service(path.name_space, asked.name, asked.port);
  if (const auto* failure = std::get_if<ApiFailure>(&found)) return failure_response(*failure);
  const Target target = *std::get_if<Target>(&found);
  const std::string address = target.pod->sight.ip + ":" + std::to_string(target.port);
  const std::string inner = path.rest.empty() ? "/" : path.rest;
  return through_proxy(ports_.ask(now, *target.pod, target.port, request, inner), address);
}

ApiObjectPtr PodNetwork::service_by_address(const std::string& address) const {
  for (const auto& [key, service] : store_.all(ApiKindId::Service)) {
    if (text_at(service->body, {"spec", "clusterIP"}) == address) return service;
  }
  return nullptr;
}

SandboxReply PodNetwork::direct(Time now, const HttpRequest& request, const std::string& path) {
  const HostPort asked = host_of(request.url);
  if (kubelet_.is_pod_address(asked.host)) {
    Kubelet::Pod* pod = kubelet_.find_ip(asked.host);
    if (pod == nullptr) return SandboxSilence{};
    return ports_.ask(now, *pod, asked.port, request, path);
  }
  ApiObjectPtr service = service_by_address(asked.host);
  if (service == nullptr) {
    const auto name = service_of_host(asked.host);
    if (name) service = store_.find(ApiKindId::Service, name->first, name->second);
  }
  if (service == nullptr) return SandboxBroken{HttpFailure::Refused};
  Found found = find_service(service->name_space, service->name, std::to_string(asked.port));
  const auto* target = std::get_if<Target>(&found);
  if (target == nullptr) return SandboxBroken{HttpFailure::Refused};
  return ports_.ask(now, *target->pod, target->port, request, path);
}

}  // namespace raycord
