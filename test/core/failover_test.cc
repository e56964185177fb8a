// When an active cluster is replaced because it is ill, and when it is not.

#include <gtest/gtest.h>

#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Names = std::vector<std::string>;

// 42
TEST(Failover, StartsWhenTheDashboardIsSilentFor300Seconds) {
  History history;
  const std::string active = serve(history);
  EXPECT_EQ(effects_of<CreateCluster>(live_silent(history, active, seconds(290))).size(), 0U);
  const auto decided = live_silent(history, active, seconds(20));
  ASSERT_EQ(count_of(decided, Rule::FailOverSilentDashboard), 1U);
  EXPECT_EQ(creation_in(decided).purpose, Purpose::Failover);
  EXPECT_EQ(active_of(history), active);  // It keeps serving.
}

// 42: one success in between resets the clock.
TEST(Failover, DoesNotStartWhenTheDashboardAnswersInBetween) {
  History history;
  const std::string active = serve(history);
  live_silent(history, active, seconds(290));
  history.hear(active, running(svc_of(history).serve_config));
  history.wait(seconds(2));
  EXPECT_EQ(effects_of<CreateCluster>(live_silent(history, active, seconds(290))).size(), 0U);
}

// 38
TEST(Failover, StartsWhenAnAppIsUnhealthyFor900Seconds) {
  for (const char* status : {"UNHEALTHY", "DEPLOY_FAILED"}) {
    History history;
    const std::string active = serve(history);
    auto decided = live_with(history, active, status, seconds(890));
    EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
    decided = live_with(history, active, status, seconds(20));
    EXPECT_EQ(count_of(decided, Rule::FailOverUnhealthyApp), 1U) << status;
  }
}

// 40
TEST(Failover, DoesNotStartForAnAppThatIsDeploying) {
  History history;
  const std::string active = serve(history);
  const auto decided = live_with(history, active, "DEPLOYING", minutes(40));
  EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
}

TEST(Failover, StartsWhenANewHeadDoesNotBecomeReady) {
  History history;
  const std::string active = serve(history);
  history.gone({Kind::Pod, "default", history.head_of(active)});
  auto decided = history.settle_for(kHeadStartLimit - seconds(5));
  EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
  decided = history.settle_for(seconds(10));
  EXPECT_EQ(count_of(decided, Rule::FailOverHeadNotReady), 1U);
}

TEST(Failover, HonoursTheThresholdsOfTheService) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.deployment_unhealthy_s = 30;
  const std::string active = serve(history, service);
  const auto decided = live_silent(history, active, seconds(40));
  EXPECT_EQ(count_of(decided, Rule::FailOverSilentDashboard), 1U);
}

TEST(Failover, EndsWithTheReplacementActive) {
  History history;
  const std::string active = serve(history);
  const std::string pending = fail_over(history, active);
  ASSERT_NE(pending, "");
  become_ready(history, pending);
  history.settle();
  EXPECT_EQ(active_of(history), pending);
  EXPECT_EQ(leaving_of(history), Names{active});
}

TEST(Failover, IsNotStartedInShadowOrOff) {
  for (const FailoverMode mode : {FailoverMode::Shadow, FailoverMode::Off}) {
    History by_service;
    RayServiceSlice service = service_slice(kSvc);
    service.failover = mode;
    serve(by_service, service);
    EXPECT_EQ(fail_over(by_service, active_of(by_service)), "");

    Options options;
    options.failover = mode;
    History by_option(options);
    service.failover = FailoverMode::Enforce;  // The flag is a cap.
    serve(by_option, service);
    EXPECT_EQ(fail_over(by_option, active_of(by_option)), "");
  }
}

TEST(Failover, NeedsTheAnnotationWithStrategyNone) {
  for (const FailoverMode mode : {FailoverMode::Unset, FailoverMode::Enforce}) {
    History history;
    RayServiceSlice service = service_slice(kSvc);
    service.upgrade = UpgradeType::None;
    service.failover = mode;
    serve(history, service);
    EXPECT_EQ(fail_over(history, active_of(history)).empty(), mode == FailoverMode::Unset);
  }
}

