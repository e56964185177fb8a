// Durations as Go writes them: "300ms", "30m", "1.5h", "1h30m".

#pragma once

#include <optional>
#include <string_view>

#include "core/time.h"

namespace raycord {

// Finer parts than a millisecond are cut off; nothing when the text is no duration or too long.
std::optional<Millis> from_go_duration(std::string_view text);

}  // namespace raycord
