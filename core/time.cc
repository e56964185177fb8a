#include "core/time.h"

#include <charconv>
#include <cstdio>

namespace raycord {
namespace {

struct Fields {
  int year, month, day, hour, minute, second, millis;
};

Fields fields_of(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

// Reads `digits` decimal digits at `position` and moves on; nothing when they are not all there.
std::optional<int> read_number(std::string_view text, std::size_t& position, std::size_t digits) {
  if (text.size() < position + digits) return std::nullopt;
  int value = 0;
  const char* begin = text.data() + position;
  const auto [end, error] = std::from_chars(begin, begin + digits, value);
  if (error != std::errc() || end != begin + digits || value < 0) return std::nullopt;
  position += digits;
  return value;
}

bool read_char(std::string_view text, std::size_t& position, char expected) {
  if (position >= text.size() || text[position] != expected) return false;
  ++position;
  return true;
}

// The digits after the point, at least one.
std::optional<int> read_fraction(std::string_view text, std::size_t& position) {
  const std::size_t begin = position;
  int millis = 0;
  int weight = 100;
  while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
    millis += weight * (text[position] - '0');
    weight /= 10;
    ++position;
  }
  if (position == begin) return std::nullopt;
  return millis;
}

// The offset east of UTC; nothing when the text does not end in one.
std::optional<std::chrono::minutes> read_offset(std::string_view text, std::size_t& position) {
  if (read_char(text, position, 'Z') || read_char(text, position, 'z')) {
    return std::chrono::minutes(0);
  }
  if (position >= text.size() || (text[position] != '+' && text[position] != '-')) {
    return std::nullopt;
  }
  const int sign = text[position++] == '-' ? -1 : 1;
  const auto hours = read_number(text, position, 2);
  if (!hours || !read_char(text, position, ':')) return std::nullopt;
  const auto minutes = read_number(text, position, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return std::chrono::minutes(sign * (*hours * 60 + *minutes));
}

}  // namespace

std::string to_rfc3339(Time time) {
  const Fields f = fields_of(time);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", f.year, f.month, f.day, f.hour,
                f.minute, f.second);
  return text;
}

std::string to_rfc3339_millis(Time time) {
  const Fields f = fields_of(time);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", f.year, f.month, f.day,
                f.hour, f.minute, f.second, f.millis);
  return text;
}

std::optional<Time> from_rfc3339(std::string_view text) {
  std::size_t at = 0;
  const auto year = read_number(text, at, 4);
  if (!year || !read_char(text, at, '-')) return std::nullopt;
  const auto month = read_number(text, at, 2);
  if (!month || !read_char(text, at, '-')) return std::nullopt;
  const auto day = read_number(text, at, 2);
  if (!day || (!read_char(text, at, 'T') && !read_char(text, at, ' '))) return std::nullopt;
  const auto hour = read_number(text, at, 2);
  if (!hour || !read_char(text, at, ':')) return std::nullopt;
  const auto minute = read_number(text, at, 2);
  if (!minute || !read_char(text, at, ':')) return std::nullopt;
  const auto second = read_number(text, at, 2);
  constexpr int kLeapSecond = 60;
  if (!second || *hour > 23 || *minute > 59 || *second > kLeapSecond) return std::nullopt;
  const std::optional<int> millis = read_char(text, at, '.') ? read_fraction(text, at) : 0;
  const auto offset = read_offset(text, at);
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!millis || !offset || at != text.size() || !date.ok()) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second) + Millis(*millis) - *offset;
}

std::string to_short_text(Millis duration) {
  long long left = duration.count() / 1000;
  if (left <= 0) return duration.count() > 0 ? std::to_string(duration.count()) + "ms" : "0s";
  std::string text;
  const auto take = [&](long long unit, const char* name) {
    if (left >= unit) text += std::to_string(left / unit) + name;
    left %= unit;
  };
  take(86400, "d");
  take(3600, "h");
  take(60, "m");
  take(1, "s");
  return text;
}

}  // namespace raycord
