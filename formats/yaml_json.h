// Reads YAML 1.1 as Go's YAML library does and gives it as JSON: what KubeRay and kubectl make of
// it.
//
// Plain yes/no/on/off are booleans, 010 is eight, 1_000 a thousand, dates stay text, "<<" merges,
// anchors are copied, keys of any scalar type become text. A key that stands twice in one map is an
// error, and so is a text that would grow beyond its limits when its aliases are copied. Text that
// is JSON is read as JSON. Private to formats/: it brings nlohmann/json along.

#pragma once

#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/result.h"

namespace raycord {

inline constexpr std::size_t kYamlDepthMax = 100;      // No schema we read nests deeper than 30.
inline constexpr std::size_t kYamlNodesMax = 200'000;  // With copies of aliases.
inline constexpr std::size_t kYamlBytesMax = 3 * 1024 * 1024;  // As an object's, with copies.

struct YamlDocument {
  nlohmann::json content;
  int number = 1;  // Among all documents of the text.
  int line = 1;    // Where it begins.
};

// Documents that are empty or only comments are left out. Errors name the line, and the document
// where there are several.
Result<std::vector<YamlDocument>> read_yaml(std::string_view text);

}  // namespace raycord
