// JSON as YAML, as kubectl prints it: block style, two spaces, quotes only where they are needed.

#pragma once

#include <string>

#include "replay/json.h"

namespace raycord {

std::string to_yaml(const JsonTree& json);  // Ends in a newline.

}  // namespace raycord
