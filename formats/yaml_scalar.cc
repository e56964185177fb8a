#include "formats/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "formats/canonical_json.h"

namespace raycord {
namespace {

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 11> kTrue = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                                    "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> kFalse = {"n",     "N",     "no",  "No",  "NO", "false",
                                                     "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> kNull = {"", "~", "null", "Null", "NULL"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits of `base` after an optional sign, as Go's ParseInt with base 0: 0x, 0o, 0b and a bare
// leading zero choose the base.
std::optional<nlohmann::json> read_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = text[1];
    base = letter == 'x' || letter == 'X' ? 16 : letter == 'b' || letter == 'B' ? 2 : 8;
    const bool marked = base != 8 || letter == 'o' || letter == 'O';
    text.remove_prefix(marked ? 2 : 1);
  }
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || rest != end || text.empty()) return std::nullopt;
  constexpr std::uint64_t kMax = INT64_MAX;
  if (!negative) {
    if (value <= kMax) return nlohmann::json(static_cast<std::int64_t>(value));
    return nlohmann::json(value);
  }
  if (value > kMax + 1) return std::nullopt;
  return nlohmann::json(static_cast<std::int64_t>(~value + 1));
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_like_float(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > from;
  };
  const auto sign = [&] {
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  };
  sign();
  const bool whole = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits() && !whole) return false;
  } else if (!whole) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    sign();
    if (!digits()) return false;
  }
  return at == text.size();
}

std::optional<nlohmann::json> read_float(std::string_view text) {
  if (!looks_like_float(text)) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  constexpr double kExact = 9007199254740992.0;  // Beyond this a double may stand for several.
  if (std::trunc(value) == value && std::abs(value) <= kExact) {
    return nlohmann::json(static_cast<std::int64_t>(value));
  }
  return nlohmann::json(value);
}

}  // namespace

bool is_not_finite(const std::string& text) {
  constexpr std::array<std::string_view, 12> kNames = {".inf",  ".Inf",  ".INF",  "+.inf",
                                                       "+.Inf", "+.INF", "-.inf", "-.Inf",
                                                       "-.INF", ".nan",  ".NaN",  ".NAN"};
  return contains(kNames, text);
}

nlohmann::json resolve_plain(const std::string& text) {
  if (contains(kNull, text)) return nullptr;
  if (contains(kTrue, text)) return true;
  if (contains(kFalse, text)) return false;
  const char first = text[0];
  if (!is_digit(first) && first != '-' && first != '+' && first != '.') return text;
  std::string plain = text;
  if (first != '.') std::erase(plain, '_');
  if (auto number = read_integer(plain)) return *number;
  if (auto number = read_float(plain)) return *number;
  return text;
}

std::optional<std::string> key_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return canonical_json(value);
  return std::nullopt;
}

}  // namespace raycord
