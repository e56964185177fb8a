#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/names.h"
#include "test/core/cluster_stories.h"

namespace raycord {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(ClusterPods, MakesServiceHeadAndWorkersInOneTurn) {
  History history;
  history.see(cluster_of({worker_group("small", 2)}));
  const std::vector<Decision> decided = history.turn();
  EXPECT_EQ(count_of(decided, Rule::CreateClusterHeadService), 1u);
  EXPECT_EQ(count_of(decided, Rule::CreateHeadPod), 1u);
  EXPECT_EQ(count_of(decided, Rule::CreateWorkerPod), 2u);
}

TEST(ClusterPods, NamesWhatAPodIsBuiltFromAndWhy) {
  History history;
  const Seq seen = history.see(cluster_of({worker_group("small", 1)}));
  const std::vector<Decision> heads = of_rule(history.turn(), Rule::CreateHeadPod);
  ASSERT_THAT(heads, SizeIs(1));
  const auto& pod = std::get<CreatePod>(heads[0].effect);
  EXPECT_EQ(pod.cluster, (Template{{Kind::RayCluster, "default", "rc"}, seen}));
  EXPECT_THAT(heads[0].causes, ElementsAre(seen));
}

TEST(ClusterPods, GivesEachGroupItsOwnWorkers) {
  const History history = running_cluster(cluster_of({worker_group("a", 1), worker_group("b", 2)}));
  EXPECT_THAT(workers_of(history, "a"), SizeIs(1));
  EXPECT_THAT(workers_of(history, "b"), SizeIs(2));
}

TEST(ClusterPods, TakesTheFirstOfTwoGroupsOfOneName) {
  History history = running_cluster(cluster_of({worker_group("a", 2), worker_group("a", 1)}));
  EXPECT_THAT(workers_of(history, "a"), SizeIs(2));
  EXPECT_THAT(history.settle_for(1min), IsEmpty());
}

TEST(ClusterPods, KeepsQuietAboutAHealthyClusterAfterARestart) {
  History history = running_cluster(cluster_of({worker_group("small", 2)}));
  history.restart();
  EXPECT_THAT(history.settle_for(10min), IsEmpty());
}

TEST(ClusterPods, DoesNothingForAnInvalidCluster) {
  RayClusterSlice cluster = cluster_of({worker_group("small", 1)});
  cluster.invalid = {"InvalidRayClusterSpec", "minReplicas is greater than maxReplicas"};
  History history;
  history.see(cluster);
  EXPECT_THAT(history.settle_for(1min), IsEmpty());
}

TEST(ClusterPods, DoesNothingForAClusterThatAnotherControllerManages) {
  RayClusterSlice cluster = cluster_of({worker_group("small", 1)});
  cluster.managed_elsewhere = true;
  History history;
  history.see(cluster);
  EXPECT_THAT(history.settle_for(1min), IsEmpty());
}

TEST(ClusterPods, DoesNothingForAClusterThatIsBeingDeleted) {
  RayClusterSlice cluster = cluster_of({worker_group("small", 1)});
  cluster.meta.deleting_since = kHistoryStart;
  History history;
  history.see(cluster);
  EXPECT_THAT(history.settle_for(1min), IsEmpty());
}

TEST(ClusterPods, RunsAClusterMadeAgainWhileOldPodsStillEnd) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  const std::string head = history.head_of("rc");
  history.edit_cluster("rc",
                       [&](RayClusterSlice& slice) { slice.meta.deleting_since = kHistoryStart; });
  history.gone({Kind::RayCluster, "default", "rc"});
  history.edit_pod(head, [](PodSlice& slice) { slice.meta.deleting_since = kHistoryStart; });
  RayClusterSlice again = cluster_of({worker_group("small", 1)});
  again.meta.uid = "uid-rc-again";
  history.see(again);
  EXPECT_EQ(count_of(history.settle(), Rule::CreateHeadPod), 0u) << "two heads behind one Service";
  for (const std::string& worker : workers_of(history, "small")) history.gone(pod_name(worker));
  history.gone(pod_name(head));
  const std::vector<Decision> decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::CreateHeadPod), 1u);
  EXPECT_EQ(count_of(decided, Rule::CreateWorkerPod), 1u);
}

// --- Replacing ----------------------------------------------------------------------------------

TEST(ClusterPods, ReplacesALostWorkerOnceItIsGone) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  const std::string worker = workers_of(history, "small")[0];
  history.edit_pod(worker, [](PodSlice& slice) { slice.meta.deleting_since = kHistoryStart; });
  EXPECT_EQ(count_of(history.turn(), Rule::CreateWorkerPod), 0u) << "it is still there";
  const Seq gone = history.gone(pod_name(worker));
  const std::vector<Decision> created = of_rule(history.settle(), Rule::CreateWorkerPod);
  ASSERT_THAT(created, SizeIs(1));
  EXPECT_THAT(created[0].causes, ::testing::Contains(gone));
  EXPECT_NE(object_of(created[0].effect).name, worker) << "names are not used twice";
}

