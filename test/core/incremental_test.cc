// Incremental upgrades: the steps as numbers, and what the rules make of them.

#include "core/incremental.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/names.h"
#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

IncrementalOptions options(std::int32_t surge, std::int32_t step, std::int32_t interval = 5) {
  return {surge, step, interval, "istio"};
}

// --- The steps, as numbers ---

std::string text_of(const Shares& shares) {
  return std::to_string(shares.active_capacity) + "," + std::to_string(shares.pending_capacity) +
         "|" + std::to_string(shares.active_traffic) + "," + std::to_string(shares.pending_traffic);
}

// One step of each at a time, capacity first, until nothing moves any more.
std::vector<std::string> trace(Shares shares, const IncrementalOptions& options, Heading heading,
                               bool giver_fixed = false) {
  std::vector<std::string> texts = {text_of(shares)};
  for (int i = 0; i < 1000; ++i) {
    if (const auto step = next_capacity(shares, options, heading, giver_fixed)) {
      (step->of_pending ? shares.pending_capacity : shares.active_capacity) = step->to;
    } else if (const auto moved = next_traffic(shares, options, heading)) {
      shares = *moved;
    } else {
      break;
    }
    texts.push_back(text_of(shares));
  }
  return texts;
}

TEST(IncrementalSteps, FollowTheWorkedTrace) {
  EXPECT_THAT(
      trace({}, options(50, 25), Heading::Forward),
      ElementsAre("100,0|100,0", "100,50|100,0", "100,50|75,25", "100,50|50,50", "50,50|50,50",
                  "50,100|50,50", "50,100|25,75", "50,100|0,100", "0,100|0,100"));
}

TEST(IncrementalSteps, GoAllAtOnceWithAFullSurge) {
  EXPECT_THAT(trace({}, options(100, 100), Heading::Forward),
              ElementsAre("100,0|100,0", "100,100|100,0", "100,100|0,100", "0,100|0,100"));
}

TEST(IncrementalSteps, GoByTwentyFives) {
  const std::vector<std::string> texts = trace({}, options(25, 5), Heading::Forward);
  EXPECT_EQ(texts.size(), 1 + 4 + 20 + 4U);
  EXPECT_EQ(texts.at(6), "100,25|75,25");
  EXPECT_EQ(texts.at(7), "75,25|75,25");
  EXPECT_EQ(texts.back(), "0,100|0,100");
}

TEST(IncrementalSteps, EndAtAHundredWhateverTheSurge) {
  for (std::int32_t surge = 1; surge <= 100; ++surge) {
    const auto texts = trace({}, options(surge, std::min(surge, 30)), Heading::Forward);
    EXPECT_EQ(texts.back(), "0,100|0,100") << surge;
  }
}

TEST(IncrementalSteps, StandStillWithoutASurgeOrAStep) {
  EXPECT_THAT(trace({}, options(0, 0), Heading::Forward), ElementsAre("100,0|100,0"));
  EXPECT_THAT(trace({}, options(50, 0), Heading::Forward),
              ElementsAre("100,0|100,0", "100,50|100,0"));
}

TEST(IncrementalSteps, GoBackByTheSameSteps) {
  EXPECT_THAT(trace({50, 100, 25, 75}, options(50, 25), Heading::Back),
              ElementsAre("50,100|25,75", "50,100|50,50", "50,50|50,50", "100,50|50,50",
                          "100,50|75,25", "100,50|100,0"));
  EXPECT_THAT(trace({}, options(50, 25), Heading::Back), ElementsAre("100,0|100,0"));
}

TEST(IncrementalSteps, DoNotWaitForAGiverThatCannotBeAsked) {
  EXPECT_THAT(trace({50, 100, 50, 50}, options(50, 25), Heading::Back, true),
              ElementsAre("50,100|50,50", "100,100|50,50", "100,100|75,25", "100,100|100,0"));
  EXPECT_EQ(trace({}, options(50, 25), Heading::Forward, true).back(), "100,100|0,100");
}

