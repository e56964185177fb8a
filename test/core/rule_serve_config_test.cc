// Which Serve config is sent, when, and to which cluster.

#include <gtest/gtest.h>

#include "core/readiness.h"
#include "core/status.h"
#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// A first cluster whose head is Ready and whose dashboard shows no app yet.
std::string ready_for_config(History& history, const RayServiceSlice& service) {
  const std::string cluster = begin(history, service);
  start_cluster(history, cluster);
  history.hear(cluster, ServeAnswer{});
  return cluster;
}

std::string ready_for_config(History& history) {
  return ready_for_config(history, service_slice(kSvc));
}

std::vector<PutServeConfig> puts_in(const std::vector<Decision>& decisions) {
  return effects_of<PutServeConfig>(decisions);
}

std::vector<Decision> put_of(const std::vector<Decision>& decisions) {
  return of_rule(decisions, Rule::SendServeConfig);
}

void edit_config(History& history, int revision) {
  history.edit_service(
      kSvc, [&](RayServiceSlice& slice) { slice.serve_config = serve_config({"app"}, revision); });
}

// 3
TEST(ServeConfig, IsSentOnceToAReadyHead) {
  History history;
  const std::string cluster = ready_for_config(history);
  const auto puts = puts_in(history.turn());
  ASSERT_EQ(puts.size(), 1U);
  EXPECT_EQ(puts[0].cluster, cluster);
  EXPECT_EQ(puts[0].config, svc_of(history).serve_config.hash);
  EXPECT_EQ(puts[0].head_uid, history.pod(history.head_of(cluster)).meta.uid);
  EXPECT_EQ(puts[0].port, 8265);
  EXPECT_FALSE(puts[0].to_agent);
  // One is in flight: no other, whatever is heard.
  history.wait(minutes(2));
  history.hear(cluster, ServeAnswer{});
  EXPECT_EQ(puts_in(history.turn()).size(), 0U);
}

// 45
TEST(ServeConfig, IsNotSentBeforeTheHeadIsReadyAndAnswers) {
  History history;
  const std::string cluster = begin(history);
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
  start_cluster(history, cluster);
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
  history.hear_silence(cluster, ProbeTrouble::Refused, seconds(0));
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
  history.wait(seconds(2));
  history.hear(cluster, ServeAnswer{});
  history.edit_pod(history.head_of(cluster), [](PodSlice& pod) { pod.ready = false; });
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
}

// 6
TEST(ServeConfig, IsNotSentAgainWhileItIsDeployed) {
  History history;
  const std::string cluster = serve(history);
  EXPECT_EQ(puts_in(live_with(history, cluster, "RUNNING", minutes(10))).size(), 0U);
}

// 5, 7
TEST(ServeConfig, IsUpdatedInPlaceWhenOnlyItChanges) {
  History history;
  const std::string cluster = serve(history);
  edit_config(history, 2);
  const auto decided = history.settle();
  ASSERT_EQ(puts_in(decided).size(), 1U);
  EXPECT_EQ(puts_in(decided)[0].cluster, cluster);
  EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
  const auto after = live_with(history, cluster, "DEPLOYING", minutes(2));
  EXPECT_EQ(effects_of<SwitchService>(after).size(), 0U);
  EXPECT_EQ(condition_text(history, "Ready"), "True NonZeroServeEndpoints");
}

// 17: an old revision keeps its own config while the new cluster is prepared.
TEST(ServeConfig, IsNotSentToAnOldRevisionDuringAnUpgrade) {
  History history;
  const std::string active = serve(history);
  edit_config(history, 2);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  history.hear(active, running(serve_config({"app"}, 1)));
  history.hear(pending, ServeAnswer{});
  // The edit alone was applied in place by the settling of upgrade(); what follows goes to one.
  edit_config(history, 3);
  const auto puts = puts_in(history.settle());
  ASSERT_EQ(puts.size(), 1U);
  EXPECT_EQ(puts[0].cluster, pending);
}

