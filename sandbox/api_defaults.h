// What the API server and the CRDs add to a new or changed object: defaults of core/v1 and of our
// kinds. What needs a counter (cluster IPs, node ports) is in ApiServer.

#pragma once

#include <string>

#include "sandbox/api_kinds.h"
#include "sandbox/json.h"

namespace raycord {

void apply_defaults(const ApiKind& kind, Json& object);

// The status of an object that was just created; null where there is none.
Json first_status(const ApiKind& kind, const Json& object);

std::string base64(const std::string& bytes);

}  // namespace raycord
