// The identity of this very program: the linker's build id, as hex. Two builds of one version that
// differ in a line differ here.

#pragma once

#include <string>

namespace raycord {

std::string build_id();  // Empty: the linker noted none.

}  // namespace raycord
