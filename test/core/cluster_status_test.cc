#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/status.h"
#include "core/turn.h"
#include "test/core/history.h"

namespace raycord {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

RayClusterStatus wanted(const History& history) {
  return wanted_cluster_status(history.partition(Kind::RayCluster, "rc"), history.cluster("rc"),
                               history.state().fleet, history.now());
}

Condition condition(const History& history, const char* type) {
  const RayClusterStatus status = wanted(history);
  const Condition* found = find_condition(status.conditions, type);
  return found == nullptr ? Condition{} : *found;
}

History with_pods(std::int32_t workers) {
  History history;
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.groups = {worker_group("workers", workers)};
  history.see(cluster);
  history.see(head_slice("rc", "rc-head"));
  for (int i = 0; i < workers; ++i) {
    history.see(worker_slice("rc", "workers", "rc-worker-" + std::to_string(i), i));
  }
  return history;
}

// --- Counters -----------------------------------------------------------------------------------

TEST(ClusterStatus, CountsWantedWorkersAsClampedAndResourcesAsTheBorderSummedThem) {
  History history;
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.groups = {worker_group("workers", 3, 0, 2)};
  cluster.desired.cpu = "4";
  history.see(cluster);
  EXPECT_EQ(wanted(history).desired_workers, 2);
  EXPECT_EQ(wanted(history).max_workers, 2);
  EXPECT_EQ(wanted(history).desired.cpu, "4");
}

TEST(ClusterStatus, CountsHostsOfReplicasAndNoneOfSuspendedGroups) {
  History history;
  RayClusterSlice cluster = cluster_slice("rc");
  WorkerGroup tpu = worker_group("tpu", 2, 1, 3);
  tpu.hosts = 4;
  WorkerGroup idle = worker_group("idle", 5, 5, 5);
  idle.suspended = true;
  cluster.groups = {tpu, idle};
  history.see(cluster);
  const RayClusterStatus status = wanted(history);
  EXPECT_EQ(status.desired_workers, 8);
  EXPECT_EQ(status.min_workers, 4);
  EXPECT_EQ(status.max_workers, 12);
}

TEST(ClusterStatus, SaturatesTheSumOfUnboundedGroups) {
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
  History history;
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.groups = {worker_group("a", 1, 0, kMax), worker_group("b", 1, 0, kMax)};
  history.see(cluster);
  EXPECT_EQ(wanted(history).max_workers, kMax);
}

TEST(ClusterStatus, KeepsARunningWorkerAvailableWhenItIsNotReady) {
  History history = with_pods(2);
  history.settle();
  EXPECT_EQ(wanted(history).state, "ready");
  history.edit_pod("rc-worker-0", [](PodSlice& slice) { slice.ready = false; });
  const RayClusterStatus status = wanted(history);
  EXPECT_EQ(status.available_workers, 2);
  EXPECT_EQ(status.ready_workers, 1);
  EXPECT_EQ(status.state, "ready") << "it stays through failures";
  EXPECT_EQ(condition(history, "RayClusterProvisioned").status, "True");
}

TEST(ClusterStatus, AdvancesTheObservedGenerationWithEveryEdit) {
  History history = with_pods(1);
  history.settle();
  history.respec_cluster("rc", [](RayClusterSlice&) {});
  history.settle_for(2s);
  EXPECT_EQ(history.cluster("rc").status.value.observed_generation, 2);
}

// --- Head and endpoints -------------------------------------------------------------------------

TEST(ClusterStatus, ShowsTheHeadAndItsService) {
  History history = with_pods(0);
  history.settle();
  const HeadView head = wanted(history).head;
  EXPECT_EQ(head.pod_name, "rc-head");
  EXPECT_EQ(head.pod_ip, "10.0.0.1");
  EXPECT_EQ(head.service_name, "rc-head-svc");
  EXPECT_THAT(head.service_ip, HasSubstr("10.96."));
}

TEST(ClusterStatus, ShowsTheHeadPodsAddressForAHeadlessService) {
  History history = with_pods(0);
  ServiceSlice service;
  service.meta = meta_named("rc-head-svc");
  service.meta.owner = {"RayCluster", "rc", "uid-rc"};
  service.is_head_service = true;
  service.cluster_ip = "None";
  history.see(service);
  EXPECT_EQ(wanted(history).head.service_ip, "10.0.0.1");
  history.gone({Kind::Pod, "default", "rc-head"});
  EXPECT_EQ(wanted(history).head.service_ip, "");
}

TEST(ClusterStatus, ListsTheNamedPortsOfTheHeadService) {
  History history = with_pods(0);
  history.settle();
  EXPECT_THAT(
      wanted(history).endpoints,
      ElementsAre(Pair("client", "10001"), Pair("dashboard", "8265"), Pair("gcs-server", "6379"),
                  Pair("metrics", "8080"), Pair("serve", "8000")));
}

TEST(ClusterStatus, PrefersNodePortsAndForgetsPortsThatAreGone) {
  History history = with_pods(0);
  history.settle();
  ServiceSlice service = history.cluster("rc").services.at("rc-head-svc").value;
  service.meta.version = 0;
  service.ports = {{"dashboard", 8265, "dash", 0}, {"serve", 80, "8000", 30080}, {"", 9, "9", 0}};
  history.see(service);
  history.settle_for(2s);
  EXPECT_THAT(history.cluster("rc").status.value.endpoints,
              ElementsAre(Pair("dashboard", "dash"), Pair("serve", "30080")));
}

// --- HeadPodReady -------------------------------------------------------------------------------

TEST(ClusterStatus, SaysThatTheHeadIsReadyWithoutWaitingForWorkers) {
  History history;
  history.see(cluster_slice("rc"));
  history.see(head_slice("rc", "rc-head"));
  EXPECT_EQ(condition(history, "HeadPodReady").status, "True");
  EXPECT_EQ(condition(history, "HeadPodReady").reason, "HeadPodRunningAndReady");
}

TEST(ClusterStatus, SaysThatThereIsNoHead) {
  History history;
  history.see(cluster_slice("rc"));
  EXPECT_EQ(condition(history, "HeadPodReady").status, "False");
  EXPECT_EQ(condition(history, "HeadPodReady").reason, "HeadPodNotFound");
  EXPECT_EQ(wanted(history).head.pod_name, "");
}

TEST(ClusterStatus, PassesOnWhyTheHeadIsNotReady) {
  History history = with_pods(0);
  history.edit_pod("rc-head", [](PodSlice& slice) {
    slice.phase = PodPhase::Pending;
    slice.ready = false;
    slice.ready_reason = "ImagePullBackOff";
    slice.ready_message = "containers with unready status: [ray-head]; ray-head: back-off";
  });
  EXPECT_EQ(condition(history, "HeadPodReady").status, "False");
  EXPECT_EQ(condition(history, "HeadPodReady").reason, "ImagePullBackOff");
  EXPECT_THAT(condition(history, "HeadPodReady").message, HasSubstr("ray-head: back-off"));
}

TEST(ClusterStatus, GivesAnUnusableReasonAValidOne) {
  for (const char* reason : {"", "1st", "two words", "ends-badly-"}) {
    History history = with_pods(0);
    history.edit_pod("rc-head", [&](PodSlice& slice) {
      slice.ready = false;
      slice.ready_reason = reason;
    });
    EXPECT_EQ(condition(history, "HeadPodReady").reason, "Unknown") << reason;
  }
}

TEST(ClusterStatus, NamesTheHeadsWhereThereAreTwo) {
  History history = with_pods(0);
  history.see(head_slice("rc", "made-by-hand"));
  EXPECT_EQ(condition(history, "HeadPodReady").status, "False");
  EXPECT_EQ(condition(history, "HeadPodReady").reason, "SeveralHeadPods");
  EXPECT_THAT(condition(history, "HeadPodReady").message,
              ::testing::AllOf(HasSubstr("made-by-hand"), HasSubstr("rc-head")));
}

TEST(ClusterStatus, ShowsAHeadThatIsEndingUntilItIsGone) {
  History history = with_pods(0);
  history.edit_pod("rc-head", [](PodSlice& slice) { slice.meta.deleting_since = kHistoryStart; });
  EXPECT_EQ(wanted(history).head.pod_name, "rc-head");
  EXPECT_EQ(condition(history, "HeadPodReady").status, "True");
  history.see(head_slice("rc", "rc-next"));
  EXPECT_EQ(wanted(history).head.pod_name, "rc-next") << "the one that stays";
}

TEST(ClusterStatus, KeepsTheTimeOfAConditionWhileItsStatusStays) {
  History history = with_pods(0);
  history.settle();
  const Time ready_since = condition(history, "HeadPodReady").since;
  history.wait(10s);
  const Time lost_at = history.now();
  const auto break_head = [&](const char* reason) {
    history.edit_pod("rc-head", [&](PodSlice& slice) {
      slice.ready = false;
      slice.ready_reason = reason;
    });
  };
  EXPECT_EQ(condition(history, "HeadPodReady").since, ready_since);
  break_head("CrashLoopBackOff");
  history.settle_for(2s);
  EXPECT_EQ(condition(history, "HeadPodReady").since, lost_at);
  break_head("Error");
  history.settle_for(2s);
  EXPECT_EQ(condition(history, "HeadPodReady").since, lost_at) << "only the reason changed";
}

// --- State and provisioning ---------------------------------------------------------------------

TEST(ClusterStatus, TurnsReadyWhenAllPodsRun) {
  History history = with_pods(2);
  const RayClusterStatus status = wanted(history);
  EXPECT_EQ(status.state, "ready");
  EXPECT_THAT(status.state_times, ElementsAre(Pair("ready", history.now())));
  EXPECT_EQ(condition(history, "RayClusterProvisioned").status, "True");
  EXPECT_EQ(condition(history, "RayClusterProvisioned").reason, "AllPodRunningAndReadyFirstTime");
}

TEST(ClusterStatus, IsNotReadyWhileAPodIsMissingOrNotRunning) {
  History history = with_pods(2);
  history.gone({Kind::Pod, "default", "rc-worker-1"});
  EXPECT_EQ(wanted(history).state, "");
  EXPECT_EQ(condition(history, "RayClusterProvisioned").reason, "RayClusterPodsProvisioning");
  PodSlice pending = worker_slice("rc", "workers", "rc-worker-2", 1);
  pending.phase = PodPhase::Pending;
  history.see(pending);
  EXPECT_EQ(wanted(history).state, "");
  EXPECT_EQ(condition(history, "RayClusterProvisioned").status, "False");
}

TEST(ClusterStatus, TakesARunningPodWithoutAReadyConditionForWell) {
  History history = with_pods(1);
  history.edit_pod("rc-worker-0", [](PodSlice& slice) {
    slice.ready = false;
    slice.has_ready_condition = false;
  });
  EXPECT_EQ(wanted(history).state, "ready");
}

TEST(ClusterStatus, GoesThroughSuspensionStepByStep) {
  History history = with_pods(1);
  history.settle();
  const auto steps = [&] {
    return condition(history, "RayClusterSuspending").status + " " +
           condition(history, "RayClusterSuspended").status;
  };
  EXPECT_EQ(steps(), "False False");
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.suspended = true; });
  EXPECT_EQ(steps(), "True False");
  history.settle_for(5s);
  EXPECT_EQ(steps(), "False True");
  EXPECT_EQ(history.cluster("rc").status.value.state, "suspended");
  EXPECT_EQ(condition(history, "RayClusterProvisioned").status, "False");
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.suspended = false; });
  EXPECT_EQ(steps(), "False False");
  history.settle_for(5s);
  history.start_pods("rc");
  history.settle_for(5s);
  EXPECT_EQ(history.cluster("rc").status.value.state, "ready");
  EXPECT_EQ(condition(history, "RayClusterProvisioned").status, "True");
}

