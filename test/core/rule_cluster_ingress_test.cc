#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/cluster_stories.h"

namespace raycord {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kIngress = "rc-head-ingress";

RayClusterSlice open_cluster() {
  RayClusterSlice cluster = cluster_of({});
  cluster.ingress = {Hash{10}, Hash{20}};
  return cluster;
}

TEST(ClusterIngress, IsMadeForAClusterThatAsksForIt) {
  History history;
  history.see(open_cluster());
  const std::vector<Decision> made = of_rule(history.settle_for(10s), Rule::CreateIngress);
  ASSERT_THAT(made, SizeIs(1));
  EXPECT_EQ(object_of(made[0].effect), (ObjectName{Kind::Ingress, "default", kIngress}));
}

TEST(ClusterIngress, IsNotMadeForOthers) {
  History history;
  history.see(cluster_of({}));
  EXPECT_EQ(count_of(history.settle_for(1min), Rule::CreateIngress), 0u);
}

TEST(ClusterIngress, IsLeftAloneWhileItSaysWhatIsAskedFor) {
  History history = running_cluster(open_cluster());
  history.edit_ingress(kIngress, [](IngressSlice& slice) {
    slice.parts = {Hash{5}, Hash{10}, Hash{15}, Hash{20}};  // Others have added to it.
  });
  EXPECT_THAT(history.settle_for(10min), IsEmpty());
}

TEST(ClusterIngress, IsChangedWhenSomethingElseIsAskedFor) {
  History history = running_cluster(open_cluster());
  history.respec_cluster("rc", [](RayClusterSlice& slice) {
    slice.ingress = {Hash{10}, Hash{30}};
  });
  EXPECT_EQ(count_of(history.settle_for(1min), Rule::UpdateIngress), 1u);
}

TEST(ClusterIngress, IsPutRightWhenSomebodyChangedIt) {
  History history = running_cluster(open_cluster());
  history.edit_ingress(kIngress, [](IngressSlice& slice) { slice.parts = {Hash{10}}; });
  EXPECT_EQ(count_of(history.settle_for(1min), Rule::UpdateIngress), 1u);
}

// Two who each want it their own way must not write as fast as they can.
TEST(ClusterIngress, IsNotFoughtOver) {
  History history = running_cluster(open_cluster());
  std::size_t updates = 0;
  for (int round = 0; round < 100; ++round) {
    history.edit_ingress(kIngress, [](IngressSlice& slice) { slice.parts = {Hash{10}}; });
    updates += count_of(history.settle(), Rule::UpdateIngress);
    history.wait(100ms);
  }
  EXPECT_GE(updates, 1u);
  EXPECT_LE(updates, 5u);
}

TEST(ClusterIngress, OfSomebodyElseIsLeftAlone) {
  IngressSlice foreign;
  foreign.meta = meta_named(kIngress);
  foreign.cluster = "rc";
  History history;
  history.see(open_cluster());
  history.see(foreign);
  std::vector<Decision> tried;
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::CreateIngress) {
      tried.push_back(decision);
      history.answer(decision, WriteResult::AlreadyExists);
    } else {
      history.carry_out(decision);
    }
  }
  ASSERT_THAT(tried, SizeIs(1));
  const std::vector<Decision> decided = history.settle_for(4min);
  EXPECT_EQ(count_of(decided, Rule::UpdateIngress), 0u);
  EXPECT_EQ(count_of(decided, Rule::CreateIngress), 0u);
  EXPECT_EQ(count_of(history.settle_for(2min), Rule::CreateIngress), 1u);  // Perhaps it went.
}

TEST(ClusterIngress, StaysWhenItIsNotAskedForAnyMore) {
  History history = running_cluster(open_cluster());
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.ingress.clear(); });
  EXPECT_THAT(deleted(history.settle_for(1min)), IsEmpty());
}

TEST(ClusterIngress, IsMadeAgainWhenItIsGone) {
  History history = running_cluster(open_cluster());
  history.gone({Kind::Ingress, "default", kIngress});
  EXPECT_EQ(count_of(history.settle_for(10s), Rule::CreateIngress), 1u);
}

}  // namespace
}  // namespace raycord
