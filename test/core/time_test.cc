#include "core/time.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

using namespace std::chrono_literals;

constexpr Time kKnown{Millis(1'795'457'133'042)};  // 2026-11-23T18:05:33.042Z

TEST(Rfc3339, IsWrittenInWholeSecondsOrMilliseconds) {
  EXPECT_EQ(to_rfc3339(kKnown), "2026-11-23T18:05:33Z");
  EXPECT_EQ(to_rfc3339_millis(kKnown), "2026-11-23T18:05:33.042Z");
  EXPECT_EQ(to_rfc3339(Time{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(Time(-1ms)), "1969-12-31T23:59:59Z");
}

TEST(Rfc3339, ComesBack) {
  EXPECT_EQ(from_rfc3339("2026-11-23T18:05:33.042Z"), kKnown);
  EXPECT_EQ(from_rfc3339("2026-11-23T18:05:33Z"), kKnown - 42ms);
  for (const Time time : {Time{}, kKnown, kKnown + 100 * 24h, Time(951'782'400s)}) {
    EXPECT_EQ(from_rfc3339(to_rfc3339_millis(time)), time);
  }
}

TEST(Rfc3339, IsReadWithAnyFractionAndOffset) {
  EXPECT_EQ(from_rfc3339("2026-11-23T18:05:33.042999999Z"), kKnown);
  EXPECT_EQ(from_rfc3339("2026-11-23T18:05:33.5Z"), kKnown + 458ms);
  EXPECT_EQ(from_rfc3339("2026-11-23T19:05:33.042+01:00"), kKnown);
  EXPECT_EQ(from_rfc3339("2026-11-23T12:35:33.042-05:30"), kKnown);
  EXPECT_EQ(from_rfc3339("2026-11-23t18:05:33z"), std::nullopt);
  EXPECT_EQ(from_rfc3339("2026-11-23 18:05:33Z"), kKnown - 42ms);
}

TEST(Rfc3339, IsRefusedWhenItIsNone) {
  for (const char* text :
       {"", "now", "2026-11-23", "2026-11-23T18:05:33", "2026-13-23T18:05:33Z",
        "2026-02-30T18:05:33Z", "2026-11-23T18:05:33Zx", "2026-11-23T18:05Z",
        "2026-11-23T18:05:33+1:00", "2026-1-23T18:05:33Z", "-026-11-23T18:05:33Z"}) {
    EXPECT_EQ(from_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Rfc3339, IsRefusedWithHoursMinutesOrSecondsThatAreNone) {
  for (const char* text :
       {"2026-11-23T24:00:00Z", "2026-11-23T18:60:33Z", "2026-11-23T18:05:61Z",
        "2026-11-23T18:05:33+24:00", "2026-11-23T18:05:33+01:60", "2026-11-23T18:05:33.Z"}) {
    EXPECT_EQ(from_rfc3339(text), std::nullopt) << text;
  }
}

TEST(ShortText, UsesTheLargestUnitsAndLeavesOutZeros) {
  EXPECT_EQ(to_short_text(90s), "1m30s");
  EXPECT_EQ(to_short_text(5min), "5m");
  EXPECT_EQ(to_short_text(1h), "1h");
  EXPECT_EQ(to_short_text(25h + 1s), "1d1h1s");
  EXPECT_EQ(to_short_text(42ms), "42ms");
  EXPECT_EQ(to_short_text(1999ms), "1s");
  EXPECT_EQ(to_short_text(0s), "0s");
  EXPECT_EQ(to_short_text(-5s), "0s");
}

}  // namespace
}  // namespace raycord
