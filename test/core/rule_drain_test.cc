// The old cluster after a switch.

#include <algorithm>

#include <gtest/gtest.h>

#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Names = std::vector<std::string>;

// A switch whose endpoints are not seen yet; the old cluster's name.
std::string switch_unseen(History& history) {
  const std::string old = active_of(history);
  become_ready(history, upgrade(history, "spec 2"));
  history.settle();
  return old;
}

TEST(Drain, BeginsWhenTheEndpointsOfTheNewClusterAreSeen) {
  History history;
  serve(history);
  const std::string old = switch_unseen(history);
  ASSERT_NE(active_of(history), old);
  EXPECT_EQ(count_of(history.settle_for(minutes(10)), Rule::MarkDrain), 0U);
  history.fill_endpoints();
  const auto decided = history.settle();
  ASSERT_EQ(count_of(decided, Rule::MarkDrain), 1U);
  EXPECT_EQ(history.cluster(old).object.value().value.delete_after,
            std::chrono::ceil<seconds>(history.now() + kDeletionDelayDefault));
}

TEST(Drain, DoesNotBeginWhileOldPodsAreAmongTheEndpoints) {
  History history;
  serve(history);
  const std::string old = switch_unseen(history);
  EndpointsSlice slice;
  slice.meta = meta_named("svc-serve-svc-1");
  slice.meta.version = 100'000;
  slice.service = "svc-serve-svc";
  for (const std::string& cluster : {old, active_of(history)}) {
    for (const std::string& pod : history.pods_of(cluster)) {
      slice.ready_uids.push_back(history.pod(pod).meta.uid);
    }
  }
  std::sort(slice.ready_uids.begin(), slice.ready_uids.end());
  history.see(slice);
  EXPECT_EQ(count_of(history.settle(), Rule::MarkDrain), 0U);
}

// 58
TEST(Drain, DeletesAfterTheDelayAndNotBefore) {
  History history;
  const std::string old = serve(history);
  const std::string active = upgrade_and_switch(history, "spec 2");
  EXPECT_EQ(effects_of<DeleteObject>(history.settle_for(seconds(59))).size(), 0U);
  const auto decided = history.settle_for(seconds(3));
  EXPECT_EQ(count_of(decided, Rule::DeleteOldCluster), 1U);
  EXPECT_EQ(history.clusters_of(kSvc), Names{active});
}

// 59
TEST(Drain, HonoursTheDelayOfTheService) {
  for (const int delay : {0, 10}) {
    History history;
    serve(history);
    history.edit_service(kSvc, [&](RayServiceSlice& s) { s.deletion_delay_s = delay; });
    const std::string active = upgrade_and_switch(history, "spec 2");
    if (delay > 0) {
      EXPECT_EQ(effects_of<DeleteObject>(history.settle_for(seconds(delay - 1))).size(), 0U);
    }
    history.settle_for(seconds(2));
    EXPECT_EQ(history.clusters_of(kSvc), Names{active}) << delay;
  }
}

// 60: the promise runs through the time the operator was away.
TEST(Drain, DeletesAcrossARestartNeverEarlierThanTheDelay) {
  {
    History history;
    serve(history);
    upgrade_and_switch(history, "spec 2");
    history.restart(seconds(40));
    EXPECT_EQ(effects_of<DeleteObject>(history.settle_for(seconds(15))).size(), 0U);
    EXPECT_EQ(count_of(history.settle_for(seconds(10)), Rule::DeleteOldCluster), 1U);
  }
  History history;
  serve(history);
  upgrade_and_switch(history, "spec 2");
  history.restart(seconds(100));
  EXPECT_EQ(count_of(history.settle(), Rule::DeleteOldCluster), 1U);
}

TEST(Drain, EndsAtOnceByAnnotation) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.deletion_delay_s = 86'400; });
  upgrade_and_switch(history, "spec 2");
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.end_drain = true; });
  EXPECT_EQ(count_of(history.settle(), Rule::DeleteOldCluster), 1U);
}

TEST(Drain, IsMarkedOnce) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.deletion_delay_s = 3600; });
  upgrade_and_switch(history, "spec 2");
  EXPECT_EQ(count_of(history.settle_for(minutes(50)), Rule::MarkDrain), 0U);
}

// Whatever the annotation says: what Services point to stays.
TEST(Drain, NeverDeletesWhatServes) {
  History history;
  const std::string active = serve(history);
  history.edit_cluster(active, [&](RayClusterSlice& slice) { slice.delete_after = kHistoryStart; });
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.end_drain = true; });
  EXPECT_EQ(effects_of<DeleteObject>(history.settle_for(minutes(5))).size(), 0U);

  const std::string old = active;
  upgrade_and_switch(history, "spec 2");
  ServiceSlice head = history.service(kSvc).services.at("svc-head-svc").value;
  head.selected_cluster = old;
  head.meta.version += 1000;
  history.see(head);
  for (const Decision& decision : history.turn()) {
    EXPECT_FALSE(std::holds_alternative<DeleteObject>(decision.effect));
  }
}

TEST(Drain, WaitsWhileTheWorldIsRestored) {
  History history;
  serve(history);
  upgrade_and_switch(history, "spec 2");
  history.add(WorldRestored{Kind::RayCluster, 500, 400});
  EXPECT_EQ(effects_of<DeleteObject>(history.settle_for(kRestoredCalm - seconds(1))).size(), 0U);
  EXPECT_EQ(count_of(history.settle_for(seconds(2)), Rule::DeleteOldCluster), 1U);
}

TEST(Drain, GoesOnWhileTheSpecIsInvalid) {
  History history;
  serve(history);
  upgrade_and_switch(history, "spec 2");
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.invalid = {"InvalidRayServiceSpec", "x"};
  });
  EXPECT_EQ(count_of(history.settle_for(seconds(62)), Rule::DeleteOldCluster), 1U);
}

TEST(Drain, DeletionThatWasAlreadyDoneIsNotRepeated) {
  History history;
  const std::string old = serve(history);
  upgrade_and_switch(history, "spec 2");
  history.wait(seconds(61));
  const auto decided = of_rule(history.turn(), Rule::DeleteOldCluster);
  ASSERT_EQ(decided.size(), 1U);
  history.gone({Kind::RayCluster, "default", old});
  history.answer(decided[0], WriteResult::NotFound, "not found");
  EXPECT_EQ(effects_of<DeleteObject>(history.settle()).size(), 0U);
  EXPECT_EQ(history.service(kSvc).retries.count("delete RayCluster default/" + old), 0U);
}

}  // namespace
}  // namespace raycord
