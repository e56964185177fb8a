// What the log takes on its volume, and the ballast that makes room when the volume is full.
//
// A full disk ends the writer (ErrorCode::NoSpace). To go on: remove_ballast, cut or make room,
// open again; opening puts the ballast back when there is room for it.

#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace raycord {

struct DiskUsage {
  std::uint64_t log = 0;  // Table files, write-ahead logs, everything but the ballast.
  std::uint64_t ballast = 0;
  std::uint64_t free = 0;  // On the volume, for us.
};

Result<DiskUsage> disk_usage(const std::string& directory);

// "the volume is full: ..." with the numbers and what to do.
std::string no_space_text(const std::string& directory);

// NoSpace when an existing log cannot be opened for lack of room.
Outcome check_room_to_open(const std::string& directory);

// Creates the ballast if it is missing and at least twice its size is free.
Outcome place_ballast(const std::string& directory, std::uint64_t bytes);

// Gives its bytes back; nothing happens if there is none.
Outcome remove_ballast(const std::string& directory);

// Creates the directory, for its owner only.
Outcome make_log_directory(const std::string& directory);

}  // namespace raycord
