// kubectl creates a few simple kinds in Kubernetes' protobuf encoding: reads those.

#pragma once

#include <optional>
#include <string_view>

#include "sandbox/json.h"

namespace raycord {

// The object in JSON form. Of metadata: name, generateName, namespace, labels and annotations.
// Nothing when the bytes are damaged or of a kind other than Namespace, ConfigMap, Secret,
// ServiceAccount or an access review (whose spec is left out).
std::optional<Json> read_protobuf_object(std::string_view bytes);

}  // namespace raycord
