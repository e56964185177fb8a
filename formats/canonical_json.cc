#include "formats/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "formats/json_object.h"

namespace raycord {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// Whole numbers beyond this are not exact in a double; they keep their exponent.
constexpr double kExact = 9007199254740992.0;

void write_text(std::string_view text, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

template <class Number>
void write_digits(Number number, std::string& out) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  CHECK(error == std::errc());
  out.append(digits, end);
}

void write_number(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";
  } else if (std::trunc(number) == number && std::abs(number) <= kExact) {
    write_digits(static_cast<std::int64_t>(number), out);
  } else {
    write_digits(number, out);
  }
}

void write(const nlohmann::json& value, std::string& out) {
  using Type = nlohmann::json::value_t;
  switch (value.type()) {
    case Type::object: {
      const char* separator = "{";
      for (const auto& [key, item] : value.get_ref<const nlohmann::json::object_t&>()) {
        out += std::exchange(separator, ",");
        write_text(key, out);
        out += ':';
        write(item, out);
      }
      out += *separator == '{' ? "{}" : "}";
      return;
    }
    case Type::array: {
      const char* separator = "[";
      for (const auto& item : value.get_ref<const nlohmann::json::array_t&>()) {
        out += std::exchange(separator, ",");
        write(item, out);
      }
      out += *separator == '[' ? "[]" : "]";
      return;
    }
    case Type::string:
      return write_text(value.get_ref<const std::string&>(), out);
    case Type::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Type::number_integer:
      return write_digits(value.get<std::int64_t>(), out);
    case Type::number_unsigned:
      return write_digits(value.get<std::uint64_t>(), out);
    case Type::number_float:
      return write_number(value.get<double>(), out);
    case Type::null:
    case Type::binary:
    case Type::discarded:
      out += "null";
      return;
  }
}

// By key; of equal keys the last one.
std::vector<simdjson::dom::key_value_pair> sorted_fields(const element& value) {
  std::vector<simdjson::dom::key_value_pair> fields;
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return fields;
  for (const simdjson::dom::key_value_pair field : object) fields.push_back(field);
  std::reverse(fields.begin(), fields.end());
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto& a, const auto& b) { return a.key < b.key; });
  const auto same = [](const auto& a, const auto& b) { return a.key == b.key; };
  fields.erase(std::unique(fields.begin(), fields.end(), same), fields.end());
  return fields;
}

void write(const element& value, std::string& out);

void write_fields(const element& value, std::string& out) {
  const char* separator = "{";
  for (const auto& field : sorted_fields(value)) {
    out += std::exchange(separator, ",");
    write_text(field.key, out);
    out += ':';
    write(field.value, out);
  }
  out += *separator == '{' ? "{}" : "}";
}

void write_items(const element& value, std::string& out) {
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return;
  const char* separator = "[";
  for (const element item : array) {
    out += std::exchange(separator, ",");
    write(item, out);
  }
  out += *separator == '[' ? "[]" : "]";
}

// Reads what type() promised; the fallback is never used.
template <class T>
T read(const element& value) {
  T read{};
  CHECK(value.get(read) == simdjson::SUCCESS);
  return read;
}

void write(const element& value, std::string& out) {
  switch (value.type()) {
    case element_type::OBJECT:
      return write_fields(value, out);
    case element_type::ARRAY:
      return write_items(value, out);
    case element_type::STRING:
      return write_text(read<std::string_view>(value), out);
    case element_type::BOOL:
      out += read<bool>(value) ? "true" : "false";
      return;
    case element_type::INT64:
      return write_digits(read<std::int64_t>(value), out);
    case element_type::UINT64:
      return write_digits(read<std::uint64_t>(value), out);
    case element_type::DOUBLE:
      return write_number(read<double>(value), out);
    case element_type::NULL_VALUE:
      out += "null";
      return;
  }
}

}  // namespace

std::string canonical_json(const nlohmann::json& value) {
  std::string out;
  write(value, out);
  return out;
}

std::string canonical_element(const element& value) {
  std::string out;
  write(value, out);
  return out;
}

Result<std::string> canonical_text(std::string_view json) {
  simdjson::dom::parser parser;
  const Result<element> root = parse_json(parser, json);
  if (!root) return fail(root.error());
  return canonical_element(*root);
}

nlohmann::json to_json(const element& value) {
  switch (value.type()) {
    case element_type::OBJECT: {
      nlohmann::json object = nlohmann::json::object();
      for (const auto& field : sorted_fields(value)) {
        object.emplace(std::string(field.key), to_json(field.value));
      }
      return object;
    }
    case element_type::ARRAY: {
      nlohmann::json array = nlohmann::json::array();
      simdjson::dom::array items;
      if (value.get(items) != simdjson::SUCCESS) return array;
      for (const element item : items) array.push_back(to_json(item));
      return array;
    }
    case element_type::STRING:
      return std::string(read<std::string_view>(value));
    case element_type::BOOL:
      return read<bool>(value);
    case element_type::INT64:
      return read<std::int64_t>(value);
    case element_type::UINT64:
      return read<std::uint64_t>(value);
    case element_type::DOUBLE:
      return read<double>(value);
    case element_type::NULL_VALUE:
      return nullptr;
  }
  return nullptr;
}

}  // namespace raycord
