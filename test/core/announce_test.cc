#include "core/announce.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/limits.h"
#include "core/turn.h"
#include "test/core/history.h"

namespace raycord {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// All that is announced while the frames of a history are folded into an empty state.
std::vector<Announcement> announced_in(const History& history) {
  State state;
  Announcer announcer(state);
  std::vector<Announcement> all;
  for (const Frame& frame : history.frames()) {
    fold_frame(state, frame);
    for (Announcement& said : announcer.follow(state, frame)) all.push_back(std::move(said));
  }
  return all;
}

std::vector<Announcement> with_reason(const History& history, const std::string& reason) {
  std::vector<Announcement> found;
  for (Announcement& said : announced_in(history)) {
    if (said.reason == reason) found.push_back(std::move(said));
  }
  return found;
}

History story_of_cluster() {
  History history;
  history.see(cluster_slice("rc"));
  history.settle_for(5s);
  return history;
}

TEST(Announce, TellsWhatWasMadeForACluster) {
  const History history = story_of_cluster();
  const std::vector<Announcement> heads = with_reason(history, "CreatedHeadPod");
  ASSERT_THAT(heads, SizeIs(1));
  EXPECT_EQ(heads[0].regarding, (ObjectName{Kind::RayCluster, "default", "rc"}));
  EXPECT_EQ(heads[0].uid, "uid-rc");
  EXPECT_EQ(heads[0].type, "Normal");
  EXPECT_EQ(heads[0].action, "Create");
  EXPECT_THAT(heads[0].note, HasSubstr(history.head_of("rc")));
  EXPECT_THAT(with_reason(history, "CreatedWorkerPod"), SizeIs(1));
  EXPECT_THAT(with_reason(history, "CreatedService"), SizeIs(1));
}

TEST(Announce, EndsInTheEventThatWhyStartsFrom) {
  const History history = story_of_cluster();
  const std::vector<Announcement> heads = with_reason(history, "CreatedHeadPod");
  ASSERT_THAT(heads, SizeIs(1));
  Seq decided;
  for (const Frame& frame : history.frames()) {
    for (const Decision& decision : frame.decisions) {
      if (decision.rule == Rule::CreateHeadPod) decided = decision.seq;
    }
  }
  EXPECT_EQ(heads[0].seq, decided);
  EXPECT_THAT(heads[0].note, EndsWith(" (abcde:" + std::to_string(decided.value) + ")"));
}

TEST(Announce, GivesTheSameNamesEachTimeAndNoNameTwice) {
  const History history = story_of_cluster();
  const std::vector<Announcement> once = announced_in(history);
  EXPECT_EQ(once, announced_in(history));
  std::set<std::string> names;
  for (const Announcement& said : once) {
    EXPECT_TRUE(names.insert(said.name).second) << said.name;
    EXPECT_EQ(said.name.find(said.regarding.name + "."), 0u);
  }
}

TEST(Announce, TellsARefusalAsAWarningWithTheReason) {
  History history;
  history.see(cluster_slice("rc"));
  for (const Decision& decision : history.turn()) {
    history.answer(decision, WriteResult::Refused, "exceeded quota: compute");
  }
  history.turn();
  const std::vector<Announcement> heads = with_reason(history, "FailedToCreateHeadPod");
  ASSERT_THAT(heads, SizeIs(1));
  EXPECT_EQ(heads[0].type, "Warning");
  EXPECT_EQ(heads[0].action, "Create");
  EXPECT_THAT(heads[0].note, HasSubstr("exceeded quota: compute"));
  EXPECT_THAT(with_reason(history, "FailedToCreateService"), SizeIs(1));
  EXPECT_THAT(with_reason(history, "FailedToCreateWorkerPod"), SizeIs(1));
}

TEST(Announce, SaysNothingOfWritesThatWereForestalled) {
  for (const WriteResult result : {WriteResult::Withdrawn, WriteResult::Conflict,
                                   WriteResult::NotFound, WriteResult::Unknown}) {
    History history;
    history.see(cluster_slice("rc"));
    for (const Decision& decision : history.turn()) history.answer(decision, result);
    history.turn();
    EXPECT_THAT(announced_in(history), IsEmpty()) << name_of(result);
  }
}

TEST(Announce, TellsDeletionsByWhatTheDeletedPodWas) {
  History history = story_of_cluster();
  history.start_pods("rc");
  history.edit_pod(history.head_of("rc"), [](PodSlice& slice) { slice.phase = PodPhase::Failed; });
  history.settle();
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 0; });
  history.settle();
  EXPECT_THAT(with_reason(history, "DeletedHeadPod"), SizeIs(1));
  EXPECT_THAT(with_reason(history, "DeletedWorkerPod"), SizeIs(1));
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.suspended = true; });
  history.settle_for(10s);
  EXPECT_THAT(with_reason(history, "DeletedPod"), SizeIs(1));
}

