// Where two decisions differ, field by field.

#pragma once

#include <optional>
#include <string>

#include "core/decision.h"

namespace raycord {

struct FieldDifference {
  std::string field;  // "effect.purpose", "causes[1]"
  std::string expected;
  std::string got;
};

// The first field that differs; numbers of the decisions are not compared, nor what the log does
// not hold (the text of statuses).
std::optional<FieldDifference> difference(const Decision& expected, const Decision& got);

}  // namespace raycord
