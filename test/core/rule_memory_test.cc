// What objects remember, so that the loss of the log loses no promise.

#include <gtest/gtest.h>

#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(Memory, NameCounterStandsOnTheNewestClusterAndWhenThatGoesOnTheService) {
  History history;
  serve(history);
  upgrade(history, "spec 2");
  EXPECT_EQ(svc_of(history).name_counter, 0U);
  EXPECT_EQ(history.cluster(pending_of(history)).object.value().value.counter, 2U);
  upgrade(history, "spec 1");
  EXPECT_EQ(pending_of(history), "");
  EXPECT_EQ(svc_of(history).name_counter, 2U);
}

TEST(Memory, AttemptsAndBackOffStandOnTheServiceAndGoWithSuccess) {
  History history;
  serve(history);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  live_with(history, pending, "UNHEALTHY", seconds(910));
  EXPECT_EQ(svc_of(history).attempts, 1U);
  ASSERT_TRUE(svc_of(history).back_off_until.has_value());
  EXPECT_EQ(*svc_of(history).back_off_until, history.service(kSvc).memory.back_off_until);
  history.settle_for(kBackOffFirst);
  become_ready(history, pending_of(history));
  history.settle();
  EXPECT_EQ(svc_of(history).attempts, 0U);
  EXPECT_FALSE(svc_of(history).back_off_until.has_value());
}

TEST(Memory, AcceptedConfigStandsOnTheCluster) {
  History history;
  const std::string cluster = begin(history);
  start_cluster(history, cluster);
  history.hear(cluster, ServeAnswer{});
  const auto put = of_rule(history.turn(), Rule::SendServeConfig);
  ASSERT_EQ(put.size(), 1U);
  EXPECT_EQ(count_of(history.settle(), Rule::RememberAcceptedConfig), 0U);
  history.answer(put[0], WriteResult::Done);
  EXPECT_EQ(count_of(history.settle(), Rule::RememberAcceptedConfig), 1U);
  EXPECT_EQ(history.cluster(cluster).object.value().value.accepted_config,
            svc_of(history).serve_config.hash);
}

TEST(Memory, ADrainAndAnAcceptedConfigDoNotEraseEachOther) {
  History history;
  const std::string old = begin(history);
  start_cluster(history, old);
  history.hear(old, ServeAnswer{});
  history.settle();
  history.hear(old, running(svc_of(history).serve_config));
  history.settle();
  history.fill_endpoints();
  history.settle();
  const Hash accepted = history.cluster(old).object.value().value.accepted_config;
  ASSERT_TRUE(accepted);
  upgrade_and_switch(history, "spec 2");
  const RayClusterSlice& slice = history.cluster(old).object.value().value;
  EXPECT_TRUE(slice.delete_after.has_value());
  EXPECT_EQ(slice.accepted_config, accepted);
}

TEST(Memory, IsWrittenOnce) {
  History history;
  const std::string cluster = serve(history);
  const auto decided = live_with(history, cluster, "RUNNING", minutes(10));
  EXPECT_EQ(effects_of<RememberOnService>(decided).size(), 0U);
  EXPECT_EQ(effects_of<RememberOnCluster>(decided).size(), 0U);
}

TEST(Memory, WhatSomebodyElseWroteThereIsCorrectedOnce) {
  History history;
  const std::string cluster = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.attempts = 9; });
  history.edit_cluster(cluster, [](RayClusterSlice& s) { s.accepted_config = hash_of("x"); });
  const auto decided = history.settle_for(minutes(10));
  EXPECT_EQ(effects_of<RememberOnService>(decided).size(), 1U);
  EXPECT_EQ(svc_of(history).attempts, 0U);
  EXPECT_LE(effects_of<RememberOnCluster>(decided).size(), 1U);
}

// Each waits for itself: two writes to one object that are both refused must not take turns without
// a pause.
TEST(Memory, RefusedWritesToOneClusterDoNotTakeTurnsWithoutAPause) {
  History history;
  const std::string active = serve(history);
  history.edit_cluster(active, [](RayClusterSlice& s) { s.accepted_config = {}; });
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.groups.push_back("more");
    s.cluster_hashes = cluster_hashes("spec 1", 2);
    s.serve_config = serve_config({"app"}, 2);
  });
  const auto refuse = [&] {
    std::size_t refused = 0;
    for (const Decision& decision : history.turn()) {
      const bool ours = decision.rule == Rule::AppendWorkerGroups ||
                        decision.rule == Rule::RememberAcceptedConfig;
      if (ours) ++refused;
      if (ours) history.answer(decision, WriteResult::Refused, "a webhook said no");
      if (!ours) history.carry_out(decision);
    }
    return refused;
  };
  std::size_t refused = 0;
  for (int turns = 0; turns < 20; ++turns) refused += refuse();
  EXPECT_EQ(refused, 2U);
}

}  // namespace
}  // namespace raycord
