// Builders of what the in-tree autoscaler needs to read pods and to resize its RayCluster.

#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

struct AutoscalerAccount {
  std::string name;
  bool of_the_user = false;  // named in the head's template: we wait for it and never create it
};

Result<AutoscalerAccount> autoscaler_service_account(std::string_view ray_cluster);

Result<std::string> build_autoscaler_service_account(std::string_view ray_cluster,
                                                     const std::string& intent);
Result<std::string> build_autoscaler_role(std::string_view ray_cluster, const std::string& intent);
Result<std::string> build_autoscaler_role_binding(std::string_view ray_cluster,
                                                  const std::string& intent);

}  // namespace raycord
