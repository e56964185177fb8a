// Who wrote an object's status, by its metadata.managedFields.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace raycord {

struct StatusWriter {
  std::string manager;
  std::string at;  // As the API server says it, to the second; later is greater.
};
Result<std::vector<StatusWriter>> read_status_writers(std::string_view json);

}  // namespace raycord
