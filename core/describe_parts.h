// Small pieces of descriptions; only core/describe*.cc use them.

#pragma once

#include <cstdint>
#include <string>

#include "core/ids.h"

namespace raycord {

std::string short_hash(Hash hash);                               // "8f3a51c2", or "none".
std::string number(Seq seq);                                     // "#12"
std::string counted(std::uint64_t count, const char* singular);  // "1 group", "2 groups"

}  // namespace raycord
