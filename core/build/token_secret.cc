#include "core/build/token_secret.h"

#include "core/build/labels.h"
#include "core/build/metadata.h"
#include "core/build/ray_cluster.h"
#include "core/names.h"

namespace raycord {

Result<std::string> build_token_secret(std::string_view ray_cluster, const std::string& intent,
                                       const std::string& token) {
  const Result<RayClusterView> cluster = RayClusterView::read(ray_cluster);
  if (!cluster) return fail(cluster.error());
  const OwnerReference owner = {"RayCluster", cluster->name, cluster->name_space, cluster->uid};
  Json secret = new_object("v1", "Secret", checked_name(cluster->name), owner, intent);
  set_label(secret, kClusterLabel, cluster->name);
  secret["stringData"] = {{"auth_token", token}};
  return dump(secret);
}

}  // namespace raycord
