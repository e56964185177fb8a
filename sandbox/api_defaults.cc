#include "sandbox/api_defaults.h"

#include <limits>
#include <string>

namespace raycord {
namespace {

constexpr int kSecretMode = 420;         // 0644
constexpr int kTolerationSeconds = 300;  // Of the DefaultTolerationSeconds admission plugin.
constexpr int kTerminationSeconds = 30;

void default_probe(Json& container, const char* name) {
  if (!container.contains(name) || !container[name].is_object()) return;
  Json& probe = container[name];
  set_default(probe, "timeoutSeconds", 1);
  set_default(probe, "periodSeconds", 10);
  set_default(probe, "successThreshold", 1);
  set_default(probe, "failureThreshold", 3);
  if (probe.contains("httpGet")) {
    set_default(probe["httpGet"], "scheme", "HTTP");
    set_default(probe["httpGet"], "path", "/");
  }
}

// Quantities given as numbers become text, and what is limited but not requested is requested.
void default_resources(Json& container) {
  set_default(container, "resources", Json::object());
  Json& resources = container["resources"];
  for (const char* part : {"limits", "requests"}) {
    if (!resources.contains(part) || !resources[part].is_object()) continue;
    for (auto& [name, quantity] : resources[part].items()) {
      if (quantity.is_number()) quantity = quantity.dump();
    }
  }
  if (!resources.contains("limits") || !resources["limits"].is_object()) return;
  for (const auto& [name, quantity] : resources["limits"].items()) {
    set_default(resources["requests"], name.c_str(), quantity);
  }
}

void default_ports(Json& holder) {
  if (!holder.contains("ports") || !holder["ports"].is_array()) return;
  for (Json& port : holder["ports"]) {
    if (port.is_object()) set_default(port, "protocol", "TCP");
  }
}

void default_container(Json& container) {
  if (!container.is_object()) return;
  const std::string image = text_at(container, {"image"});
  const auto slash = image.rfind('/');
  const std::string last = slash == std::string::npos ? image : image.substr(slash + 1);
  const bool pinned = last.find('@') != std::string::npos ||
                      (last.find(':') != std::string::npos && !last.ends_with(":latest"));
  set_default(container, "imagePullPolicy", pinned ? "IfNotPresent" : "Always");
  set_default(container, "terminationMessagePath", "/dev/termination-log");
  set_default(container, "terminationMessagePolicy", "File");
  default_resources(container);
  default_ports(container);
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    default_probe(container, probe);
  }
  if (!container.contains("env") || !container["env"].is_array()) return;
  for (Json& variable : container["env"]) {
    if (look(variable, {"valueFrom", "fieldRef"}) != nullptr) {
      set_default(variable["valueFrom"]["fieldRef"], "apiVersion", "v1");
    }
  }
}

void default_volumes(Json& spec) {
  if (!spec.contains("volumes") || !spec["volumes"].is_array()) return;
  for (Json& volume : spec["volumes"]) {
    for (const char* source : {"secret", "configMap", "downwardAPI", "projected"}) {
      if (volume.contains(source)) set_default(volume[source], "defaultMode", kSecretMode);
    }
  }
}

void default_tolerations(Json& spec) {
  set_default(spec, "tolerations", Json::array());
  for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    bool there = false;
    for (const Json& toleration : spec["tolerations"]) {
      const std::string tolerated = text_at(toleration, {"key"});
      there = there || tolerated == key || tolerated.empty();
    }
    if (there) continue;
    spec["tolerations"].push_back({{"key", key},
                                   {"operator", "Exists"},
                                   {"effect", "NoExecute"},
                                   {"tolerationSeconds", kTolerationSeconds}});
  }
}

void default_pod(Json& spec) {
  for (const char* list : {"containers", "initContainers"}) {
    if (!spec.contains(list) || !spec[list].is_array()) continue;
    for (Json& container : spec[list]) default_container(container);
  }
  default_volumes(spec);
  default_tolerations(spec);
  set_default(spec, "dnsPolicy", "ClusterFirst");
  set_default(spec, "restartPolicy", "Always");
  set_default(spec, "schedulerName", "default-scheduler");
  set_default(spec, "securityContext", Json::object());
  set_default(spec, "terminationGracePeriodSeconds", kTerminationSeconds);
  set_default(spec, "enableServiceLinks", true);
  set_default(spec, "preemptionPolicy", "PreemptLowerPriority");
  set_default(spec, "priority", 0);
  if (spec.contains("serviceAccountName")) {
    set_default(spec, "serviceAccount", spec["serviceAccountName"]);
  }
}

void default_service(Json& spec) {
  set_default(spec, "type", "ClusterIP");
  set_default(spec, "sessionAffinity", "None");
  default_ports(spec);
  const std::string type = text_at(spec, {"type"});
  if (spec.contains("ports") && spec["ports"].is_array()) {
    for (Json& port : spec["ports"]) {
      if (port.is_object() && port.contains("port")) set_default(port, "targetPort", port["port"]);
    }
  }
  if (type == "ExternalName") return;
  set_default(spec, "ipFamilies", Json::array({"IPv4"}));
  set_default(spec, "ipFamilyPolicy", "SingleStack");
  set_default(spec, "internalTrafficPolicy", "Cluster");
  if (type == "LoadBalancer") set_default(spec, "allocateLoadBalancerNodePorts", true);
  if (type != "ClusterIP") set_default(spec, "externalTrafficPolicy", "Cluster");
}

