#include "core/ill_clock.h"

#include <gtest/gtest.h>

#include "core/limits.h"

namespace raycord {
namespace {

constexpr Time kStart{std::chrono::seconds(1'000'000)};

Time at(int seconds) { return kStart + std::chrono::seconds(seconds); }

// Bad answers every 2 s from `first` to `last`.
void feed_from(IllClock& clock, int first, int last, std::uint64_t event = 1) {
  feed(clock, at(first), at(last), static_cast<std::uint32_t>((last - first) / 2 + 1), Seq{event});
}

TEST(IllClock, CountsFromTheFirstBadAnswerToTheLast) {
  IllClock clock;
  EXPECT_FALSE(is_running(clock));
  feed_from(clock, 0, 8, 7);
  feed_from(clock, 10, 18, 9);
  EXPECT_TRUE(is_running(clock));
  EXPECT_EQ(clock.counted, 18s);
  EXPECT_EQ(clock.since, at(0));
  EXPECT_EQ(clock.first, Seq{7});
  EXPECT_EQ(clock.latest, Seq{9});
}

TEST(IllClock, ReachesItsThresholdNotASecondEarlier) {
  IllClock clock;
  feed_from(clock, 0, 299);
  EXPECT_FALSE(has_reached(clock, 300s));
  EXPECT_EQ(earliest_reach(clock, 300s), at(300));
  feed_from(clock, 300, 300);
  EXPECT_TRUE(has_reached(clock, 300s));
}

TEST(IllClock, OneAnswerIsNoTime) {
  IllClock clock;
  feed_from(clock, 0, 0);
  EXPECT_EQ(clock.counted, 0s);
  EXPECT_FALSE(has_reached(clock, 1s));
}

TEST(IllClock, DoesNotCountAGapAndWantsFreshEvidenceAfterIt) {
  IllClock clock;
  feed_from(clock, 0, 290);
  feed_from(clock, 1000, 1010);
  EXPECT_EQ(clock.counted, 300s);
  EXPECT_FALSE(has_reached(clock, 300s));  // Six answers, but over 10 s only.
  EXPECT_EQ(earliest_reach(clock, 300s), at(1030));
  feed_from(clock, 1012, 1028);
  EXPECT_FALSE(has_reached(clock, 300s));
  feed_from(clock, 1030, 1030);
  EXPECT_TRUE(has_reached(clock, 300s));
}

TEST(IllClock, WantsSeveralAnswersAfterAGap) {
  IllClock clock;
  feed_from(clock, 0, 290);
  pause(clock);
  feed(clock, at(300), at(340), 4, Seq{2});
  EXPECT_FALSE(has_reached(clock, 300s));
  feed(clock, at(342), at(342), 1, Seq{3});
  EXPECT_TRUE(has_reached(clock, 300s));
}

// The silence of the observer that a quick restart makes.
TEST(IllClock, CountsAPauseAsLongAsTheLimit) {
  IllClock clock;
  feed_from(clock, 0, 100);
  const int limit = static_cast<int>(kObservationGap / 1s);
  feed_from(clock, 100 + limit, 140 + limit);
  EXPECT_EQ(clock.counted, 140s + kObservationGap);
  EXPECT_FALSE(clock.paused);
}

TEST(IllClock, ASecondGapWantsFreshEvidenceAgain) {
  IllClock clock;
  feed_from(clock, 0, 300);
  feed_from(clock, 1000, 1040);
  ASSERT_TRUE(has_reached(clock, 300s));
  feed_from(clock, 2000, 2000);
  EXPECT_FALSE(has_reached(clock, 300s));
  feed_from(clock, 2002, 2030);
  EXPECT_TRUE(has_reached(clock, 300s));
}

TEST(IllClock, AnswersThatOverlapAreNotCountedTwice) {
  IllClock clock;
  feed_from(clock, 0, 20);
  feed_from(clock, 10, 30);
  feed_from(clock, 0, 30);
  EXPECT_EQ(clock.counted, 30s);
}

TEST(IllClock, ResetForgetsEverything) {
  IllClock clock;
  feed_from(clock, 0, 899);
  reset(clock);
  feed_from(clock, 902, 910);
  EXPECT_EQ(clock.counted, 8s);
  EXPECT_FALSE(clock.paused);
}

}  // namespace
}  // namespace raycord
