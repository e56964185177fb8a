#include "sandbox/bootstrap.h"

#include <string>
#include <utility>

namespace raycord {
namespace {

Json object_of(ApiKindId id, const std::string& name_space, const std::string& name,
               std::string uid, Time now) {
  const ApiKind& kind = api_kind(id);
  Json metadata = {{"name", name}, {"uid", std::move(uid)}, {"creationTimestamp", to_rfc3339(now)}};
  if (!name_space.empty()) metadata["namespace"] = name_space;
  return {{"apiVersion", kind.served[0].text()}, {"kind", kind.kind}, {"metadata", metadata}};
}

void add_namespace(ApiStore& store, const std::string& name, std::string uid, Time now) {
  Json body = object_of(ApiKindId::Namespace, "", name, std::move(uid), now);
  body["metadata"]["labels"] = {{"kubernetes.io/metadata.name", name}};
  body["spec"] = {{"finalizers", Json::array({"kubernetes"})}};
  body["status"] = {{"phase", "Active"}};
  store.put(ApiKindId::Namespace, std::move(body));
}

void add_node(ApiStore& store, Chance& chance, int index, Time now) {
  const std::string name = "sandbox-node-" + std::to_string(index);
  Json body = object_of(ApiKindId::Node, "", name, chance.uid(), now);
  body["metadata"]["labels"] = {{"kubernetes.io/hostname", name},
                                {"kubernetes.io/os", "linux"},
                                {"kubernetes.io/arch", "amd64"}};
  body["spec"] = Json::object();
  const Json room = {{"cpu", "10k"}, {"memory", "100Ti"}, {"pods", "100k"}};
  body["status"] = {
      {"capacity", room},
      {"allocatable", room},
      {"conditions", Json::array({{{"type", "Ready"},
                                   {"status", "True"},
                                   {"reason", "KubeletReady"},
                                   {"message", "the sandbox's kubelet is ready"},
                                   {"lastHeartbeatTime", to_rfc3339(now)},
                                   {"lastTransitionTime", to_rfc3339(now)}}})},
      {"addresses", Json::array({{{"type", "InternalIP"},
                                  {"address", "10.200.0." + std::to_string(index + 1)}}})},
      {"nodeInfo",
       {{"kubeletVersion", "v1.34.0-sandbox"},
        {"containerRuntimeVersion", "sandbox://1"},
        {"osImage", "sandbox"},
        {"kernelVersion", "sandbox"},
        {"operatingSystem", "linux"},
        {"architecture", "amd64"}}}};
  store.put(ApiKindId::Node, std::move(body));
}

Json crd_versions(const ApiKind& kind) {
  Json versions = Json::array();
  for (const GroupVersion& served : kind.served) {
    versions.push_back(
        {{"name", served.version},
         {"served", true},
         {"storage", served == kind.served[0]},
         {"deprecated", served != kind.served[0]},
         {"subresources", {{"status", Json::object()}}},
         {"schema",
          {{"openAPIV3Schema",
            {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}}}}});
  }
  return versions;
}

void add_crd(ApiStore& store, Chance& chance, ApiKindId id, Time now) {
  const ApiKind& kind = api_kind(id);
  Json body =
      object_of(ApiKindId::CustomResourceDefinition, "", kind.resource(), chance.uid(), now);
  body["spec"] = {{"group", kind.served[0].group},
                  {"names",
                   {{"kind", kind.kind},
                    {"listKind", kind.kind + "List"},
                    {"plural", kind.plural},
                    {"singular", kind.singular},
                    {"categories", kind.categories}}},
                  {"scope", "Namespaced"},
                  {"versions", crd_versions(kind)}};
  const auto holds = [now](const char* type, const char* reason, const char* message) {
    return Json{{"type", type},
                {"status", "True"},
                {"reason", reason},
                {"message", message},
                {"lastTransitionTime", to_rfc3339(now)}};
  };
  body["status"] = {
      {"conditions", Json::array({holds("NamesAccepted", "NoConflicts", "no conflicts found"),
                                  holds("Established", "InitialNamesAccepted",
                                        "the initial names have been accepted")})},
      {"acceptedNames", body["spec"]["names"]},
      {"storedVersions", Json::array({kind.served[0].version})}};
  store.put(ApiKindId::CustomResourceDefinition, std::move(body));
}

}  // namespace

void fill_fresh_cluster(ApiStore& store, Chance& chance, Time now, int nodes) {
  add_namespace(store, "kube-system", kKubeSystemUid, now);
  add_namespace(store, "default", chance.uid(), now);
  for (int i = 0; i < nodes; ++i) add_node(store, chance, i, now);
  add_crd(store, chance, ApiKindId::RayService, now);
  add_crd(store, chance, ApiKindId::RayCluster, now);
}

}  // namespace raycord
