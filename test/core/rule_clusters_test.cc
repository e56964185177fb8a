// Which clusters a RayService has, and why. Numbers in comments: conformance scenarios.

#include <gtest/gtest.h>

#include "core/wish.h"
#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Names = std::vector<std::string>;

// --- First cluster ------------------------------------------------------------------------------

// 1, 2: the finalizer comes first, then the name in the status, then one cluster.
TEST(FirstCluster, ComesAfterTheFinalizer) {
  History history;
  history.see(service_slice(kSvc));
  const std::vector<Decision> first = history.turn();
  ASSERT_EQ(rules_of(first), Names{"add-finalizer"});
  history.carry_out(first[0]);
  const std::vector<Decision> second = history.turn();
  ASSERT_EQ(count_of(second, Rule::StartFirstCluster), 1U);
  const CreateCluster create = creation_in(second);
  EXPECT_EQ(create.purpose, Purpose::First);
  EXPECT_EQ(create.counter, 1U);
  EXPECT_EQ(create.spec_revision, wanted_revision(svc_of(history)));
}

TEST(FirstCluster, IsMadeOnceWhileItsCreationHasNoOutcome) {
  History history;
  history.see(service_slice(kSvc));
  history.carry_out(history.turn().at(0));
  ASSERT_EQ(count_of(history.turn(), Rule::StartFirstCluster), 1U);
  history.wait(minutes(5));
  EXPECT_EQ(count_of(history.turn(), Rule::StartFirstCluster), 0U);
}

TEST(FirstCluster, IsMadeOnceWhenTheOperatorRestartsBeforeTheAnswer) {
  History history;
  history.see(service_slice(kSvc));
  history.carry_out(history.turn().at(0));
  const std::vector<Decision> decided = of_rule(history.turn(), Rule::StartFirstCluster);
  ASSERT_EQ(decided.size(), 1U);
  // The creation was done, the process died before it heard of it; the list shows the cluster.
  RayClusterSlice made = cluster_slice(creation_in(decided).name);
  made.meta.owner = {"RayService", kSvc, "uid-svc"};
  made.from_ray_service = true;
  made.purpose = Purpose::First;
  made.counter = 1;
  made.spec_revision = creation_in(decided).spec_revision;
  history.see(made);
  history.restart();
  EXPECT_EQ(count_of(history.settle(), Rule::StartFirstCluster), 0U);
  EXPECT_EQ(history.clusters_of(kSvc), Names{made.meta.name});
}

// 19: not yet created when the spec changes: created from the newest spec.
TEST(FirstCluster, IsMadeFromTheNewestSpecWhenItsCreationFailed) {
  History history;
  history.see(service_slice(kSvc));
  history.carry_out(history.turn().at(0));
  const std::vector<Decision> decided = of_rule(history.turn(), Rule::StartFirstCluster);
  history.answer(decided.at(0), WriteResult::Failed, "no connection");
  history.edit_service(
      kSvc, [](RayServiceSlice& slice) { slice.cluster_hashes = cluster_hashes("spec 2"); });
  const std::vector<Decision> again = history.turn();
  ASSERT_EQ(count_of(again, Rule::StartFirstCluster), 1U);
  EXPECT_EQ(creation_in(again).spec_revision, cluster_hashes("spec 2").back());
  EXPECT_NE(creation_in(again).name, creation_in(decided).name);
}

TEST(FirstCluster, WaitsLongerAfterEachRefusal) {
  History history;
  history.see(service_slice(kSvc));
  history.carry_out(history.turn().at(0));
  Millis waited{0};
  for (int i = 0; i < 3; ++i) {
    const std::vector<Decision> decided = of_rule(history.turn(), Rule::StartFirstCluster);
    ASSERT_EQ(decided.size(), 1U);
    history.answer(decided[0], WriteResult::Refused, "quota exceeded");
    EXPECT_EQ(count_of(history.turn(), Rule::StartFirstCluster), 0U);
    const Retry& retry = history.service(kSvc).retries.at("create RayCluster default/svc");
    EXPECT_GT(retry.not_before - history.now(), waited);
    waited = retry.not_before - history.now();
    history.wait(waited);
  }
}

