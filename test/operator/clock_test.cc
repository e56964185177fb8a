#include "operator/clock.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

using namespace std::chrono_literals;

constexpr Time kNoon{std::chrono::seconds(1'772'452'800)};

class ClockTest : public testing::Test {
 protected:
  ClockReading reading_{kNoon, 100s};
  EventClock clock_{[this] { return reading_; }};
};

TEST_F(ClockTest, StartsAtWallTimeAndFollowsTimeSinceBoot) {
  EXPECT_EQ(clock_.now(), kNoon);
  reading_.since_boot += 1500ms;
  EXPECT_EQ(clock_.now(), kNoon + 1500ms);
}

TEST_F(ClockTest, DoesNotFollowASteppedWallClock) {
  reading_.wall -= 1h;
  reading_.since_boot += 2s;
  EXPECT_EQ(clock_.now(), kNoon + 2s);
}

TEST_F(ClockTest, TellsAStepOnce) {
  EXPECT_FALSE(clock_.take_step());
  reading_.wall += 5s;
  reading_.since_boot += 2s;
  ASSERT_EQ(clock_.take_step(), Millis(3000));
  EXPECT_FALSE(clock_.take_step());
  reading_.wall -= 3s;
  EXPECT_EQ(clock_.take_step(), Millis(-3000));
}

TEST_F(ClockTest, TakesASmallCorrectionForNoStep) {
  reading_.wall += 2999ms;
  reading_.since_boot += 2s;
  EXPECT_FALSE(clock_.take_step());
}

TEST_F(ClockTest, GoesOnWhereALogEnded) {
  EXPECT_EQ(clock_.not_before(kNoon - 1s), Millis(0));
  EXPECT_EQ(clock_.now(), kNoon);
  EXPECT_EQ(clock_.not_before(kNoon + 90s), Millis(90'000));
  EXPECT_EQ(clock_.now(), kNoon + 90s);
  reading_.since_boot += 1s;
  EXPECT_EQ(clock_.now(), kNoon + 91s);
}

TEST(SystemClock, GoesOn) {
  const ClockReading first = read_system_clock();
  const ClockReading second = read_system_clock();
  EXPECT_GE(second.since_boot, first.since_boot);
  EXPECT_GT(first.wall, kNoon - std::chrono::days(3650));
}

}  // namespace
}  // namespace raycord
