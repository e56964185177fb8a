// Reads one text out of a JSON document, for callers that need no more of it.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/result.h"

namespace raycord {

// The text at a path of member names; empty where a member is absent or null. InvalidInput: not
// JSON, or something else than a text stands there.
Result<std::string> json_text_at(std::string_view json,
                                 std::initializer_list<std::string_view> path);

}  // namespace raycord
