#include "core/build/patch.h"

#include <algorithm>
#include <array>

#include "core/build/json_read.h"
#include "core/build/labels.h"
#include "core/names.h"

namespace raycord {
namespace {

constexpr std::array kServiceFields = {
    Field{"metadata", Shape::Members},
    Field{"metadata.uid", Shape::Text},
    Field{"metadata.annotations", Shape::TextMap},
    Field{"spec", Shape::Members},
    Field{"spec.type", Shape::Text},
    Field{"spec.clusterIP", Shape::Text},
    Field{"spec.selector", Shape::TextMap},
    Field{"spec.ports", Shape::Objects},
    Field{"spec.ports[].name", Shape::Text},
    Field{"spec.ports[].port", Shape::Whole},
    Field{"spec.ports[].nodePort", Shape::Whole},
};

// Belongs to the existing Service and cannot change.
constexpr std::array<std::string_view, 4> kFixed = {"clusterIP", "clusterIPs", "ipFamilies",
                                                    "ipFamilyPolicy"};

// Filled in by the API server; silence about them is not a wish to remove them.
constexpr std::array<std::string_view, 7> kDefaulted = {"type",
                                                        "sessionAffinity",
                                                        "internalTrafficPolicy",
                                                        "externalTrafficPolicy",
                                                        "allocateLoadBalancerNodePorts",
                                                        "healthCheckNodePort",
                                                        "loadBalancerClass"};

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

Result<Json> read_service(std::string_view text, const char* what) {
  Result<Json> service = parse_object(text, what);
  if (!service) return service;
  const Outcome fields = check_fields(*service, what, kServiceFields);
  if (!fields) return fail(fields.error());
  if (!find(*service, {"spec"})) {
    return fail(ErrorCode::InvalidInput, std::string(what) + ".spec is missing");
  }
  return service;
}

// Sets what is wanted and removes the other keys, for an object inside a merge patch.
Json replaced(const Json& existing, const Json& desired) {
  Json patch = desired;
  for (const auto& [key, value] : existing.items()) {
    if (!desired.contains(key)) patch[key] = nullptr;
  }
  return patch;
}

// A port keeps the node port that clients outside the cluster know.
void keep_node_ports(Json& ports, const Json& existing) {
  for (Json& port : ports) {
    if (find(port, {"nodePort"})) continue;
    for (const Json& known : existing) {
      const auto node_port = whole_at(known, {"nodePort"}).value_or(0);
      if (node_port > 0 && text_at(known, {"name"}) == text_at(port, {"name"})) {
        port["nodePort"] = node_port;
      }
    }
  }
}

bool needs_cluster_ip(const std::string& type) {
  return type == "NodePort" || type == "LoadBalancer";
}

Json spec_patch(const Json& existing, const Json& desired) {
  Json patch = Json::object();
  for (const auto& [key, value] : desired.items()) {
    if (!contains(kFixed, key)) patch[key] = value;
  }
  for (const auto& [key, value] : existing.items()) {
    if (!contains(kFixed, key) && !contains(kDefaulted, key) && !patch.contains(key)) {
      patch[key] = nullptr;
    }
  }
  const std::string wanted = text_at(desired, {"type"}, "ClusterIP");
  // A headless Service cannot get a cluster IP. It keeps its type, so that traffic can be switched.
  const bool headless = text_at(existing, {"clusterIP"}) == "None";
  const std::string type = headless && needs_cluster_ip(wanted) ? "ClusterIP" : wanted;
  patch["type"] = type;
  if (needs_cluster_ip(type)) {
    keep_node_ports(array_in(patch, "ports"), items_at(existing, {"ports"}));
  }
  patch["selector"] = replaced(object_at(existing, {"selector"}), object_at(desired, {"selector"}));
  return patch;
}

Json optional_texts(const std::map<std::string, std::optional<std::string>>& texts) {
  Json object = Json::object();
  for (const auto& [key, text] : texts) object[key] = text ? Json(*text) : Json(nullptr);
  return object;
}

}  // namespace

std::string build_metadata_patch(const MetadataPatch& patch) {
  Json metadata = Json::object();
  if (!patch.uid.empty()) metadata["uid"] = patch.uid;
  if (!patch.resource_version.empty()) metadata["resourceVersion"] = patch.resource_version;
  if (!patch.labels.empty()) metadata["labels"] = optional_texts(patch.labels);
  if (!patch.annotations.empty()) metadata["annotations"] = optional_texts(patch.annotations);
  return dump({{"metadata", metadata}});
}

Result<std::string> build_service_switch(std::string_view existing, std::string_view desired,
                                         std::string_view resource_version) {
  const Result<Json> old_service = read_service(existing, "existing Service");
  if (!old_service) return fail(old_service.error());
  const Result<Json> new_service = read_service(desired, "desired Service");
  if (!new_service) return fail(new_service.error());
  Json metadata = {{"resourceVersion", resource_version}};
  const std::string uid = text_at(*old_service, {"metadata", "uid"});
  if (!uid.empty()) metadata["uid"] = uid;
  metadata["annotations"][std::string(kIntentAnnotation)] =
      text_at(*new_service, {"metadata", "annotations", kIntentAnnotation});
  return dump({{"metadata", metadata},
               {"spec", spec_patch(old_service->at("spec"), new_service->at("spec"))}});
}

}  // namespace raycord
