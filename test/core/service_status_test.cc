// The status of a RayService as others read it (rayservice-behaviour.md 2).

#include <gtest/gtest.h>

#include "core/status.h"
#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Names = std::vector<std::string>;

std::size_t writes_in(const std::vector<Decision>& decisions) {
  return count_of(decisions, Rule::WriteServiceStatus);
}

// 1: the name and the conditions stand there before the cluster does.
TEST(ServiceStatus, BeginsWithTheNameOfTheClusterToBeMade) {
  History history;
  history.see(service_slice(kSvc));
  history.carry_out(history.turn().at(0));
  const auto decided = history.turn();
  const auto created = effects_of<CreateCluster>(decided);
  ASSERT_EQ(created.size(), 1U);
  const auto& status =
      wanted_service_status(history.service(kSvc), history.state().fleet, history.now());
  EXPECT_EQ(status.pending.cluster, created[0].name);
  for (const Decision& decision : of_rule(decided, Rule::WriteServiceStatus)) {
    history.carry_out(decision);
  }
  EXPECT_EQ(condition_text(history, "Ready"), "False Initializing");
  EXPECT_EQ(condition_text(history, "UpgradeInProgress"), "False Initializing");
}

// 4
TEST(ServiceStatus, IsReadyWhenAnEndpointIsSeenAndNotBefore) {
  History history;
  become_ready(history, begin(history));
  history.settle_for(seconds(2));
  EXPECT_NE(active_of(history), "");
  EXPECT_EQ(condition_text(history, "Ready"), "False Initializing");
  EXPECT_EQ(svc_of(history).status.service_status, "");
  history.fill_endpoints();
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_text(history, "Ready"), "True NonZeroServeEndpoints");
  EXPECT_EQ(svc_of(history).status.service_status, "Running");
  EXPECT_EQ(svc_of(history).status.endpoints, 2);
  EXPECT_EQ(svc_of(history).status.active.cluster, active_of(history));
  EXPECT_EQ(svc_of(history).status.pending.cluster, "");
}

// 14, 16
TEST(ServiceStatus, ShowsAnUpgradeAndItsEnd) {
  History history;
  serve(history);
  EXPECT_EQ(condition_text(history, "UpgradeInProgress"), "False NoPendingCluster");
  const std::string pending = upgrade(history, "spec 2");
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_text(history, "UpgradeInProgress"), "True BothActivePendingClustersExist");
  EXPECT_EQ(svc_of(history).status.pending.cluster, pending);
  become_ready(history, pending);
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_text(history, "UpgradeInProgress"), "False NoPendingCluster");
  EXPECT_EQ(svc_of(history).status.active.cluster, pending);
}

TEST(ServiceStatus, SaysUntilWhenAnUpgradeWaits) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.deletion_delay_s = 600; });
  upgrade_and_switch(history, "spec 2");
  upgrade(history, "spec 3");
  history.settle_for(minutes(2));
  const Condition* condition = condition_of(history, "UpgradeInProgress");
  ASSERT_NE(condition, nullptr);
  EXPECT_NE(condition->message.find("an upgrade waits until"), std::string::npos);
}

TEST(ServiceStatus, TellsWhenTheLastEndpointIsGone) {
  History history;
  serve(history);
  for (const char* cause : {"lost", "still"}) {
    EndpointsSlice none;
    none.meta = meta_named("svc-serve-svc-1");
    none.meta.version = cause == std::string("lost") ? 1'000'000U : 1'000'001U;
    none.service = "svc-serve-svc";
    history.see(none);
    history.settle_for(seconds(2));
    EXPECT_EQ(condition_text(history, "Ready"), "False ZeroServeEndpoints") << cause;
    EXPECT_EQ(svc_of(history).status.service_status, "") << cause;
  }
}

TEST(ServiceStatus, TransitionTimesMoveOnlyWhenTheStatusFlips) {
  History history;
  serve(history);
  const Time since = condition_of(history, "Ready")->since;
  const Time upgrade_since = condition_of(history, "UpgradeInProgress")->since;
  history.wait(minutes(5));
  history.edit_service(kSvc, [](RayServiceSlice& slice) { ++slice.meta.generation; });
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_of(history, "Ready")->since, since);
  EXPECT_EQ(condition_of(history, "Ready")->observed_generation, 2);
  EXPECT_EQ(condition_of(history, "UpgradeInProgress")->since, upgrade_since);
  EXPECT_EQ(svc_of(history).status.observed_generation, 2);
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.invalid = {"InvalidRayServiceSpec", "x"};
  });
  history.settle_for(seconds(2));
  EXPECT_GT(condition_of(history, "Ready")->since, since);
}

