// The three patch formats of the API server, applied to a JSON value.

#pragma once

#include "core/result.h"
#include "sandbox/json.h"

namespace raycord {

// RFC 6902: a list of operations, all or none.
Result<Json> apply_json_patch(const Json& target, const Json& patch);

// RFC 7386.
Json apply_merge_patch(Json target, const Json& patch);

// Kubernetes' strategic merge for core kinds: lists of known fields merge by key, and $patch,
// $deleteFromPrimitiveList, $setElementOrder and $retainKeys directives are obeyed.
Result<Json> apply_strategic_patch(const Json& target, const Json& patch);

}  // namespace raycord