TEST(Announce, WarnsOncePerEditOfWhatIsInvalid) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.invalid = {"InvalidRayClusterSpec", "minReplicas 3 is greater than maxReplicas 1"};
  History history;
  const Seq seen = history.see(cluster);
  history.settle_for(1min);
  history.edit_cluster("rc", [](RayClusterSlice&) {});
  history.settle_for(1min);
  std::vector<Announcement> warnings = with_reason(history, "InvalidRayClusterSpec");
  ASSERT_THAT(warnings, SizeIs(1));
  EXPECT_EQ(warnings[0].type, "Warning");
  EXPECT_EQ(warnings[0].action, "Validate");
  EXPECT_EQ(warnings[0].seq, seen);
  EXPECT_THAT(warnings[0].note, HasSubstr("minReplicas 3 is greater than maxReplicas 1"));
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.invalid.message = "another"; });
  history.turn();
  EXPECT_THAT(with_reason(history, "InvalidRayClusterSpec"), SizeIs(2));
}

TEST(Announce, WarnsOfAServeConfigThatCannotBeRead) {
  RayServiceSlice service = service_slice("llm");
  service.serve_config = {};
  service.serve_config.error = "line 3: not a map";
  History history;
  history.see(service);
  history.turn();
  const std::vector<Announcement> warnings = with_reason(history, "InvalidServeConfig");
  ASSERT_THAT(warnings, SizeIs(1));
  EXPECT_THAT(warnings[0].note, HasSubstr("spec.serveConfigV2: line 3: not a map"));
}

TEST(Announce, SaysThatAnEditHasNoEffect) {
  History history;
  history.see(service_slice("llm"));
  history.settle_for(5s);
  EXPECT_THAT(with_reason(history, "EditWithoutEffect"), IsEmpty());
  const Seq edit = history.edit_service("llm", [](RayServiceSlice& slice) {
    slice.muted_hash = hash_of("more replicas");
    ++slice.meta.generation;
  });
  history.settle_for(5s);
  const std::vector<Announcement> said = with_reason(history, "EditWithoutEffect");
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_EQ(said[0].seq, edit);
  history.edit_service("llm", [](RayServiceSlice& slice) {
    slice.muted_hash = hash_of("even more");
    slice.serve_config = serve_config({"app"}, 2);
  });
  history.settle_for(5s);
  EXPECT_THAT(with_reason(history, "EditWithoutEffect"), SizeIs(1)) << "the config had an effect";
}

TEST(Announce, TellsWhatItMadeForARayService) {
  History history;
  history.see(service_slice("llm"));
  history.settle_for(10s);
  const std::vector<Announcement> made = with_reason(history, "CreatedRayCluster");
  ASSERT_THAT(made, SizeIs(1));
  EXPECT_EQ(made[0].regarding, (ObjectName{Kind::RayService, "default", "llm"}));
  EXPECT_EQ(made[0].uid, "uid-llm");
  EXPECT_THAT(made[0].note, HasSubstr(history.clusters_of("llm")[0]));
}

// A RayService whose active cluster serves, in the given failover mode.
History serving(FailoverMode mode) {
  History history;
  RayServiceSlice service = service_slice("llm");
  service.failover = mode;
  history.see(service);
  history.settle_for(5s);
  const std::string cluster = history.clusters_of("llm")[0];
  history.start_pods(cluster);
  history.settle_for(5s);
  history.hear(cluster, running(service.serve_config), 4s);
  history.hear_proxy(cluster, true);
  history.settle_for(5s);
  history.fill_endpoints();
  history.hear(cluster, running(service.serve_config), 4s);
  history.settle_for(5s);
  return history;
}

void fall_silent(History& history, Millis length) {
  for (Millis passed{0}; passed < length; passed += 10s) {
    const std::string active = history.service("llm").memory.active;
    history.hear_silence(active, ProbeTrouble::Timeout, 8s);
    history.wait(2s);
    history.settle();
  }
}