TEST(ClusterPods, ReplacesALostHeadAndKeepsTheWorkers) {
  History history = running_cluster(cluster_of({worker_group("small", 2)}));
  const std::string head = history.head_of("rc");
  const Seq gone = history.gone(pod_name(head));
  const std::vector<Decision> decided = history.settle();
  const std::vector<Decision> created = of_rule(decided, Rule::CreateHeadPod);
  ASSERT_THAT(created, SizeIs(1));
  EXPECT_THAT(created[0].causes, ::testing::Contains(gone));
  EXPECT_NE(history.head_of("rc"), head);
  EXPECT_THAT(deleted(decided), IsEmpty());
  EXPECT_EQ(count_of(decided, Rule::CreateWorkerPod), 0u);
}

TEST(ClusterPods, PassesOverTheNameOfAPodThatIsGone) {
  History history;
  history.see(cluster_of({}));
  const std::string first = head_pod_name("rc", "uid-rc", 1);
  history.see(head_slice("rc", first));  // Of an earlier log.
  history.settle();
  history.gone(pod_name(first));
  history.settle();
  EXPECT_NE(history.head_of("rc"), "");
  EXPECT_NE(history.head_of("rc"), first);
}

TEST(ClusterPods, GivesNoNameTwiceThoughTombstonesAreForgotten) {
  History history = running_cluster(cluster_of({}));
  const std::string first = history.head_of("rc");
  history.gone(pod_name(first));
  history.add(WorldRestored{Kind::Pod, 500, 20});
  history.settle();
  EXPECT_NE(history.head_of("rc"), "");
  EXPECT_NE(history.head_of("rc"), first);
}

TEST(ClusterPods, DeletesAFailedHeadAndMakesAnotherWhenItIsGone) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  history.let_pods_linger();
  const std::string head = history.head_of("rc");
  const Seq failed = history.edit_pod(head, [](PodSlice& slice) {
    slice.phase = PodPhase::Failed;
    slice.ready = false;
  });
  std::vector<Decision> decided = history.settle();
  const std::vector<Decision> deletions = of_rule(decided, Rule::DeleteDeadPod);
  ASSERT_THAT(deletions, SizeIs(1));
  EXPECT_EQ(object_of(deletions[0].effect).name, head);
  EXPECT_THAT(deletions[0].causes, ElementsAre(failed));
  EXPECT_EQ(count_of(decided, Rule::CreateHeadPod), 0u);
  history.gone(pod_name(head));
  EXPECT_EQ(count_of(history.settle(), Rule::CreateHeadPod), 1u);
}

TEST(ClusterPods, LeavesAnEndedRayContainerToTheKubeletThatRestartsIt) {
  for (const RestartPolicy policy : {RestartPolicy::Always, RestartPolicy::OnFailure}) {
    History history = running_cluster(cluster_of({worker_group("small", 1)}));
    const std::string worker = workers_of(history, "small")[0];
    history.edit_pod(worker, [&](PodSlice& slice) {
      slice.ray_terminated = true;
      slice.restart_policy = policy;
    });
    EXPECT_THAT(deleted(history.settle_for(1min)), IsEmpty());
  }
}

TEST(ClusterPods, ReplacesAWorkerWhoseRayContainerEndedForGood) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  const std::string worker = workers_of(history, "small")[0];
  history.edit_pod(worker, [](PodSlice& slice) {
    slice.ray_terminated = true;
    slice.restart_policy = RestartPolicy::Never;
  });
  const std::vector<Decision> decided = history.settle();
  EXPECT_THAT(deleted(decided), ElementsAre(worker));
  EXPECT_EQ(count_of(decided, Rule::CreateWorkerPod), 1u);
}

TEST(ClusterPods, MakesNoWorkerInTheTurnThatDeletesAnEvictedOne) {
  History history = running_cluster(cluster_of({worker_group("small", 2)}));
  history.edit_pod(workers_of(history, "small")[0],
                   [](PodSlice& slice) { slice.phase = PodPhase::Failed; });
  const std::vector<Decision> decided = history.turn();
  EXPECT_EQ(count_of(decided, Rule::DeleteDeadPod), 1u);
  EXPECT_EQ(count_of(decided, Rule::CreateWorkerPod), 0u);
}

TEST(ClusterPods, LeavesTwoHeadsAlone) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  PodSlice second = head_slice("rc", "made-by-hand");
  second.phase = PodPhase::Failed;
  history.see(second);
  history.gone(pod_name(workers_of(history, "small")[0]));
  const std::vector<Decision> decided = history.settle_for(1min);
  EXPECT_THAT(deleted(decided), IsEmpty());
  EXPECT_THAT(effects_of<CreatePod>(decided), IsEmpty());
}

