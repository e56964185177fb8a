// Bodies of JSON merge patches of objects that exist.
//
// Each carries resourceVersion and, where known, UID: the API server answers 409 if the object is
// no longer the one that was looked at.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

struct MetadataPatch {
  std::string uid;
  std::string resource_version;
  std::map<std::string, std::optional<std::string>> labels;       // nothing removes the key
  std::map<std::string, std::optional<std::string>> annotations;  // likewise
};

std::string build_metadata_patch(const MetadataPatch& patch);

// Points an existing Service to what `desired` selects, as built by build_service_head_service or
// build_serve_service. Cluster IP and node ports stay; what `desired` no longer says is removed.
Result<std::string> build_service_switch(std::string_view existing, std::string_view desired,
                                         std::string_view resource_version);

}  // namespace raycord
