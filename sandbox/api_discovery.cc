#include "sandbox/api_discovery.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "sandbox/api_kinds.h"
#include "sandbox/api_protobuf.h"
#include "sandbox/api_status.h"
#include "sandbox/json.h"

namespace raycord {
namespace {

const GroupVersion kAuthorization{"authorization.k8s.io", "v1"};

// All group versions, those of one group together, preferred first.
std::vector<GroupVersion> all_group_versions() {
  std::vector<GroupVersion> all;
  for (const ApiKind& kind : api_kinds()) {
    for (const GroupVersion& served : kind.served) {
      if (std::find(all.begin(), all.end(), served) == all.end()) all.push_back(served);
    }
  }
  all.push_back(kAuthorization);
  return all;
}

bool serves(const ApiKind& kind, const GroupVersion& at) {
  return std::find(kind.served.begin(), kind.served.end(), at) != kind.served.end();
}

Json group_body(const std::string& group) {
  Json versions = Json::array();
  for (const GroupVersion& at : all_group_versions()) {
    if (at.group == group) {
      versions.push_back({{"groupVersion", at.text()}, {"version", at.version}});
    }
  }
  if (versions.empty()) return nullptr;
  return {{"name", group}, {"versions", versions}, {"preferredVersion", versions[0]}};
}

Json group_list() {
  Json groups = Json::array();
  std::set<std::string> seen;
  for (const GroupVersion& at : all_group_versions()) {
    if (!at.group.empty() && seen.insert(at.group).second) groups.push_back(group_body(at.group));
  }
  return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", groups}};
}

Json verbs_of(const ApiKind& kind) {
  if (!kind.writable) return {"get", "list", "watch"};
  return {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
}

Json resource_of(const ApiKind& kind) {
  Json resource = {{"name", kind.plural},
                   {"singularName", kind.singular},
                   {"namespaced", kind.namespaced},
                   {"kind", kind.kind},
                   {"verbs", verbs_of(kind)}};
  if (!kind.short_names.empty()) resource["shortNames"] = kind.short_names;
  if (!kind.categories.empty()) resource["categories"] = kind.categories;
  return resource;
}

Json subresource_of(const ApiKind& kind, const std::string& name, Json verbs) {
  return {{"name", kind.plural + "/" + name},
          {"singularName", ""},
          {"namespaced", kind.namespaced},
          {"kind", kind.kind},
          {"verbs", std::move(verbs)}};
}

std::optional<Json> resource_list(const GroupVersion& at) {
  Json resources = Json::array();
  for (const ApiKind& kind : api_kinds()) {
    if (!serves(kind, at)) continue;
    resources.push_back(resource_of(kind));
    if (kind.has_status && kind.writable) {
      resources.push_back(subresource_of(kind, "status", {"get", "patch", "update"}));
    }
    if (kind.id == ApiKindId::Pod || kind.id == ApiKindId::Service) {
      resources.push_back(
          subresource_of(kind, "proxy", {"create", "delete", "get", "patch", "update"}));
    }
  }
  if (at == kAuthorization) {
    for (const char* name : {"SelfSubjectAccessReview", "SelfSubjectRulesReview"}) {
      std::string plural = std::string(name) + "s";
      std::transform(plural.begin(), plural.end(), plural.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      resources.push_back({{"name", plural},
                           {"singularName", plural.substr(0, plural.size() - 1)},
                           {"namespaced", false},
                           {"kind", name},
                           {"verbs", {"create"}}});
    }
  }
  if (resources.empty()) return std::nullopt;
  return Json{{"kind", "APIResourceList"},
              {"apiVersion", "v1"},
              {"groupVersion", at.text()},
              {"resources", resources}};
}

std::string path_of(const GroupVersion& at) {
  return at.group.empty() ? "api/" + at.version : "apis/" + at.text();
}

// What kubectl looks for: a PATCH of the kind that knows dryRun and fieldValidation.
Json openapi_paths(const GroupVersion& at) {
  const auto parameter = [](const char* name) {
    return Json{{"name", name}, {"in", "query"}, {"schema", {{"type", "string"}}}};
  };
  Json paths = Json::object();
  for (const ApiKind& kind : api_kinds()) {
    if (!serves(kind, at)) continue;
    const std::string scope = kind.namespaced ? "namespaces/{namespace}/" : "";
    const Json identity = {{"group", at.group}, {"version", at.version}, {"kind", kind.kind}};
    paths["/" + path_of(at) + "/" + scope + kind.plural + "/{name}"] = {
        {"patch",
         {{"x-kubernetes-action", "patch"},
          {"x-kubernetes-group-version-kind", identity},
          {"parameters", Json::array({parameter("dryRun"), parameter("fieldManager"),
                                      parameter("fieldValidation"), parameter("force")})},
          {"responses", {{"200", {{"description", "OK"}}}}}}}};
  }
  return paths;
}

Json openapi_schemas(const GroupVersion& at) {
  Json schemas = Json::object();
  for (const ApiKind& kind : api_kinds()) {
    if (!serves(kind, at)) continue;
    schemas[(at.group.empty() ? "core" : at.group) + "." + at.version + "." + kind.kind] = {
        {"type", "object"},
        {"x-kubernetes-preserve-unknown-fields", true},
        {"x-kubernetes-group-version-kind",
         Json::array({{{"group", at.group}, {"version", at.version}, {"kind", kind.kind}}})}};
  }
  return schemas;
}

Json openapi_document(const GroupVersion& at) {
  return {{"openapi", "3.0.0"},
          {"info", {{"title", "Raycord sandbox"}, {"version", "v1"}}},
          {"paths", openapi_paths(at)},
          {"components", {{"schemas", openapi_schemas(at)}}}};
}

// Old kubectl, as of Debian 12, reads nothing else; without schemas it sends what it is given. This
// is field 1 of openapi.v2.Document, the text "2.0".
HttpResponse openapi_protobuf() {
  return {200,
          {{"content-type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"}},
          "\x0a\x03"
          "2.0"};
}

HttpResponse openapi(const HttpRequest& request, const std::string& path) {
  if (path == "/openapi/v3") {
    Json paths = Json::object();
    for (const GroupVersion& at : all_group_versions()) {
      paths[path_of(at)] = {{"serverRelativeURL", "/openapi/v3/" + path_of(at) + "?hash=1"}};
    }
    return json_response(200, {{"paths", paths}});
  }
  if (path == "/openapi/v2") {
    const std::string accept = find_header(request.headers, "accept").value_or("");
    if (accept.starts_with("application/com.github.proto-openapi.spec.v2")) {
      return openapi_protobuf();
    }
    Json paths = Json::object();
    Json definitions = Json::object();
    for (const GroupVersion& at : all_group_versions()) {
      paths.update(openapi_paths(at));
      definitions.update(openapi_schemas(at));
    }
    return json_response(200, {{"swagger", "2.0"},
                               {"info", {{"title", "Raycord sandbox"}, {"version", "v1"}}},
                               {"paths", paths},
                               {"definitions", definitions}});
  }
  for (const GroupVersion& at : all_group_versions()) {
    if (path == "/openapi/v3/" + path_of(at)) return json_response(200, openapi_document(at));
  }
  return failure_response(
      {404, "NotFound", "the server could not find the requested resource", Json::object()});
}

Json version_body() {
  return {
      {"major", "1"},        {"minor", "34"},           {"gitVersion", "v1.34.0-raycord-sandbox"},
      {"gitCommit", ""},     {"gitTreeState", "clean"}, {"buildDate", "1970-01-01T00:00:00Z"},
      {"goVersion", "none"}, {"compiler", "g++"},       {"platform", "linux/amd64"}};
}

// In the sandbox everybody may do everything.
std::optional<HttpResponse> access_review(const HttpRequest& request, const std::string& path) {
  const std::string root = "/apis/" + kAuthorization.text() + "/";
  if (request.method != "POST" || !path.starts_with(root)) return {};
  auto review = parse_json(request.body);
  if (!review) review = read_protobuf_object(request.body);
  if (!review || !review->is_object()) {
    return failure_response(bad_request("the body is not a JSON object"));
  }
  const std::string kind = path.substr(root.size());
  if (kind == "selfsubjectaccessreviews") {
    (*review)["status"] = {{"allowed", true}};
  } else if (kind == "selfsubjectrulesreviews") {
    (*review)["status"] = {
        {"resourceRules",
         Json::array({{{"verbs", {"*"}}, {"apiGroups", {"*"}}, {"resources", {"*"}}}})},
        {"nonResourceRules", Json::array({{{"verbs", {"*"}}, {"nonResourceURLs", {"*"}}}})},
        {"incomplete", false}};
  } else {
    return failure_response(not_simulated(kind));
  }
  return json_response(201, *review);
}

}  // namespace

std::optional<HttpResponse> answer_discovery(const HttpRequest& request, const std::string& path) {
  if (auto review = access_review(request, path)) return review;
  if (request.method != "GET") return {};
  if (path == "/version") return json_response(200, version_body());
  if (path == "/healthz" || path == "/livez" || path == "/readyz") {
    return HttpResponse{200, {{"content-type", "text/plain"}}, "ok"};
  }
  if (path.starts_with("/openapi/")) return openapi(request, path);
  const std::string plain = path.ends_with("/") ? path.substr(0, path.size() - 1) : path;
  if (plain == "/api") {
    return json_response(200, {{"kind", "APIVersions"},
                               {"versions", {"v1"}},
                               {"serverAddressByClientCIDRs", Json::array()}});
  }
  if (plain == "/apis") return json_response(200, group_list());
  for (const GroupVersion& at : all_group_versions()) {
    if (plain == "/" + path_of(at)) {
      if (const auto list = resource_list(at)) return json_response(200, *list);
    }
    if (!at.group.empty() && plain == "/apis/" + at.group) {
      Json group = group_body(at.group);
      group["kind"] = "APIGroup";
      group["apiVersion"] = "v1";
      return json_response(200, group);
    }
  }
  return {};
}

}  // namespace raycord