TEST(FirstCluster, IsReplacedOnlyAfterItsDeletionIsAccepted) {
  History history;
  const std::string first = begin(history);
  history.edit_service(
      kSvc, [](RayServiceSlice& slice) { slice.cluster_hashes = cluster_hashes("spec 2"); });
  const std::vector<Decision> decided = of_rule(history.turn(), Rule::ReplacePending);
  ASSERT_EQ(decided.size(), 1U);
  history.wait(seconds(1));
  EXPECT_EQ(effects_of<CreateCluster>(history.turn()).size(), 0U);
  history.carry_out(decided[0]);
  EXPECT_EQ(count_of(history.turn(), Rule::StartFirstCluster), 1U);
}

// The Services are being made for it: whether traffic goes there already, nobody knows.
TEST(FirstCluster, IsNotReplacedWhileItsServicesAreBeingMade) {
  History history;
  const std::string first = begin(history);
  become_ready(history, first);
  const std::vector<Decision> making = history.turn();
  ASSERT_EQ(count_of(making, Rule::CreateServeService), 1U);
  history.edit_service(
      kSvc, [](RayServiceSlice& slice) { slice.cluster_hashes = cluster_hashes("spec 2"); });
  EXPECT_EQ(effects_of<DeleteObject>(history.turn()).size(), 0U);
  for (const Decision& decision : making) history.carry_out(decision);
  const std::vector<Decision> decided = history.turn();
  EXPECT_EQ(effects_of<DeleteObject>(decided).size(), 0U);
  EXPECT_EQ(count_of(decided, Rule::StartUpgrade), 1U) << "it serves, so another is made beside it";
}

TEST(FirstCluster, MayTakeForEver) {
  History history;
  begin(history);
  history.settle_for(minutes(15));
  start_cluster(history, pending_of(history));
  const auto decided = live_with(history, pending_of(history), "DEPLOYING", kPrepareLimit * 2);
  EXPECT_EQ(effects_of<DeleteObject>(decided).size(), 0U);
}

// --- Upgrade ------------------------------------------------------------------------------------

// 14
TEST(Upgrade, PreparesASecondClusterAndLeavesTheServicesAlone) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  EXPECT_NE(pending, "");
  EXPECT_EQ(active_of(history), active);
  EXPECT_EQ(history.cluster(pending).object.value().value.purpose, Purpose::Upgrade);
  for (const auto& [name, known] : history.service(kSvc).services) {
    EXPECT_EQ(known.value.selected_cluster, active) << name;
  }
}

// 16
TEST(Upgrade, EndsWithTheNewClusterActiveAndTheOldOneLeaving) {
  History history;
  const std::string old = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  become_ready(history, pending);
  history.settle();
  EXPECT_EQ(active_of(history), pending);
  EXPECT_EQ(pending_of(history), "");
  EXPECT_EQ(leaving_of(history), Names{old});
}

// 24: KubeRay prepares another cluster.
TEST(Upgrade, IsCancelledWhenTheSpecIsReverted) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  const std::vector<Decision> before = history.turn();
  history.edit_service(
      kSvc, [](RayServiceSlice& slice) { slice.cluster_hashes = cluster_hashes("spec 1"); });
  const std::vector<Decision> decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::CancelUpgrade), 1U);
  EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
  EXPECT_EQ(history.clusters_of(kSvc), Names{active});
}

// 18: the earlier pending cluster goes at once, its successor follows.
TEST(Upgrade, ReplacesThePendingClusterWhenTheSpecChangesAgain) {
  History history;
  const std::string active = serve(history);
  const std::string second = upgrade(history, "spec 2");
  const std::string third = upgrade(history, "spec 3");
  EXPECT_NE(second, third);
  EXPECT_EQ(history.clusters_of(kSvc).size(), 2U);
  EXPECT_EQ(active_of(history), active);
}

