// The canonical text of a JSON value: equal values have equal texts, on any machine.
//
// Keys are sorted by their bytes, nothing is escaped that need not be, no spaces. Numbers are as
// short as can be and whole numbers have no fraction: 1.0 is "1", as Go's encoder writes it.

#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "core/result.h"

namespace simdjson::dom {
class element;
}

namespace raycord {

std::string canonical_json(const nlohmann::json& value);
std::string canonical_element(const simdjson::dom::element& value);
Result<std::string> canonical_text(std::string_view json);

// The same value as a tree that can be changed. Of equal keys the last one counts.
nlohmann::json to_json(const simdjson::dom::element& value);

}  // namespace raycord
