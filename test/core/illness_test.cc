// Ill health is evidence about the cluster, not about the observer.

#include "core/illness.h"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::optional<Illness> illness_now(const History& history, const std::string& cluster) {
  const View view{history.service(kSvc), history.state().fleet, history.now()};
  Wishes wishes(view);
  return illness_of(view, history.cluster(cluster), wishes);
}

void hear_ill(History& history, const std::string& cluster, const char* status, Millis length) {
  history.hear(cluster, with_status(svc_of(history).serve_config, status), length);
}

TEST(Illness, NamesItsEvidence) {
  History history;
  const std::string active = serve(history);
  history.hear_silence(active, ProbeTrouble::Timeout, seconds(300));
  const auto illness = illness_now(history, active);
  ASSERT_TRUE(illness.has_value());
  EXPECT_EQ(illness->rule, Rule::FailOverSilentDashboard);
  const IllClock& clock = history.cluster(active).dashboard.silent;
  for (const Seq seq : {clock.first, clock.latest}) {
    EXPECT_EQ(std::count(illness->causes.begin(), illness->causes.end(), seq), 1);
  }
}

// 44
TEST(Illness, AQuickRestartDoesNotPauseTheClock) {
  History history;
  const std::string active = serve(history);
  history.hear_silence(active, ProbeTrouble::Refused, seconds(250));
  history.restart(seconds(10));
  history.hear_silence(active, ProbeTrouble::Refused, seconds(36));
  EXPECT_FALSE(illness_now(history, active).has_value());
  history.wait(seconds(2));
  history.hear_silence(active, ProbeTrouble::Refused, seconds(2));
  EXPECT_TRUE(illness_now(history, active).has_value());
}

TEST(Illness, ALongAbsencePausesTheClockAndIsNotCounted) {
  History history;
  const std::string active = serve(history);
  history.hear_silence(active, ProbeTrouble::Refused, seconds(250));
  history.restart(hours(2));
  history.hear_silence(active, ProbeTrouble::Refused, seconds(48));
  EXPECT_FALSE(illness_now(history, active).has_value());
  history.wait(seconds(2));
  history.hear_silence(active, ProbeTrouble::Refused, seconds(2));
  EXPECT_TRUE(illness_now(history, active).has_value());
}

TEST(Illness, IsNotConcludedFromOldEvidenceAfterAGap) {
  History history;
  const std::string active = serve(history);
  history.hear_silence(active, ProbeTrouble::Refused, seconds(400));
  ASSERT_TRUE(illness_now(history, active).has_value());
  history.restart(minutes(10));
  EXPECT_FALSE(illness_now(history, active).has_value());
  history.hear_silence(active, ProbeTrouble::Refused, seconds(28));
  EXPECT_FALSE(illness_now(history, active).has_value());
  history.wait(seconds(2));
  history.hear_silence(active, ProbeTrouble::Refused, seconds(2));
  EXPECT_TRUE(illness_now(history, active).has_value());
}

// 39
TEST(Illness, OfAnAppThatRecoversAt899SecondsBeginsAnew) {
  History history;
  const std::string active = serve(history);
  hear_ill(history, active, "UNHEALTHY", seconds(898));
  history.wait(seconds(1));
  hear_ill(history, active, "RUNNING", seconds(0));
  history.wait(seconds(1));
  hear_ill(history, active, "UNHEALTHY", seconds(898));
  EXPECT_FALSE(illness_now(history, active).has_value());
  history.wait(seconds(2));
  hear_ill(history, active, "UNHEALTHY", seconds(0));
  EXPECT_TRUE(illness_now(history, active).has_value());
}

// 40
TEST(Illness, DeployingIsNone) {
  History history;
  const std::string active = serve(history);
  for (const char* status : {"DEPLOYING", "NOT_STARTED", "DELETING"}) {
    hear_ill(history, active, status, hours(1));
    EXPECT_FALSE(illness_now(history, active).has_value()) << status;
    history.wait(seconds(2));
  }
}

TEST(Illness, AnAppThatFailsInTwoWaysIsIllAllTheTime) {
  History history;
  const std::string active = serve(history);
  hear_ill(history, active, "UNHEALTHY", seconds(450));
  history.wait(seconds(2));
  hear_ill(history, active, "DEPLOY_FAILED", seconds(450));
  const auto illness = illness_now(history, active);
  ASSERT_TRUE(illness.has_value());
  EXPECT_EQ(illness->rule, Rule::FailOverUnhealthyApp);
  EXPECT_NE(illness->what.find("app app is DEPLOY_FAILED since"), std::string::npos);
}

TEST(Illness, OneAppsRecoveryDoesNotHideAnother) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.serve_config = serve_config({"a", "b"});
  const std::string active = serve(history, service);
  ServeAnswer answer = with_status(service.serve_config, "UNHEALTHY");
  history.hear(active, answer, seconds(500));
  answer.apps[0].status = "RUNNING";
  history.wait(seconds(2));
  history.hear(active, answer, seconds(400));
  const auto illness = illness_now(history, active);
  ASSERT_TRUE(illness.has_value());
  EXPECT_NE(illness->what.find("app b "), std::string::npos);
}

