#include "core/build/json_read.h"

#include <algorithm>

#include "core/build/quantity.h"

namespace raycord {
namespace {

// Deeper than any Kubernetes object; the writer of the library is recursive.
constexpr int kNestingMax = 200;

bool too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kNestingMax) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

Result<Json> parse(std::string_view text, std::string_view what, Json::value_t kind,
                   std::string_view kind_name) {
  if (too_deep(text)) {
    return fail(ErrorCode::InvalidInput, std::string(what) + " is nested deeper than " +
                                             std::to_string(kNestingMax) + " levels");
  }
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    return fail(ErrorCode::InvalidInput, std::string(what) + " is not JSON");
  }
  if (value.type() != kind) {
    return fail(ErrorCode::InvalidInput,
                std::string(what) + " is not a JSON " + std::string(kind_name));
  }
  return value;
}

bool all_of(const Json& list, bool (*wanted)(const Json&)) {
  return std::all_of(list.begin(), list.end(), wanted);
}

bool is_text(const Json& value) { return value.is_string(); }

bool is_object(const Json& value) { return value.is_object(); }

const char* expected(const Json& value, Shape shape) {
  switch (shape) {
    case Shape::Text:
      return value.is_string() ? nullptr : "text";
    case Shape::Whole:
      return value.is_number_integer() ? nullptr : "a whole number";
    case Shape::Flag:
      return value.is_boolean() ? nullptr : "true or false";
    case Shape::Members:
      return value.is_object() ? nullptr : "an object";
    case Shape::Objects:
      return value.is_array() && all_of(value, is_object) ? nullptr : "a list of objects";
    case Shape::Texts:
      return value.is_array() && all_of(value, is_text) ? nullptr : "a list of texts";
    case Shape::TextMap:
      return value.is_object() && all_of(value, is_text) ? nullptr : "an object of texts";
    case Shape::QuantityMap:
      return value.is_object() ? nullptr : "an object of quantities";
  }
  return "known";
}

Outcome check_value(const Json& value, const std::string& path, Shape shape) {
  if (value.is_null()) return Done{};
  if (const char* wanted = expected(value, shape)) {
    return fail(ErrorCode::InvalidInput, path + " is not " + wanted);
  }
  if (shape != Shape::QuantityMap) return Done{};
  for (const auto& [name, quantity] : value.items()) {
    const auto parsed = Quantity::parse(quantity_text(quantity));
    if (!parsed) {
      return fail(ErrorCode::InvalidInput, path + "." + name + ": " + parsed.error().message);
    }
  }
  return Done{};
}

Outcome check_path(const Json& value, const std::string& where, std::string_view path,
                   Shape shape) {
  if (value.is_null()) return Done{};
  if (path.empty()) return check_value(value, where, shape);
  if (path.substr(0, 2) == "[]") {
    if (!value.is_array()) {
      return fail(ErrorCode::InvalidInput, where + " is not a list of objects");
    }
    const std::string_view rest = path.substr(2);
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string element = where + "[" + std::to_string(i) + "]";
      if (!value[i].is_object()) {
        return fail(ErrorCode::InvalidInput, element + " is not an object");
      }
      const Outcome outcome = check_path(value[i], element, rest, shape);
      if (!outcome) return outcome;
    }
    return Done{};
  }
  if (path.front() == '.') path.remove_prefix(1);
  if (!value.is_object()) return fail(ErrorCode::InvalidInput, where + " is not an object");
  const std::string_view key = path.substr(0, path.find_first_of(".["));
  const auto member = value.find(std::string(key));
  if (member == value.end()) return Done{};
  return check_path(*member, where + "." + std::string(key), path.substr(key.size()), shape);
}

}  // namespace

Outcome check_fields(const Json& root, const std::string& where, std::span<const Field> fields) {
  for (const Field& field : fields) {
    const Outcome outcome = check_path(root, where, field.path, field.shape);
    if (!outcome) return outcome;
  }
  return Done{};
}

Result<Json> parse_object(std::string_view text, std::string_view what) {
  return parse(text, what, Json::value_t::object, "object");
}

Result<Json> parse_array(std::string_view text, std::string_view what) {
  if (text.empty()) return Json::array();
  return parse(text, what, Json::value_t::array, "array");
}

const Json* find(const Json& root, Keys keys) {
  const Json* value = &root;
  for (const std::string_view key : keys) {
    if (!value->is_object()) return nullptr;
    const auto member = value->find(std::string(key));
    if (member == value->end()) return nullptr;
    value = &*member;
  }
  return value->is_null() ? nullptr : value;
}

std::string text_at(const Json& root, Keys keys, std::string_view otherwise) {
  const Json* value = find(root, keys);
  return value && value->is_string() ? value->get<std::string>() : std::string(otherwise);
}

bool flag_at(const Json& root, Keys keys) {
  const Json* value = find(root, keys);
  return value && value->is_boolean() && value->get<bool>();
}

std::optional<std::int64_t> whole_at(const Json& root, Keys keys) {
  const Json* value = find(root, keys);
  if (!value || !value->is_number_integer()) return std::nullopt;
  return value->get<std::int64_t>();
}

std::map<std::string, std::string> texts_at(const Json& root, Keys keys) {
  std::map<std::string, std::string> result;
  const Json* value = find(root, keys);
  if (!value || !value->is_object()) return result;
  for (const auto& [key, text] : value->items()) {
    if (text.is_string()) result[key] = text.get<std::string>();
  }
  return result;
}

const Json& items_at(const Json& root, Keys keys) {
  static const Json kNone = Json::array();
  const Json* value = find(root, keys);
  return value && value->is_array() ? *value : kNone;
}

Json object_at(const Json& root, Keys keys) {
  const Json* value = find(root, keys);
  return value && value->is_object() ? *value : Json::object();
}

Json& array_in(Json& root, const char* key) {
  Json& member = root[key];
  if (!member.is_array()) member = Json::array();
  return member;
}

Json& object_in(Json& root, const char* key) {
  Json& member = root[key];
  if (!member.is_object()) member = Json::object();
  return member;
}

std::string quantity_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : dump(value);
}

std::string dump(const Json& value) {
  // A name cut inside a character must not throw; the API server will name the bad field.
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace raycord