TEST(ServeConfig, OfOneEditWithTheSpecIsSentToThePendingClusterOnly) {
  History history;
  const std::string active = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) {
    slice.cluster_hashes = cluster_hashes("spec 2");
    slice.serve_config = serve_config({"app"}, 2);
  });
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
  const std::string pending = pending_of(history);
  start_cluster(history, pending);
  history.hear(pending, ServeAnswer{});
  const auto puts = puts_in(history.settle());
  ASSERT_EQ(puts.size(), 1U);
  EXPECT_EQ(puts[0].cluster, pending);
  EXPECT_NE(puts[0].cluster, active);
}

// 8, 46
TEST(ServeConfig, IsSentAgainToAHeadThatRestartedEmpty) {
  History history;
  const std::string cluster = serve(history);
  history.edit_pod(history.head_of(cluster), [](PodSlice& pod) {
    ++pod.ray_restarts;
    pod.ready = false;
  });
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
  history.start_pods(cluster);
  history.wait(seconds(2));
  history.hear(cluster, ServeAnswer{});
  const auto decided = history.settle();
  EXPECT_EQ(puts_in(decided).size(), 1U);
  EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
}

// At once, though the last PUT was accepted a moment ago: that head is no more.
TEST(ServeConfig, IsSentAtOnceToANewHead) {
  History history;
  const std::string cluster = ready_for_config(history);
  ASSERT_EQ(puts_in(history.settle()).size(), 1U);
  history.gone({Kind::Pod, "default", history.head_of(cluster)});
  history.settle();
  history.start_pods(cluster);
  history.wait(seconds(2));
  history.hear(cluster, ServeAnswer{});
  EXPECT_EQ(puts_in(history.settle()).size(), 1U);
}

// 9
TEST(ServeConfig, ThatIsRefusedIsShownAndNotRepeatedBeforeTheBackOff) {
  History history;
  const std::string cluster = ready_for_config(history);
  Millis waited{0};
  for (int i = 0; i < 4; ++i) {
    const auto decided = put_of(history.turn());
    ASSERT_EQ(decided.size(), 1U) << i;
    history.answer(decided[0], WriteResult::Refused, "no such import path");
    const auto status =
        wanted_service_status(history.service(kSvc), history.state().fleet, history.now());
    const Condition* condition = find_condition(status.conditions, "ServeConfigAccepted");
    ASSERT_NE(condition, nullptr);
    EXPECT_EQ(condition->reason, "RefusedByRay");
    EXPECT_NE(condition->message.find("no such import path"), std::string::npos);
    const Retry& retry = history.service(kSvc).retries.at("serve default/" + cluster);
    EXPECT_GT(retry.not_before - history.now(), waited);
    waited = retry.not_before - history.now();
    history.wait(waited - Millis(1));
    EXPECT_EQ(put_of(history.turn()).size(), 0U);
    history.wait(Millis(1));
  }
}

TEST(ServeConfig, ThatIsRefusedDoesNotDelayAnother) {
  History history;
  ready_for_config(history);
  const auto decided = put_of(history.turn());
  history.answer(decided.at(0), WriteResult::Refused, "no such import path");
  edit_config(history, 2);
  const auto puts = puts_in(history.turn());
  ASSERT_EQ(puts.size(), 1U);
  EXPECT_EQ(puts[0].config, serve_config({"app"}, 2).hash);
}

TEST(ServeConfig, ThatIsAcceptedAfterARefusalTakesTheConditionAway) {
  History history;
  const std::string cluster = ready_for_config(history);
  history.answer(put_of(history.turn()).at(0), WriteResult::Refused, "bad");
  history.settle();
  edit_config(history, 2);
  history.settle();
  history.wait(seconds(2));
  history.hear(cluster, running(svc_of(history).serve_config));
  history.settle_for(seconds(2));
  EXPECT_EQ(condition_text(history, "ServeConfigAccepted"), "");
}

