#include "sandbox/api_kinds.h"

#include <utility>

#include "core/check.h"

namespace raycord {
namespace {

const GroupVersion kCore{"", "v1"};
const GroupVersion kRayV1{"ray.io", "v1"};
const GroupVersion kRayAlpha{"ray.io", "v1alpha1"};
const GroupVersion kRbac{"rbac.authorization.k8s.io", "v1"};

std::array<ApiKind, kApiKindCount> make_kinds() {
  using Id = ApiKindId;
  return {{
      {.id = Id::RayService,
       .kind = "RayService",
       .plural = "rayservices",
       .singular = "rayservice",
       .short_names = {},
       .categories = {"all"},
       .served = {kRayV1, kRayAlpha},
       .has_status = true,
       .counts_generation = true},
      {.id = Id::RayCluster,
       .kind = "RayCluster",
       .plural = "rayclusters",
       .singular = "raycluster",
       .short_names = {},
       .categories = {"all"},
       .served = {kRayV1, kRayAlpha},
       .has_status = true,
       .counts_generation = true},
      {.id = Id::Namespace,
       .kind = "Namespace",
       .plural = "namespaces",
       .singular = "namespace",
       .short_names = {"ns"},
       .categories = {},
       .served = {kCore},
       .namespaced = false,
       .has_status = true},
      {.id = Id::Pod,
       .kind = "Pod",
       .plural = "pods",
       .singular = "pod",
       .short_names = {"po"},
       .categories = {"all"},
       .served = {kCore},
       .has_status = true,
       .counts_generation = true},
      {.id = Id::Service,
       .kind = "Service",
       .plural = "services",
       .singular = "service",
       .short_names = {"svc"},
       .categories = {"all"},
       .served = {kCore},
       .has_status = true},
      {.id = Id::Event,
       .kind = "Event",
       .plural = "events",
       .singular = "event",
       .short_names = {"ev"},
       .categories = {},
       .served = {kCore, {"events.k8s.io", "v1"}}},
      {.id = Id::Secret,
       .kind = "Secret",
       .plural = "secrets",
       .singular = "secret",
       .short_names = {},
       .categories = {},
       .served = {kCore}},
      {.id = Id::ConfigMap,
       .kind = "ConfigMap",
       .plural = "configmaps",
       .singular = "configmap",
       .short_names = {"cm"},
       .categories = {},
       .served = {kCore}},
      {.id = Id::ServiceAccount,
       .kind = "ServiceAccount",
       .plural = "serviceaccounts",
       .singular = "serviceaccount",
       .short_names = {"sa"},
       .categories = {},
       .served = {kCore}},
      {.id = Id::Node,
       .kind = "Node",
       .plural = "nodes",
       .singular = "node",
       .short_names = {"no"},
       .categories = {},
       .served = {kCore},
       .namespaced = false,
       .has_status = true,
       .writable = false},
      {.id = Id::EndpointSlice,
       .kind = "EndpointSlice",
       .plural = "endpointslices",
       .singular = "endpointslice",
       .short_names = {},
       .categories = {},
       .served = {{"discovery.k8s.io", "v1"}},
       .counts_generation = true},
      {.id = Id::Lease,
       .kind = "Lease",
       .plural = "leases",
       .singular = "lease",
       .short_names = {},
       .categories = {},
       .served = {{"coordination.k8s.io", "v1"}}},
      {.id = Id::Role,
       .kind = "Role",
       .plural = "roles",
       .singular = "role",
       .short_names = {},
       .categories = {},
       .served = {kRbac}},
      {.id = Id::RoleBinding,
       .kind = "RoleBinding",
       .plural = "rolebindings",
       .singular = "rolebinding",
       .short_names = {},
       .categories = {},
       .served = {kRbac}},
      {.id = Id::CustomResourceDefinition,
       .kind = "CustomResourceDefinition",
       .plural = "customresourcedefinitions",
       .singular = "customresourcedefinition",
       .short_names = {"crd", "crds"},
       .categories = {"api-extensions"},
       .served = {{"apiextensions.k8s.io", "v1"}},
       .namespaced = false,
       .has_status = true,
       .writable = false},
  }};
}

// What events.k8s.io/v1 calls differently: {core name, new name}.
constexpr std::pair<const char*, const char*> kEventFields[] = {
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
    {"reportingComponent", "reportingController"},
};

void rename_field(Json& object, const char* from, const char* to) {
  const auto found = object.find(from);
  if (found == object.end()) return;
  Json value = std::move(*found);
  object.erase(found);
  object[to] = std::move(value);
}

}  // namespace

const std::array<ApiKind, kApiKindCount>& api_kinds() {
  static const std::array<ApiKind, kApiKindCount> kinds = make_kinds();
  return kinds;
}

const ApiKind& api_kind(ApiKindId id) {
  const ApiKind& kind = api_kinds()[static_cast<std::size_t>(id)];
  CHECK(kind.id == id);
  return kind;
}

const ApiKind* find_api_kind(const GroupVersion& at, std::string_view plural) {
  for (const ApiKind& kind : api_kinds()) {
    if (kind.plural != plural) continue;
    for (const GroupVersion& served : kind.served) {
      if (served == at) return &kind;
    }
  }
  return nullptr;
}

Json to_served(const ApiKind& kind, const Json& stored, const GroupVersion& to) {
  Json shown = stored;
  if (to == kind.served[0]) return shown;
  shown["apiVersion"] = to.text();
  if (kind.id == ApiKindId::Event) {
    for (const auto& [core, renamed] : kEventFields) rename_field(shown, core, renamed);
  }
  return shown;
}

Json to_stored(const ApiKind& kind, Json sent) {
  if (kind.id == ApiKindId::Event && text_at(sent, {"apiVersion"}) != kind.served[0].text()) {
    for (const auto& [core, renamed] : kEventFields) rename_field(sent, renamed, core);
  }
  sent["apiVersion"] = kind.served[0].text();
  sent["kind"] = kind.kind;
  return sent;
}

}  // namespace raycord
