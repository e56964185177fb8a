#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/cluster_stories.h"

namespace raycord {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string state_of(const History& history) { return history.cluster("rc").status.value.state; }

void suspend(History& history, bool suspended) {
  history.respec_cluster("rc", [&](RayClusterSlice& slice) { slice.suspended = suspended; });
}

TEST(ClusterSuspension, DeletesAllPodsOfASuspendedClusterAndKeepsItsServices) {
  History history = running_cluster(cluster_of({worker_group("small", 2)}));
  suspend(history, true);
  const std::vector<Decision> decided = history.settle_for(10s);
  EXPECT_EQ(count_of(decided, Rule::SuspendCluster), 3u);
  EXPECT_THAT(history.pods_of("rc"), IsEmpty());
  EXPECT_THAT(history.cluster("rc").services, SizeIs(1));
  EXPECT_EQ(state_of(history), "suspended");
}

TEST(ClusterSuspension, DeletesNothingBeforeTheWishToSuspendIsWritten) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  suspend(history, true);
  EXPECT_THAT(deleted(history.turn()), IsEmpty());
}

TEST(ClusterSuspension, MakesNoPodForAClusterThatIsBornSuspended) {
  RayClusterSlice cluster = cluster_of({worker_group("small", 1)});
  cluster.suspended = true;
  History history;
  history.see(cluster);
  EXPECT_THAT(effects_of<CreatePod>(history.settle_for(1min)), IsEmpty());
  EXPECT_EQ(state_of(history), "suspended");
}

TEST(ClusterSuspension, ResumesASuspendedClusterWithOtherPods) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  const std::vector<std::string> before = history.pods_of("rc");
  suspend(history, true);
  history.settle_for(10s);
  suspend(history, false);
  history.settle_for(10s);
  const std::vector<std::string> after = history.pods_of("rc");
  EXPECT_THAT(after, SizeIs(2));
  for (const std::string& name : after)
    EXPECT_THAT(before, ::testing::Not(::testing::Contains(name)));
}

bool provisioned(const History& history) {
  for (const Condition& condition : history.cluster("rc").status.value.conditions) {
    if (condition.type == "RayClusterProvisioned") return condition.status == "True";
  }
  return false;
}

// A manifest without `suspend` is as good as one that says false (raycluster-behaviour.md 8.8).
TEST(ClusterSuspension, IsProvisionedAgainAfterResuming) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  EXPECT_TRUE(provisioned(history));
  suspend(history, true);
  history.settle_for(10s);
  EXPECT_FALSE(provisioned(history));
  suspend(history, false);
  history.settle_for(10s);
  history.start_pods("rc");
  history.settle_for(10s);
  EXPECT_TRUE(provisioned(history));
  EXPECT_EQ(state_of(history), "ready");
}

TEST(ClusterSuspension, IsNotSuspendedWhileAPodIsStillBeingMade) {
  History history;
  history.see(cluster_of({}));
  std::vector<Decision> making;
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::CreateHeadPod) {
      making.push_back(decision);
    } else {
      history.carry_out(decision);
    }
  }
  suspend(history, true);
  history.settle_for(10s);
  EXPECT_EQ(state_of(history), "");
  ASSERT_THAT(making, SizeIs(1));
  history.carry_out(making[0]);
  EXPECT_THAT(deleted(history.settle_for(10s)), SizeIs(1));
  EXPECT_EQ(state_of(history), "suspended");
}

TEST(ClusterSuspension, FinishesASuspensionThatWasTakenBack) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  history.let_pods_linger();
  suspend(history, true);
  history.settle_for(3s);
  suspend(history, false);
  EXPECT_THAT(effects_of<CreatePod>(history.settle_for(10s)), IsEmpty());
  std::vector<std::string> ending;
  for (const auto& [name, pod] : history.cluster("rc").pods) ending.push_back(name);
  ASSERT_THAT(ending, SizeIs(2));
  for (const std::string& name : ending) history.gone(pod_name(name));
  history.settle_for(10s);
  EXPECT_THAT(history.pods_of("rc"), SizeIs(2));
}

TEST(ClusterSuspension, DeletesThePodsOfASuspendedGroupOnly) {
  History history = running_cluster(cluster_of({worker_group("a", 1), worker_group("b", 1)}));
  const std::vector<std::string> of_a = workers_of(history, "a");
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].suspended = true; });
  EXPECT_EQ(deleted(history.settle_for(1min)), of_a);
}

}  // namespace
}  // namespace raycord
