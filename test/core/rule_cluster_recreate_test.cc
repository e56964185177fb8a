#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/cluster_stories.h"

namespace raycord {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

RayClusterSlice recreated() {
  RayClusterSlice cluster = cluster_of({worker_group("small", 2)});
  cluster.recreates = true;
  return cluster;
}

void change_spec(History& history, const std::string& spec) {
  history.respec_cluster("rc", [&](RayClusterSlice& slice) {
    slice.own_hashes = cluster_hashes(spec);
    slice.spec_revision = slice.own_hashes.back();
  });
}

TEST(ClusterRecreation, MakesAllPodsAnewForAChangedSpec) {
  History history = running_cluster(recreated());
  const std::vector<std::string> before = history.pods_of("rc");
  change_spec(history, "spec 2");
  const std::vector<Decision> decided = history.settle_for(10s);
  EXPECT_THAT(deleted(of_rule(decided, Rule::RecreatePod)), UnorderedElementsAreArray(before));
  EXPECT_THAT(history.pods_of("rc"), SizeIs(3));
  history.start_pods("rc");
  EXPECT_EQ(count_of(history.settle_for(1min), Rule::RecreatePod), 0u);
}

TEST(ClusterRecreation, MakesNoPodBesideAHeadThatIsStillEnding) {
  History history = running_cluster(recreated());
  const std::string head = history.head_of("rc");
  history.let_pods_linger();
  change_spec(history, "spec 2");
  EXPECT_THAT(effects_of<CreatePod>(history.settle_for(10s)), IsEmpty());
  history.gone(pod_name(head));
  EXPECT_EQ(count_of(history.settle_for(10s), Rule::CreateHeadPod), 1u);
}

TEST(ClusterRecreation, LeavesPodsAloneForAnEditThatAsksForNoOthers) {
  History history = running_cluster(recreated());
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 3; });
  const std::vector<Decision> decided = history.settle_for(10s);
  EXPECT_EQ(count_of(decided, Rule::RecreatePod), 0u);
  EXPECT_EQ(count_of(decided, Rule::CreateWorkerPod), 1u);
}

TEST(ClusterRecreation, IsNotDoneWithoutTheStrategy) {
  RayClusterSlice cluster = recreated();
  cluster.recreates = false;
  History history = running_cluster(cluster);
  change_spec(history, "spec 2");
  EXPECT_THAT(deleted(history.settle_for(1min)), IsEmpty());
}

TEST(ClusterRecreation, StampsAHeadThatAnotherVersionMade) {
  History history = running_cluster(recreated());
  history.edit_pod(history.head_of("rc"), [](PodSlice& head) {
    head.made_by = hash_of("v1.7.0");
    head.made_for = hash_of("QK3V5N0L8G6M1T7H2P4R9S0A1B2C3D4E");
  });
  const std::vector<Decision> decided = history.settle_for(10s);
  EXPECT_THAT(deleted(decided), IsEmpty());
  const std::vector<StampHead> stamps = effects_of<StampHead>(decided);
  ASSERT_THAT(stamps, SizeIs(1));
  EXPECT_EQ(stamps[0].revision, cluster_hashes("spec 1").back());
}

TEST(ClusterRecreation, StampsAHeadThatSaysNothing) {
  History history = running_cluster(recreated());
  history.edit_pod(history.head_of("rc"),
                   [](PodSlice& head) { head.made_by = head.made_for = {}; });
  const std::vector<Decision> decided = history.settle_for(10s);
  EXPECT_THAT(deleted(decided), IsEmpty());
  EXPECT_THAT(effects_of<StampHead>(decided), SizeIs(1));
}

// Two operators that stamp each in its own way found each other forty times a second.
TEST(ClusterRecreation, StampsEverMoreSlowlyWhereAnotherStampsToo) {
  History history = running_cluster(recreated());
  std::vector<StampHead> stamps;
  for (int i = 0; i < 600; ++i) {
    history.edit_pod(history.head_of("rc"),
                     [](PodSlice& head) { head.made_by = hash_of("v1.7.0"); });
    for (const StampHead& stamp : effects_of<StampHead>(history.settle_for(100ms))) {
      stamps.push_back(stamp);
    }
  }
  EXPECT_GE(stamps.size(), 3U);
  EXPECT_LE(stamps.size(), 8U);
}

// KubeRay looks at the head alone (raycluster-behaviour.md 8.21).
TEST(ClusterRecreation, ReachesWorkersWhoseHeadWasMadeAnewMeanwhile) {
  History history = running_cluster(recreated());
  const std::vector<std::string> workers = workers_of(history, "small");
  history.gone(pod_name(history.head_of("rc")));
  change_spec(history, "spec 2");
  const std::vector<Decision> decided = history.settle_for(10s);
  EXPECT_THAT(deleted(decided), UnorderedElementsAreArray(workers));
  EXPECT_THAT(history.pods_of("rc"), SizeIs(3));
}

TEST(LostHead, IsMadeAgain) {
  History history = running_cluster(cluster_of({}));
  history.gone(pod_name(history.head_of("rc")));
  EXPECT_EQ(count_of(history.settle_for(10s), Rule::CreateHeadPod), 1u);
}

TEST(LostHead, StaysLostWhereItsOwnerSaysSo) {
  RayClusterSlice cluster = cluster_of({worker_group("small", 1)});
  cluster.no_head_restart = true;
  History history = running_cluster(cluster);
  history.gone(pod_name(history.head_of("rc")));
  history.gone(pod_name(workers_of(history, "small")[0]));
  EXPECT_THAT(effects_of<CreatePod>(history.settle_for(1min)), IsEmpty());
}

TEST(LostHead, IsMadeUntilTheClusterHasBeenProvisionedOnce) {
  RayClusterSlice cluster = cluster_of({});
  cluster.no_head_restart = true;
  History history;
  history.see(cluster);
  history.settle_for(5s);
  history.gone(pod_name(history.head_of("rc")));
  EXPECT_EQ(count_of(history.settle_for(10s), Rule::CreateHeadPod), 1u);
}

TEST(FixedHeadName, IsUsedAgainForTheNextHead) {
  Options options;
  options.fixed_head_name = true;
  History history(options);
  history.see(cluster_of({}));
  history.settle_for(5s);
  EXPECT_EQ(history.head_of("rc"), "rc-head");
  history.gone(pod_name("rc-head"));
  history.settle_for(5s);
  EXPECT_EQ(history.head_of("rc"), "rc-head");
}

}  // namespace
}  // namespace raycord
