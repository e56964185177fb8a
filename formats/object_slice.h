// Slices of Kubernetes and Ray objects from their JSON: the fields that rules read, typed.
//
// Fields that are missing or null read as the API server's defaults. A field of another type than
// the schema says is an error that names object and field; the caller reports it as Unreadable. A
// spec that is readable but breaks a rule has a slice with `invalid` set.

#pragma once

#include <cstddef>
#include <string_view>

#include "core/objects.h"
#include "core/result.h"

namespace raycord {

// etcd takes 1.5 MiB by default; what is twice that is none of ours, or an attack on memory.
inline constexpr std::size_t kMaxObject = 3 * 1024 * 1024;

// The kind is read from apiVersion and kind.
Result<Object> slice_object(std::string_view json);

// For items of a typed list, which may lack apiVersion and kind; another kind is an error.
Result<Object> slice_object(Kind kind, std::string_view json);

}  // namespace raycord
