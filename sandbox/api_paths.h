// What a request path of the Kubernetes API addresses.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sandbox/api_kinds.h"
#include "sandbox/api_status.h"

namespace raycord {

struct ApiPath {
  GroupVersion at;
  const ApiKind* kind = nullptr;
  std::string name_space;   // Empty: all namespaces, or a cluster-scoped kind.
  std::string name;         // Empty: the collection.
  std::string subresource;  // "status", "proxy", … or empty.
  std::string rest;         // Behind the subresource, with its slash: what a proxy passes on.
};

// The path must start with /api/v1/ or /apis/GROUP/VERSION/. A resource that Kubernetes has and the
// sandbox has not is NotImplemented, one that nobody has is NotFound.
std::variant<ApiPath, ApiFailure> parse_api_path(std::string_view path);

using ApiQuery = std::vector<std::pair<std::string, std::string>>;
std::string query_value(const ApiQuery& query, std::string_view name);  // Empty when absent.
bool query_true(const ApiQuery& query, std::string_view name);          // "true" or "1".

}  // namespace raycord