// --- The rules ---

RayServiceSlice divided_service(std::int32_t surge = 50, std::int32_t step = 25) {
  RayServiceSlice service = service_slice(kSvc);
  service.upgrade = UpgradeType::Incremental;
  service.incremental = options(surge, step);
  return service;
}

const Share& share_of(const History& history, const std::string& cluster) {
  return history.cluster(cluster).share;
}

std::vector<std::pair<std::string, int>> weights_in(const History& history) {
  std::vector<std::pair<std::string, int>> weights;
  const Known<RouteSlice>* route = route_of(history.service(kSvc));
  if (route == nullptr) return weights;
  for (const RouteBackend& backend : route->value.backends) {
    weights.emplace_back(backend.service, backend.weight);
  }
  return weights;
}

std::string own(const std::string& cluster) { return serve_service_name(cluster); }

// Its head shows nothing before it is sent a config.
void bring_up(History& history, const std::string& cluster) {
  start_cluster(history, cluster);
  history.hear(cluster, ServeAnswer{});
  history.settle();
  ServeAnswer answer = running(svc_of(history).serve_config);
  answer.target_capacity = share_of(history, cluster).capacity;
  history.hear(cluster, answer);
  history.settle();
  history.fill_endpoints();
  history.settle();
}

std::string serve_divided(History& history) {
  bring_up(history, begin(history, divided_service()));
  history.wait(seconds(2));
  history.settle();
  return active_of(history);
}

// What each cluster was sent is what its dashboard shows; time goes on.
std::vector<Decision> go_on(History& history, Millis length) {
  return live(history, length, [&] {
    for (const std::string& name : history.clusters_of(kSvc)) {
      if (history.head_of(name).empty()) continue;
      ServeAnswer answer = running(svc_of(history).serve_config);
      answer.target_capacity = share_of(history, name).capacity;
      history.hear(name, answer);
    }
    history.wait(seconds(2));
  });
}

// To where the pending cluster has had traffic.
std::string upgrade_half(History& history) {
  const std::string pending = upgrade(history, "spec 2");
  bring_up(history, pending);
  go_on(history, seconds(20));
  return pending;
}

TEST(IncrementalUpgrade, GivesTheFirstClusterEverything) {
  History history;
  const std::string active = serve_divided(history);
  EXPECT_EQ(share_of(history, active).capacity, 100);
  EXPECT_THAT(weights_in(history), ElementsAre(std::pair(own(active), 100)));
  ASSERT_NE(gateway_of(history.service(kSvc)), nullptr);
  EXPECT_EQ(service_of(history.service(kSvc), ServiceRole::Serve), nullptr);
  EXPECT_EQ(history.service(kSvc).status.value.active.target_capacity, 100);
  EXPECT_EQ(history.service(kSvc).status.value.active.traffic_percent, 100);
}

TEST(IncrementalUpgrade, StartsSmallAndWithNothing) {
  History history;
  const std::string active = serve_divided(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) {
    slice.cluster_hashes = cluster_hashes("spec 2", slice.groups.size());
  });
  const CreateCluster create = creation_in(history.settle());
  EXPECT_TRUE(create.at_min_size);
  const std::string pending = pending_of(history);
  start_cluster(history, pending);
  ServeAnswer nothing;
  history.hear(pending, nothing);
  const auto puts = effects_of<PutServeConfig>(history.settle());
  ASSERT_EQ(puts.size(), 2U);
  EXPECT_EQ(puts.at(0).capacity, 0);
  EXPECT_EQ(puts.at(1).capacity, 50);
  EXPECT_THAT(weights_in(history),
              ElementsAre(std::pair(own(active), 100), std::pair(own(pending), 0)));
}