TEST(ClusterStatus, KeepsConditionsOfOthers) {
  History history;
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.status.conditions = {{"Audited", "True", "ByAnotherController", "", kHistoryStart, 0}};
  history.see(cluster);
  EXPECT_EQ(condition(history, "Audited").reason, "ByAnotherController");
}

// --- ReplicaFailure -----------------------------------------------------------------------------

// Answers each creation of the head with a refusal; carries all else out.
void refuse_heads(History& history) {
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::CreateHeadPod) {
      history.answer(decision, WriteResult::Refused, "exceeded quota: compute");
    } else {
      history.carry_out(decision);
    }
  }
}

TEST(ClusterStatus, ShowsARefusedHeadUntilItIsMade) {
  History history;
  history.see(cluster_slice("rc"));
  refuse_heads(history);
  EXPECT_EQ(condition(history, "ReplicaFailure").status, "True");
  EXPECT_EQ(condition(history, "ReplicaFailure").reason, "FailedCreateHeadPod");
  EXPECT_THAT(condition(history, "ReplicaFailure").message, HasSubstr("exceeded quota: compute"));
  history.settle_for(10s);
  EXPECT_EQ(condition(history, "ReplicaFailure").type, "");
}

TEST(ClusterStatus, SaysTheSameOfEachAttemptToMakeAHead) {
  History history;
  history.see(cluster_slice("rc"));
  const auto refuse = [&](const char* name) {
    for (const Decision& decision : history.turn()) {
      if (decision.rule == Rule::CreateHeadPod) {
        history.answer(decision, WriteResult::Refused,
                       "Pod \"rc-head-" + std::string(name) + "\" is invalid: name: \"rc-head-" +
                           std::string(name) + "\" is wrong");
      } else {
        history.carry_out(decision);
      }
    }
    return condition(history, "ReplicaFailure").message;
  };
  const std::string first = refuse("2bcde");
  EXPECT_THAT(first, HasSubstr("Pod \"rc-head-*\" is invalid: name: \"rc-head-*\" is wrong"));
  EXPECT_EQ(refuse("zzzzz"), first);
}

