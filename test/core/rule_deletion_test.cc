// The finalizer, and what a deleted or suspended RayService leaves behind.

#include <gtest/gtest.h>

#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Names = std::vector<std::string>;

void ask_for_deletion(History& history) {
  history.edit_service(kSvc, [&](RayServiceSlice& s) { s.meta.deleting_since = history.now(); });
}

bool exists(const History& history) {
  return history.state().partitions.count({Kind::RayService, "default", kSvc}) > 0;
}

TEST(Deletion, FinalizerIsAddedOnceAndAgainWhenItIsTakenAway) {
  History history;
  history.see(service_slice(kSvc));
  EXPECT_EQ(count_of(history.settle(), Rule::AddFinalizer), 1U);
  EXPECT_EQ(count_of(history.settle(), Rule::AddFinalizer), 0U);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.has_finalizer = false; });
  EXPECT_EQ(count_of(history.settle(), Rule::AddFinalizer), 1U);
}

// 61
TEST(Deletion, DeletesAllClustersAtOnceAndThenRemovesTheFinalizer) {
  History history;
  serve(history);
  upgrade(history, "spec 2");
  ask_for_deletion(history);
  const auto first = history.turn();
  EXPECT_EQ(count_of(first, Rule::DeleteClusterOfDeletedService), 2U);
  EXPECT_EQ(count_of(first, Rule::RemoveFinalizer), 0U);
  history.carry_out(first[0]);
  EXPECT_EQ(count_of(history.turn(), Rule::RemoveFinalizer), 0U);
  history.carry_out(first[1]);
  EXPECT_EQ(count_of(history.settle(), Rule::RemoveFinalizer), 1U);
  EXPECT_FALSE(exists(history));
}

// A cluster that a finalizer of its own holds is still there.
TEST(Deletion, KeepsTheFinalizerWhileAClusterIsTerminating) {
  History history;
  const std::string active = serve(history);
  ask_for_deletion(history);
  const auto decided = of_rule(history.turn(), Rule::DeleteClusterOfDeletedService);
  ASSERT_EQ(decided.size(), 1U);
  history.edit_cluster(active, [&](RayClusterSlice& s) { s.meta.deleting_since = history.now(); });
  history.answer(decided[0], WriteResult::Done);
  EXPECT_EQ(history.settle_for(minutes(5)).size(), 0U);
  history.gone({Kind::RayCluster, "default", active});
  EXPECT_EQ(count_of(history.settle(), Rule::RemoveFinalizer), 1U);
}

TEST(Deletion, KeepsTheFinalizerWhileACreationHasNoOutcome) {
  History history;
  history.see(service_slice(kSvc));
  history.carry_out(history.turn().at(0));
  std::vector<Decision> decided;
  for (const Decision& decision : history.turn()) {
    const bool creates = decision.rule == Rule::StartFirstCluster;
    if (creates) decided.push_back(decision);
    if (!creates) history.carry_out(decision);
  }
  ASSERT_EQ(decided.size(), 1U);
  for (const Decision& decision : history.turn()) history.carry_out(decision);
  ask_for_deletion(history);
  EXPECT_EQ(count_of(history.turn(), Rule::RemoveFinalizer), 0U);
  history.answer(decided[0], WriteResult::Failed, "no connection");
  EXPECT_EQ(count_of(history.turn(), Rule::RemoveFinalizer), 1U);
}

TEST(Deletion, DecidesNothingElse) {
  History history;
  const std::string active = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.cluster_hashes = cluster_hashes("spec 2");
    s.serve_config = serve_config({"app"}, 2);
  });
  ask_for_deletion(history);
  history.hear_proxy(active, false);
  EXPECT_EQ(rules_of(history.turn()), Names{"delete-cluster-of-deleted-service"});
}

TEST(Deletion, WaitsWhileTheWorldIsRestored) {
  History history;
  serve(history);
  history.add(WorldRestored{Kind::RayCluster, 500, 400});
  ask_for_deletion(history);
  EXPECT_EQ(effects_of<DeleteObject>(history.settle()).size(), 0U);
  history.settle_for(kRestoredCalm);
  EXPECT_FALSE(exists(history));
}

TEST(Deletion, IsRepeatedWithPatienceWhenItIsRefused) {
  History history;
  serve(history);
  ask_for_deletion(history);
  std::size_t refused = 0;
  const Time end = history.now() + minutes(10);
  while (history.now() < end) {
    for (const Decision& decision : history.turn()) {
      history.answer(decision, WriteResult::Refused, "forbidden");
      ++refused;
    }
    history.wait(seconds(1));
  }
  EXPECT_GE(refused, 8U);
  EXPECT_LE(refused, 14U);
}

// 69
TEST(Suspension, DeletesClustersAndServicesAndStays) {
  History history;
  serve(history);
  upgrade(history, "spec 2");
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = true; });
  const auto decided = history.settle_for(minutes(2));
  EXPECT_EQ(count_of(decided, Rule::SuspendService), 4U);  // Two clusters, two Services.
  EXPECT_EQ(history.clusters_of(kSvc), Names{});
  EXPECT_TRUE(history.service(kSvc).services.empty());
  EXPECT_TRUE(svc_of(history).has_finalizer);
  EXPECT_EQ(condition_text(history, "Suspended"), "True SuspendComplete");
  EXPECT_EQ(condition_text(history, "Suspending"), "False SuspendComplete");
  EXPECT_EQ(condition_text(history, "Ready"), "False SuspendComplete");
  EXPECT_EQ(condition_text(history, "UpgradeInProgress"), "False SuspendComplete");
  EXPECT_EQ(svc_of(history).status.service_status, "");
}