TEST(IncrementalUpgrade, EndsWithThePendingClusterActive) {
  History history;
  const std::string active = serve_divided(history);
  const std::string pending = upgrade_half(history);
  EXPECT_GT(share_of(history, pending).traffic, 0);
  go_on(history, seconds(60));
  EXPECT_EQ(active_of(history), pending);
  EXPECT_THAT(weights_in(history), ElementsAre(std::pair(own(pending), 100)));
  EXPECT_THAT(leaving_of(history), ElementsAre(active));
  go_on(history, seconds(70));
  EXPECT_THAT(history.clusters_of(kSvc), ElementsAre(pending));
}

TEST(IncrementalUpgrade, SendsTheOldClusterItsOwnConfig) {
  History history;
  const std::string active = serve_divided(history);
  const Seq first = history.service(kSvc).clusters.at(active).share.config_from;
  const Hash old = svc_of(history).serve_config.hash;
  history.edit_service(kSvc, [](RayServiceSlice& slice) {
    slice.cluster_hashes = cluster_hashes("spec 2", slice.groups.size());
    slice.serve_config = serve_config({"app"}, 2);
  });
  history.settle();
  const std::string pending = pending_of(history);
  bring_up(history, pending);
  std::vector<PutServeConfig> to_old;
  for (const PutServeConfig& put : effects_of<PutServeConfig>(go_on(history, seconds(60)))) {
    if (put.cluster == active) to_old.push_back(put);
  }
  ASSERT_EQ(to_old.size(), 2U);
  for (const PutServeConfig& put : to_old) {
    EXPECT_EQ(put.config, old);
    EXPECT_EQ(put.service.seq, first);
  }
  EXPECT_EQ(active_of(history), pending);
}

TEST(IncrementalUpgrade, FreezesCapacityWhileTheGatewayIsNotReady) {
  History history;
  serve_divided(history);
  history.silence_gateways();
  const std::string pending = upgrade_half(history);
  EXPECT_EQ(share_of(history, pending).capacity, 0);
  EXPECT_EQ(condition_text(history, "RaycordRouting"), "False RouteNotReady");
}

TEST(IncrementalUpgrade, WaitsForTheGatewayApi) {
  History history;
  serve_divided(history);
  history.add(LeftScope{Kind::Gateway, "the server could not find the requested resource"});
  EXPECT_EQ(upgrade(history, "spec 2"), "");
  history.wait(seconds(2));
  history.settle();
  EXPECT_EQ(condition_text(history, "RaycordRouting"), "False GatewayApiMissing");
  history.add(KindListed{Kind::Gateway, 1000, history.state().last});
  history.settle();
  EXPECT_NE(pending_of(history), "");
  history.wait(seconds(2));
  history.settle();
  EXPECT_EQ(condition_text(history, "RaycordRouting"), "");
}

TEST(IncrementalUpgrade, MovesTrafficBackBeforeAPendingClusterGoes) {
  History history;
  const std::string active = serve_divided(history);
  const std::string pending = upgrade_half(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) {
    slice.cluster_hashes = cluster_hashes("spec 1", slice.groups.size());
  });
  EXPECT_THAT(of_rule(history.settle(), Rule::CancelUpgrade), IsEmpty());
  history.wait(seconds(2));
  history.settle();
  EXPECT_EQ(condition_text(history, "RollbackInProgress"), "True DesiredClusterSpecChanged");
  const std::vector<Decision> decisions = go_on(history, seconds(60));
  EXPECT_EQ(count_of(decisions, Rule::EndRollback), 1U);
  EXPECT_EQ(condition_text(history, "RollbackInProgress"), "");
  EXPECT_THAT(weights_in(history), ElementsAre(std::pair(own(active), 100)));
  go_on(history, seconds(70));
  EXPECT_THAT(history.clusters_of(kSvc), ElementsAre(active));
  EXPECT_EQ(active_of(history), active);
}

TEST(IncrementalUpgrade, DeletesAPendingClusterWithoutTrafficAtOnce) {
  History history;
  serve_divided(history);
  upgrade(history, "spec 2");
  history.edit_service(kSvc, [](RayServiceSlice& slice) {
    slice.cluster_hashes = cluster_hashes("spec 1", slice.groups.size());
  });
  EXPECT_EQ(count_of(history.settle(), Rule::CancelUpgrade), 1U);
}