TEST(ClusterPods, DeletesNoPodOfAnotherOwner) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  PodSlice foreign = worker_slice("rc", "small", "foreign", 7);
  foreign.meta.owner = {};
  foreign.phase = PodPhase::Failed;
  history.see(foreign);
  EXPECT_THAT(deleted(history.settle_for(1min)), IsEmpty());
}

// --- Outcomes that don't come, or come late -----------------------------------------------------

TEST(ClusterPods, MakesNoSecondPodWhileTheFirstIsOnItsWay) {
  History history;
  history.see(cluster_of({worker_group("small", 1)}));
  const std::vector<Decision> first = history.turn();
  history.wait(10min);
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), IsEmpty());
  for (const Decision& decision : first) history.carry_out(decision);
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), IsEmpty());
}

TEST(ClusterPods, CountsCreationsInDoubtUntilTheyAreSettled) {
  History history;
  history.see(cluster_of({worker_group("small", 1)}));
  const std::vector<Decision> decided = history.turn();
  for (const Decision& decision : decided) history.answer(decision, WriteResult::Unknown);
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), IsEmpty());
  history.wait(1s);
  history.add(KindCaughtUp{Kind::Pod, 200, history.state().last});
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), SizeIs(2)) << "they were never made";
}

TEST(ClusterPods, DoesNotDeleteMoreWhileDeletedPodsLinger) {
  History history = running_cluster(cluster_of({worker_group("small", 3)}));
  history.let_pods_linger();
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 1; });
  EXPECT_THAT(deleted(history.settle_for(10min)), SizeIs(2));
  EXPECT_THAT(workers_of(history, "small"), SizeIs(1));
  history.restart();
  EXPECT_THAT(deleted(history.settle_for(10min)), IsEmpty());
}

TEST(ClusterPods, WaitsLongerAfterEachRefusal) {
  History history;
  history.see(cluster_of({}));
  std::vector<Time> tried;
  for (int turns = 0; turns < 40 && tried.size() < 4; ++turns) {
    for (const Decision& decision : history.turn()) {
      if (decision.rule == Rule::CreateHeadPod) {
        tried.push_back(history.now());
        history.answer(decision, WriteResult::Refused, "exceeded quota");
      } else {
        history.carry_out(decision);
      }
    }
    history.wait(500ms);
  }
  ASSERT_THAT(tried, SizeIs(4));
  EXPECT_LT(tried[1] - tried[0], tried[2] - tried[1]);
  EXPECT_LT(tried[2] - tried[1], tried[3] - tried[2]);
}

TEST(ClusterPods, TakesRefusalsOfOneTurnForOneFailure) {
  History history;
  history.see(cluster_of({worker_group("small", 50, 0, 50)}));
  for (const Decision& decision : history.turn()) {
    history.answer(decision, WriteResult::Refused, "exceeded quota");
  }
  history.wait(kRetryFirst);
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), SizeIs(51));
}

TEST(ClusterPods, MakesAThousandWorkersInPortions) {
  History history;
  history.see(cluster_of({worker_group("small", 1000, 0, 1000)}));
  const std::vector<Decision> decided = history.turn();
  EXPECT_THAT(effects_of<CreatePod>(decided), SizeIs(kPodsInCreationMax));
  EXPECT_THAT(effects_of<CreatePod>(history.turn()), IsEmpty());
  for (const Decision& decision : decided) history.carry_out(decision);
  history.settle();
  EXPECT_THAT(workers_of(history, "small"), SizeIs(1000));
}

// --- Scaling ------------------------------------------------------------------------------------

TEST(ClusterPods, ScalesUpByTheMissingPods) {
  History history = running_cluster(cluster_of({worker_group("small", 1)}));
  const Seq edited =
      history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 3; });
  const std::vector<Decision> created = of_rule(history.turn(), Rule::CreateWorkerPod);
  ASSERT_THAT(created, SizeIs(2));
  EXPECT_THAT(created[0].causes, ElementsAre(edited));
}

TEST(ClusterPods, KeepsToTheClampedReplicas) {
  History history = running_cluster(cluster_of({worker_group("small", 9, 0, 2)}));
  EXPECT_THAT(workers_of(history, "small"), SizeIs(2));
  history.respec_cluster(
      "rc", [](RayClusterSlice& slice) { slice.groups[0] = worker_group("small", 0, 1, 2); });
  history.settle();
  EXPECT_THAT(workers_of(history, "small"), SizeIs(1));
}