TEST(ServeConfig, WhoseOutcomeIsUnknownIsNotSentBeforeALaterGet) {
  History history;
  const std::string cluster = ready_for_config(history);
  const Time before = history.now();
  const auto decided = put_of(history.turn());
  history.wait(seconds(30));
  history.answer(decided.at(0), WriteResult::Unknown, "timeout");
  EXPECT_EQ(put_of(history.turn()).size(), 0U);
  // What was answered before the doubt says nothing about it.
  ProbeRun earlier;
  earlier.ns = "default";
  earlier.cluster = cluster;
  earlier.head_uid = history.pod(history.head_of(cluster)).meta.uid;
  earlier.first = before;
  earlier.last = before + seconds(10);
  earlier.count = 6;
  earlier.continued = true;
  history.add(earlier);
  history.wait(seconds(2));  // Longer than the back-off.
  EXPECT_EQ(put_of(history.turn()).size(), 0U);
  history.hear(cluster, ServeAnswer{});
  EXPECT_EQ(put_of(history.turn()).size(), 1U);
}

TEST(ServeConfig, IsNotSentAfterARestartBeforeAGetShowsWhatBecameOfTheLast) {
  History history;
  const std::string cluster = ready_for_config(history);
  ASSERT_EQ(put_of(history.turn()).size(), 1U);
  history.restart();
  EXPECT_EQ(put_of(history.settle()).size(), 0U);
  history.hear(cluster, running(svc_of(history).serve_config));
  EXPECT_EQ(put_of(history.settle()).size(), 0U);
}

// 11
TEST(ServeConfig, IsNotSentAgainBecauseTheOperatorRestarted) {
  History history;
  const std::string cluster = serve(history);
  history.restart(minutes(3));
  history.settle();
  const auto decided = live_with(history, cluster, "RUNNING", minutes(1));
  EXPECT_EQ(puts_in(decided).size(), 0U);
  EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
}

TEST(ServeConfig, IsRepairedWhenSomebodyElseChangedIt) {
  History history;
  const std::string cluster = serve(history);
  history.wait(minutes(5));
  ServeAnswer drifted = running(svc_of(history).serve_config);
  drifted.apps.push_back({"intruder", "RUNNING", "", hash_of("intruder"), {}});
  history.hear(cluster, drifted);
  EXPECT_EQ(puts_in(history.settle()).size(), 1U);
}

TEST(ServeConfig, HasTimeToShowAfterItWasAccepted) {
  History history;
  const std::string cluster = ready_for_config(history);
  const auto decided = put_of(history.turn());
  history.wait(seconds(25));  // A slow answer.
  history.answer(decided.at(0), WriteResult::Done);
  history.hear(cluster, ServeAnswer{});
  EXPECT_EQ(put_of(history.turn()).size(), 0U);
  history.wait(kConfigSettleTime - Millis(1));
  EXPECT_EQ(put_of(history.turn()).size(), 0U);
  history.wait(Millis(1));
  EXPECT_EQ(put_of(history.turn()).size(), 1U);
}

TEST(ServeConfig, ThatNeverShowsIsSentLessAndLessOften) {
  History history;
  const std::string cluster = ready_for_config(history);
  const auto decided = live(history, minutes(60), [&] {
    history.hear(cluster, with_status(serve_config({"other"}), "RUNNING"), seconds(8));
  });
  EXPECT_LE(puts_in(decided).size(), 17U);
  EXPECT_GE(puts_in(decided).size(), 12U);
}

// Ray drops keys that it does not know, and more: what it shows is never what was sent.
TEST(ServeConfig, ThatTheHeadWritesInItsOwnWayIsDeployed) {
  History history;
  const std::string cluster = ready_for_config(history);
  ASSERT_EQ(puts_in(history.settle()).size(), 1U);
  const ServeAnswer rewritten = running(serve_config({"app"}, 9));
  const auto decided =
      live(history, minutes(10), [&] { history.hear(cluster, rewritten, seconds(8)); });
  EXPECT_EQ(puts_in(decided).size(), 0U);
  EXPECT_EQ(active_of(history), cluster);
  history.restart(minutes(3));
  history.settle();
  history.hear(cluster, rewritten);
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
}