// Defaults inside the CRDs: worker groups and the ports of embedded containers.
void default_template(Json& group) {
  const Json* spec = look(group, {"template", "spec"});
  if (spec == nullptr || !spec->is_object()) return;
  Json& pod = group["template"]["spec"];
  for (const char* list : {"containers", "initContainers"}) {
    if (!pod.contains(list) || !pod[list].is_array()) continue;
    for (Json& container : pod[list]) {
      if (container.is_object()) default_ports(container);
    }
  }
}

void default_ray_cluster(Json& spec) {
  if (spec.contains("headGroupSpec") && spec["headGroupSpec"].is_object()) {
    default_template(spec["headGroupSpec"]);
  }
  if (!spec.contains("workerGroupSpecs") || !spec["workerGroupSpecs"].is_array()) return;
  for (Json& group : spec["workerGroupSpecs"]) {
    if (!group.is_object()) continue;
    set_default(group, "replicas", 0);
    set_default(group, "minReplicas", 0);
    set_default(group, "maxReplicas", std::numeric_limits<std::int32_t>::max());
    set_default(group, "numOfHosts", 1);
    default_template(group);
  }
}

void default_ray_service(Json& spec) {
  if (spec.contains("rayClusterConfig") && spec["rayClusterConfig"].is_object()) {
    default_ray_cluster(spec["rayClusterConfig"]);
  }
  if (const Json* options = look(spec, {"upgradeStrategy", "clusterUpgradeOptions"});
      options != nullptr && options->is_object()) {
    set_default(spec["upgradeStrategy"]["clusterUpgradeOptions"], "maxSurgePercent", 100);
  }
}

void default_secret(Json& secret) {
  set_default(secret, "type", "Opaque");
  if (!secret.contains("stringData")) return;
  for (const auto& [key, text] : secret["stringData"].items()) {
    if (text.is_string()) secret["data"][key] = base64(text.get<std::string>());
  }
  secret.erase("stringData");
}

bool limits_all(const Json& container) {
  const Json& limits = object_at(container, {"resources", "limits"});
  return limits.contains("cpu") && limits.contains("memory") &&
         limits == object_at(container, {"resources", "requests"});
}

std::string quality_of(const Json& pod) {
  bool any = false;
  bool all = true;
  for (const Json& container : list_at(pod, {"spec", "containers"})) {
    any = any || !object_at(container, {"resources", "requests"}).empty() ||
          !object_at(container, {"resources", "limits"}).empty();
    all = all && limits_all(container);
  }
  if (!any) return "BestEffort";
  return all ? "Guaranteed" : "Burstable";
}

// A real API server leaves these to who writes the Event, and refuses them in the newer group; an
// older kubectl shows no age without them.
void default_event(Json& event) {
  constexpr std::size_t kWholeSecond = std::string_view("2026-11-23T18:05:33").size();
  const std::string at = text_at(event, {"eventTime"});
  if (at.size() < kWholeSecond) return;
  const std::string second = at.substr(0, kWholeSecond) + "Z";
  set_default(event, "firstTimestamp", second);
  set_default(event, "lastTimestamp", second);
}

}  // namespace

std::string base64(const std::string& text) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) encoded += kAlphabet[(bits >> (held - 6)) & 63];
  }
  if (held > 0) encoded += kAlphabet[(bits << (6 - held)) & 63];
  while (encoded.size() % 4 != 0) encoded += '=';
  return encoded;
}

void apply_defaults(const ApiKind& kind, Json& object) {
  const bool has_spec = object.contains("spec") && object["spec"].is_object();
  if (kind.id == ApiKindId::Secret) default_secret(object);
  if (kind.id == ApiKindId::Event) default_event(object);
  if (kind.id == ApiKindId::Namespace) {
    object["metadata"]["labels"]["kubernetes.io/metadata.name"] =
        text_at(object, {"metadata", "name"});
    if (!has_spec) object["spec"] = {{"finalizers", Json::array({"kubernetes"})}};
  }
  if (!has_spec) return;
  Json& spec = object["spec"];
  if (kind.id == ApiKindId::Pod) default_pod(spec);
  if (kind.id == ApiKindId::Service) default_service(spec);
  if (kind.id == ApiKindId::RayCluster) default_ray_cluster(spec);
  if (kind.id == ApiKindId::RayService) default_ray_service(spec);
}

Json first_status(const ApiKind& kind, const Json& object) {
  if (kind.id == ApiKindId::Pod) return {{"phase", "Pending"}, {"qosClass", quality_of(object)}};
  if (kind.id == ApiKindId::Service) return {{"loadBalancer", Json::object()}};
  if (kind.id == ApiKindId::Namespace) return {{"phase", "Active"}};
  return nullptr;
}

}  // namespace raycord