// A new head pulls its image for minutes: nobody has fallen silent.
TEST(Illness, TheClockOfADashboardRunsOnlyAfterItAnsweredOnce) {
  History history;
  const std::string cluster = begin(history);
  history.settle();
  history.start_pods(cluster);
  history.hear_silence(cluster, ProbeTrouble::Refused, minutes(19));
  EXPECT_FALSE(history.cluster(cluster).dashboard.armed);
  EXPECT_FALSE(illness_now(history, cluster).has_value());
}

TEST(Illness, ANewHeadIsNotIllForWhatItsPredecessorDid) {
  History history;
  const std::string active = serve(history);
  history.hear_silence(active, ProbeTrouble::Timeout, seconds(290));
  history.edit_pod(history.head_of(active), [](PodSlice& pod) { ++pod.ray_restarts; });
  history.wait(seconds(2));
  history.hear_silence(active, ProbeTrouble::Timeout, seconds(400));
  EXPECT_FALSE(illness_now(history, active).has_value());
}

TEST(Illness, LateAnswersOfAnEarlierHeadAreNotBelieved) {
  History history;
  const std::string active = serve(history);
  ProbeRun late;
  late.ns = "default";
  late.cluster = active;
  late.head_uid = "uid-of-a-head-that-is-gone";
  late.first = history.now();
  late.last = history.now() + minutes(20);
  late.count = 600;
  late.answer.trouble = ProbeTrouble::Timeout;
  history.add(late);
  EXPECT_EQ(history.cluster(active).dashboard.head_uid,
            history.pod(history.head_of(active)).meta.uid);
  EXPECT_FALSE(illness_now(history, active).has_value());
}

// What cannot be read, or is refused to us, is silence too: we know nothing of the cluster.
TEST(Illness, SilenceMayChangeItsVoice) {
  History history;
  const std::string active = serve(history);
  for (const ProbeTrouble trouble : {ProbeTrouble::Refused, ProbeTrouble::Timeout,
                                     ProbeTrouble::Unreadable, ProbeTrouble::BadStatus}) {
    history.hear_silence(active, trouble, seconds(74));
    history.wait(seconds(2));
  }
  EXPECT_TRUE(illness_now(history, active).has_value());
}

TEST(Illness, SlowAnswersAreAnswers) {
  History history;
  const std::string active = serve(history);
  ProbeRun run;
  run.ns = "default";
  run.cluster = active;
  run.head_uid = history.pod(history.head_of(active)).meta.uid;
  run.first = history.now();
  run.last = history.now() + minutes(30);
  run.count = 180;
  run.slowest = seconds(9);
  run.answer.status = 200;
  run.answer.serve = running(svc_of(history).serve_config);
  history.add(run);
  history.wait(minutes(30));
  EXPECT_FALSE(illness_now(history, active).has_value());
}

TEST(Illness, TheHeadsLimitIsNotShorterThanTheThresholdOfItsDashboard) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.deployment_unhealthy_s = 3600;
  const std::string cluster = begin(history, service);
  history.wait(minutes(59));
  EXPECT_FALSE(illness_now(history, cluster).has_value());
  history.wait(minutes(1));
  ASSERT_TRUE(illness_now(history, cluster).has_value());
  EXPECT_EQ(illness_now(history, cluster)->rule, Rule::FailOverHeadNotReady);
}

TEST(Illness, TheHeadsLimitBeginsAnewAfterAnAbsence) {
  History history;
  const std::string cluster = begin(history);
  history.wait(minutes(15));
  history.restart(hours(3));
  history.wait(minutes(19));
  EXPECT_FALSE(illness_now(history, cluster).has_value());
  history.wait(minutes(1));
  EXPECT_TRUE(illness_now(history, cluster).has_value());
}

TEST(Illness, NothingMakesItUrgentOnceItIsConcluded) {
  History history;
  const std::string active = serve(history);
  history.hear_silence(active, ProbeTrouble::Timeout, seconds(100));
  const View view{history.service(kSvc), history.state().fleet, history.now()};
  const auto next = next_illness(view, history.cluster(active));
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(*next, history.cluster(active).dashboard.silent.since + seconds(300));
  history.wait(seconds(2));
  history.hear_silence(active, ProbeTrouble::Timeout, seconds(300));
  EXPECT_FALSE(next_illness(view, history.cluster(active)).has_value());
}

TEST(FailoverMode, IsTheWeakerOfTheTwo) {
  const auto mode = [](FailoverMode cap, FailoverMode asked) {
    Options options;
    options.failover = cap;
    History history(options);
    RayServiceSlice service = service_slice(kSvc);
    service.failover = asked;
    history.see(service);
    return failover_mode({history.service(kSvc), history.state().fleet, history.now()});
  };
  using M = FailoverMode;
  EXPECT_EQ(mode(M::Enforce, M::Unset), M::Enforce);
  EXPECT_EQ(mode(M::Shadow, M::Unset), M::Shadow);
  EXPECT_EQ(mode(M::Off, M::Enforce), M::Off);
  EXPECT_EQ(mode(M::Shadow, M::Off), M::Off);
  EXPECT_EQ(mode(M::Enforce, M::Shadow), M::Shadow);
  EXPECT_EQ(mode(M::Unset, M::Unset), M::Enforce);
}

}  // namespace
}  // namespace raycord
