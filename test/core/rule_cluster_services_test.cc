#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/history.h"

namespace raycord {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<CreateService> services_made(const RayClusterSlice& cluster) {
  History history;
  history.see(cluster);
  return effects_of<CreateService>(history.settle_for(10s));
}

TEST(ClusterServices, MakesOneHeadService) {
  const std::vector<CreateService> made = services_made(cluster_slice("rc"));
  ASSERT_THAT(made, SizeIs(1));
  EXPECT_EQ(made[0].name, "rc-head-svc");
  EXPECT_EQ(made[0].role, ServiceRole::ClusterHead);
  EXPECT_EQ(made[0].selects, "rc");
}

TEST(ClusterServices, TakesTheNameThatTheUserGave) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.head_service_name = "door";
  const std::vector<CreateService> made = services_made(cluster);
  ASSERT_THAT(made, SizeIs(1));
  EXPECT_EQ(made[0].name, "door");
}

TEST(ClusterServices, NamesWorkersOfSeveralHostsByAHeadlessService) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.has_multi_host_group = true;
  const std::vector<CreateService> made = services_made(cluster);
  ASSERT_THAT(made, SizeIs(2));
  EXPECT_EQ(made[1].name, "rc-headless");
  EXPECT_EQ(made[1].role, ServiceRole::HeadlessWorkers);
}

TEST(ClusterServices, LeadsToServeWhereAnAnnotationAsksForIt) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.wants_serve_service = true;
  const std::vector<CreateService> made = services_made(cluster);
  ASSERT_THAT(made, SizeIs(2));
  EXPECT_EQ(made[1].name, "rc-serve-svc");
  EXPECT_EQ(made[1].role, ServiceRole::ClusterServe);
}

TEST(ClusterServices, MakesALostServiceAgain) {
  History history;
  history.see(cluster_slice("rc"));
  history.settle_for(10s);
  history.gone({Kind::Service, "default", "rc-head-svc"});
  EXPECT_THAT(effects_of<CreateService>(history.settle_for(10s)), SizeIs(1));
}

TEST(ClusterServices, LeavesAServiceAloneThatSomebodyChanged) {
  History history;
  history.see(cluster_slice("rc"));
  history.settle_for(10s);
  ServiceSlice service = history.cluster("rc").services.at("rc-head-svc").value;
  service.meta.version = 0;
  service.ports.clear();
  history.see(service);
  for (const Decision& decision : history.settle_for(1min)) {
    EXPECT_EQ(decision.rule, Rule::WriteClusterStatus);
  }
}

TEST(ClusterServices, KeepsTheServicesOfASuspendedCluster) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.suspended = true;
  EXPECT_THAT(services_made(cluster), SizeIs(1));
}

TEST(ClusterServices, MakesNothingForAClusterThatIsToGo) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.meta.deleting_since = kHistoryStart;
  EXPECT_THAT(services_made(cluster), IsEmpty());
}

TEST(ClusterServices, MakesNothingForAClusterWhoseRayServiceIsGone) {
  RayClusterSlice cluster = cluster_slice("llm-raycluster-abcde");
  cluster.meta.owner = {"RayService", "llm", "uid-llm"};
  cluster.from_ray_service = true;
  EXPECT_THAT(services_made(cluster), IsEmpty());
}

TEST(ClusterServices, MakesNothingForTheClusterOfAnEarlierRayServiceOfTheName) {
  History history;
  RayClusterSlice cluster = cluster_slice("llm-raycluster-abcde");
  cluster.meta.owner = {"RayService", "llm", "uid-of-the-earlier"};
  cluster.from_ray_service = true;
  history.see(service_slice("llm"));
  history.see(cluster);
  for (const CreateService& made : effects_of<CreateService>(history.settle_for(10s))) {
    EXPECT_NE(made.selects, cluster.meta.name);
  }
}

TEST(ClusterServices, MakesNothingForAClusterThatIsDeletedInTheSameTurn) {
  History history;
  history.see(service_slice("llm"));
  std::vector<Decision> decided;
  while (count_of(decided = history.turn(), Rule::StartFirstCluster) == 0) {
    ASSERT_FALSE(decided.empty());
    for (const Decision& decision : decided) history.carry_out(decision);
  }
  for (const Decision& decision : decided) history.carry_out(decision);
  history.edit_service("llm", [](RayServiceSlice& slice) {
    slice.cluster_hashes = cluster_hashes("spec 2");
    ++slice.meta.generation;
  });
  const std::vector<Decision> superseding = history.turn();
  EXPECT_THAT(effects_of<DeleteObject>(superseding), SizeIs(1));
  EXPECT_THAT(effects_of<CreateService>(superseding), IsEmpty());
  EXPECT_THAT(effects_of<CreatePod>(superseding), IsEmpty());
}

TEST(ClusterServices, RunsTheClusterOfARayServiceInItsPartition) {
  History history;
  history.see(service_slice("llm"));
  const std::vector<Decision> decided = history.settle_for(10s);
  ASSERT_THAT(history.clusters_of("llm"), SizeIs(1));
  const std::string cluster = history.clusters_of("llm")[0];
  EXPECT_THAT(history.pods_of(cluster), SizeIs(2));
  EXPECT_EQ(history.cluster(cluster).services.count(cluster + "-head-svc"), 1u);
}

}  // namespace
}  // namespace raycord