// 71
TEST(Suspension, OfANewServiceMakesNothingUntilItIsResumed) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.suspended = true;
  EXPECT_EQ(begin(history, service), "");
  history.settle_for(minutes(5));
  EXPECT_EQ(history.clusters_of(kSvc), Names{});
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = false; });
  const auto decided = history.settle_for(seconds(3));
  EXPECT_EQ(count_of(decided, Rule::StartFirstCluster), 1U);
  EXPECT_EQ(condition_text(history, "Suspended"), "False RayServiceResumed");
}

TEST(Suspension, EndsWithANewClusterThatServes) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = true; });
  history.settle_for(seconds(5));
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = false; });
  history.settle_for(seconds(5));
  const std::string pending = pending_of(history);
  ASSERT_NE(pending, "");
  become_ready(history, pending);
  history.settle();
  EXPECT_EQ(active_of(history), pending);
}

TEST(Suspension, WaitsWhileTheWorldIsRestored) {
  History history;
  serve(history);
  history.add(WorldRestored{Kind::RayCluster, 500, 400});
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = true; });
  EXPECT_EQ(effects_of<DeleteObject>(history.settle()).size(), 0U);
}

// 70
TEST(Suspension, WhatIsBegunIsFinished) {
  History history;
  const std::string active = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = true; });
  for (const Decision& decision : history.turn()) {
    const auto* deletion = std::get_if<DeleteObject>(&decision.effect);
    if (deletion == nullptr || deletion->object.kind != Kind::RayCluster) {
      history.carry_out(decision);
      continue;
    }
    history.edit_cluster(active,
                         [&](RayClusterSlice& s) { s.meta.deleting_since = history.now(); });
    history.answer(decision, WriteResult::Done);  // A finalizer keeps it.
  }
  history.settle_for(seconds(5));
  EXPECT_EQ(condition_text(history, "Suspending"), "True SuspendInProgress");

  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = false; });
  EXPECT_EQ(count_of(history.settle_for(minutes(2)), Rule::StartFirstCluster), 0U);
  EXPECT_EQ(condition_text(history, "Suspending"), "True SuspendInProgress");

  history.gone({Kind::RayCluster, "default", active});
  EXPECT_EQ(count_of(history.settle_for(seconds(5)), Rule::StartFirstCluster), 1U);
  EXPECT_EQ(condition_text(history, "Suspending"), "False SuspendComplete");
  EXPECT_EQ(condition_text(history, "Suspended"), "False RayServiceResumed");
  EXPECT_EQ(condition_text(history, "Ready"), "False Initializing");
  EXPECT_EQ(condition_text(history, "UpgradeInProgress"), "False Initializing");
}

RayServiceSlice with_timeout(int s) {
  RayServiceSlice service = service_slice(kSvc);
  service.initializing_timeout_s = s;
  return service;
}

// 68
TEST(InitializingTimeout, GivesUpAServiceThatWasNeverReady) {
  History history;
  const std::string cluster = begin(history, with_timeout(60));
  EXPECT_EQ(count_of(history.settle_for(seconds(58)), Rule::GiveUpInitializing), 0U);
  EXPECT_EQ(history.clusters_of(kSvc), Names{cluster});
  EXPECT_EQ(count_of(history.settle_for(seconds(5)), Rule::GiveUpInitializing), 1U);
  EXPECT_EQ(history.clusters_of(kSvc), Names{});
  EXPECT_EQ(condition_text(history, "Ready"), "False InitializingTimeout");
  EXPECT_EQ(svc_of(history).status.active.cluster, "");
  EXPECT_EQ(svc_of(history).status.pending.cluster, "");
}

TEST(InitializingTimeout, IsForGoodWhateverIsEdited) {
  History history;
  begin(history, with_timeout(60));
  history.settle_for(minutes(2));
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.initializing_timeout_s.reset(); });
  EXPECT_EQ(upgrade(history, "spec 2"), "");
  history.restart(minutes(5));
  history.settle_for(minutes(5));
  EXPECT_EQ(history.clusters_of(kSvc), Names{});
  EXPECT_EQ(condition_text(history, "Ready"), "False InitializingTimeout");
}

TEST(InitializingTimeout, BeginsAnewWithAResumedService) {
  History history;
  begin(history, with_timeout(60));
  history.settle_for(minutes(2));
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = true; });
  history.settle_for(minutes(2));
  EXPECT_EQ(condition_text(history, "Suspended"), "True SuspendComplete");
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = false; });
  history.settle_for(seconds(58));
  EXPECT_EQ(history.clusters_of(kSvc).size(), 1U);
  EXPECT_EQ(condition_text(history, "Ready"), "False Initializing");
  history.settle_for(seconds(5));
  EXPECT_EQ(history.clusters_of(kSvc), Names{});
}

TEST(InitializingTimeout, NeverTouchesAServiceThatWasReadyOnce) {
  History history;
  const std::string active = serve(history, with_timeout(600));
  ASSERT_EQ(condition_text(history, "Ready"), "True NonZeroServeEndpoints");
  history.edit_pod(history.head_of(active), [](PodSlice& pod) { pod.ready = false; });
  history.fill_endpoints();
  EXPECT_EQ(count_of(history.settle_for(minutes(15)), Rule::GiveUpInitializing), 0U);
}

// 67
TEST(ManagedElsewhere, NothingIsDecidedAtAll) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.managed_elsewhere = true;
  history.see(service);
  EXPECT_EQ(history.settle_for(minutes(5)).size(), 0U);
}

}  // namespace
}  // namespace raycord
