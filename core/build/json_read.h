// Checked reading of observed JSON for the builders: nothing here throws on input from outside.
//
// A builder first lets check_fields look at every field it will read; afterwards the readers below
// meet the kinds they expect. A field that is null counts as absent, as in Kubernetes. Private to
// core/build, the only folder of core that sees JSON.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/result.h"

namespace raycord {

using Json = nlohmann::json;  // objects are sorted by key, so equal values are equal bytes

enum class Shape { Text, Whole, Flag, Members, Objects, Texts, TextMap, QuantityMap };

// A path of member names, "[]" for each element: "spec.containers[].ports[].name".
struct Field {
  std::string_view path;
  Shape shape;
};

// Names the first field that exists and is of another kind, with `where` before its path.
Outcome check_fields(const Json& root, const std::string& where, std::span<const Field> fields);

Result<Json> parse_object(std::string_view text, std::string_view what);
Result<Json> parse_array(std::string_view text, std::string_view what);  // "" is an empty one

using Keys = std::initializer_list<std::string_view>;

const Json* find(const Json& root, Keys keys);  // nullptr where absent or null
std::string text_at(const Json& root, Keys keys, std::string_view otherwise = "");
bool flag_at(const Json& root, Keys keys);
std::optional<std::int64_t> whole_at(const Json& root, Keys keys);
std::map<std::string, std::string> texts_at(const Json& root, Keys keys);  // of a TextMap
const Json& items_at(const Json& root, Keys keys);                         // empty where absent
Json object_at(const Json& root, Keys keys);                               // likewise

// The member `key` of `root`, made an array (or an object) where it is absent or null.
Json& array_in(Json& root, const char* key);
Json& object_in(Json& root, const char* key);

// Text of a quantity, which users may write as a number.
std::string quantity_text(const Json& value);

std::string dump(const Json& value);

}  // namespace raycord
