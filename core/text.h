// Text for people, from anywhere: on one line, and cut where it would be too long.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace raycord {

// Line breaks and other control characters become spaces; what is longer than `max` bytes ends in
// "…", and no character is cut in two.
std::string one_line(std::string_view text, std::size_t max);

bool equals_true(std::string_view text);  // In any case.

}  // namespace raycord
