// Reads manifests as people write them: YAML or JSON, several documents, Lists.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace raycord {

// Each object as canonical JSON, in order; the items of a List in its place. An object without kind
// or apiVersion is an error that names document and line.
Result<std::vector<std::string>> read_manifest(std::string_view text);

}  // namespace raycord
