#include "core/build/cluster.h"

#include <algorithm>
#include <array>

#include "core/build/labels.h"
#include "core/build/metadata.h"
#include "core/build/ray_cluster.h"
#include "core/build/ray_service.h"
#include "core/names.h"

namespace raycord {
namespace {

// Domains whose annotations the RayCluster's own objects, schedulers or ingress read. All others
// stay: last-applied-configuration would double the object, and the marks of deployment tools would
// make them take the RayCluster for one of their own and prune it.
constexpr std::array<std::string_view, 11> kInheritedDomains = {
    "ray.io",
    "kubernetes.io",  // ingress.class
    "ingress.kubernetes.io",
    "scheduling.k8s.io",
    "scheduling.x-k8s.io",
    "kueue.x-k8s.io",
    "volcano.sh",
    "yunikorn.apache.org",
    "kai.scheduler",
    "cert-manager.io",
    "openshift.io",
};

// Domains that also count with anything before them: nginx.ingress.kubernetes.io.
constexpr std::array<std::string_view, 4> kInheritedParents = {
    ".ingress.kubernetes.io", ".volcano.sh", ".openshift.io", ".external-dns.alpha.kubernetes.io"};

void stamp(Json& object, std::size_t groups, const std::string& spec_revision,
           const std::string& spec_hash, const BuildOptions& options) {
  set_annotation(object, kVersionAnnotation, options.version);
  set_annotation(object, kGroupCountAnnotation, std::to_string(groups));
  set_annotation(object, kSpecRevisionAnnotation, spec_revision);
  if (!spec_hash.empty()) set_annotation(object, kSpecHashAnnotation, spec_hash);
}

}  // namespace

bool is_inherited_annotation(std::string_view key) {
  if (key == kSpecHashAnnotation || key == kGroupCountAnnotation || key == kVersionAnnotation) {
    return false;  // about the object that carries it
  }
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view domain = key.substr(0, slash);
  const auto is_domain = [domain](std::string_view known) { return domain == known; };
  const auto is_below = [domain](std::string_view parent) { return domain.ends_with(parent); };
  return std::any_of(kInheritedDomains.begin(), kInheritedDomains.end(), is_domain) ||
         std::any_of(kInheritedParents.begin(), kInheritedParents.end(), is_below);
}

Result<std::string> build_ray_cluster(std::string_view ray_service,
                                      const ClusterParameters& parameters,
                                      const BuildOptions& options) {
  const Result<RayServiceView> service = RayServiceView::read(ray_service);
  if (!service) return fail(service.error());
  Json cluster =
      new_object("ray.io/v1", "RayCluster", parameters.name, service->owner(), parameters.intent);
  for (const auto& [key, value] : texts_at(service->object, {"metadata", "labels"})) {
    set_label(cluster, key, value);
  }
  set_label(cluster, kOriginNameLabel, service->name);
  set_label(cluster, kOriginKindLabel, "RayService");
  for (const auto& [key, value] : texts_at(service->object, {"metadata", "annotations"})) {
    if (is_inherited_annotation(key)) set_annotation(cluster, key, value);
  }
  const Json& spec = service->cluster_config();
  stamp(cluster, items_at(spec, {"workerGroupSpecs"}).size(), parameters.spec_revision,
        parameters.spec_hash, options);
  set_annotation(cluster, kPurposeAnnotation, parameters.purpose);
  set_annotation(cluster, kCounterAnnotation, std::to_string(parameters.counter));
  set_annotation(cluster, kAttemptAnnotation, std::to_string(parameters.attempt));
  cluster["spec"] = spec;
  if (parameters.at_min_size) {
    for (Json& group : array_in(cluster["spec"], "workerGroupSpecs")) group.erase("replicas");
  }
  return dump(cluster);
}

Result<std::string> build_cluster_groups_patch(std::string_view ray_service,
                                               std::string_view ray_cluster,
                                               const GroupsParameters& parameters,
                                               const BuildOptions& options) {
  const Result<RayServiceView> service = RayServiceView::read(ray_service);
  if (!service) return fail(service.error());
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const Json& wanted = items_at(service->cluster_config(), {"workerGroupSpecs"});
  Json groups = items_at(cluster->spec(), {"workerGroupSpecs"});
  const std::string where = "RayService " + service->name_space + "/" + service->name +
                            ": spec.rayClusterConfig.workerGroupSpecs";
  if (wanted.size() < groups.size()) {
    return fail(ErrorCode::InvalidInput, where + " has fewer groups than RayCluster " +
                                             cluster->name + "; only groups at the end are added");
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (text_at(wanted[i], {"groupName"}) == text_at(groups[i], {"groupName"})) continue;
    return fail(ErrorCode::InvalidInput, where + "[" + std::to_string(i) + "].groupName is not " +
                                             text_at(groups[i], {"groupName"}) +
                                             " as on RayCluster " + cluster->name +
                                             "; only groups at the end are added");
  }
  for (std::size_t i = groups.size(); i < wanted.size(); ++i) groups.push_back(wanted[i]);

  Json patch;
  set_annotation(patch, kIntentAnnotation, parameters.intent);
  stamp(patch, groups.size(), parameters.spec_revision, parameters.spec_hash, options);
  patch["metadata"]["resourceVersion"] = parameters.resource_version;
  patch["metadata"]["uid"] = cluster->uid;
  patch["spec"]["workerGroupSpecs"] = std::move(groups);
  return dump(patch);
}

}  // namespace raycord
