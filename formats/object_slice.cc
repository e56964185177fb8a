#include "formats/object_slice.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "formats/slice_parts.h"

namespace raycord {
namespace {

struct KnownKind {
  const char* group;  // apiVersion without the version; core's is empty.
  Kind kind;
};

constexpr std::array<KnownKind, 12> kKnownKinds = {{
    {"ray.io", Kind::RayService},
    {"ray.io", Kind::RayCluster},
    {"", Kind::Pod},
    {"", Kind::Service},
    {"discovery.k8s.io", Kind::EndpointSlice},
    {"", Kind::ServiceAccount},
    {"rbac.authorization.k8s.io", Kind::Role},
    {"rbac.authorization.k8s.io", Kind::RoleBinding},
    {"batch", Kind::Job},
    {"networking.k8s.io", Kind::Ingress},
    {"gateway.networking.k8s.io", Kind::Gateway},
    {"gateway.networking.k8s.io", Kind::HTTPRoute},
}};

std::optional<Kind> kind_of(std::string_view api_version, std::string_view kind) {
  const std::size_t slash = api_version.find('/');
  const std::string_view group =
      slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
  for (const KnownKind& known : kKnownKinds) {
    if (group == known.group && kind == name_of(known.kind)) return known.kind;
  }
  return std::nullopt;
}

Object slice(Kind kind, const JsonObject& root) {
  switch (kind) {
    case Kind::RayService:
      return slice_ray_service(root);
    case Kind::RayCluster:
      return slice_ray_cluster(root);
    case Kind::Pod:
      return slice_pod(root);
    case Kind::Service:
      return slice_service(root);
    case Kind::EndpointSlice:
      return slice_endpoints(root);
    case Kind::ServiceAccount:
    case Kind::Role:
    case Kind::RoleBinding:
    case Kind::Secret:
      break;
    case Kind::Job:
      return slice_job(root);
    case Kind::Ingress:
      return slice_ingress(root);
    case Kind::Gateway:
      return slice_gateway(root);
    case Kind::HTTPRoute:
      return slice_route(root);
  }
  return slice_access(kind, root);
}

std::string name_for_people(const char* kind, const JsonObject& root) {
  ReadTrouble ignored;
  JsonObject meta("metadata", ignored);
  if (const auto element = root.find("metadata")) meta = JsonObject(*element, "metadata", ignored);
  return std::string(kind) + " " + meta.text("namespace") + "/" + meta.text("name");
}

Result<Object> slice_text(std::optional<Kind> wanted, std::string_view json) {
  const std::string what = wanted ? name_of(*wanted) : "object";
  if (json.size() > kMaxObject) {
    return fail(ErrorCode::InvalidInput, what + " of " + std::to_string(json.size()) +
                                             " bytes is larger than " + std::to_string(kMaxObject));
  }
  simdjson::dom::parser parser;
  const auto document = parse_json(parser, json);
  if (!document) return fail(ErrorCode::InvalidInput, what + ": " + document.error().message);

  ReadTrouble trouble;
  const JsonObject root(*document, "", trouble);
  const std::string api_version = root.text("apiVersion");
  const std::string kind_text = root.text("kind");
  if (!trouble.text.empty()) return fail(ErrorCode::InvalidInput, what + ": " + trouble.text);

  const bool untyped = wanted && api_version.empty() && kind_text.empty();
  const auto kind = untyped ? wanted : kind_of(api_version, kind_text);
  if (!kind || (wanted && kind != wanted)) {
    return fail(ErrorCode::Unsupported,
                name_for_people(kind_text.c_str(), root) + " of apiVersion \"" + api_version +
                    "\" is not " + (wanted ? std::string("a ") + what : "of a kind that is read"));
  }
  Object object = slice(*kind, root);
  const std::string name = name_for_people(name_of(*kind), root);
  if (!trouble.text.empty()) return fail(ErrorCode::InvalidInput, name + ": " + trouble.text);
  if (meta_of(object).name.empty()) {
    return fail(ErrorCode::InvalidInput, name + ": metadata.name is missing");
  }
  return object;
}

}  // namespace

Result<Object> slice_object(std::string_view json) { return slice_text(std::nullopt, json); }

Result<Object> slice_object(Kind kind, std::string_view json) { return slice_text(kind, json); }

}  // namespace raycord
