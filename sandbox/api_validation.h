// What the API server refuses about names, labels and the shapes of our kinds.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/api_kinds.h"
#include "sandbox/api_status.h"
#include "sandbox/json.h"

namespace raycord {

bool is_dns_label(std::string_view name);      // RFC 1123, at most 63 characters.
bool is_dns_subdomain(std::string_view name);  // RFC 1123, at most 253 characters.

// Nothing when the object (complete, with defaults) is acceptable.
std::optional<ApiFailure> validate_object(const ApiKind& kind, const Json& object);

// Nothing when `after` may replace `before`.
std::optional<ApiFailure> validate_change(const ApiKind& kind, const Json& before,
                                          const Json& after);

}  // namespace raycord