// Of an edit in what Ray drops nothing will ever be seen: a second PUT makes sure of it.
TEST(ServeConfig, WhoseEditCannotBeSeenIsSentTwice) {
  History history;
  const std::string cluster = ready_for_config(history);
  history.settle();
  const ServeAnswer rewritten = running(serve_config({"app"}, 9));
  const auto hear = [&] { history.hear(cluster, rewritten, seconds(8)); };
  live(history, minutes(2), hear);
  edit_config(history, 2);
  EXPECT_EQ(puts_in(live(history, minutes(60), hear)).size(), 2U);
}

// The answer that shows it may come before that to the PUT.
TEST(ServeConfig, MayShowInTheHeadsOwnWayBeforeItIsAccepted) {
  History history;
  const std::string cluster = ready_for_config(history);
  const auto put = put_of(history.turn());
  ASSERT_EQ(put.size(), 1U);
  history.wait(seconds(2));
  history.hear(cluster, running(serve_config({"app"}, 9)));
  history.turn();
  history.answer(put[0], WriteResult::Done);
  history.wait(minutes(2));
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
}

// The answer may still be that of the config before.
TEST(ServeConfig, IsNotTakenForTheOneBeforeThatDidNotShowYet) {
  History history;
  const std::string cluster = ready_for_config(history);
  history.settle();
  edit_config(history, 2);
  history.settle();
  history.wait(seconds(2));
  history.hear(cluster, running(serve_config({"app"}, 8)));
  history.settle();
  const View view{history.service(kSvc), history.state().fleet, history.now()};
  EXPECT_FALSE(runs_as_asked(view, *roles_in(history).pending));
  // Sent twice more, it is known to be what the head makes of it.
  const auto decided = live(history, minutes(5), [&] {
    history.hear(cluster, running(serve_config({"app"}, 9)), seconds(8));
  });
  EXPECT_EQ(puts_in(decided).size(), 2U);
  EXPECT_EQ(active_of(history), cluster);
}

TEST(ServeConfig, ThatIsWrittenInAnotherWayIsRepairedAllTheSame) {
  History history;
  const std::string cluster = ready_for_config(history);
  history.settle();
  history.hear(cluster, running(serve_config({"app"}, 9)));
  history.settle();
  history.wait(minutes(5));
  history.hear(cluster, running(serve_config({"app"}, 8)));
  EXPECT_EQ(puts_in(history.settle()).size(), 1U);
  // What somebody else put there is not taken for our own config written otherwise.
  const auto decided = live(history, minutes(5), [&] {
    history.hear(cluster, running(serve_config({"app"}, 8)), seconds(8));
  });
  EXPECT_GE(puts_in(decided).size(), 2U);
}

TEST(ServeConfig, ThatIsRefusedIsNotTakenForWhatTheHeadShows) {
  History history;
  const std::string cluster = serve(history);
  edit_config(history, 2);
  history.answer(put_of(history.turn()).at(0), WriteResult::Refused, "bad");
  history.wait(seconds(2));
  history.hear(cluster, running(serve_config({"app"}, 1)));
  history.settle();
  const View view{history.service(kSvc), history.state().fleet, history.now()};
  EXPECT_FALSE(runs_as_asked(view, *roles_in(history).active));
}

void edit_beside_apps(History& history, const char* options) {
  history.edit_service(kSvc,
                       [&](RayServiceSlice& slice) { slice.serve_config.hash = hash_of(options); });
}

TEST(ServeConfig, OfWhichOnlyWhatStandsBesideTheAppsWasEditedIsSentOnce) {
  History history;
  const std::string cluster = serve(history);
  edit_beside_apps(history, "target_capacity: 50");
  EXPECT_EQ(puts_in(history.settle()).size(), 1U);
  EXPECT_EQ(puts_in(live_with(history, cluster, "RUNNING", minutes(10))).size(), 0U);
}

TEST(ServeConfig, EditedBesideTheAppsIsSentUntilItHasArrived) {
  History history;
  const std::string cluster = serve(history);
  edit_beside_apps(history, "target_capacity: 50");
  history.answer(put_of(history.turn()).at(0), WriteResult::Unknown, "timeout");
  history.wait(minutes(1));
  history.hear(cluster, running(svc_of(history).serve_config));
  EXPECT_EQ(puts_in(history.settle()).size(), 1U);
}

