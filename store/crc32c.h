// CRC-32C (Castagnoli), the checksum of frames and checkpoints.

#pragma once

#include <cstdint>
#include <string_view>

namespace raycord {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace raycord