TEST(IncrementalUpgrade, LetsThePendingClusterTakeOverALostOne) {
  History history;
  const std::string active = serve_divided(history);
  const std::string pending = upgrade_half(history);
  history.delete_cluster(active);
  history.settle();
  EXPECT_THAT(weights_in(history), ElementsAre(std::pair(own(pending), 100)));
  EXPECT_EQ(active_of(history), pending);
  go_on(history, seconds(20));
  EXPECT_EQ(share_of(history, pending).capacity.value_or(100), 100);
}

TEST(IncrementalUpgrade, GivesAFailoverEverythingAtOnce) {
  History history;
  const std::string active = serve_divided(history);
  const std::string pending = fail_over(history, active);
  ASSERT_NE(pending, "");
  bring_up(history, pending);
  EXPECT_EQ(share_of(history, pending).capacity, 100);
  EXPECT_EQ(active_of(history), pending);
  EXPECT_THAT(weights_in(history), ElementsAre(std::pair(own(pending), 100)));
}

TEST(IncrementalUpgrade, MendsWeightsThatOthersChanged) {
  History history;
  const std::string active = serve_divided(history);
  RouteSlice route = route_of(history.service(kSvc))->value;
  route.backends.front().weight = 7;
  route.meta.version = 0;
  history.see(route);
  EXPECT_EQ(count_of(history.settle(), Rule::UpdateRoute), 1U);
  EXPECT_THAT(weights_in(history), ElementsAre(std::pair(own(active), 100)));
}

TEST(IncrementalUpgrade, LeavesNothingBehindWhenItIsGivenUp) {
  History history;
  const std::string active = serve_divided(history);
  const std::string pending = upgrade_half(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) {
    slice.upgrade = UpgradeType::NewCluster;
    slice.incremental.reset();
  });
  const std::vector<Decision> decisions = history.settle();
  EXPECT_GE(count_of(decisions, Rule::RestoreCapacity), 1U);
  EXPECT_EQ(count_of(decisions, Rule::CreateServeService), 1U);
  history.fill_endpoints();
  for (int i = 0; i < 3; ++i) {
    go_on(history, seconds(10));
    history.fill_endpoints();
  }
  EXPECT_EQ(active_of(history), pending);
  EXPECT_FALSE(share_of(history, pending).capacity);
  EXPECT_EQ(route_of(history.service(kSvc)), nullptr);
  EXPECT_EQ(gateway_of(history.service(kSvc)), nullptr);
}

TEST(IncrementalUpgrade, ReplacesTheOrdinaryServeServiceWhenItIsBegun) {
  History history;
  const std::string active = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) {
    slice.upgrade = UpgradeType::Incremental;
    slice.incremental = options(50, 25);
  });
  history.settle();
  history.fill_endpoints();
  history.settle();
  EXPECT_EQ(service_of(history.service(kSvc), ServiceRole::Serve), nullptr);
  EXPECT_THAT(weights_in(history), ElementsAre(std::pair(own(active), 100)));
  EXPECT_EQ(active_of(history), active);
}

TEST(IncrementalUpgrade, SuspendsWithEverythingItMade) {
  History history;
  serve_divided(history);
  history.edit_service(kSvc, [](RayServiceSlice& slice) { slice.suspended = true; });
  history.settle();
  EXPECT_TRUE(history.service(kSvc).gateways.empty());
  EXPECT_TRUE(history.service(kSvc).routes.empty());
}

TEST(IncrementalUpgrade, HoldsAClusterWithAShareForServing) {
  History history;
  serve_divided(history);
  const std::string pending = upgrade_half(history);
  EXPECT_TRUE(serves(history.service(kSvc), pending));
}

}  // namespace
}  // namespace raycord
