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
  for (const CreateDependent& access : effects_of<CreateDependent>(decisions)) {
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
  const std::vector<CreateDependent> wanted = effects_of<CreateDependent>(history.settle_for(10s));
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

// --- An account that the user named -------------------------------------------------------------

TEST(ClusterAccess, MakesNoWorkerBeforeTheHeadWhoseAccountIsTheUsers) {
  RayClusterSlice cluster = autoscaled();
  cluster.autoscaler_account = "mine";
  History lacking;
  lacking.see(cluster);
  std::size_t heads = 0;
  for (int turn = 0; turn < 20; ++turn) {
    for (const Decision& decision : lacking.turn()) {
      ASSERT_NE(decision.rule, Rule::CreateWorkerPod);
      if (decision.rule == Rule::CreateHeadPod) {
        ++heads;
        lacking.answer(decision, WriteResult::Refused, "serviceaccount \"mine\" not found");
      } else {
        lacking.carry_out(decision);
      }
    }
    lacking.wait(1s);
  }
  EXPECT_GE(heads, 2u);
  EXPECT_EQ(count_of(lacking.settle_for(10min), Rule::CreateWorkerPod), 1u);
}

// --- The token's Secret -------------------------------------------------------------------------

RayClusterSlice with_token() {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.token_auth = true;
  cluster.token_secret = "rc";
  cluster.makes_token_secret = true;
  return cluster;
}

// Secrets are not seen: what is known of one are the answers.
TEST(ClusterToken, IsMadeOnceAndBeforeThePods) {
  History history;
  history.see(with_token());
  const std::vector<Decision> first = history.turn();
  EXPECT_THAT(kinds_of(first), ElementsAre(Kind::Secret));
  EXPECT_THAT(effects_of<CreatePod>(first), IsEmpty());
  for (const Decision& decision : first) history.carry_out(decision);
  EXPECT_THAT(effects_of<CreatePod>(history.settle()), SizeIs(2));
  history.restart();
  EXPECT_THAT(kinds_of(history.settle_for(10min)), IsEmpty());
}

TEST(ClusterToken, IsLeftToUsersWhoNameTheirSecret) {
  RayClusterSlice cluster = with_token();
  cluster.token_secret = "mine";
  cluster.makes_token_secret = false;
  History history;
  history.see(cluster);
  EXPECT_THAT(kinds_of(history.settle_for(1min)), IsEmpty());
}

TEST(ClusterToken, OfKubeRayWillDo) {
  History history;
  history.see(with_token());
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::CreateTokenSecret) {
      history.answer(decision, WriteResult::AlreadyExists);
    }
  }
  const std::vector<Decision> decided = history.settle_for(10min);
  EXPECT_THAT(effects_of<CreatePod>(decided), SizeIs(2));
  EXPECT_THAT(kinds_of(decided), IsEmpty());
}

TEST(ClusterToken, IsAskedForAgainWhenNoAnswerCame) {
  for (const bool restart : {false, true}) {
    History history;
    history.see(with_token());
    for (const Decision& decision : history.turn()) {
      if (decision.rule != Rule::CreateTokenSecret) continue;
      if (!restart) history.answer(decision, WriteResult::Unknown);
    }
    if (restart) history.restart();
    EXPECT_EQ(count_of(history.settle_for(1min), Rule::CreateTokenSecret), 1u);
  }
}

TEST(ClusterToken, IsMadeAgainWhenAPodMissesIt) {
  History history;
  history.see(with_token());
  history.settle_for(5s);
  history.edit_pod(history.head_of("rc"), [](PodSlice& head) {
    head.ready_reason = "CreateContainerConfigError";
    head.ready_message = "ray-head: secret \"rc\" not found";
  });
  std::size_t tries = 0;
  for (int second = 0; second < 60; ++second) {
    for (const Decision& decision : history.turn()) {
      if (decision.rule == Rule::CreateTokenSecret) {
        ++tries;
        history.answer(decision, WriteResult::AlreadyExists);
      } else {
        history.carry_out(decision);
      }
    }
    history.wait(1s);
  }
  EXPECT_GE(tries, 1u);
  EXPECT_LE(tries, 7u);  // The pod is slow to notice; nobody hammers.
}

TEST(ClusterToken, IsForgottenWithTheCluster) {
  History history;
  history.see(with_token());
  history.settle_for(5s);
  history.delete_cluster("rc");
  EXPECT_THAT(history.state().partitions, IsEmpty());
  RayClusterSlice next = with_token();
  next.meta.uid = "uid-of-the-next";
  history.see(next);
  EXPECT_THAT(kinds_of(history.settle_for(10s)), ElementsAre(Kind::Secret));
}

}  // namespace
}  // namespace raycord
