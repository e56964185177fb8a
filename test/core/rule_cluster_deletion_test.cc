#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/core/cluster_stories.h"

namespace raycord {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kJob = "rc-redis-cleanup";

RayClusterSlice tolerant() {
  RayClusterSlice cluster = cluster_of({worker_group("small", 1)});
  cluster.redis_tolerant = true;
  return cluster;
}

// Deleted by its user while a person still sees its pods end.
History deleted_cluster(const RayClusterSlice& cluster = tolerant()) {
  History history = running_cluster(cluster);
  history.let_pods_linger();
  history.delete_cluster("rc");
  return history;
}

void end_pods(History& history, NodeType type) {
  std::vector<std::string> ending;
  for (const auto& [name, pod] : history.cluster("rc").pods) {
    if (pod.value.node_type == type) ending.push_back(name);
  }
  for (const std::string& name : ending) history.gone(pod_name(name));
}

std::vector<CreateDependent> jobs_in(const std::vector<Decision>& decisions) {
  std::vector<CreateDependent> jobs = effects_of<CreateDependent>(decisions);
  std::erase_if(jobs, [](const CreateDependent& made) { return made.kind != Kind::Job; });
  return jobs;
}

TEST(ClusterDeletion, GivesAFaultTolerantClusterItsFinalizerBeforeAnythingElse) {
  History history;
  history.see(tolerant());
  const std::vector<Decision> first = history.turn();
  EXPECT_THAT(rules_of(first), ElementsAre("add-redis-finalizer"));
  for (const Decision& decision : first) history.carry_out(decision);
  EXPECT_TRUE(history.cluster("rc").object->value.has_redis_finalizer);
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), SizeIs(2));
}

TEST(ClusterDeletion, WaitsForTheFinalizerAsLongAsItIsRefused) {
  History history;
  history.see(tolerant());
  for (const Decision& decision : history.turn()) {
    history.answer(decision, WriteResult::Refused, "no");
  }
  EXPECT_THAT(history.turn(), IsEmpty());
}

TEST(ClusterDeletion, KeepsOthersAndThoseWithoutCleanUpFreeOfFinalizers) {
  EXPECT_EQ(count_of(running_cluster(cluster_of({})).turn(), Rule::AddRedisFinalizer), 0u);
  Options options;
  options.redis_cleanup = false;
  History history(options);
  history.see(tolerant());
  const std::vector<Decision> decided = history.settle_for(1min);
  EXPECT_THAT(effects_of<SetFinalizer>(decided), IsEmpty());
  EXPECT_THAT(effects_of<CreatePod>(decided), SizeIs(2));
}

TEST(ClusterDeletion, DoesNothingForAnInvalidClusterThatIsNotDeleted) {
  RayClusterSlice cluster = tolerant();
  cluster.invalid = {"InvalidRayClusterSpec", "bad"};
  History history;
  history.see(cluster);
  EXPECT_THAT(history.settle_for(1min), IsEmpty());
}

TEST(ClusterDeletion, DeletesPodsThenCleansUpOnceTheHeadIsGone) {
  History history = deleted_cluster();
  EXPECT_EQ(count_of(history.settle_for(10s), Rule::DeletePodOfDeletedCluster), 2u);
  end_pods(history, NodeType::Worker);
  EXPECT_THAT(jobs_in(history.settle_for(10s)), IsEmpty());
  end_pods(history, NodeType::Head);
  const std::vector<CreateDependent> jobs = jobs_in(history.settle_for(10s));
  ASSERT_THAT(jobs, SizeIs(1));
  EXPECT_EQ(jobs[0].name, kJob);
  EXPECT_TRUE(history.has_cluster("rc"));
}

TEST(ClusterDeletion, DoesNotWaitForWorkers) {
  History history = deleted_cluster();
  history.settle_for(10s);
  end_pods(history, NodeType::Head);
  EXPECT_THAT(jobs_in(history.settle_for(10s)), SizeIs(1));
}

TEST(ClusterDeletion, LetsTheClusterGoWhenTheJobIsCompleteOrHasFailed) {
  for (const bool failed : {false, true}) {
    History history = deleted_cluster();
    history.settle_for(10s);
    end_pods(history, NodeType::Head);
    history.settle_for(10s);
    history.edit_job(kJob, [&](JobSlice& job) {
      job.finished = true;
      job.failed = failed;
    });
    const std::vector<Decision> decided = history.settle_for(10s);
    EXPECT_THAT(rules_of(decided), ElementsAre("remove-redis-finalizer"));
    EXPECT_FALSE(history.has_cluster("rc"));
  }
}