TEST(Announce, TellsAFailoverWhenItStarts) {
  History history = serving(FailoverMode::Enforce);
  ASSERT_NE(history.service("llm").memory.active, "");
  fall_silent(history, 400s);
  const std::vector<Announcement> started = with_reason(history, "FailoverStarted");
  ASSERT_THAT(started, SizeIs(1));
  EXPECT_EQ(started[0].type, "Warning");
  EXPECT_EQ(started[0].regarding.kind, Kind::RayService);
  EXPECT_THAT(started[0].note, HasSubstr("dashboard"));
}

TEST(Announce, TellsWhatFailoverWouldHaveDoneInShadowMode) {
  History history = serving(FailoverMode::Shadow);
  ASSERT_NE(history.service("llm").memory.active, "");
  fall_silent(history, 600s);
  const std::vector<Announcement> shadows = with_reason(history, "FailoverShadow");
  ASSERT_THAT(shadows, SizeIs(1)) << "once, not with every answer";
  EXPECT_THAT(with_reason(history, "FailoverStarted"), IsEmpty());
}

TEST(Announce, TellsThoseWhoseFailoverIsHeld) {
  History history = serving(FailoverMode::Enforce);
  history.see(service_slice("other"));
  history.settle_for(5s);
  history.hear_silence(history.service("llm").memory.active, ProbeTrouble::Timeout, 20s);
  history.add(FleetHoldChanged{true, "4 of 5 dashboards fell silent within a minute"});
  history.turn();
  const std::vector<Announcement> held = with_reason(history, "FailoverHeld");
  ASSERT_THAT(held, SizeIs(1));
  EXPECT_EQ(held[0].regarding.name, "llm");
  EXPECT_THAT(held[0].note, HasSubstr("4 of 5 dashboards"));
}

TEST(Announce, TellsThoseWhoseFailoverAGapDelays) {
  History history = serving(FailoverMode::Enforce);
  history.see(service_slice("other"));
  history.settle_for(5s);
  history.hear_silence(history.service("llm").memory.active, ProbeTrouble::Timeout, 20s);
  history.add(Gap{history.now() - 10s, history.now(), GapCause::ApiServerAway});
  history.turn();
  EXPECT_THAT(with_reason(history, "FailoverDelayed"), IsEmpty());
  history.add(Gap{history.now() - 10min, history.now(), GapCause::ApiServerAway});
  history.turn();
  const std::vector<Announcement> delayed = with_reason(history, "FailoverDelayed");
  ASSERT_THAT(delayed, SizeIs(1));
  EXPECT_EQ(delayed[0].regarding.name, "llm");
  EXPECT_THAT(delayed[0].note, HasSubstr("for 10m (API server away)"));
}

TEST(Announce, TellsAQuarantine) {
  History history;
  history.see(service_slice("llm"));
  history.turn();
  history.add(Quarantined{{Kind::RayService, "default", "llm"}, "core/x.cc:7: a < b", "1.0"});
  history.turn();
  const std::vector<Announcement> said = with_reason(history, "Quarantined");
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_THAT(said[0].note, HasSubstr("core/x.cc:7: a < b"));
}

TEST(Announce, SaysNothingWithoutLeadership) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.invalid = {"InvalidRayClusterSpec", "wrong"};
  History history;
  history.turn();
  history.add(LeadershipLost{"renewal failed"});
  history.see(cluster);
  history.turn();
  EXPECT_THAT(announced_in(history), IsEmpty());
}

// Else nobody would tell what was invalid before an election.
TEST(Announce, TellsWhatAStandbySawOnceItLeads) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.invalid = {"InvalidRayClusterSpec", "wrong"};
  RayServiceSlice service = service_slice("llm");
  service.invalid = {"InvalidRayServiceSpec", "wrong too"};
  History history;
  history.add(LeadershipLost{"renewal failed"});
  history.see(cluster);
  history.see(service);
  history.turn();
  history.add(LeadershipGained{2});
  history.turn();
  EXPECT_THAT(with_reason(history, "InvalidRayClusterSpec"), SizeIs(1));
  EXPECT_THAT(with_reason(history, "InvalidRayServiceSpec"), SizeIs(1));
}

