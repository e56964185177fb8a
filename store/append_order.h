// AppendOrder follows what a writer appends and CHECKs that each frame fits behind the last one.

#pragma once

#include <cstddef>
#include <cstdint>

#include "store/event_log.h"

namespace raycord {

struct AppendOrder {
  std::uint64_t last_seq = 0;  // Of the last frame.
  std::uint32_t names = 0;     // The highest number that has a name.

  std::uint64_t next_seq() const { return last_seq + 1; }

  // Moves behind `frame`.
  void advance(const FrameToAppend& frame);
};

// What a frame weighs while it waits.
std::size_t bytes_of(const FrameToAppend& frame);

}  // namespace raycord
