#include "formats/json_object.h"

#include <limits>

namespace raycord {

using simdjson::dom::element;
using simdjson::dom::element_type;

const char* type_name(element value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      return "a number";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
  }
  return "something else";
}

Result<element> parse_json(simdjson::dom::parser& parser, std::string_view text) {
  element root;
  const simdjson::error_code error = parser.parse(text.data(), text.size()).get(root);
  if (error != simdjson::SUCCESS) {
    return fail(ErrorCode::InvalidInput,
                std::string("not valid JSON: ") + simdjson::error_message(error));
  }
  return root;
}

JsonObject::JsonObject(element value, std::string path, ReadTrouble& trouble)
    : path_(std::move(path)), trouble_(&trouble) {
  simdjson::dom::object object;
  if (value.get(object) == simdjson::SUCCESS) {
    object_ = object;
  } else {
    wrong_type(path_.empty() ? "the document" : path_, "an object", value);
  }
}

std::optional<element> JsonObject::find(std::string_view key) const {
  element value;
  if (!object_ || object_->at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) {
    return std::nullopt;
  }
  return value;
}

std::string JsonObject::text(std::string_view key) const {
  const auto value = find(key);
  if (!value) return {};
  std::string_view text;
  if (value->get(text) != simdjson::SUCCESS) wrong_type(path_of(key), "a string", *value);
  return std::string(text);
}

bool JsonObject::flag(std::string_view key) const {
  const auto value = find(key);
  bool flag = false;
  if (value && value->get(flag) != simdjson::SUCCESS) {
    wrong_type(path_of(key), "a boolean", *value);
  }
  return flag;
}

std::optional<std::int64_t> JsonObject::integer(std::string_view key) const {
  const auto value = find(key);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  if (value->get(number) != simdjson::SUCCESS) {
    wrong_type(path_of(key), "a whole number", *value);
    return std::nullopt;
  }
  return number;
}

std::optional<std::int32_t> JsonObject::small_integer(std::string_view key) const {
  const auto number = integer(key);
  if (!number) return std::nullopt;
  using Limits = std::numeric_limits<std::int32_t>;
  if (*number < Limits::min() || *number > Limits::max()) {
    if (trouble_->text.empty()) {
      trouble_->text = path_of(key) + " must fit 32 bits, found " + std::to_string(*number);
    }
    return std::nullopt;
  }
  return static_cast<std::int32_t>(*number);
}

std::optional<Time> JsonObject::time(std::string_view key) const {
  const std::string written = text(key);
  if (written.empty()) return std::nullopt;
  const auto time = from_rfc3339(written);
  if (!time && trouble_->text.empty()) {
    trouble_->text = path_of(key) + " must be a time such as 2026-01-31T12:00:00Z";
  }
  return time;
}

JsonObject JsonObject::object(std::string_view key) const {
  const auto value = find(key);
  if (!value) return {path_of(key), *trouble_};
  return {*value, path_of(key), *trouble_};
}

std::vector<JsonObject> JsonObject::objects(std::string_view key) const {
  const auto value = find(key);
  if (!value) return {};
  simdjson::dom::array array;
  if (value->get(array) != simdjson::SUCCESS) {
    wrong_type(path_of(key), "an array", *value);
    return {};
  }
  std::vector<JsonObject> found;
  for (const element item : array) {
    found.emplace_back(item, path_of(key) + "[" + std::to_string(found.size()) + "]", *trouble_);
  }
  return found;
}

std::vector<std::string> JsonObject::texts(std::string_view key) const {
  const auto value = find(key);
  if (!value) return {};
  simdjson::dom::array array;
  if (value->get(array) != simdjson::SUCCESS) {
    wrong_type(path_of(key), "an array", *value);
    return {};
  }
  std::vector<std::string> found;
  for (const element item : array) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) {
      wrong_type(path_of(key) + "[" + std::to_string(found.size()) + "]", "a string", item);
    }
    found.emplace_back(text);
  }
  return found;
}

std::map<std::string, std::string> JsonObject::text_map(std::string_view key) const {
  std::map<std::string, std::string> found;
  const JsonObject inner = object(key);
  for (const std::string& name : inner.keys()) found.emplace(name, inner.text(name));
  return found;
}

std::map<std::string, JsonObject> JsonObject::object_map(std::string_view key) const {
  std::map<std::string, JsonObject> found;
  const JsonObject inner = object(key);
  for (const std::string& name : inner.keys()) found.emplace(name, inner.object(name));
  return found;
}

std::string JsonObject::text_or_number(std::string_view key) const {
  const auto value = find(key);
  if (!value) return {};
  std::string_view text;
  if (value->get(text) == simdjson::SUCCESS) return std::string(text);
  if (!value->is_number()) {
    wrong_type(path_of(key), "a string or a number", *value);
    return {};
  }
  return simdjson::minify(*value);
}

std::vector<std::string> JsonObject::keys() const {
  std::vector<std::string> found;
  if (!object_) return found;
  for (const simdjson::dom::key_value_pair field : *object_) {
    if (!field.value.is_null()) found.emplace_back(field.key);
  }
  return found;
}

std::string JsonObject::path_of(std::string_view key) const {
  std::string path = path_;
  const bool plain = key.find_first_of("./[] ") == std::string_view::npos;
  if (!plain) return path + "[" + std::string(key) + "]";
  if (!path.empty()) path += ".";
  return path + std::string(key);
}

void JsonObject::wrong_type(const std::string& path, const char* wanted, element value) const {
  if (!trouble_->text.empty()) return;
  trouble_->text = path + " must be " + wanted + ", found " + type_name(value);
}

}  // namespace raycord
