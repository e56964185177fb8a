// RayServiceView is an observed RayService, checked, for the builders. Private to core/build.

#pragma once

#include <string>
#include <string_view>

#include "core/build/json_read.h"
#include "core/build/metadata.h"
#include "core/result.h"

namespace raycord {

struct RayServiceView {
  Json object;
  std::string name;
  std::string name_space;
  std::string uid;

  static Result<RayServiceView> read(std::string_view json);

  const Json& cluster_config() const { return object.at("spec").at("rayClusterConfig"); }
  OwnerReference owner() const { return {"RayService", name, name_space, uid}; }
};

}  // namespace raycord
