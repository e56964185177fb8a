// What the operator wants to be told: probes of heads, and looks that settle doubts.

#include "core/wanted.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::seconds;

std::vector<WantedProbe> probes_of(const History& history, ProbeTarget target) {
  std::vector<WantedProbe> probes;
  for (const WantedProbe& probe : wanted_of(history.state()).probes) {
    if (probe.target == target) probes.push_back(probe);
  }
  return probes;
}

const WantedProbe& dashboard_of(const std::vector<WantedProbe>& probes, const std::string& name) {
  for (const WantedProbe& probe : probes) {
    if (probe.cluster == name) return probe;
  }
  ADD_FAILURE() << "no probe of " << name;
  return probes.at(0);
}

TEST(WantedProbes, AskTheDashboardAndTheProxyOfARunningHead) {
  History history;
  const std::string cluster = begin(history);
  history.settle();
  EXPECT_EQ(wanted_of(history.state()).probes.size(), 0U);  // The head has no address yet.
  history.edit_cluster(cluster, [](RayClusterSlice& slice) {
    slice.dashboard_port = 9265;
    slice.agent_port = 9365;
    slice.serve_port = 9000;
    slice.token_auth = true;
    slice.token_secret = "token";
  });
  history.start_pods(cluster);
  const auto dashboards = probes_of(history, ProbeTarget::Dashboard);
  const auto proxies = probes_of(history, ProbeTarget::Proxy);
  ASSERT_EQ(dashboards.size(), 1U);
  ASSERT_EQ(proxies.size(), 1U);
  const PodSlice& head = history.pod(history.head_of(cluster));
  EXPECT_EQ(dashboards[0].address, head.ip);
  EXPECT_EQ(dashboards[0].head_uid, head.meta.uid);
  EXPECT_EQ(dashboards[0].port, 9265);
  EXPECT_EQ(dashboards[0].agent_port, 9365);
  EXPECT_EQ(dashboards[0].head_service, cluster + "-head-svc");
  EXPECT_EQ(dashboards[0].token_secret, "token");
  EXPECT_EQ(proxies[0].port, 9000);
  EXPECT_EQ(proxies[0].token_secret, "");
}

// 49: nothing follows from its answer.
TEST(WantedProbes, DoNotAskTheProxyOfAHeadThatIsExcludedFromServing) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.exclude_head_from_serve = true; });
  EXPECT_EQ(probes_of(history, ProbeTarget::Proxy).size(), 0U);
  EXPECT_EQ(probes_of(history, ProbeTarget::Dashboard).size(), 1U);
}

TEST(WantedProbes, AskActivePendingAndLeavingClusters) {
  History history;
  serve(history);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  EXPECT_EQ(probes_of(history, ProbeTarget::Dashboard).size(), 2U);
  history.edit_cluster(pending, [&](RayClusterSlice& s) { s.meta.deleting_since = history.now(); });
  EXPECT_EQ(probes_of(history, ProbeTarget::Dashboard).size(), 1U);
}

// A standby does not probe.
TEST(WantedProbes, AreOfTheLeaderOnly) {
  History history;
  serve(history);
  history.add(LeadershipLost{"taken"});
  EXPECT_EQ(wanted_of(history.state()).probes.size(), 0U);
}

TEST(WantedProbes, AreNotOfClustersWithoutARayServiceNorOfOthersServices) {
  History history;
  history.see(cluster_slice("alone"));
  history.settle();
  history.start_pods("alone");
  EXPECT_EQ(wanted_of(history.state()).probes.size(), 0U);
  History other;
  serve(other);
  other.edit_service(kSvc, [](RayServiceSlice& s) { s.managed_elsewhere = true; });
  EXPECT_EQ(wanted_of(other.state()).probes.size(), 0U);
}

// 45: a head that is not Ready is asked too: its dashboard may answer before its probe passes.
TEST(WantedProbes, AskARunningHeadThatIsNotReady) {
  History history;
  const std::string active = serve(history);
  history.edit_pod(history.head_of(active), [](PodSlice& pod) { pod.ready = false; });
  EXPECT_EQ(probes_of(history, ProbeTarget::Dashboard).size(), 1U);
  history.edit_pod(history.head_of(active), [](PodSlice& pod) { pod.phase = PodPhase::Failed; });
  EXPECT_EQ(probes_of(history, ProbeTarget::Dashboard).size(), 0U);
}

