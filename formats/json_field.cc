#include "formats/json_field.h"

#include <simdjson.h>

namespace raycord {

Result<std::string> json_text_at(std::string_view json,
                                 std::initializer_list<std::string_view> path) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(json.data(), json.size()).get(element) != simdjson::SUCCESS) {
    return fail(ErrorCode::InvalidInput, "not a JSON document");
  }
  std::string where;
  for (const std::string_view key : path) {
    where += where.empty() ? std::string(key) : "." + std::string(key);
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
      return fail(ErrorCode::InvalidInput, where + ": its parent is not an object");
    }
    if (object[key].get(element) != simdjson::SUCCESS || element.is_null()) return std::string();
  }
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) {
    return fail(ErrorCode::InvalidInput, where + ": not a text");
  }
  return std::string(text);
}

}  // namespace raycord
