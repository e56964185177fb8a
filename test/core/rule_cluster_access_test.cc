#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/history.h"

namespace raycord {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

RayClusterSlice autoscaled() {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.autoscaling = true;
  return cluster;
}

std::vector<Kind> kinds_of(const std::vector<Decision>& decisions) {
  std::vector<Kind> kinds;
  for (const CreateAccess& access : effects_of<CreateAccess>(decisions)) {
    EXPECT_EQ(access.name, "rc");
    kinds.push_back(access.kind);
  }
  return kinds;
}

TEST(ClusterAccess, GivesAnAutoscalerItsAccountAndRights) {
  History history;
  history.see(autoscaled());
  EXPECT_THAT(kinds_of(history.turn()),
              ElementsAre(Kind::ServiceAccount, Kind::Role, Kind::RoleBinding));
}

TEST(ClusterAccess, IsNotNeededWithoutAnAutoscaler) {
  History history;
  history.see(cluster_slice("rc"));
  EXPECT_THAT(kinds_of(history.settle_for(10s)), IsEmpty());
}

TEST(ClusterAccess, NeverMakesAnAccountThatTheUserNamed) {
  RayClusterSlice cluster = autoscaled();
  cluster.autoscaler_account = "mine";
  History history;
  history.see(cluster);
  EXPECT_THAT(kinds_of(history.settle_for(10s)), ElementsAre(Kind::Role, Kind::RoleBinding));
}

TEST(ClusterAccess, IsThereBeforeThePodsThatUseIt) {
  History history;
  history.see(autoscaled());
  const std::vector<Decision> first = history.turn();
  EXPECT_THAT(effects_of<CreatePod>(first), IsEmpty());
  for (const Decision& decision : first) history.carry_out(decision);
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), SizeIs(2));
}

TEST(ClusterAccess, WillDoWithAnObjectOfTheNameThatIsNotOurs) {
  History history;
  history.see(autoscaled());
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::CreateAccess) {
      history.answer(decision, WriteResult::AlreadyExists);
    } else {
      history.carry_out(decision);
    }
  }
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), SizeIs(2));
}

TEST(ClusterAccess, HoldsPodsBackWhileItIsRefused) {
  History history;
  history.see(autoscaled());
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::CreateAccess) history.answer(decision, WriteResult::Refused, "no");
  }
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), IsEmpty());
}

TEST(ClusterAccess, KeepsTheLastFiftyLettersOfALongName) {
  RayClusterSlice cluster = cluster_slice("a23456789-b23456789-c23456789-d23456789-e23456789-fgh");
  cluster.autoscaling = true;
  History history;
  history.see(cluster);
  const std::vector<CreateAccess> wanted = effects_of<CreateAccess>(history.settle_for(10s));
  ASSERT_THAT(wanted, SizeIs(3));
  EXPECT_EQ(wanted[0].name, "r56789-b23456789-c23456789-d23456789-e23456789-fgh");
}

TEST(ClusterAccess, IsNeverMadeTwice) {
  History history;
  history.see(autoscaled());
  history.settle_for(10s);
  history.restart();
  EXPECT_THAT(kinds_of(history.settle_for(10min)), IsEmpty());
}

}  // namespace
}  // namespace raycord
