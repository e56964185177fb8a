// The kinds of object that the embedded API server serves: a fixed table.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/json.h"

namespace raycord {

enum class ApiKindId : std::uint8_t {
  RayService,
  RayCluster,
  Namespace,
  Pod,
  Service,
  Event,
  Secret,
  ConfigMap,
  ServiceAccount,
  Node,
  EndpointSlice,
  Lease,
  Role,
  RoleBinding,
  Job,
  Ingress,
  Gateway,
  HTTPRoute,
  CustomResourceDefinition,
};
inline constexpr std::size_t kApiKindCount = 19;

struct GroupVersion {
  std::string group;  // Empty for core.
  std::string version;

  bool operator==(const GroupVersion&) const = default;
  std::string text() const { return group.empty() ? version : group + "/" + version; }
};

struct ApiKind {
  ApiKindId id;
  std::string kind;
  std::string plural;
  std::string singular;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  std::vector<GroupVersion> served;  // The first is the stored one.
  bool namespaced = true;
  bool has_status = false;         // Status is written through its subresource only.
  bool counts_generation = false;  // metadata.generation follows the spec.
  bool writable = true;

  // "rayservices.ray.io": how messages name the resource.
  std::string resource() const {
    return served[0].group.empty() ? plural : plural + "." + served[0].group;
  }
};

const std::array<ApiKind, kApiKindCount>& api_kinds();
const ApiKind& api_kind(ApiKindId id);

// The kind behind a path's group, version and plural; null when there is none.
const ApiKind* find_api_kind(const GroupVersion& at, std::string_view plural);

// An object as version `to` of its kind shows it. Objects are stored in the first version served.
Json to_served(const ApiKind& kind, const Json& stored, const GroupVersion& to);
Json to_stored(const ApiKind& kind, Json sent);

}  // namespace raycord
