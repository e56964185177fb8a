// Reads spec.serveConfigV2: what is sent to Ray, and hashes of it and of each application.
//
// The hash of an application equals the hash of what Ray later answers as its deployed_app_config,
// so that "deployed is what was asked" is a comparison of two numbers.

#pragma once

#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/objects.h"
#include "core/result.h"

namespace simdjson::dom {
class element;
}

namespace raycord {

// What Ray calls an application without a name.
inline constexpr const char* kDefaultApp = "default";

// Never fails: what is wrong is in `error`. An empty text is an empty config.
ServeConfig read_serve_config(std::string_view yaml);

// The body of the PUT: canonical JSON, whose hash is ServeConfig::hash.
Result<std::string> serve_config_json(std::string_view yaml);

// The same with the key target_capacity set, whatever the config says of it.
Result<std::string> serve_config_json(std::string_view yaml, std::int32_t target_capacity);

// Of an entry of deployed_app_config in Ray's answer.
Hash app_config_hash(const simdjson::dom::element& app);

}  // namespace raycord