TEST(ClusterStatus, ForgetsAFailureThatNobodyRepeats) {
  History history;
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.groups = {worker_group("workers", 2)};
  history.see(cluster);
  for (const Decision& decision : history.turn()) {
    const auto* pod = std::get_if<CreatePod>(&decision.effect);
    if (pod != nullptr && pod->replica_index == 1) {
      history.answer(decision, WriteResult::Refused, "exceeded quota");
    } else {
      history.carry_out(decision);
    }
  }
  EXPECT_EQ(condition(history, "ReplicaFailure").reason, "FailedCreateWorkerPod");
  const Time shown_until = history.now() + kRetryFirst + kFailureShown;
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 1; });
  history.settle_for(5s);
  EXPECT_EQ(history.next_wake(), shown_until);
  history.settle_for(1min);
  EXPECT_EQ(find_condition(history.cluster("rc").status.value.conditions, "ReplicaFailure"),
            nullptr);
}

TEST(ClusterStatus, IsNotReadyWhileAFailureIsShown) {
  History history;
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.groups = {worker_group("workers", 1)};
  history.see(cluster);
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::CreateWorkerPod) {
      history.answer(decision, WriteResult::Refused, "exceeded quota");
    } else {
      history.carry_out(decision);
    }
  }
  history.start_pods("rc");
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 0; });
  EXPECT_EQ(wanted(history).state, "");
  history.settle_for(1min);
  EXPECT_EQ(wanted(history).state, "ready");
}

