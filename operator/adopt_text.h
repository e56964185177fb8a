// An AdoptReport as people read it, and as programs do.

#pragma once

#include <cstddef>
#include <string>

#include "operator/adopt_report.h"

namespace raycord {

// A table of objects, findings, and the verdict in one sentence. `width` cuts the table's lines and
// wraps sentences; 0: nothing is cut.
std::string adopt_text(const AdoptReport& report, std::size_t width);

// {"verdict", "cluster", "counts", "objects": [{"kind", "namespace", "name", "fate", "what"}],
//  "findings": [{"weight", "text"}]}
std::string adopt_json(const AdoptReport& report);

}  // namespace raycord
