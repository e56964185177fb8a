// Metadata of what the operator creates: owner, intent, labels. Private to core/build.

#pragma once

#include <string>
#include <string_view>

#include "core/build/json_read.h"

namespace raycord {

// The object that owns what is built; enough for its ownerReference.
struct OwnerReference {
  std::string_view kind;  // RayService or RayCluster; the version is always ray.io/v1
  std::string name;
  std::string name_space;
  std::string uid;
};

// {"apiVersion", "kind", "metadata"} with namespace, controller reference and intent.
Json new_object(std::string_view api_version, std::string_view kind, const std::string& name,
                const OwnerReference& owner, const std::string& intent);

void set_label(Json& object, std::string_view key, std::string_view value);
void set_annotation(Json& object, std::string_view key, std::string_view value);

}  // namespace raycord