TEST(ClusterStatus, ShowsTheHeadsFailureBeforeThatOfWorkers) {
  History history;
  history.see(cluster_slice("rc"));
  for (const Decision& decision : history.turn()) {
    history.answer(decision, WriteResult::Refused, "exceeded quota");
  }
  EXPECT_EQ(condition(history, "ReplicaFailure").reason, "FailedCreateHeadPod");
}

TEST(ClusterStatus, ShowsADeletionThatFails) {
  History history = with_pods(1);
  history.settle();
  history.edit_pod("rc-head", [](PodSlice& slice) { slice.phase = PodPhase::Failed; });
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::DeleteDeadPod) history.answer(decision, WriteResult::Failed);
  }
  EXPECT_EQ(condition(history, "ReplicaFailure").reason, "FailedDeleteHeadPod");
}

// --- When it is written -------------------------------------------------------------------------

std::vector<Decision> writes_in(const std::vector<Decision>& decisions) {
  return of_rule(decisions, Rule::WriteClusterStatus);
}

TEST(ClusterStatus, IsNotWrittenWhileNothingChanges) {
  History history = with_pods(2);
  history.settle_for(1min);
  EXPECT_THAT(history.settle_for(24h), IsEmpty());
  history.edit_pod("rc-worker-0", [](PodSlice&) {});
  EXPECT_THAT(history.settle_for(1min), IsEmpty());
}

