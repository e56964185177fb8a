// The JSON value of the sandbox (keys sorted, so equal values print equal bytes) and gentle access
// to what may be missing in it.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace raycord {

using Json = nlohmann::json;

// The value at the end of the path of keys; nothing when a step is missing or no object.
inline const Json* look(const Json& from, std::initializer_list<const char*> path) {
  const Json* at = &from;
  for (const char* key : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(key);
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

// The text at the path; empty when there is none.
inline std::string text_at(const Json& from, std::initializer_list<const char*> path) {
  const Json* value = look(from, path);
  return value != nullptr && value->is_string() ? value->get_ref<const std::string&>() : "";
}

inline std::int64_t number_at(const Json& from, std::initializer_list<const char*> path,
                              std::int64_t otherwise) {
  const Json* value = look(from, path);
  return value != nullptr && value->is_number() ? value->get<std::int64_t>() : otherwise;
}

inline bool true_at(const Json& from, std::initializer_list<const char*> path) {
  const Json* value = look(from, path);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

// The list at the path, or an empty one.
inline const Json& list_at(const Json& from, std::initializer_list<const char*> path) {
  static const Json empty = Json::array();
  const Json* value = look(from, path);
  return value != nullptr && value->is_array() ? *value : empty;
}

inline const Json& object_at(const Json& from, std::initializer_list<const char*> path) {
  static const Json empty = Json::object();
  const Json* value = look(from, path);
  return value != nullptr && value->is_object() ? *value : empty;
}

// Sets `key` unless it is there already.
inline void set_default(Json& object, const char* key, Json value) {
  if (!object.contains(key) || object[key].is_null()) object[key] = std::move(value);
}

// Nothing when the text is not JSON. Invalid UTF-8 never reaches dump(): it does not parse.
inline std::optional<Json> parse_json(std::string_view text) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

}  // namespace raycord
