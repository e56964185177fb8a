#include "core/build/metadata.h"

#include "core/names.h"

namespace raycord {

Json new_object(std::string_view api_version, std::string_view kind, const std::string& name,
                const OwnerReference& owner, const std::string& intent) {
  Json object = {{"apiVersion", api_version}, {"kind", kind}};
  Json& metadata = object["metadata"];
  metadata = {{"name", name}, {"namespace", owner.name_space}};
  metadata["ownerReferences"] = Json::array({{{"apiVersion", "ray.io/v1"},
                                              {"kind", owner.kind},
                                              {"name", owner.name},
                                              {"uid", owner.uid},
                                              {"controller", true},
                                              {"blockOwnerDeletion", true}}});
  set_annotation(object, kIntentAnnotation, intent);
  return object;
}

void set_label(Json& object, std::string_view key, std::string_view value) {
  object_in(object_in(object, "metadata"), "labels")[std::string(key)] = value;
}

void set_annotation(Json& object, std::string_view key, std::string_view value) {
  object_in(object_in(object, "metadata"), "annotations")[std::string(key)] = value;
}

}  // namespace raycord
