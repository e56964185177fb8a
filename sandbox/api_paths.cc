#include "sandbox/api_paths.h"

#include <algorithm>
#include <array>

namespace raycord {
namespace {

// Groups of Kubernetes itself that the sandbox leaves out, wholly or in part.
constexpr std::array<std::string_view, 14> kOtherGroups = {"apps",
                                                           "batch",
                                                           "autoscaling",
                                                           "policy",
                                                           "networking.k8s.io",
                                                           "storage.k8s.io",
                                                           "scheduling.k8s.io",
                                                           "node.k8s.io",
                                                           "certificates.k8s.io",
                                                           "admissionregistration.k8s.io",
                                                           "apiregistration.k8s.io",
                                                           "rbac.authorization.k8s.io",
                                                           "flowcontrol.apiserver.k8s.io",
                                                           "gateway.networking.k8s.io"};
constexpr std::array<std::string_view, 8> kOtherCoreResources = {
    "persistentvolumeclaims", "persistentvolumes", "endpoints",    "replicationcontrollers",
    "resourcequotas",         "limitranges",       "podtemplates", "componentstatuses"};

template <class List>
bool among(std::string_view text, const List& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// Takes the text before the next slash off the front.
std::string_view take_segment(std::string_view& path) {
  while (path.starts_with("/")) path.remove_prefix(1);
  const auto slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash);
  return segment;
}

ApiFailure no_such_resource() {
  return {404, "NotFound", "the server could not find the requested resource", Json::object()};
}

ApiFailure unknown_resource(const GroupVersion& at, std::string_view plural) {
  const bool known =
      at.group.empty() ? among(plural, kOtherCoreResources) : among(at.group, kOtherGroups);
  if (!known) return no_such_resource();
  return not_simulated(std::string(plural) + " of " + at.text());
}

}  // namespace

std::variant<ApiPath, ApiFailure> parse_api_path(std::string_view path) {
  ApiPath parsed;
  const std::string_view root = take_segment(path);
  if (root == "apis") {
    parsed.at.group = take_segment(path);
  } else if (root != "api") {
    return no_such_resource();
  }
  parsed.at.version = take_segment(path);
  std::string_view plural = take_segment(path);
  if (plural == "watch") return not_simulated("the /watch/ form of paths, use ?watch=true");
  if (plural == "namespaces" && parsed.at.group.empty()) {
    std::string_view behind = path;
    const std::string_view name = take_segment(behind);
    const std::string_view next = take_segment(behind);
    if (name.empty() || next.empty() || next == "status" || next == "finalize") {
      parsed.kind = &api_kind(ApiKindId::Namespace);
      parsed.name = name;
      parsed.subresource = next;
      return parsed;
    }
  }
  if (plural == "namespaces") {
    parsed.name_space = take_segment(path);
    plural = take_segment(path);
  }
  parsed.kind = find_api_kind(parsed.at, plural);
  if (parsed.kind == nullptr) return unknown_resource(parsed.at, plural);
  if (parsed.kind->namespaced == false && !parsed.name_space.empty()) return no_such_resource();
  parsed.name = take_segment(path);
  parsed.subresource = take_segment(path);
  parsed.rest = path;
  return parsed;
}

std::string query_value(const ApiQuery& query, std::string_view name) {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return "";
}

bool query_true(const ApiQuery& query, std::string_view name) {
  const std::string value = query_value(query, name);
  return value == "true" || value == "1";
}

}  // namespace raycord
