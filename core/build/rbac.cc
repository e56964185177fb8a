#include "core/build/rbac.h"

#include <initializer_list>

#include "core/build/autoscaler.h"
#include "core/build/labels.h"
#include "core/build/metadata.h"
#include "core/build/ray_cluster.h"
#include "core/names.h"

namespace raycord {
namespace {

constexpr std::string_view kRbacVersion = "rbac.authorization.k8s.io/v1";
constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

Json access_object(const RayClusterView& cluster, std::string_view version, std::string_view kind,
                   const std::string& name, const std::string& intent) {
  const OwnerReference owner = {"RayCluster", cluster.name, cluster.name_space, cluster.uid};
  Json object = new_object(version, kind, name, owner, intent);
  set_label(object, kClusterLabel, cluster.name);
  set_label(object, kAppNameLabel, kAppName);
  set_label(object, kAppCreatorLabel, kAppCreator);
  return object;
}

Json rule(const char* group, const char* resource, std::initializer_list<const char*> verbs) {
  Json allowed = {{"apiGroups", Json::array({group})}, {"resources", Json::array({resource})}};
  for (const char* verb : verbs) array_in(allowed, "verbs").push_back(verb);
  return allowed;
}

}  // namespace

Result<AutoscalerAccount> autoscaler_service_account(std::string_view ray_cluster) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const std::string chosen =
      text_at(cluster->head_group(), {"template", "spec", "serviceAccountName"});
  return AutoscalerAccount{autoscaler_account(*cluster), !chosen.empty()};
}

Result<std::string> build_autoscaler_service_account(std::string_view ray_cluster,
                                                     const std::string& intent) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  return dump(
      access_object(*cluster, "v1", "ServiceAccount", autoscaler_account(*cluster), intent));
}

Result<std::string> build_autoscaler_role(std::string_view ray_cluster, const std::string& intent) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  Json role = access_object(*cluster, kRbacVersion, "Role", checked_name(cluster->name), intent);
  Json& rules = array_in(role, "rules");
  rules.push_back(rule("", "pods", {"get", "list", "watch", "patch"}));
  rules.push_back(rule("", "pods/resize", {"patch"}));
  rules.push_back(rule("ray.io", "rayclusters", {"get", "patch"}));
  return dump(role);
}

Result<std::string> build_autoscaler_role_binding(std::string_view ray_cluster,
                                                  const std::string& intent) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const std::string name = checked_name(cluster->name);
  Json binding = access_object(*cluster, kRbacVersion, "RoleBinding", name, intent);
  binding["roleRef"] = {{"apiGroup", kRbacGroup}, {"kind", "Role"}, {"name", name}};
  array_in(binding, "subjects")
      .push_back({{"kind", "ServiceAccount"},
                  {"name", autoscaler_account(*cluster)},
                  {"namespace", cluster->name_space}});
  return dump(binding);
}

}  // namespace raycord
