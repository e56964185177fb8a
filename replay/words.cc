#include "replay/words.h"

namespace raycord {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

std::string number(std::int64_t value, const char* unit) { return std::to_string(value) + unit; }

// The two units that matter: "3h5m", "2d".
std::string two_units(Millis time, std::int64_t big, const char* big_unit, std::int64_t small,
                      const char* small_unit) {
  const std::int64_t total = duration_cast<seconds>(time).count();
  const std::int64_t rest = total % big / small;
  return number(total / big, big_unit) + (rest > 0 ? number(rest, small_unit) : "");
}

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

}  // namespace

std::string brief(Hash hash) { return hash ? to_hex(hash).substr(0, 8) : "none"; }

std::string date_text(Time time) { return to_rfc3339(time).substr(0, 10); }

std::string clock_text(Time time) { return to_rfc3339(time).substr(11, 8); }

std::string age_text(Millis age) {
  const std::int64_t total = duration_cast<seconds>(age).count();
  if (total < 0) return "0s";
  if (total < 2 * kMinute) return number(total, "s");
  if (total < 10 * kMinute) return two_units(age, kMinute, "m", 1, "s");
  if (total < 3 * kHour) return number(total / kMinute, "m");
  if (total < 8 * kHour) return two_units(age, kHour, "h", kMinute, "m");
  if (total < 2 * kDay) return number(total / kHour, "h");
  if (total < 8 * kDay) return two_units(age, kDay, "d", kHour, "h");
  return number(total / kDay, "d");
}

std::string duration_text(Millis time) {
  const std::int64_t millis = time.count();
  if (millis < 0) return "0s";
  if (millis == 0) return "0s";
  if (millis < 1000) return number(millis, "ms");
  const std::int64_t total = millis / 1000;
  if (total < 10 && millis % 1000 >= 100) {
    return std::to_string(total) + "." + number(millis % 1000 / 100, "s");
  }
  if (total < kMinute) return number(total, "s");
  if (total < kHour) return two_units(time, kMinute, "m", 1, "s");
  if (total < kDay) return two_units(time, kHour, "h", kMinute, "m");
  return two_units(time, kDay, "d", kHour, "h");
}

}  // namespace raycord