TEST(Announce, SaysNothingOfWhatAnotherControllerManages) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.invalid = {"InvalidRayClusterSpec", "wrong"};
  cluster.managed_elsewhere = true;
  History history;
  history.see(cluster);
  history.turn();
  EXPECT_THAT(announced_in(history), IsEmpty());
}

TEST(Announce, RepeatsNothingAfterAStart) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.invalid = {"InvalidRayClusterSpec", "wrong"};
  History history;
  history.see(cluster);
  history.turn();
  Announcer announcer(history.state());
  const std::size_t known = history.frames().size();
  history.edit_cluster("rc", [](RayClusterSlice&) {});
  history.turn();
  for (std::size_t i = known; i < history.frames().size(); ++i) {
    EXPECT_THAT(announcer.follow(history.state(), history.frames()[i]), IsEmpty());
  }
}

TEST(Announce, KeepsNotesWithinWhatTheApiServerTakes) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.invalid = {"InvalidRayClusterSpec", std::string(5000, 'x') + "\n"};
  History history;
  history.see(cluster);
  history.turn();
  const std::vector<Announcement> said = announced_in(history);
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_EQ(said[0].note.size(), kNoteMax);
  EXPECT_THAT(said[0].note, EndsWith(")"));
}

TEST(Announce, TellsOfTheCleanUpAndOfOneThatWasGivenUp) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.redis_tolerant = true;
  History history;
  history.see(cluster);
  history.settle_for(5s);
  history.delete_cluster("rc");
  history.settle_for(400s);
  EXPECT_THAT(with_reason(history, "CreatedRedisCleanupJob"), SizeIs(1));
  const std::vector<Announcement> forced = with_reason(history, "ForceDeletedStuckCluster");
  ASSERT_THAT(forced, SizeIs(1));
  EXPECT_EQ(forced[0].type, "Warning");
  EXPECT_EQ(forced[0].action, "Cleanup");
  EXPECT_EQ(forced[0].regarding, (ObjectName{Kind::RayCluster, "default", "rc"}));
}

TEST(Announce, SaysThatTheAccountOfTheHeadIsMissing) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.autoscaling = true;
  cluster.autoscaler_account = "mine";
  History history;
  history.see(cluster);
  for (int turn = 0; turn < 2; ++turn) {
    for (const Decision& decision : history.turn()) {
      if (decision.rule != Rule::CreateHeadPod) {
        history.carry_out(decision);
        continue;
      }
      history.answer(decision, WriteResult::Refused,
                     "pods \"x\" is forbidden: error looking up service account default/mine: "
                     "serviceaccount \"mine\" not found");
    }
  }
  history.turn();
  const std::vector<Announcement> said = with_reason(history, "AutoscalerServiceAccountNotFound");
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_EQ(said[0].type, "Warning");
  EXPECT_THAT(said[0].note, HasSubstr("mine"));
}

TEST(Announce, WarnsOfAnIngressThatIsSomebodyElses) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.ingress = {Hash{1}};
  History history;
  history.see(cluster);
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::CreateIngress) history.answer(decision, WriteResult::AlreadyExists);
  }
  history.turn();
  EXPECT_THAT(with_reason(history, "FailedToCreateIngress"), SizeIs(1));
}

TEST(Announce, DoesNotCallASecretAFailureThatWasThereBefore) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.token_secret = "rc";
  cluster.makes_token_secret = true;
  History history;
  history.see(cluster);
  for (const Decision& decision : history.turn()) {
    if (decision.rule == Rule::CreateTokenSecret) {
      history.answer(decision, WriteResult::AlreadyExists);
    }
  }
  history.turn();
  EXPECT_THAT(with_reason(history, "FailedToCreateSecret"), IsEmpty());
}

TEST(Announce, TellsADoubtOnceAndGoesOn) {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.doubt = "spec.x is odd";
  History history;
  history.see(cluster);
  history.settle_for(5s);
  history.respec_cluster("rc", [](RayClusterSlice& slice) { slice.groups[0].replicas = 2; });
  history.settle_for(5s);
  const std::vector<Announcement> said = with_reason(history, "InvalidRayClusterSpec");
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_EQ(said[0].type, "Warning");
  EXPECT_THAT(said[0].note, HasSubstr("spec.x is odd"));
  EXPECT_THAT(with_reason(history, "CreatedWorkerPod"), SizeIs(2));
}

}  // namespace
}  // namespace raycord
