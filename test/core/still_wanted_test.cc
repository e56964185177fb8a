// Whether a decision that waited is still to be carried out.

#include "core/still_wanted.h"

#include <gtest/gtest.h>

#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::seconds;

template <class E>
Decision first_with(const std::vector<Decision>& decisions) {
  for (const Decision& decision : decisions) {
    if (std::holds_alternative<E>(decision.effect)) return decision;
  }
  ADD_FAILURE() << "nothing of this kind was decided";
  return {};
}

TEST(StillWanted, NothingWithoutLeadership) {
  History history;
  history.see(service_slice(kSvc));
  const Decision decision = first_with<SetFinalizer>(history.turn());
  EXPECT_TRUE(still_wanted(history.state(), decision));
  history.add(LeadershipLost{"the Lease was taken"});
  EXPECT_FALSE(still_wanted(history.state(), decision));
}

TEST(StillWanted, NothingOfAQuarantinedPartition) {
  History history;
  history.see(service_slice(kSvc));
  const Decision decision = first_with<SetFinalizer>(history.turn());
  history.add(Quarantined{{Kind::RayService, "default", kSvc}, "a check", "test"});
  EXPECT_FALSE(still_wanted(history.state(), decision));
}

TEST(StillWanted, AClusterOnlyForTheSpecItWasDecidedFor) {
  History history;
  history.see(service_slice(kSvc));
  history.carry_out(history.turn().at(0));
  const Decision decision = first_with<CreateCluster>(history.turn());
  EXPECT_TRUE(still_wanted(history.state(), decision));
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.serve_config = serve_config({"b"}); });
  EXPECT_TRUE(still_wanted(history.state(), decision));
  history.edit_service(kSvc,
                       [](RayServiceSlice& s) { s.cluster_hashes = cluster_hashes("spec 2"); });
  EXPECT_FALSE(still_wanted(history.state(), decision));
}

TEST(StillWanted, NoClusterOfAServiceThatGoesOrSleeps) {
  for (const bool suspended : {true, false}) {
    History history;
    history.see(service_slice(kSvc));
    history.carry_out(history.turn().at(0));
    const Decision decision = first_with<CreateCluster>(history.turn());
    history.edit_service(kSvc, [&](RayServiceSlice& s) {
      s.suspended = suspended;
      if (!suspended) s.meta.deleting_since = history.now();
    });
    EXPECT_FALSE(still_wanted(history.state(), decision));
  }
}

TEST(StillWanted, NoPodOfAClusterThatIsBeingDeleted) {
  History history;
  const std::string cluster = begin(history);
  history.gone({Kind::Pod, "default", history.head_of(cluster)});
  const Decision decision = first_with<CreatePod>(history.turn());
  EXPECT_TRUE(still_wanted(history.state(), decision));
  history.edit_cluster(cluster, [&](RayClusterSlice& s) { s.meta.deleting_since = history.now(); });
  EXPECT_FALSE(still_wanted(history.state(), decision));
}

TEST(StillWanted, NoDeletionOfWhatServes) {
  History history;
  const std::string active = serve(history);
  Decision decision;
  decision.partition = {Kind::RayService, "default", kSvc};
  decision.effect = DeleteObject{{Kind::RayCluster, "default", active}, "uid"};
  EXPECT_FALSE(still_wanted(history.state(), decision));
  // But a deleted service takes its clusters with it.
  history.edit_service(kSvc, [&](RayServiceSlice& s) { s.meta.deleting_since = history.now(); });
  EXPECT_TRUE(still_wanted(history.state(), decision));
}

TEST(StillWanted, NoDeletionWhileTheWorldIsRestored) {
  History history;
  serve(history);
  upgrade(history, "spec 2");
  history.edit_service(kSvc,
                       [](RayServiceSlice& s) { s.cluster_hashes = cluster_hashes("spec 1"); });
  const Decision decision = first_with<DeleteObject>(history.turn());
  EXPECT_TRUE(still_wanted(history.state(), decision));
  history.add(WorldRestored{Kind::RayCluster, 500, 400});
  EXPECT_FALSE(still_wanted(history.state(), decision));
  // It was withdrawn: nothing repeats it before the calm is over.
  history.answer(decision, WriteResult::Withdrawn);
  EXPECT_EQ(effects_of<DeleteObject>(history.settle_for(kRestoredCalm - seconds(1))).size(), 0U);
  EXPECT_EQ(effects_of<DeleteObject>(history.settle_for(seconds(2))).size(), 1U);
}

TEST(StillWanted, AServeConfigOnlyForItsHeadAndTheConfigAskedFor) {
  const auto prepare = [](History& history) {
    const std::string cluster = begin(history);
    start_cluster(history, cluster);
    history.hear(cluster, ServeAnswer{});
    return first_with<PutServeConfig>(history.turn());
  };
  History edited;
  Decision decision = prepare(edited);
  EXPECT_TRUE(still_wanted(edited.state(), decision));
  edited.edit_service(kSvc, [](RayServiceSlice& s) { s.serve_config = serve_config({"b"}); });
  EXPECT_FALSE(still_wanted(edited.state(), decision));

  History headless;
  decision = prepare(headless);
  headless.gone({Kind::Pod, "default", headless.head_of(pending_of(headless))});
  EXPECT_FALSE(still_wanted(headless.state(), decision));
}

TEST(StillWanted, NoSwitchToAClusterThatIsGone) {
  History history;
  serve(history);
  const std::string pending = upgrade(history, "spec 2");
  become_ready(history, pending);
  const Decision decision = first_with<SwitchService>(history.turn());
  EXPECT_TRUE(still_wanted(history.state(), decision));
  history.gone({Kind::RayCluster, "default", pending});
  EXPECT_FALSE(still_wanted(history.state(), decision));
}

TEST(StillWanted, AppendedGroupsOnlyForTheSpecTheyWereDecidedFor) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.groups.push_back("more");
    s.cluster_hashes = cluster_hashes("spec 1", 2);
  });
  const Decision decision = first_with<UpdateClusterGroups>(history.turn());
  EXPECT_TRUE(still_wanted(history.state(), decision));
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.groups.pop_back();
    s.cluster_hashes = cluster_hashes("spec 1", 1);
  });
  EXPECT_FALSE(still_wanted(history.state(), decision));
}

}  // namespace
}  // namespace raycord