// 20, 21
TEST(Upgrade, IsNotMadeByStrategyNoneNorWithoutZeroDowntime) {
  {
    History history;
    serve(history);
    history.edit_service(kSvc, [](RayServiceSlice& s) { s.upgrade = UpgradeType::None; });
    EXPECT_EQ(upgrade(history, "spec 2"), "");
  }
  Options options;
  options.zero_downtime = false;
  {
    History history(options);
    serve(history);
    EXPECT_EQ(upgrade(history, "spec 2"), "");
  }
  History history(options);
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.upgrade = UpgradeType::NewCluster; });
  EXPECT_NE(upgrade(history, "spec 2"), "");
}

// 28, 31, 32: the muted fields.
TEST(Upgrade, IsNotStartedByMutedFields) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) { slice.muted_hash = hash_of("muted 2"); });
  EXPECT_EQ(effects_of<CreateCluster>(history.settle()).size(), 0U);
}

// 29, 30: the autoscaler scales; nothing is reverted, no cluster is made or replaced.
TEST(Upgrade, IsNotDisturbedByTheAutoscaler) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  for (const std::string& name : {active, pending}) {
    history.respec_cluster(name, [](RayClusterSlice& slice) { slice.groups[0].replicas = 3; });
  }
  history.settle();
  EXPECT_EQ(pending_of(history), pending);
  EXPECT_EQ(history.clusters_of(kSvc).size(), 2U);
}

// 22
TEST(Upgrade, IsStartedByARemovedGroup) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) {
    slice.cluster_hashes = {hash_of("spec 10")};
    slice.groups = {};
  });
  history.settle();
  EXPECT_NE(pending_of(history), "");
}

TEST(Upgrade, WaitsWhileAnOldClusterDrains) {
  History history;
  serve(history);
  upgrade_and_switch(history, "spec 2");
  EXPECT_EQ(upgrade(history, "spec 3"), "");
  EXPECT_EQ(history.clusters_of(kSvc).size(), 2U);
  history.settle_for(seconds(62));
  EXPECT_NE(pending_of(history), "");
  EXPECT_EQ(history.clusters_of(kSvc).size(), 2U);
}

TEST(Upgrade, GoesOnAfterARestartInTheMiddle) {
  History history;
  const std::string old = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  history.restart(minutes(2));
  EXPECT_EQ(effects_of<CreateCluster>(history.settle()).size(), 0U);
  EXPECT_EQ(pending_of(history), pending);
  become_ready(history, pending);
  history.settle();
  EXPECT_EQ(active_of(history), pending);
}

TEST(Upgrade, StartsThoughFailoversAreHeldAndTheActiveClusterIsIll) {
  History history;
  const std::string active = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.failover = FailoverMode::Off; });
  live_silent(history, active, seconds(320));
  history.add(FleetHoldChanged{true, "test"});
  EXPECT_NE(upgrade(history, "spec 2"), "");
}

// --- Appended groups ----------------------------------------------------------------------------

void append_group(History& history, const std::string& spec) {
  history.edit_service(kSvc, [&](RayServiceSlice& slice) {
    slice.groups.push_back("more");
    slice.cluster_hashes = cluster_hashes(spec, slice.groups.size());
  });
}

// 12
TEST(AppendedGroup, ChangesTheActiveClusterInPlace) {
  History history;
  const std::string active = serve(history);
  append_group(history, "spec 1");
  const std::vector<Decision> decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::AppendWorkerGroups), 1U);
  EXPECT_EQ(history.clusters_of(kSvc), Names{active});
  EXPECT_EQ(history.cluster(active).object.value().value.groups.size(), 2U);
}

