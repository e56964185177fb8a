// What a plain YAML scalar means in Go's reading of YAML 1.1. Private to formats/.

#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace raycord {

// A text, a number, a boolean or null.
nlohmann::json resolve_plain(const std::string& text);

// A value as the key of a JSON object; nothing where Go refuses it: null, maps and lists.
std::optional<std::string> key_text(const nlohmann::json& value);

// ".inf", "-.INF", ".nan", …: numbers that JSON does not have.
bool is_not_finite(const std::string& text);

}  // namespace raycord
