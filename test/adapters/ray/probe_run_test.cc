#include "adapters/ray/probe_run.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart{1'200'000ms};  // A whole minute.

ProbeAnswer answer(std::int32_t status) {
  ProbeAnswer answer;
  answer.status = status;
  return answer;
}

WantedProbe wanted() {
  WantedProbe probe;
  probe.ns = "default";
  probe.cluster = "c";
  probe.head_uid = "head-1";
  return probe;
}

class ProbeRunTest : public testing::Test {
 protected:
  ProbeRunTest() { runner.follow(wanted(), runs); }

  std::vector<ProbeRun> take() { return std::exchange(runs, {}); }

  ProbeRunner runner;
  std::vector<ProbeRun> runs;
};

TEST_F(ProbeRunTest, TheFirstAnswerIsReportedAtOnce) {
  runner.add(kStart, 30ms, answer(200), runs);
  const auto reported = take();
  ASSERT_EQ(reported.size(), 1u);
  EXPECT_EQ(reported[0].cluster, "c");
  EXPECT_EQ(reported[0].head_uid, "head-1");
  EXPECT_EQ(reported[0].count, 1u);
  EXPECT_EQ(reported[0].answer, answer(200));
  EXPECT_FALSE(reported[0].continued);
}

TEST_F(ProbeRunTest, EqualAnswersAreCountedUntilAWholeMinute) {
  for (int i = 0; i < 29; ++i) {
    runner.add(kStart + 1s + i * 2s, Millis(10 + i), answer(200), runs);
    runner.tick(kStart + 1s + i * 2s, runs);
  }
  EXPECT_EQ(take().size(), 1u);  // The first.
  EXPECT_EQ(runner.next_flush(), kStart + 60s);
  runner.tick(kStart + 60s, runs);
  const auto reported = take();
  ASSERT_EQ(reported.size(), 1u);
  EXPECT_TRUE(reported[0].continued);
  EXPECT_EQ(reported[0].answer, ProbeAnswer{});
  EXPECT_EQ(reported[0].count, 28u);
  EXPECT_EQ(reported[0].first, kStart + 3s);
  EXPECT_EQ(reported[0].last, kStart + 57s);
  EXPECT_EQ(reported[0].slowest, 38ms);
  EXPECT_EQ(runner.next_flush(), Time::max());
}

TEST_F(ProbeRunTest, AnotherAnswerEndsTheRunAndIsReportedAtOnce) {
  runner.add(kStart, 1ms, answer(200), runs);
  runner.add(kStart + 2s, 1ms, answer(200), runs);
  take();
  runner.add(kStart + 4s, 1ms, answer(500), runs);
  const auto reported = take();
  ASSERT_EQ(reported.size(), 2u);
  EXPECT_TRUE(reported[0].continued);
  EXPECT_EQ(reported[0].count, 1u);
  EXPECT_FALSE(reported[1].continued);
  EXPECT_EQ(reported[1].answer, answer(500));
}

TEST_F(ProbeRunTest, SilenceBeginsWhenTheFirstUnansweredProbeWasSent) {
  ProbeAnswer silence;
  silence.trouble = ProbeTrouble::Timeout;
  runner.add(kStart, 20ms, answer(200), runs);
  runner.add(kStart + 12s, 10s, silence, runs);
  runner.add(kStart + 24s, 10s, silence, runs);
  runner.flush(runs);
  const auto reported = take();
  ASSERT_EQ(reported.size(), 3u);
  EXPECT_EQ(reported[0].first, kStart);  // An answer counts when it came.
  EXPECT_EQ(reported[1].first, kStart + 2s);
  EXPECT_EQ(reported[1].last, kStart + 12s);
  EXPECT_EQ(reported[2].first, kStart + 14s);
  EXPECT_EQ(reported[2].last, kStart + 24s);
}

TEST_F(ProbeRunTest, WhileTheProcessStoodStillNoSilenceWasHeard) {
  runner.add(kStart + 10min, 10min, answer(503), runs);
  EXPECT_EQ(take()[0].first, kStart + 10min);
  ProbeAnswer silence;
  silence.trouble = ProbeTrouble::Timeout;
  runner.add(kStart + 20min, 10min, silence, runs);
  EXPECT_EQ(take()[0].first, kStart + 20min - 10s);
}

TEST_F(ProbeRunTest, TheFirstAnswerAfterTheUrgentTimeIsReportedOnce) {
  WantedProbe urgent = wanted();
  urgent.urgent_at = kStart + 5s;
  runner.follow(urgent, runs);
  runner.add(kStart, 1ms, answer(500), runs);
  take();
  runner.add(kStart + 4s, 1ms, answer(500), runs);
  EXPECT_TRUE(take().empty());
  runner.add(kStart + 6s, 1ms, answer(500), runs);
  const auto reported = take();
  ASSERT_EQ(reported.size(), 1u);
  EXPECT_EQ(reported[0].count, 2u);
  runner.add(kStart + 8s, 1ms, answer(500), runs);
  EXPECT_TRUE(take().empty());
}

TEST_F(ProbeRunTest, AShorterTimeBetweenReportsTakesEffectAtOnce) {
  runner.add(kStart, 1ms, answer(500), runs);
  runner.add(kStart + 2s, 1ms, answer(500), runs);
  WantedProbe ill = wanted();
  ill.flush_every = 10s;
  runner.follow(ill, runs);
  EXPECT_EQ(runner.next_flush(), kStart + 10s);
}

TEST_F(ProbeRunTest, AnotherHeadNeverContinuesARun) {
  runner.add(kStart, 1ms, answer(200), runs);
  runner.add(kStart + 2s, 1ms, answer(200), runs);
  take();
  WantedProbe restarted = wanted();
  restarted.head_restarts = 1;
  runner.follow(restarted, runs);
  const auto old = take();
  ASSERT_EQ(old.size(), 1u);
  EXPECT_EQ(old[0].head_restarts, 0);
  runner.add(kStart + 4s, 1ms, answer(200), runs);
  const auto fresh = take();
  ASSERT_EQ(fresh.size(), 1u);
  EXPECT_EQ(fresh[0].head_restarts, 1);
  EXPECT_FALSE(fresh[0].continued);
}

}  // namespace
}  // namespace raycord