// 66
TEST(ServiceStatus, OfAnInvalidSpecSaysWhyKeepsServingAndComesBack) {
  History history;
  const std::string active = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.invalid = {"InvalidRayServiceSpec", "spec.upgradeStrategy.type: must be one of …"};
  });
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_text(history, "Ready"), "False ValidationFailed");
  EXPECT_EQ(condition_of(history, "Ready")->message, "spec.upgradeStrategy.type: must be one of …");
  EXPECT_EQ(active_of(history), active);
  EXPECT_EQ(svc_of(history).status.endpoints, 2);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.invalid = {}; });
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_text(history, "Ready"), "True NonZeroServeEndpoints");
}

// 64
TEST(ServiceStatus, OfANewInvalidServiceSaysSoAndNothingIsMade) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.invalid = {"InvalidRayServiceMetadata", "metadata.name: at most 47 characters"};
  EXPECT_EQ(begin(history, service), "");
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_text(history, "Ready"), "False ValidationFailed");
  EXPECT_EQ(history.clusters_of(kSvc), Names{});
}

// 78, for the usual way to upgrade
TEST(ServiceStatus, IsNotWrittenWhileNothingChanges) {
  History history;
  const std::string active = serve(history);
  EXPECT_EQ(writes_in(live_with(history, active, "RUNNING", minutes(10))), 0U);
}

TEST(ServiceStatus, OfALastingIllnessIsWrittenOnceThoughItLasts) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.failover = FailoverMode::Off;
  const std::string active = serve(history, service);
  live_silent(history, active, seconds(400));
  EXPECT_EQ(condition_text(history, "RaycordFailover"), "False Off");
  EXPECT_EQ(writes_in(live_silent(history, active, minutes(10))), 0U);
}

TEST(ServiceStatus, IsWrittenAtMostOnceASecond) {
  History history;
  const std::string active = serve(history);
  std::size_t writes = 0;
  const Time begin = history.now();
  for (int i = 0; i < 100; ++i) {
    history.hear(active, with_status(svc_of(history).serve_config, i % 2 ? "RUNNING" : "UPDATING"));
    writes += writes_in(history.settle());
    history.wait(Millis(100));
  }
  EXPECT_LE(writes, static_cast<std::size_t>((history.now() - begin) / kStatusInterval) + 1);
  EXPECT_GE(writes, 5U);
}

TEST(ServiceStatus, IsWrittenAtMostOnceAMinuteForMessagesAlone) {
  History history;
  const std::string active = serve(history);
  std::size_t writes = 0;
  for (int i = 0; i < 60; ++i) {
    ServeAnswer answer = running(svc_of(history).serve_config);
    answer.apps[0].message = "attempt " + std::to_string(i);
    history.hear(active, answer);
    writes += writes_in(history.settle());
    history.wait(seconds(10));
  }
  EXPECT_LE(writes, 11U);
  EXPECT_GE(writes, 9U);
}

TEST(ServiceStatus, ThatWasNotWrittenIsWrittenLater) {
  History history;
  serve(history);
  upgrade(history, "spec 2");
  history.edit_service(kSvc, [](RayServiceSlice& slice) { ++slice.meta.generation; });
  history.wait(seconds(2));
  const auto decided = of_rule(history.turn(), Rule::WriteServiceStatus);
  ASSERT_EQ(decided.size(), 1U);
  history.answer(decided[0], WriteResult::Conflict, "the object has been modified");
  history.settle_for(seconds(10));
  EXPECT_EQ(svc_of(history).status,
            wanted_service_status(history.service(kSvc), history.state().fleet, history.now()));
}

TEST(ServiceStatus, ThatSomebodyElseOverwroteIsPutBack) {
  History history;
  serve(history);
  history.wait(seconds(5));
  history.edit_service(kSvc, [](RayServiceSlice& slice) { slice.status = {}; });
  history.settle();
  EXPECT_EQ(condition_text(history, "Ready"), "True NonZeroServeEndpoints");
}

