#include "core/fleet_hold.h"

#include <string>

#include <gtest/gtest.h>

#include "core/limits.h"

namespace raycord {
namespace {

constexpr Time kStart{std::chrono::seconds(1'000'000)};

// `armed` dashboards, the first `silent` of them silent, one after the other `apart`.
Fleet fleet_of(int armed, int silent, Millis apart = 0s) {
  Fleet fleet;
  for (int i = 0; i < armed; ++i) {
    FleetDashboard& dashboard = fleet.dashboards[{"default", "c" + std::to_string(i)}];
    dashboard.armed = true;
    if (i < silent) dashboard.silent_since = kStart + i * apart;
  }
  return fleet;
}

bool holds(const Fleet& fleet) {
  const auto change = wanted_hold(fleet);
  return change && change->held;
}

TEST(FleetHold, NeedsMoreThanThreeInASmallFleet) {
  EXPECT_FALSE(holds(fleet_of(20, 3)));
  EXPECT_TRUE(holds(fleet_of(20, 4)));
}

TEST(FleetHold, NeedsMoreThanATenthOfALargeFleet) {
  EXPECT_FALSE(holds(fleet_of(1000, 100)));
  EXPECT_TRUE(holds(fleet_of(1000, 101)));
}

TEST(FleetHold, NeedsAllOfTwoOrThree) {
  EXPECT_FALSE(holds(fleet_of(2, 1)));
  EXPECT_TRUE(holds(fleet_of(2, 2)));
  EXPECT_FALSE(holds(fleet_of(3, 2)));
  EXPECT_TRUE(holds(fleet_of(3, 3)));
}

TEST(FleetHold, OneServiceAloneTellsNothingAboutTheObserver) {
  EXPECT_FALSE(holds(fleet_of(0, 0)));
  EXPECT_FALSE(holds(fleet_of(1, 1)));
}

TEST(FleetHold, CountsOnlyWhatFellSilentWithinAMinute) {
  EXPECT_TRUE(holds(fleet_of(20, 4, kFleetHoldWindow / 3)));
  EXPECT_FALSE(holds(fleet_of(20, 4, kFleetHoldWindow / 3 + 1s)));
  EXPECT_FALSE(holds(fleet_of(20, 20, kFleetHoldWindow)));
}

TEST(FleetHold, FindsThoseTogetherAmongOthersThatFellSilentBefore) {
  Fleet fleet = fleet_of(20, 3, 1h);
  for (int i = 10; i < 14; ++i) {
    fleet.dashboards[{"default", "c" + std::to_string(i)}].silent_since = kStart + 9h;
  }
  EXPECT_TRUE(holds(fleet));
}

TEST(FleetHold, DashboardsThatNeverAnsweredDoNotCount) {
  Fleet fleet = fleet_of(20, 10);
  for (auto& [key, dashboard] : fleet.dashboards) {
    if (dashboard.silent_since != Time{}) dashboard.armed = false;
  }
  EXPECT_FALSE(holds(fleet));
}

TEST(FleetHold, LastsUntilEnoughAnswerAgain) {
  Fleet fleet = fleet_of(20, 6);
  fleet.held = true;
  EXPECT_FALSE(wanted_hold(fleet).has_value());
  fleet.dashboards[{"default", "c0"}].silent_since = Time{};
  fleet.dashboards[{"default", "c1"}].silent_since = Time{};
  EXPECT_FALSE(wanted_hold(fleet).has_value());
  fleet.dashboards[{"default", "c2"}].silent_since = Time{};
  const auto change = wanted_hold(fleet);
  ASSERT_TRUE(change.has_value());
  EXPECT_FALSE(change->held);
}

TEST(FleetHold, IsSaidWithItsNumbers) {
  const auto change = wanted_hold(fleet_of(20, 5));
  ASSERT_TRUE(change.has_value());
  EXPECT_NE(change->why.find("5 of 20"), std::string::npos);
}

TEST(FleetHold, IsRightAsItIsWhenNothingIsSilent) {
  EXPECT_FALSE(wanted_hold(fleet_of(20, 0)).has_value());
}

}  // namespace
}  // namespace raycord
