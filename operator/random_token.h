// Tokens that nobody guesses, from the kernel's source of randomness.

#pragma once

#include <string>

namespace raycord {

// 32 random bytes in base64, as KubeRay makes them.
std::string random_token();

}  // namespace raycord