// 13
TEST(AppendedGroup, ChangesThePendingClusterInPlace) {
  History history;
  serve(history);
  const std::string pending = upgrade(history, "spec 2");
  append_group(history, "spec 2");
  const std::vector<Decision> decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::AppendWorkerGroups), 1U);
  EXPECT_EQ(effects_of<DeleteObject>(decided).size(), 0U);
  EXPECT_EQ(pending_of(history), pending);
}

TEST(AppendedGroup, IsNotAddedToAClusterThatIsBeingDeleted) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) { slice.suspended = true; });
  ASSERT_EQ(count_of(history.turn(), Rule::SuspendService), 3U);  // Cluster and two Services.
  history.edit_service(kSvc, [](RayServiceSlice& slice) { slice.suspended = false; });
  append_group(history, "spec 1");
  EXPECT_EQ(count_of(history.turn(), Rule::AppendWorkerGroups), 0U);
}

// --- A pending cluster that fails ---------------------------------------------------------------

TEST(IllPending, IsDroppedAndTriedAgainAfterABackOffThatDoubles) {
  History history;
  const std::string active = serve(history);
  std::string pending = upgrade(history, "spec 2");
  Millis expected = kBackOffFirst;
  for (std::uint32_t attempt = 1; attempt <= kAttemptsMax; ++attempt, expected *= 2) {
    start_cluster(history, pending);
    const auto decided = live_with(history, pending, "UNHEALTHY", seconds(910));
    ASSERT_EQ(count_of(decided, Rule::DropIllPending), 1U) << attempt;
    EXPECT_EQ(active_of(history), active);
    const ServiceMemory& memory = history.service(kSvc).memory;
    EXPECT_EQ(memory.attempts, attempt);
    const Millis wait = memory.back_off_until - history.now();
    EXPECT_GT(wait, expected - seconds(15));
    EXPECT_LE(wait, expected + seconds(1));
    history.settle_for(wait - seconds(1));
    EXPECT_EQ(pending_of(history), "");
    history.settle_for(seconds(2));
    pending = pending_of(history);
    EXPECT_EQ(pending.empty(), attempt == kAttemptsMax);
  }
  // 43: three attempts, then an edit is waited for.
  history.settle_for(kBackOffMax * 3);
  EXPECT_EQ(pending_of(history), "");
  EXPECT_NE(upgrade(history, "spec 3"), "");
  EXPECT_EQ(history.service(kSvc).memory.attempts, 0U);
}

TEST(IllPending, CountsOneAttemptThoughItsDeletionHasToBeRepeated) {
  History history;
  serve(history);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  history.hear(pending, with_status(svc_of(history).serve_config, "UNHEALTHY"), seconds(902));
  for (int i = 0; i < 3; ++i) {
    const auto decided = history.turn();
    ASSERT_EQ(count_of(decided, Rule::DropIllPending), 1U) << i;
    for (const Decision& decision : decided) {
      const bool drops = decision.rule == Rule::DropIllPending;
      if (drops) history.answer(decision, WriteResult::Failed, "no connection");
      if (!drops) history.carry_out(decision);
    }
    history.settle();
    history.wait(seconds(10));
  }
  EXPECT_EQ(history.service(kSvc).memory.attempts, 1U);
}

TEST(IllPending, IsKeptWhileTheFleetIsHeld) {
  History history;
  serve(history);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  history.hear(pending, with_status(svc_of(history).serve_config, "DEPLOYING"));
  history.add(FleetHoldChanged{true, "test"});
  live_silent(history, pending, kPrepareLimit + minutes(1));
  EXPECT_EQ(pending_of(history), pending);
}

