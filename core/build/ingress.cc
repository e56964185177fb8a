#include "core/build/ingress.h"

#include <algorithm>
#include <array>

#include "core/build/labels.h"
#include "core/build/metadata.h"
#include "core/build/pod_labels.h"
#include "core/build/ray_cluster.h"
#include "core/names.h"

namespace raycord {
namespace {

constexpr std::string_view kClassAnnotation = "kubernetes.io/ingress.class";
constexpr int kDashboardPort = 8265;

constexpr std::array kOptionFields = {
    Field{"headGroupSpec.ingressOptions", Shape::Members},
    Field{"headGroupSpec.ingressOptions.host", Shape::Text},
    Field{"headGroupSpec.ingressOptions.path", Shape::Text},
    Field{"headGroupSpec.ingressOptions.pathType", Shape::Text},
    Field{"headGroupSpec.ingressOptions.tls", Shape::Objects},
};

constexpr std::array kIngressFields = {
    Field{"metadata", Shape::Members},
    Field{"metadata.uid", Shape::Text},
    Field{"metadata.labels", Shape::TextMap},
    Field{"metadata.annotations", Shape::TextMap},
    Field{"spec", Shape::Members},
};

// What was noted on the RayCluster about the RayCluster, and says nothing about a way into it.
bool is_about_the_cluster(std::string_view key) {
  constexpr std::array kDomains = {"raycord.io/", "ray.io/", "kubectl.kubernetes.io/",
                                   "deployment.kubernetes.io/"};
  return std::any_of(kDomains.begin(), kDomains.end(),
                     [key](std::string_view domain) { return key.starts_with(domain); });
}

std::string text_or(const Json& options, const char* key, const char* otherwise) {
  const std::string text = text_at(options, {key});
  return text.empty() ? otherwise : text;
}

Json ingress_spec(const RayClusterView& cluster) {
  const Json& head = cluster.head_group();
  const Json options = object_at(head, {"ingressOptions"});
  Json path = {{"path", text_or(options, "path", "/")},
               {"pathType", text_or(options, "pathType", "Prefix")}};
  path["backend"]["service"] = {
      {"name", cluster.head_service()},
      {"port", {{"number", port_of(ray_container(head), "dashboard", kDashboardPort)}}}};
  Json rule = Json::object();
  const std::string host = text_at(options, {"host"});
  if (!host.empty()) rule["host"] = host;
  rule["http"]["paths"] = Json::array({path});
  Json spec = {{"rules", Json::array({rule})}};
  const std::string ingress_class = cluster.annotation(kClassAnnotation);
  if (!ingress_class.empty()) spec["ingressClassName"] = ingress_class;
  const Json& tls = items_at(options, {"tls"});
  if (!tls.empty()) spec["tls"] = tls;
  return spec;
}

Result<Json> wanted_ingress(std::string_view ray_cluster, const std::string& intent) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const Outcome fields = check_fields(cluster->spec(), "spec", kOptionFields);
  if (!fields) return fail(fields.error());
  const OwnerReference owner = {"RayCluster", cluster->name, cluster->name_space, cluster->uid};
  Json ingress =
      new_object("networking.k8s.io/v1", "Ingress", ingress_name(cluster->name), owner, intent);
  set_label(ingress, kClusterLabel, cluster->name);
  set_label(ingress, kIdentifierLabel, checked_label(cluster->name + "-head"));
  set_label(ingress, kAppNameLabel, kAppName);
  set_label(ingress, kAppCreatorLabel, kAppCreator);
  for (const auto& [key, value] : texts_at(cluster->object, {"metadata", "annotations"})) {
    if (key != kClassAnnotation && !is_about_the_cluster(key)) set_annotation(ingress, key, value);
  }
  ingress["spec"] = ingress_spec(*cluster);
  return ingress;
}

// For a merge patch: what is not wanted any more is removed.
Json replaced(const Json& existing, const Json& wanted) {
  Json patch = wanted;
  for (const auto& [key, value] : existing.items()) {
    if (!wanted.contains(key)) patch[key] = nullptr;
  }
  return patch;
}

}  // namespace

Result<std::string> build_ingress(std::string_view ray_cluster, const std::string& intent) {
  const Result<Json> ingress = wanted_ingress(ray_cluster, intent);
  if (!ingress) return fail(ingress.error());
  return dump(*ingress);
}

Result<std::string> build_ingress_update(std::string_view existing, std::string_view ray_cluster,
                                         const std::string& intent,
                                         std::string_view resource_version) {
  const Result<Json> old = parse_object(existing, "Ingress");
  if (!old) return fail(old.error());
  const Outcome fields = check_fields(*old, "Ingress", kIngressFields);
  if (!fields) return fail(fields.error());
  const Result<Json> wanted = wanted_ingress(ray_cluster, intent);
  if (!wanted) return fail(wanted.error());

  Json metadata = {{"resourceVersion", resource_version},
                   {"uid", text_at(*old, {"metadata", "uid"})}};
  for (const char* key : {"labels", "annotations"}) {
    metadata[key] = replaced(object_at(*old, {"metadata", key}), wanted->at("metadata").at(key));
  }
  Json spec = replaced(object_at(*old, {"spec"}), wanted->at("spec"));
  if (!wanted->at("spec").contains("ingressClassName")) spec.erase("ingressClassName");
  return dump({{"metadata", metadata}, {"spec", spec}});
}

}  // namespace raycord
