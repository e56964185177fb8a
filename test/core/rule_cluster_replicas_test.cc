#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/cluster_stories.h"

namespace raycord {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

WorkerGroup multi_host(std::int32_t replicas, std::int32_t hosts) {
  WorkerGroup group = worker_group("tpu", replicas);
  group.hosts = hosts;
  return group;
}

TEST(ClusterReplicas, MakesReplicasOfSeveralHosts) {
  const History history = running_cluster(cluster_of({multi_host(2, 4)}));
  std::map<std::string, std::vector<std::int32_t>> hosts;
  for (const std::string& name : workers_of(history, "tpu")) {
    hosts[history.pod(name).replica_name].push_back(history.pod(name).host_index);
  }
  ASSERT_THAT(hosts, SizeIs(2));
  for (const auto& [replica, indexes] : hosts) {
    EXPECT_THAT(indexes, UnorderedElementsAre(0, 1, 2, 3)) << replica;
  }
  EXPECT_THAT(indexes_of(history, "tpu"), UnorderedElementsAre(0, 0, 0, 0, 1, 1, 1, 1));
}

TEST(ClusterReplicas, ReplacesAWholeReplicaForOneLostHost) {
  History history = running_cluster(cluster_of({multi_host(2, 4)}));
  const std::string lost = workers_of(history, "tpu")[0];
  const std::string replica = history.pod(lost).replica_name;
  history.gone(pod_name(lost));
  const std::vector<Decision> decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::DeleteIncompleteReplica), 3u);
  EXPECT_EQ(count_of(decided, Rule::CreateWorkerPod), 4u);
  EXPECT_THAT(workers_of(history, "tpu"), SizeIs(8));
  for (const std::string& name : workers_of(history, "tpu")) {
    EXPECT_NE(history.pod(name).replica_name, replica);
  }
}

TEST(ClusterReplicas, ReplacesAWholeReplicaForOneDeadHost) {
  History history = running_cluster(cluster_of({multi_host(1, 2)}));
  history.edit_pod(workers_of(history, "tpu")[0],
                   [](PodSlice& slice) { slice.phase = PodPhase::Failed; });
  const std::vector<Decision> decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::DeleteDeadPod), 2u);
  EXPECT_EQ(count_of(decided, Rule::CreateWorkerPod), 2u);
}

TEST(ClusterReplicas, DeletesTheReplicaOfANamedHost) {
  History history = running_cluster(cluster_of({multi_host(2, 2)}));
  const std::string named = workers_of(history, "tpu")[0];
  const std::string replica = history.pod(named).replica_name;
  history.respec_cluster("rc", [&](RayClusterSlice& slice) {
    slice.groups[0].replicas = 1;
    slice.groups[0].workers_to_delete = {named};
  });
  EXPECT_EQ(count_of(history.settle(), Rule::DeleteNamedWorker), 2u);
  ASSERT_THAT(workers_of(history, "tpu"), SizeIs(2));
  EXPECT_NE(history.pod(workers_of(history, "tpu")[0]).replica_name, replica);
}

TEST(ClusterReplicas, ScalesDownByWholeReplicas) {
  History history = running_cluster(cluster_of({multi_host(3, 2)}));
  const std::string unready = workers_of(history, "tpu")[5];
  const std::string replica = history.pod(unready).replica_name;
  history.edit_pod(unready, [](PodSlice& slice) { slice.ready = false; });
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 2; });
  EXPECT_EQ(count_of(history.settle(), Rule::ScaleDown), 2u);
  for (const std::string& name : workers_of(history, "tpu")) {
    EXPECT_NE(history.pod(name).replica_name, replica);
  }
}

TEST(ClusterReplicas, LeavesScalingDownReplicasToTheAutoscaler) {
  RayClusterSlice cluster = cluster_of({multi_host(3, 2)});
  cluster.autoscaling = true;
  History history = running_cluster(cluster);
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 1; });
  EXPECT_THAT(deleted(history.settle_for(1min)), IsEmpty());
}

TEST(ClusterReplicas, TakesHostsWithoutAReplicaNameForReplicas) {
  History history;
  history.see(cluster_of({multi_host(2, 2)}));
  for (int i = 0; i < 4; ++i) {
    history.see(worker_slice("rc", "tpu", "old-" + std::to_string(i), -1));
  }
  const std::vector<Decision> decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::CreateWorkerPod), 0u);
  EXPECT_THAT(deleted(decided), IsEmpty());
}

TEST(ClusterReplicas, MakesNoPodOfAGroupWithoutHosts) {
  const History history = running_cluster(cluster_of({multi_host(2, 0)}));
  EXPECT_THAT(workers_of(history, "tpu"), IsEmpty());
}

}  // namespace
}  // namespace raycord