// Without an active cluster, replacing the only one is a failover like any other.
TEST(IllPending, IsKeptWhenItIsAllThereIsAndFailoverIsOff) {
  for (const FailoverMode mode : {FailoverMode::Off, FailoverMode::Shadow, FailoverMode::Enforce}) {
    History history;
    RayServiceSlice service = service_slice(kSvc);
    service.failover = mode;
    const std::string pending = begin(history, service);
    start_cluster(history, pending);
    const auto decided = live_with(history, pending, "DEPLOY_FAILED", seconds(1000));
    EXPECT_EQ(count_of(decided, Rule::DropIllPending), mode == FailoverMode::Enforce ? 1U : 0U);
  }
}

// 27, with the limit that KubeRay lacks.
TEST(PrepareLimit, EndsAnUpgradeThatNeverBecomesReady) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  auto decided = live_with(history, pending, "DEPLOYING", kPrepareLimit - minutes(1));
  EXPECT_EQ(count_of(decided, Rule::DropIllPending), 0U);
  decided = live_with(history, pending, "DEPLOYING", minutes(2));
  EXPECT_EQ(count_of(decided, Rule::DropIllPending), 1U);
  EXPECT_EQ(active_of(history), active);
}

TEST(PrepareLimit, IsJudgedByWhatThisRunHasSeen) {
  History history;
  serve(history);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  live_with(history, pending, "DEPLOYING", minutes(10));
  history.restart(kPrepareLimit);
  // It may run by now; its dashboard has not been asked yet.
  EXPECT_EQ(count_of(history.settle(), Rule::DropIllPending), 0U);
  history.hear(pending, running(svc_of(history).serve_config));
  history.settle();
  EXPECT_EQ(active_of(history), pending);
}

// --- Active gone --------------------------------------------------------------------------------

// 25
TEST(ActiveGone, AFirstClusterIsMadeWhateverTheStrategy) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.upgrade = UpgradeType::None;
  const std::string active = serve(history, service);
  history.gone({Kind::RayCluster, "default", active});
  EXPECT_EQ(count_of(history.settle(), Rule::StartFirstCluster), 1U);
}

TEST(ActiveGone, ThePendingClusterTakesOver) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  history.gone({Kind::RayCluster, "default", active});
  EXPECT_EQ(effects_of<CreateCluster>(history.settle()).size(), 0U);
  become_ready(history, pending);
  history.settle();
  EXPECT_EQ(active_of(history), pending);
}

// --- Loss of the log ----------------------------------------------------------------------------

// What the objects remember holds for what they ask for now; an edit begins anew.
TEST(LostLog, AttemptsOnTheObjectHoldUntilAnEdit) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.has_finalizer = true;
  service.name_counter = 7;
  service.attempts = kAttemptsMax;
  service.back_off_until = kHistoryStart;
  history.see(service);
  EXPECT_EQ(effects_of<CreateCluster>(history.settle_for(minutes(90))).size(), 0U);
  const std::string pending = upgrade(history, "spec 2");
  ASSERT_NE(pending, "");
  EXPECT_EQ(history.cluster(pending).object.value().value.counter, 8U);
}

TEST(LostLog, NoThirdClusterIsMadeOfTwo) {
  History history;
  RayServiceSlice service = service_slice(kSvc);
  service.has_finalizer = true;
  service.cluster_hashes = cluster_hashes("spec 2");
  service.status.active.cluster = "one";
  history.see(service);
  for (const char* name : {"one", "two"}) {
    RayClusterSlice cluster = cluster_slice(name);
    cluster.meta.owner = {"RayService", kSvc, "uid-svc"};
    cluster.counter = name == std::string("one") ? 1 : 2;
    cluster.own_hashes = cluster_hashes(name == std::string("one") ? "spec 1" : "spec 2");
    cluster.spec_revision = cluster.own_hashes.back();
    history.see(cluster);
  }
  const auto decided = history.settle_for(minutes(5));
  EXPECT_EQ(effects_of<CreateCluster>(decided).size(), 0U);
  EXPECT_EQ(active_of(history), "one");
  EXPECT_EQ(pending_of(history), "two");
}

}  // namespace
}  // namespace raycord
