// Server-side printing: the columns of `kubectl get` and their cells.

#pragma once

#include <string>

#include "core/time.h"
#include "sandbox/api_kinds.h"
#include "sandbox/api_objects.h"

namespace raycord {

Json table_columns(const ApiKind& kind, const GroupVersion& at);
Json table_cells(const ApiObject& object, const GroupVersion& at, Time now);

// kubectl's short form of a duration: "45s", "2m42s", "12m", "3h5m", "2d4h", "400d".
std::string human_duration(Millis duration);

}  // namespace raycord
