// One turn: numbers, derived facts, quarantine, deadlines.

#include "core/turn.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/limits.h"
#include "test/core/slices.h"

namespace raycord {
namespace {

constexpr Kind kKinds[] = {Kind::RayService, Kind::RayCluster, Kind::Pod, Kind::Service,
                           Kind::EndpointSlice};

PartitionName part(const std::string& name) { return {Kind::RayService, "default", name}; }

// A state that leads and has seen all kinds.
State ready_state() {
  State state;
  Turn turn(state, kHistoryStart);
  turn.add(Started{"test", "abcde", "", {}, {}});
  turn.add(LeadershipGained{4});
  for (const Kind kind : kKinds) turn.add(KindListed{kind, 1, Seq{1}});
  turn.finish();
  return state;
}

ObjectSeen seen(RayServiceSlice slice, std::uint64_t version = 10) {
  slice.meta.version = version;
  return {slice};
}

Frame turn_with(State& state, Time at, std::vector<Fact> facts) {
  Turn turn(state, at);
  for (Fact& fact : facts) turn.add(std::move(fact));
  return turn.finish();
}

TEST(Turn, NumbersFactsAndThenDecisions) {
  State state = ready_state();
  const Seq last = state.last;
  Turn turn(state, kHistoryStart + 1s);
  EXPECT_EQ(turn.next().value, last.value + 1);
  turn.add(seen(service_slice("a")));
  EXPECT_EQ(turn.next().value, last.value + 2);
  turn.add(seen(service_slice("b")));
  const Frame frame = turn.finish();
  EXPECT_EQ(frame.first.value, last.value + 1);
  EXPECT_EQ(frame.epoch, 4U);
  ASSERT_EQ(frame.facts.size(), 2U);
  ASSERT_EQ(frame.decisions.size(), 2U);
  EXPECT_EQ(frame.decisions[0].seq, frame.decision_seq(0));
  EXPECT_EQ(frame.decisions[1].seq, frame.decision_seq(1));
  EXPECT_EQ(state.last, frame.decisions[1].seq);
  EXPECT_EQ(frame.decisions[0].causes, std::vector<Seq>{frame.first});
}

TEST(Turn, FoldsItsDecisionsSoThatTheNextDoesNotRepeatThem) {
  State state = ready_state();
  turn_with(state, kHistoryStart + 1s, {seen(service_slice("a"))});
  EXPECT_EQ(state.partitions.at(part("a")).in_flight.size(), 1U);
  EXPECT_EQ(turn_with(state, kHistoryStart + 2s, {KindListed{Kind::Pod, 2, {}}}).decisions.size(),
            0U);
}

TEST(Turn, TimeDoesNotStepBack) {
  State state = ready_state();
  turn_with(state, kHistoryStart + 10s, {DeadlineFired{}});
  EXPECT_EQ(turn_with(state, kHistoryStart + 3s, {DeadlineFired{}}).at, kHistoryStart + 10s);
}

TEST(Turn, DecidesOnlyForWhatWasTouched) {
  State state = ready_state();
  turn_with(state, kHistoryStart + 1s, {seen(service_slice("a")), seen(service_slice("b"))});
  Turn turn(state, kHistoryStart + 2s);
  turn.add(seen(service_slice("b"), 11));
  turn.finish();
  EXPECT_EQ(turn.touched(), std::set<PartitionName>{part("b")});
}

TEST(Turn, AStartConcernsEverybody) {
  State state = ready_state();
  turn_with(state, kHistoryStart + 1s, {seen(service_slice("a")), seen(service_slice("b"))});
  Turn turn(state, kHistoryStart + 2s);
  turn.add(LeadershipGained{5});
  turn.finish();
  EXPECT_EQ(turn.touched().size(), 2U);
}

TEST(Turn, DecidesNothingWithoutLeadershipOrACompleteView) {
  State state;
  turn_with(state, kHistoryStart, {Started{"test", "abcde", "", {}, {}}, LeadershipGained{1}});
  for (const Kind kind : kKinds) {
    const Frame frame = turn_with(state, kHistoryStart + 1s, {seen(service_slice("a"))});
    EXPECT_EQ(frame.decisions.size(), 0U);
    turn_with(state, kHistoryStart + 1s, {KindListed{kind, 1, state.last}});
  }
  EXPECT_EQ(state.partitions.at(part("a")).in_flight.size(), 1U);
  turn_with(state, kHistoryStart + 2s, {LeadershipLost{"gone"}});
  EXPECT_EQ(turn_with(state, kHistoryStart + 2s, {seen(service_slice("b"))}).decisions.size(), 0U);
}

// --- Derived facts ------------------------------------------------------------------------------

TEST(Turn, SeesAgainWhatWasSeenBeforeItsRoot) {
  State state = ready_state();
  PodSlice pod = head_slice("rc", "rc-head");
  pod.meta.version = 5;
  const Frame first = turn_with(state, kHistoryStart + 1s, {ObjectSeen{pod}});
  EXPECT_FALSE(first.facts.at(0).partition.has_value());
  EXPECT_EQ(state.fleet.unrooted.size(), 1U);
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.meta.version = 6;
  const Frame second = turn_with(state, kHistoryStart + 2s, {ObjectSeen{cluster}});
  ASSERT_EQ(second.facts.size(), 2U);
  const PartitionName home{Kind::RayCluster, "default", "rc"};
  EXPECT_EQ(second.facts[1].partition, home);
  EXPECT_TRUE(std::holds_alternative<ObjectSeen>(second.facts[1].fact));
  EXPECT_EQ(state.partitions.at(home).clusters.at("rc").pods.count("rc-head"), 1U);
  EXPECT_TRUE(state.fleet.unrooted.empty());
}

ProbeRun run_of(const std::string& cluster, ProbeTrouble trouble, Time at) {
  ProbeRun run;
  run.ns = "default";
  run.cluster = cluster;
  run.first = run.last = at;
  run.count = 1;
  run.answer.trouble = trouble;
  return run;
}

TEST(Turn, HoldsTheFleetWhenManyFallSilentTogether) {
  State state = ready_state();
  std::vector<Fact> clusters, answers, silences;
  const Time later = kHistoryStart + 10s;
  for (int i = 0; i < 5; ++i) {
    RayClusterSlice cluster = cluster_slice("rc" + std::to_string(i));
    cluster.meta.version = 6;
    clusters.push_back(ObjectSeen{cluster});
    answers.push_back(run_of(cluster.meta.name, ProbeTrouble::None, kHistoryStart));
    silences.push_back(run_of(cluster.meta.name, ProbeTrouble::Timeout, later));
  }
  turn_with(state, kHistoryStart, clusters);
  turn_with(state, kHistoryStart, answers);
  const Frame held = turn_with(state, later, silences);
  ASSERT_EQ(held.facts.size(), 6U);
  EXPECT_TRUE(std::get<FleetHoldChanged>(held.facts.back().fact).held);
  EXPECT_TRUE(state.fleet.held);
  const Frame again = turn_with(state, later + 2s,
                                {run_of("rc0", ProbeTrouble::None, later + 2s),
                                 run_of("rc1", ProbeTrouble::None, later + 2s)});
  EXPECT_FALSE(state.fleet.held);
  EXPECT_EQ(again.facts.size(), 3U);
}

TEST(Turn, AnswersAboutClustersThatAreGoneLeaveNoTrace) {
  State state = ready_state();
  turn_with(state, kHistoryStart, {run_of("nobody", ProbeTrouble::None, kHistoryStart)});
  EXPECT_TRUE(state.fleet.dashboards.empty());
}

// --- Quarantine ---------------------------------------------------------------------------------

// What cannot be: a service that a later event than any is to have shown. It would be named as the
// cause of a decision.
void poison(State& state, const std::string& name) {
  state.partitions.at(part(name)).service->since = Seq{1'000'000};
  state.partitions.at(part(name)).service->value.has_finalizer = false;
  state.partitions.at(part(name)).in_flight.clear();
}

TEST(Quarantine, OfOnePartitionLetsTheOthersGoOn) {
  State state = ready_state();
  turn_with(state, kHistoryStart + 1s, {seen(service_slice("bad"))});
  poison(state, "bad");
  const Frame frame =
      turn_with(state, kHistoryStart + 2s, {LeadershipGained{5}, seen(service_slice("good"))});
  ASSERT_EQ(frame.facts.size(), 3U);
  const auto& quarantined = std::get<Quarantined>(frame.facts[2].fact);
  EXPECT_EQ(quarantined.partition, part("bad"));
  EXPECT_NE(quarantined.check, "");
  EXPECT_EQ(quarantined.build, "test");
  ASSERT_EQ(frame.decisions.size(), 1U);
  EXPECT_EQ(frame.decisions[0].partition, part("good"));
  EXPECT_EQ(frame.decisions[0].seq, frame.decision_seq(0));
}

TEST(Quarantine, LastsUntilTheNextRun) {
  State state = ready_state();
  turn_with(state, kHistoryStart + 1s, {seen(service_slice("bad"))});
  poison(state, "bad");
  turn_with(state, kHistoryStart + 2s, {LeadershipGained{5}});
  EXPECT_EQ(turn_with(state, kHistoryStart + 3s, {seen(service_slice("bad"), 12)}).decisions.size(),
            0U);
  std::vector<Fact> start = {Started{"other", "abcde", "", {}, {}}, LeadershipGained{6}};
  for (const Kind kind : kKinds) start.push_back(KindListed{kind, 20, state.last});
  EXPECT_EQ(turn_with(state, kHistoryStart + 4s, start).decisions.size(), 1U);
}

TEST(Quarantine, IsFoldedTheSameFromTheRecord) {
  State state = ready_state();
  turn_with(state, kHistoryStart + 1s, {seen(service_slice("bad"))});
  poison(state, "bad");
  State replayed = state;
  State folded = state;
  const Frame frame =
      turn_with(state, kHistoryStart + 2s, {LeadershipGained{5}, seen(service_slice("good"))});
  const ReplayTurn replay = ReplayTurn::run(replayed, frame);
  fold_frame(folded, frame);
  EXPECT_EQ(replay.decided.size(), 1U);
  EXPECT_EQ(digest_of(replayed), digest_of(state));
  EXPECT_EQ(digest_of(folded), digest_of(state));
}

// --- Deadlines ----------------------------------------------------------------------------------

// A service whose finalizer could not be added waits a second.
Frame refuse_finalizer(State& state, Time at) {
  const Frame frame = turn_with(state, at, {seen(service_slice("a"))});
  WriteDone done;
  done.decided = frame.decisions.at(0).seq;
  done.result = WriteResult::Refused;
  return turn_with(state, at, {done});
}

TEST(Deadline, IsWhatTheRulesAskedFor) {
  State state = ready_state();
  EXPECT_EQ(next_deadline(state), std::nullopt);
  EXPECT_EQ(refuse_finalizer(state, kHistoryStart).decisions.size(), 0U);
  EXPECT_EQ(next_deadline(state), kHistoryStart + kRetryFirst);
}

TEST(Deadline, TouchesItsPartitionWhenItHasCome) {
  State state = ready_state();
  refuse_finalizer(state, kHistoryStart);
  const Time due = kHistoryStart + kRetryFirst;
  EXPECT_EQ(turn_with(state, due - Millis(1), {DeadlineFired{}}).decisions.size(), 0U);
  EXPECT_EQ(next_deadline(state), due);
  EXPECT_EQ(turn_with(state, due, {DeadlineFired{}}).decisions.size(), 1U);
  EXPECT_EQ(next_deadline(state), std::nullopt);
}

TEST(Deadline, GoesWithItsPartition) {
  State state = ready_state();
  refuse_finalizer(state, kHistoryStart);
  ObjectGone gone;
  gone.name = {Kind::RayService, "default", "a"};
  turn_with(state, kHistoryStart, {gone});
  EXPECT_EQ(state.partitions.size(), 0U);
  EXPECT_EQ(next_deadline(state), std::nullopt);
}

// --- Runs that go on ----------------------------------------------------------------------------

ProbeRun going_on(Time at) {
  ProbeRun run = run_of("rc", ProbeTrouble::None, at);
  run.continued = true;
  return run;
}

// A cluster whose writes are under way; its dashboard has answered.
State settled_state(ProbeTrouble trouble = ProbeTrouble::None) {
  State state = ready_state();
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.meta.version = 6;
  turn_with(state, kHistoryStart, {ObjectSeen{cluster}});
  turn_with(state, kHistoryStart, {run_of("rc", ProbeTrouble::None, kHistoryStart)});
  if (trouble != ProbeTrouble::None) {
    turn_with(state, kHistoryStart, {run_of("rc", trouble, kHistoryStart)});
  }
  return state;
}

std::size_t touched_by(State& state, Time at, std::vector<Fact> facts) {
  Turn turn(state, at);
  for (Fact& fact : facts) turn.add(std::move(fact));
  turn.finish();
  return turn.touched().size();
}

TEST(RunThatGoesOn, LetsNoRuleLookAgain) {
  State state = settled_state();
  EXPECT_EQ(touched_by(state, kHistoryStart, {going_on(kHistoryStart)}), 0U);
  EXPECT_EQ(state.partitions.begin()->second.last, state.last);
}

TEST(RunThatGoesOn, IsLookedAtWhereTheRulesHadSomethingToAdd) {
  State state = ready_state();
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.meta.version = 6;
  EXPECT_FALSE(turn_with(state, kHistoryStart, {ObjectSeen{cluster}}).decisions.empty());
  EXPECT_EQ(touched_by(state, kHistoryStart, {going_on(kHistoryStart)}), 1U);
}

TEST(RunThatGoesOn, IsLookedAtAfterAnythingElse) {
  State state = settled_state();
  EXPECT_EQ(
      touched_by(state, kHistoryStart, {run_of("rc", ProbeTrouble::BadStatus, kHistoryStart)}), 1U);
  EXPECT_EQ(touched_by(state, kHistoryStart, {LeadershipLost{"gone"}, going_on(kHistoryStart)}),
            1U);
  State folded = settled_state();
  fold_frame(folded, {{folded.last.value + 1},
                      kHistoryStart,
                      4,
                      {{std::nullopt, LeftScope{Kind::Pod, "403"}}},
                      {}});
  EXPECT_EQ(touched_by(folded, kHistoryStart, {going_on(kHistoryStart)}), 1U);
}

TEST(RunThatGoesOn, IsLookedAtWhileAClockOfIllHealthRuns) {
  State state = settled_state(ProbeTrouble::Timeout);
  EXPECT_EQ(touched_by(state, kHistoryStart, {going_on(kHistoryStart)}), 1U);
}

TEST(RunThatGoesOn, IsLookedAtWhenADeadlineHasCome) {
  State state = settled_state();
  const PartitionName home{Kind::RayCluster, "default", "rc"};
  state.deadlines.insert({kHistoryStart + 1s, home});
  state.deadline_of[home] = kHistoryStart + 1s;
  EXPECT_EQ(touched_by(state, kHistoryStart + 1s, {going_on(kHistoryStart + 1s)}), 1U);
}

TEST(RunThatGoesOn, IsLookedAtEverywhereOnRequest) {
  State state = settled_state();
  Frame frame{{state.last.value + 1}, kHistoryStart, 4, {}, {}};
  frame.facts.push_back(
      {PartitionName{Kind::RayCluster, "default", "rc"}, going_on(kHistoryStart)});
  State other = state;
  EXPECT_EQ(ReplayTurn::run(state, frame).touched.size(), 0U);
  EXPECT_EQ(ReplayTurn::run(other, frame, ReplayTurn::Look::Everywhere).touched.size(), 1U);
  EXPECT_EQ(digest_of(state), digest_of(other));
}

}  // namespace
}  // namespace raycord
