#include "core/check.h"

#include <string>

namespace raycord {

void check_failed(const char* condition, const char* file, int line) {
  throw InvariantBroken(std::string(file) + ":" + std::to_string(line) +
                        ": broken invariant: " + condition);
}

}  // namespace raycord
