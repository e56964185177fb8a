#include "sandbox/api_kinds.h"

#include <utility>

#include "core/check.h"

namespace raycord {
namespace {

const GroupVersion kCore{"", "v1"};
const GroupVersion kRayV1{"ray.io", "v1"};
const GroupVersion kRayAlpha{"ray.io", "v1alpha1"};
const GroupVersion kRbac{"rbac.authorization.k8s.io", "v1"};
const GroupVersion kGateways{"gateway.networking.k8s.io", "v1"};

enum KindTraits : unsigned { kStatus = 1, kGeneration = 2, kClusterWide = 4, kFixed = 8 };

struct KindNames {
  const char* plural;
  const char* singular;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
};

ApiKind kind(ApiKindId id, const char* name, KindNames names, std::vector<GroupVersion> served,
             unsigned traits) {
  ApiKind kind;
  kind.id = id;
  kind.kind = name;
  kind.plural = names.plural;
  kind.singular = names.singular;
  kind.short_names = std::move(names.short_names);
  kind.categories = std::move(names.categories);
  kind.served = std::move(served);
  kind.namespaced = (traits & kClusterWide) == 0;
  kind.has_status = (traits & kStatus) != 0;
  kind.counts_generation = (traits & kGeneration) != 0;
  kind.writable = (traits & kFixed) == 0;
  return kind;
}

std::array<ApiKind, kApiKindCount> make_kinds() {
  using Id = ApiKindId;
  return {{
      kind(Id::RayService, "RayService", {"rayservices", "rayservice", {}, {"all"}},
           {kRayV1, kRayAlpha}, kStatus | kGeneration),
      kind(Id::RayCluster, "RayCluster", {"rayclusters", "raycluster", {}, {"all"}},
           {kRayV1, kRayAlpha}, kStatus | kGeneration),
      kind(Id::Namespace, "Namespace", {"namespaces", "namespace", {"ns"}, {}}, {kCore},
           kStatus | kClusterWide),
      kind(Id::Pod, "Pod", {"pods", "pod", {"po"}, {"all"}}, {kCore}, kStatus | kGeneration),
      kind(Id::Service, "Service", {"services", "service", {"svc"}, {"all"}}, {kCore}, kStatus),
      kind(Id::Event, "Event", {"events", "event", {"ev"}, {}}, {kCore, {"events.k8s.io", "v1"}},
           0),
      kind(Id::Secret, "Secret", {"secrets", "secret", {}, {}}, {kCore}, 0),
      kind(Id::ConfigMap, "ConfigMap", {"configmaps", "configmap", {"cm"}, {}}, {kCore}, 0),
      kind(Id::ServiceAccount, "ServiceAccount", {"serviceaccounts", "serviceaccount", {"sa"}, {}},
           {kCore}, 0),
      kind(Id::Node, "Node", {"nodes", "node", {"no"}, {}}, {kCore},
           kStatus | kClusterWide | kFixed),
      kind(Id::EndpointSlice, "EndpointSlice", {"endpointslices", "endpointslice", {}, {}},
           {{"discovery.k8s.io", "v1"}}, kGeneration),
      kind(Id::Lease, "Lease", {"leases", "lease", {}, {}}, {{"coordination.k8s.io", "v1"}}, 0),
      kind(Id::Role, "Role", {"roles", "role", {}, {}}, {kRbac}, 0),
      kind(Id::RoleBinding, "RoleBinding", {"rolebindings", "rolebinding", {}, {}}, {kRbac}, 0),
      kind(Id::Job, "Job", {"jobs", "job", {}, {"all"}}, {{"batch", "v1"}}, kStatus | kGeneration),
      kind(Id::Ingress, "Ingress", {"ingresses", "ingress", {"ing"}, {}},
           {{"networking.k8s.io", "v1"}}, kStatus | kGeneration),
      kind(Id::Gateway, "Gateway", {"gateways", "gateway", {"gtw"}, {"gateway-api"}}, {kGateways},
           kStatus | kGeneration),
      kind(Id::HTTPRoute, "HTTPRoute", {"httproutes", "httproute", {}, {"gateway-api"}},
           {kGateways}, kStatus | kGeneration),
      kind(Id::CustomResourceDefinition, "CustomResourceDefinition",
           {"customresourcedefinitions",
            "customresourcedefinition",
            {"crd", "crds"},
            {"api-extensions"}},
           {{"apiextensions.k8s.io", "v1"}}, kStatus | kClusterWide | kFixed),
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