TEST(ClusterStatus, IsWrittenOnceASecondAtMost) {
  History history = with_pods(2);
  history.settle_for(1min);
  int writes = 0;
  const Time start = history.now();
  while (history.now() < start + 5s) {
    history.edit_pod("rc-worker-0", [](PodSlice& slice) { slice.ready = !slice.ready; });
    for (const Decision& decision : history.turn()) {
      if (decision.rule == Rule::WriteClusterStatus) ++writes;
      history.carry_out(decision);
    }
    history.wait(100ms);
  }
  EXPECT_LE(writes, 5);
  EXPECT_GE(writes, 2);
}

TEST(ClusterStatus, WaitsAMinuteWithAChangeOfMessagesOnly) {
  History history = with_pods(0);
  const auto say = [&](const char* message) {
    history.edit_pod("rc-head", [&](PodSlice& slice) {
      slice.ready = false;
      slice.ready_reason = "CrashLoopBackOff";
      slice.ready_message = message;
    });
  };
  say("restarted 1 time");
  history.settle_for(1s);
  const Time written = history.cluster("rc").status.written_at;
  say("restarted 2 times");
  EXPECT_THAT(history.turn(), IsEmpty());
  EXPECT_EQ(history.next_wake(), written + kStatusMessageInterval);
  EXPECT_THAT(writes_in(history.settle_for(2min)), ::testing::SizeIs(1));
}

TEST(ClusterStatus, IsWrittenOverTheVersionThatIsBelieved) {
  History history = with_pods(1);
  const std::uint64_t version = history.cluster("rc").object->value.meta.version;
  const std::vector<Decision> writes = writes_in(history.turn());
  ASSERT_THAT(writes, ::testing::SizeIs(1));
  const auto& write = std::get<WriteClusterStatus>(writes[0].effect);
  EXPECT_EQ(write.version, version);
  EXPECT_EQ(write.content, hash_of(write.status));
}

TEST(ClusterStatus, NamesThePodThatChangedItAsTheCause) {
  History history = with_pods(2);
  history.settle_for(1min);
  const Seq seen = history.edit_pod("rc-worker-1", [](PodSlice& slice) { slice.ready = false; });
  const std::vector<Decision> writes = writes_in(history.turn());
  ASSERT_THAT(writes, ::testing::SizeIs(1));
  EXPECT_THAT(writes[0].causes, ElementsAre(seen));
}

TEST(ClusterStatus, IsReadAgainFromTheLogAsItWasWritten) {
  History history = with_pods(1);
  history.settle_for(1min);
  // The log keeps only the hash of a status: the fold projects the text again.
  State folded;
  for (Frame frame : history.frames()) {
    for (Decision& decision : frame.decisions) {
      auto* write = std::get_if<WriteClusterStatus>(&decision.effect);
      if (write != nullptr) write->status = {};
    }
    fold_frame(folded, frame);
  }
  const Partition& partition = folded.partitions.at({Kind::RayCluster, "default", "rc"});
  EXPECT_EQ(partition.clusters.at("rc").status.value, history.cluster("rc").status.value);
  EXPECT_EQ(digest_of(partition), digest_of(history.partition(Kind::RayCluster, "rc")));
}

TEST(ClusterStatus, DiffersWithoutMessagesOnlyInWhatIsUrgent) {
  RayClusterStatus status;
  status.conditions = {{"HeadPodReady", "False", "Error", "first", {}, 1}};
  RayClusterStatus other = status;
  other.conditions[0].message = "second";
  EXPECT_NE(hash_of(status), hash_of(other));
  EXPECT_EQ(hash_without_messages(status), hash_without_messages(other));
  other.conditions[0].reason = "OOMKilled";
  EXPECT_NE(hash_without_messages(status), hash_without_messages(other));
}

}  // namespace
}  // namespace raycord