TEST(ClusterDeletion, LetsAClusterGoAtItsTimeLimit) {
  RayClusterSlice cluster = tolerant();
  cluster.redis_deletion_timeout_s = 10;
  History history = deleted_cluster(cluster);
  end_pods(history, NodeType::Head);
  const std::vector<Decision> early = history.settle_for(9s);
  EXPECT_THAT(jobs_in(early), SizeIs(1));
  EXPECT_EQ(count_of(early, Rule::ForceRedisFinalizer), 0u);
  EXPECT_THAT(rules_of(history.settle_for(1s)), ElementsAre("force-redis-finalizer"));
  EXPECT_FALSE(history.has_cluster("rc"));
}

// KubeRay looks at the time only when no head is left (raycluster-behaviour.md 8.7).
TEST(ClusterDeletion, LetsAClusterGoInTimeWhoseHeadDoesNotEnd) {
  History history = deleted_cluster();
  EXPECT_EQ(count_of(history.settle_for(299s), Rule::ForceRedisFinalizer), 0u);
  EXPECT_EQ(count_of(history.settle_for(2s), Rule::ForceRedisFinalizer), 1u);
}

// KubeRay does not get past validation (raycluster-behaviour.md 8.6).
TEST(ClusterDeletion, CleansUpAfterAClusterWhoseSpecBecameInvalid) {
  History history = running_cluster(tolerant());
  history.respec_cluster("rc", [](RayClusterSlice& slice) {
    slice.invalid = {"InvalidRayClusterSpec", "bad"};
  });
  history.delete_cluster("rc");
  EXPECT_THAT(jobs_in(history.settle_for(10s)), SizeIs(1));
}

// KubeRay leaves the finalizer when it is started without clean-up, or tolerance is switched off.
TEST(ClusterDeletion, LetsAClusterGoThatIsNotToBeCleanedUpAnyMore) {
  History history = running_cluster(tolerant());
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.redis_tolerant = false; });
  history.delete_cluster("rc");
  EXPECT_THAT(rules_of(history.settle_for(10s)), ElementsAre("remove-redis-finalizer"));
  EXPECT_FALSE(history.has_cluster("rc"));
}

TEST(ClusterDeletion, TakesNoOtherClustersJobForItsOwn) {
  History history = deleted_cluster();
  JobSlice job;
  job.meta = meta_named(kJob);
  job.meta.owner = {"RayCluster", "rc", "uid-of-the-earlier"};
  job.cluster = "rc";
  job.finished = true;
  history.see(job);
  EXPECT_EQ(count_of(history.settle_for(10s), Rule::RemoveRedisFinalizer), 0u);
}

TEST(ClusterDeletion, MakesNoSecondJobAfterARestart) {
  History history = deleted_cluster();
  history.settle_for(10s);
  end_pods(history, NodeType::Head);
  EXPECT_THAT(jobs_in(history.settle_for(10s)), SizeIs(1));
  history.restart();
  EXPECT_THAT(jobs_in(history.settle_for(1min)), IsEmpty());
}

TEST(ClusterDeletion, MakesNoJobWhileJobsMayNotBeLookedAt) {
  History history = running_cluster(tolerant());
  history.add(LeftScope{Kind::Job, "forbidden"});
  history.delete_cluster("rc");
  const std::vector<Decision> decided = history.settle_for(400s);
  EXPECT_THAT(jobs_in(decided), IsEmpty());
  EXPECT_EQ(count_of(decided, Rule::ForceRedisFinalizer), 1u);
}

TEST(ClusterDeletion, LetsNothingGoRightAfterTheWorldWentBackInTime) {
  History history = deleted_cluster();
  history.add(WorldRestored{Kind::RayCluster, 200, 100});
  EXPECT_THAT(history.settle_for(4min), IsEmpty());
  EXPECT_EQ(count_of(history.settle_for(2min), Rule::ForceRedisFinalizer), 1u);
}

// KubeRay's Job would remove what the cluster that took over relies on.
TEST(ClusterDeletion, LeavesThePlaceInRedisToAnotherClusterThatUsesIt) {
  const auto member = [](const std::string& name, bool deleted) {
    RayClusterSlice cluster = cluster_slice(name);
    cluster.meta.owner = {"RayService", "llm", "uid-llm"};
    cluster.from_ray_service = true;
    cluster.redis_tolerant = cluster.names_redis_space = cluster.has_redis_finalizer = true;
    if (deleted) cluster.meta.deleting_since = kHistoryStart;
    return cluster;
  };
  for (const bool shared : {false, true}) {
    History history;
    RayServiceSlice service = service_slice("llm");
    service.has_finalizer = true;
    history.see(service);
    history.see(member("old", true));
    RayClusterSlice next = member("next", false);
    next.names_redis_space = shared;
    history.see(next);
    const std::vector<Decision> decided = history.settle_for(10s);
    EXPECT_EQ(jobs_in(decided).empty(), shared);
    EXPECT_EQ(count_of(decided, Rule::RemoveRedisFinalizer), shared ? 1u : 0u);
  }
}

}  // namespace
}  // namespace raycord
