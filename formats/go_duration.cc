#include "formats/go_duration.h"

#include <array>
#include <cstdint>

namespace raycord {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// Longer names first where one begins with another.
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"\u00b5s", 1'000},
                                         {"\u03bcs", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};

// Go's limit: nanoseconds in 63 bits, 292 years.
constexpr __int128 kMaxNanoseconds = INT64_MAX;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// One "<decimal><unit>" off the front of `text`; nothing when there is none.
std::optional<__int128> take_part(std::string_view& text) {
  __int128 whole = 0;
  __int128 fraction = 0;
  __int128 scale = 1;
  bool digits = false;
  for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1), digits = true) {
    whole = whole * 10 + (text[0] - '0');
    if (whole > kMaxNanoseconds) return std::nullopt;
  }
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1), digits = true) {
      if (scale > 100'000'000'000'000) continue;  // Finer than a nanosecond of an hour.
      fraction = fraction * 10 + (text[0] - '0');
      scale *= 10;
    }
  }
  if (!digits) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return whole * unit.nanoseconds + fraction * unit.nanoseconds / scale;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Millis> from_go_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Millis(0);
  if (text.empty()) return std::nullopt;
  __int128 total = 0;
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part || (total += *part) > kMaxNanoseconds) return std::nullopt;
  }
  const auto millis = static_cast<std::int64_t>(total / 1'000'000);
  return Millis(negative ? -millis : millis);
}

}  // namespace raycord
