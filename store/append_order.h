// AppendOrder follows what a writer appends and CHECKs that each frame fits behind the last one.

#pragma once

#include <cstddef>
#include <cstdint>

#include "store/event_log.h"
#include "store/log_mark.h"

namespace raycord {

struct AppendOrder {
  LogMark mark;             // After the last frame.
  std::uint32_t names = 0;  // The highest number that has a name.

  std::uint64_t next_seq() const { return mark.seq + 1; }

  // Moves behind `frame` and gives the running hash after it.
  Chain advance(const FrameToAppend& frame);
};

// What a frame weighs while it waits.
std::size_t bytes_of(const FrameToAppend& frame);

}  // namespace raycord