TEST(ClusterPods, ScalesDownWhatIsNotReadyFirstThenTheNewestThenByName) {
  History history = running_cluster(cluster_of({worker_group("small", 4)}));
  const std::vector<std::string> workers = workers_of(history, "small");
  history.edit_pod(workers[0], [](PodSlice& slice) { slice.meta.created += 1s; });
  history.edit_pod(workers[3], [](PodSlice& slice) { slice.ready = false; });
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 1; });
  EXPECT_THAT(deleted(history.settle()), UnorderedElementsAre(workers[3], workers[0], workers[1]));
}

TEST(ClusterPods, RefillsTheSmallestFreeReplicaIndex) {
  History history = running_cluster(cluster_of({worker_group("small", 3)}));
  EXPECT_THAT(indexes_of(history, "small"), UnorderedElementsAre(0, 1, 2));
  for (const std::string& name : workers_of(history, "small")) {
    if (history.pod(name).replica_index != 1) continue;
    history.gone(pod_name(name));
    break;
  }
  const std::vector<CreatePod> created = effects_of<CreatePod>(history.settle());
  ASSERT_THAT(created, SizeIs(1));
  EXPECT_EQ(created[0].replica_index, 1);
}

TEST(ClusterPods, KeepsThePodsOfARemovedGroup) {
  History history = running_cluster(cluster_of({worker_group("a", 1), worker_group("b", 1)}));
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups.pop_back(); });
  EXPECT_THAT(deleted(history.settle_for(1min)), IsEmpty());
  EXPECT_THAT(workers_of(history, "b"), SizeIs(1));
}

TEST(ClusterPods, LeavesRunningPodsAloneWhenATemplateChanges) {
  History history = running_cluster(cluster_of({worker_group("small", 2)}));
  history.respec_cluster("rc", [](RayClusterSlice& slice) {
    slice.own_hashes = cluster_hashes("another image");
    slice.spec_revision = slice.own_hashes.back();
  });
  const std::vector<Decision> decided = history.settle_for(1min);
  EXPECT_THAT(deleted(decided), IsEmpty());
  EXPECT_THAT(effects_of<CreatePod>(decided), IsEmpty());
}

// --- Autoscaling --------------------------------------------------------------------------------

RayClusterSlice autoscaled(std::int32_t replicas) {
  RayClusterSlice cluster = cluster_of({worker_group("small", replicas)});
  cluster.autoscaling = true;
  return cluster;
}

TEST(ClusterPods, DeletesExactlyTheWorkersThatTheAutoscalerNames) {
  History history = running_cluster(autoscaled(3));
  const std::string named = workers_of(history, "small")[1];
  history.respec_cluster("rc", [&](RayClusterSlice& slice) {
    slice.groups[0].replicas = 2;
    slice.groups[0].workers_to_delete = {named};
  });
  const std::vector<Decision> decided = history.settle_for(1min);
  EXPECT_THAT(deleted(decided), ElementsAre(named));
  EXPECT_EQ(decided[0].rule, Rule::DeleteNamedWorker);
  EXPECT_THAT(effects_of<CreatePod>(decided), IsEmpty());
}

TEST(ClusterPods, DeletesNoNamedPodOfAnotherCluster) {
  History history = running_cluster(autoscaled(1));
  RayClusterSlice other = cluster_slice("other");
  history.see(other);
  history.settle();
  history.respec_cluster("rc", [&](RayClusterSlice& slice) {
    slice.groups[0].workers_to_delete = history.pods_of("other");
    slice.groups[0].workers_to_delete.push_back(history.head_of("rc"));
  });
  EXPECT_THAT(deleted(history.settle_for(1min)), IsEmpty());
}

TEST(ClusterPods, LeavesScalingDownToTheAutoscaler) {
  History history = running_cluster(autoscaled(3));
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 1; });
  EXPECT_THAT(deleted(history.settle_for(1min)), IsEmpty());
}

TEST(ClusterPods, ScalesDownBesideTheAutoscalerWhereAllowed) {
  Options options;
  options.random_pod_delete = true;
  History history(options);
  history.see(autoscaled(3));
  history.settle();
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 1; });
  EXPECT_THAT(deleted(history.settle()), SizeIs(2));
}

// --- A world that went back in time -------------------------------------------------------------

TEST(ClusterPods, DeletesNothingForAWhileAfterTheWorldWasRestored) {
  History history = running_cluster(cluster_of({worker_group("small", 3)}));
  history.add(WorldRestored{Kind::Pod, 500, 20});
  const Time restored = history.now();
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 1; });
  EXPECT_THAT(deleted(history.turn()), IsEmpty());
  EXPECT_EQ(history.next_wake(), restored + kRestoredCalm);
  EXPECT_THAT(deleted(history.settle_for(kRestoredCalm)), SizeIs(2));
}

}  // namespace
}  // namespace raycord