TEST(WantedProbes, ReportMoreOftenWhileAClockOfIllHealthRuns) {
  History history;
  const std::string active = serve(history);
  WantedProbe probe = probes_of(history, ProbeTarget::Dashboard).at(0);
  EXPECT_EQ(probe.flush_every, kRunFlushWell);
  EXPECT_EQ(probe.urgent_at, Time{});
  const Time began = history.now();
  history.hear_silence(active, ProbeTrouble::Timeout, seconds(20));
  probe = probes_of(history, ProbeTarget::Dashboard).at(0);
  EXPECT_EQ(probe.flush_every, kRunFlushIll);
  EXPECT_EQ(probe.urgent_at, began + kSilentDashboardDefault);
}

TEST(WantedProbes, HurryForTheMinuteThatCancelsAFailoverAndNotAfterIt) {
  History history;
  const std::string active = serve(history);
  live_silent(history, active, seconds(310));
  ASSERT_NE(pending_of(history), "");
  const Time well = history.now();
  history.hear(active, running(svc_of(history).serve_config), seconds(10));
  const auto urgent = [&] {
    return dashboard_of(probes_of(history, ProbeTarget::Dashboard), active).urgent_at;
  };
  EXPECT_EQ(urgent(), well + kWellAgain);
  history.wait(seconds(2));
  history.hear(active, running(svc_of(history).serve_config), seconds(60));
  EXPECT_EQ(urgent(), Time{});
}

TEST(WantedBarriers, SettleWritesInDoubt) {
  History history;
  history.see(service_slice(kSvc));
  const std::vector<Decision> decided = history.turn();
  EXPECT_TRUE(wanted_of(history.state()).barriers.empty());
  const Seq doubt = history.answer(decided.at(0), WriteResult::Unknown, "timeout");
  const auto barriers = wanted_of(history.state()).barriers;
  ASSERT_EQ(barriers.size(), 1U);
  EXPECT_EQ(barriers[0], (WantedBarrier{Kind::RayService, doubt}));
  // A look that was asked for before the doubt does not settle it.
  history.add(KindCaughtUp{Kind::RayService, 1000, Seq{doubt.value - 1}});
  EXPECT_EQ(wanted_of(history.state()).barriers.size(), 1U);
  history.add(KindCaughtUp{Kind::RayService, 1001, doubt});
  EXPECT_TRUE(wanted_of(history.state()).barriers.empty());
  EXPECT_EQ(count_of(history.turn(), Rule::AddFinalizer), 1U);
}

TEST(WantedBarriers, CatchUpWithEveryKindAfterAStart) {
  History history;
  history.add(Started{"test", "abcde", "", {}, {}});
  const Seq started = history.state().fleet.started;
  const Wanted wanted = wanted_of(history.state());
  EXPECT_EQ(wanted.barriers.size(), 8U);
  for (const WantedBarrier& barrier : wanted.barriers) EXPECT_EQ(barrier.asked, started);
  EXPECT_EQ(wanted.newest, history.state().last);
}

std::set<Kind> kinds_wanted_for(const RayClusterSlice& cluster) {
  History history;
  history.see(cluster);
  return wanted_of(history.state()).kinds;
}

TEST(WantedKinds, AreThoseOfWhichAClusterHasSome) {
  RayClusterSlice cluster = cluster_slice("rc");
  EXPECT_TRUE(kinds_wanted_for(cluster).empty());
  cluster.redis_tolerant = true;
  EXPECT_EQ(kinds_wanted_for(cluster), std::set<Kind>{Kind::Job});
  cluster.ingress = {Hash{1}};
  EXPECT_EQ(kinds_wanted_for(cluster), (std::set<Kind>{Kind::Job, Kind::Ingress}));
  cluster.managed_elsewhere = true;
  EXPECT_TRUE(kinds_wanted_for(cluster).empty());
}

// What outlives its cluster must be seen to go.
TEST(WantedKinds, StayWhileSomethingOfThemIsThere) {
  History history;
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.ingress = {Hash{1}};
  history.see(cluster);
  history.settle_for(std::chrono::seconds(5));
  history.gone({Kind::RayCluster, "default", "rc"});
  EXPECT_EQ(wanted_of(history.state()).kinds, std::set<Kind>{Kind::Ingress});
  history.gone({Kind::Ingress, "default", "rc-head-ingress"});
  EXPECT_TRUE(wanted_of(history.state()).kinds.empty());
}

}  // namespace
}  // namespace raycord
