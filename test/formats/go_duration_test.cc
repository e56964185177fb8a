#include "formats/go_duration.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

using namespace std::chrono_literals;

TEST(GoDuration, ReadsWhatGoReads) {
  EXPECT_EQ(from_go_duration("30m"), 30min);
  EXPECT_EQ(from_go_duration("1.5h"), 90min);
  EXPECT_EQ(from_go_duration("1h15m30.918s"), 1h + 15min + 30918ms);
  EXPECT_EQ(from_go_duration("300ms"), 300ms);
  EXPECT_EQ(from_go_duration("1500us"), 1ms);
  EXPECT_EQ(from_go_duration("1500\u00b5s"), 1ms);
  EXPECT_EQ(from_go_duration(".5s"), 500ms);
  EXPECT_EQ(from_go_duration("1.s"), 1s);
  EXPECT_EQ(from_go_duration("-2m"), Millis(-120'000));
  EXPECT_EQ(from_go_duration("+2m"), 2min);
  EXPECT_EQ(from_go_duration("0"), 0ms);
  EXPECT_EQ(from_go_duration("2562047h"), 2562047h);
  EXPECT_EQ(from_go_duration("0.000000000000000000000000000000001h"), 0ms);
}

TEST(GoDuration, RefusesWhatGoRefuses) {
  for (const char* text : {"", "5", "-", ".s", "s", "1 h", "1h 5m", "1d", "h1", "1e3s", "2562048h",
                           "99999999999999999999s", "1h-5m"}) {
    EXPECT_EQ(from_go_duration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace raycord