// Had it not arrived, the application would not have changed.
TEST(ServeConfig, EditedInAndBesideTheAppsIsNotSentAgainOnceItShows) {
  History history;
  const std::string cluster = serve(history);
  edit_config(history, 2);
  edit_beside_apps(history, "target_capacity: 50");
  ASSERT_EQ(put_of(history.turn()).size(), 1U);
  history.restart();
  history.settle();
  history.hear(cluster, running(svc_of(history).serve_config));
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
}

TEST(ServeConfig, OfAnAppThatIsBeingDeletedIsNotDeployed) {
  History history;
  const std::string cluster = serve(history);
  history.wait(minutes(5));
  history.hear(cluster, with_status(svc_of(history).serve_config, "DELETING"));
  EXPECT_EQ(puts_in(history.settle()).size(), 1U);
}

// 10
TEST(ServeConfig, ThatCannotBeReadIsNotSentAndNothingStops) {
  History history;
  const std::string cluster = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) {
    slice.serve_config = ServeConfig{};
    slice.serve_config.error = "line 3: not a map";
  });
  const auto decided = history.settle_for(minutes(1));
  EXPECT_EQ(puts_in(decided).size(), 0U);
  EXPECT_EQ(active_of(history), cluster);
  EXPECT_EQ(condition_text(history, "ServeConfigAccepted"), "False InvalidServeConfig");
  EXPECT_EQ(condition_text(history, "Ready"), "True NonZeroServeEndpoints");
}

TEST(ServeConfig, ThatIsEmptyAsksForNothingButTheEndOfWhatRuns) {
  RayServiceSlice service = service_slice(kSvc);
  service.serve_config = serve_config({});
  History history;
  const std::string cluster = ready_for_config(history, service);
  EXPECT_EQ(puts_in(history.settle()).size(), 0U);
  history.wait(seconds(2));
  history.hear(cluster, running(serve_config({"app"})));
  EXPECT_EQ(puts_in(history.settle()).size(), 1U);
}

// 20
TEST(ServeConfig, IsAppliedInPlaceWithStrategyNoneThoughTheSpecDiffers) {
  RayServiceSlice service = service_slice(kSvc);
  service.upgrade = UpgradeType::None;
  History history;
  const std::string cluster = serve(history, service);
  upgrade(history, "spec 2");
  edit_config(history, 2);
  const auto decided = history.settle();
  ASSERT_EQ(puts_in(decided).size(), 1U);
  EXPECT_EQ(puts_in(decided)[0].cluster, cluster);
}

TEST(ServeConfig, GoesToTheAgentWhereTheAgentAnswers) {
  History history;
  const std::string cluster = begin(history);
  start_cluster(history, cluster);
  ProbeRun run;
  run.ns = "default";
  run.cluster = cluster;
  run.head_uid = history.pod(history.head_of(cluster)).meta.uid;
  run.first = run.last = history.now();
  run.count = 1;
  run.answer.status = 200;
  run.answer.from_agent = true;
  history.add(run);
  const auto puts = puts_in(history.turn());
  ASSERT_EQ(puts.size(), 1U);
  EXPECT_TRUE(puts[0].to_agent);
  EXPECT_EQ(puts[0].port, 52365);
}

TEST(ServeConfig, CarriesTheTokensSecretWhereTheClusterAsksForOne) {
  History history;
  const std::string cluster = begin(history);
  history.edit_cluster(cluster, [](RayClusterSlice& slice) {
    slice.token_auth = true;
    slice.token_secret = "token";
  });
  start_cluster(history, cluster);
  history.hear(cluster, ServeAnswer{});
  const auto puts = puts_in(history.turn());
  ASSERT_EQ(puts.size(), 1U);
  EXPECT_EQ(puts[0].token_secret, "token");
}

}  // namespace
}  // namespace raycord