TEST(Failover, IsHeldWithTheFleetAndStartsWhenTheHoldEnds) {
  History history;
  const std::string active = serve(history);
  history.add(FleetHoldChanged{true, "many are silent"});
  EXPECT_EQ(fail_over(history, active), "");
  history.add(FleetHoldChanged{false, "they answer"});
  EXPECT_EQ(count_of(history.settle(), Rule::FailOverSilentDashboard), 1U);
}

TEST(Failover, IsCancelledWhenTheActiveClusterIsWellForAMinute) {
  History history;
  const std::string active = serve(history);
  const std::string pending = fail_over(history, active);
  auto decided = live_with(history, active, "RUNNING", seconds(50));
  EXPECT_EQ(count_of(decided, Rule::CancelFailover), 0U);
  decided = live_with(history, active, "RUNNING", seconds(20));
  EXPECT_EQ(count_of(decided, Rule::CancelFailover), 1U);
  EXPECT_EQ(history.clusters_of(kSvc), Names{active});
  EXPECT_EQ(history.service(kSvc).memory.attempts, 0U);
}

// What is ready in the turn in which the other is well again takes over; it is not deleted under
// the traffic.
TEST(Failover, IsNotCancelledInTheTurnOfTheSwitch) {
  History history;
  const std::string active = serve(history);
  const std::string pending = fail_over(history, active);
  start_cluster(history, pending);
  history.hear(active, running(svc_of(history).serve_config), seconds(70));
  history.hear(pending, running(svc_of(history).serve_config));
  const auto decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::CancelFailover), 0U);
  EXPECT_EQ(active_of(history), pending);
}

// The pending cluster of an upgrade is the replacement too: no third one.
TEST(Failover, TakesThePendingClusterOfAnUpgrade) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  const auto decided = live_silent(history, active, seconds(400));
  EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
  EXPECT_EQ(pending_of(history), pending);
}

TEST(Failover, CutsADrainShort) {
  History history;
  const std::string old = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.deletion_delay_s = 3600; });
  const std::string active = upgrade_and_switch(history, "spec 2");
  ASSERT_EQ(leaving_of(history), Names{old});
  const auto decided = live_silent(history, active, seconds(310));
  EXPECT_EQ(count_of(decided, Rule::CutDrainForFailover), 1U);
  EXPECT_EQ(count_of(decided, Rule::FailOverSilentDashboard), 1U);
  EXPECT_EQ(history.clusters_of(kSvc).size(), 2U);
}

// A drain that was promised is not cut by an edit alone.
TEST(Failover, DoesNotCutADrainWhenItIsOff) {
  History history;
  const std::string old = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.deletion_delay_s = 3600;
    s.failover = FailoverMode::Off;
  });
  const std::string active = upgrade_and_switch(history, "spec 2");
  live_silent(history, active, seconds(310));
  EXPECT_EQ(upgrade(history, "spec 3"), "");
  EXPECT_EQ(leaving_of(history), Names{old});
}

// A config that never ran anywhere is not a reason to buy machines again and again.
TEST(Failover, ReplacesOnceForAConfigThatNeverRan) {
  History history;
  const std::string active = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.serve_config = serve_config({"app"}, 2); });
  auto decided = live_with(history, active, "DEPLOY_FAILED", seconds(910));
  EXPECT_EQ(count_of(decided, Rule::FailOverUnhealthyApp), 1U);
  const std::string pending = pending_of(history);
  start_cluster(history, pending);
  decided = live(history, kPrepareLimit + minutes(60), [&] {
    const ServeAnswer answer = with_status(svc_of(history).serve_config, "DEPLOY_FAILED");
    history.hear(active, answer, seconds(8));
    if (pending_of(history) == pending) history.hear(pending, answer);
  });
  EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
}

}  // namespace
}  // namespace raycord