// 45
TEST(ServiceStatus, ShowsNoAppsOfAHeadThatIsNoMore) {
  History history;
  const std::string active = serve(history);
  ASSERT_EQ(svc_of(history).status.active.apps.size(), 1U);
  history.gone({Kind::Pod, "default", history.head_of(active)});
  history.settle_for(seconds(2));
  EXPECT_EQ(svc_of(history).status.active.apps.size(), 0U);
}

// 45
TEST(ServiceStatus, ShowsNoAppsWhileTheHeadIsNotReady) {
  History history;
  const std::string active = serve(history);
  history.edit_pod(history.head_of(active), [](PodSlice& pod) { pod.ready = false; });
  history.settle_for(seconds(2));
  EXPECT_EQ(svc_of(history).status.active.apps.size(), 0U);
  history.edit_pod(history.head_of(active), [](PodSlice& pod) { pod.ready = true; });
  history.settle_for(seconds(2));
  EXPECT_EQ(svc_of(history).status.active.apps.size(), 1U);
}

// Everything that another operator, or a log that was lost, left of the service.
void see_all(History& history, const Partition& left) {
  RayServiceSlice service = left.service->value;
  service.status = left.status.value;
  history.see(service);
  for (const auto& [name, cluster] : left.clusters) {
    RayClusterSlice slice = cluster.object->value;
    slice.status = cluster.status.value;
    history.see(slice);
    for (const auto& [pod_name, pod] : cluster.pods) history.see(pod.value);
    for (const auto& [service_name, its] : cluster.services) history.see(its.value);
  }
  for (const auto& [name, its] : left.services) history.see(its.value);
  for (const auto& [name, slice] : left.endpoint_slices) history.see(slice.value);
}

TEST(ServiceStatus, KeepsTheAppsOfATakeoverUntilTheirHeadWasAsked) {
  History before;
  const std::string active = serve(before);
  History history;
  see_all(history, before.service(kSvc));
  EXPECT_EQ(writes_in(history.settle()), 0U);
  EXPECT_EQ(svc_of(history).status.active.apps.size(), 1U);
  history.hear(active, {});
  history.settle();
  EXPECT_EQ(svc_of(history).status.active.apps.size(), 0U);
}

// 54
TEST(ServiceStatus, CountsEachReadyPodOnceOverAllSlices) {
  History history;
  serve(history);
  for (const char* family : {"ipv4", "ipv6"}) {
    EndpointsSlice slice;
    slice.meta = meta_named(family);
    slice.meta.version = 1'000'000;
    slice.service = "svc-serve-svc";
    slice.ready_uids = {"a", "b", "c"};
    history.see(slice);
  }
  history.gone({Kind::EndpointSlice, "default", "svc-serve-svc-1"});
  history.settle_for(seconds(2));
  EXPECT_EQ(svc_of(history).status.endpoints, 3);
}

TEST(ServiceStatus, TellsWhyAnIllClusterIsNotReplaced) {
  const auto told = [](FailoverMode mode, bool held) {
    History history;
    RayServiceSlice service = service_slice(kSvc);
    service.failover = mode;
    const std::string active = serve(history, service);
    if (held) history.add(FleetHoldChanged{true, "many are silent"});
    live_silent(history, active, seconds(320));
    history.settle_for(seconds(70));
    return condition_text(history, "RaycordFailover");
  };
  EXPECT_EQ(told(FailoverMode::Off, false), "False Off");
  EXPECT_EQ(told(FailoverMode::Shadow, false), "False Shadow");
  EXPECT_EQ(told(FailoverMode::Enforce, true), "False Held");
  EXPECT_EQ(told(FailoverMode::Enforce, false), "True ReplacementPreparing");
}

TEST(ServiceStatus, TellsThatNothingIsLeftOfTheActiveCluster) {
  History history;
  const std::string active = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.invalid = {"InvalidRayServiceSpec", "x"};
  });
  history.settle_for(seconds(2));
  history.gone({Kind::RayCluster, "default", active});
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_text(history, "UpgradeInProgress"), "Unknown NoActiveCluster");
}

}  // namespace
}  // namespace raycord
