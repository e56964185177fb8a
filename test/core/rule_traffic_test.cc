// The RayService's Services: when they appear, and when they follow which cluster.

#include <gtest/gtest.h>

#include "test/core/service_story.h"

namespace raycord {
namespace {

using std::chrono::seconds;
using Names = std::vector<std::string>;

const char* const kHead = "svc-head-svc";
const char* const kServe = "svc-serve-svc";

std::string selected(const History& history, const std::string& service) {
  const auto& services = history.service(kSvc).services;
  const auto found = services.find(service);
  return found == services.end() ? "" : found->second.value.selected_cluster;
}

std::size_t switches_in(const std::vector<Decision>& decisions) {
  return effects_of<SwitchService>(decisions).size();
}

// 4
TEST(Traffic, ServicesAreMadeWhenTheAppsRun) {
  History history;
  const std::string cluster = begin(history);
  start_cluster(history, cluster);
  history.hear(cluster, with_status(svc_of(history).serve_config, "DEPLOYING"));
  history.settle();
  EXPECT_TRUE(history.service(kSvc).services.empty());
  history.wait(seconds(2));
  history.hear(cluster, running(svc_of(history).serve_config));
  const auto decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::CreateHeadService), 1U);
  EXPECT_EQ(count_of(decided, Rule::CreateServeService), 1U);
  EXPECT_EQ(selected(history, kHead), cluster);
  EXPECT_EQ(selected(history, kServe), cluster);
  EXPECT_EQ(active_of(history), cluster);
}

// 56
TEST(Traffic, NoServeServiceIsMadeWithoutAServePort) {
  RayServiceSlice service = service_slice(kSvc);
  service.has_serve_port = false;
  History history;
  const std::string cluster = begin(history, service);
  become_ready(history, cluster);
  const auto decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::CreateHeadService), 1U);
  EXPECT_EQ(count_of(decided, Rule::CreateServeService), 0U);
  EXPECT_EQ(active_of(history), cluster);
  EXPECT_NE(condition_text(history, "Ready"), "True NonZeroServeEndpoints");
}

// An upgrade without a serve port ends too: the head Service is where traffic goes.
TEST(Traffic, FollowsTheHeadServiceWithoutAServePort) {
  RayServiceSlice service = service_slice(kSvc);
  service.has_serve_port = false;
  History history;
  begin(history, service);
  become_ready(history, pending_of(history));
  history.settle();
  const std::string pending = upgrade(history, "spec 2");
  become_ready(history, pending);
  history.settle();
  EXPECT_EQ(active_of(history), pending);
  history.settle_for(seconds(62));
  EXPECT_EQ(history.clusters_of(kSvc), Names{pending});
}

TEST(Traffic, ServeServiceHasTheUsersName) {
  RayServiceSlice service = service_slice(kSvc);
  service.serve_service_name = "custom";
  History history;
  const std::string cluster = serve(history, service);
  EXPECT_EQ(selected(history, "custom"), cluster);
  EXPECT_EQ(selected(history, kServe), "");
}

// 15
TEST(Traffic, StaysWhileTheNewAppsDeploy) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  EXPECT_EQ(switches_in(live_with(history, pending, "DEPLOYING", seconds(60))), 0U);
  EXPECT_EQ(active_of(history), active);
}

TEST(Traffic, StaysWhileTheNewClusterRunsAnotherConfigThanAskedFor) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  const ServeConfig old = svc_of(history).serve_config;
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.serve_config = serve_config({"app"}, 2); });
  history.hear(pending, running(old));
  EXPECT_EQ(switches_in(history.settle()), 0U);
  EXPECT_EQ(active_of(history), active);
}

TEST(Traffic, StaysWhileAWantedAppIsBeingDeleted) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  start_cluster(history, pending);
  history.hear(pending, with_status(svc_of(history).serve_config, "DELETING"));
  EXPECT_EQ(switches_in(history.settle()), 0U);
  EXPECT_EQ(active_of(history), active);
}

// One serving pod of two that serve now is not enough.
TEST(Traffic, StaysUntilAsManyPodsServeAsNow) {
  History history;
  const std::string active = serve(history);
  ASSERT_EQ(ready_endpoints(history.service(kSvc), nullptr), 2U);
  const std::string pending = upgrade(history, "spec 2");
  history.settle();
  for (const std::string& name : history.pods_of(pending)) {
    const bool head = history.pod(name).node_type == NodeType::Head;
    history.edit_pod(name, [&](PodSlice& pod) {
      pod.phase = PodPhase::Running;
      pod.ready = head;
      pod.ip = "10.0.9.9";
    });
  }
  history.hear_proxy(pending, true);
  history.hear(pending, running(svc_of(history).serve_config));
  EXPECT_EQ(switches_in(history.settle()), 0U);
  EXPECT_EQ(active_of(history), active);
  history.start_pods(pending);
  EXPECT_EQ(switches_in(history.settle()), 2U);
  EXPECT_EQ(active_of(history), pending);
}

TEST(Traffic, HeadServiceIsSwitchedFirst) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  become_ready(history, pending);
  const auto first = history.turn();
  ASSERT_EQ(switches_in(first), 1U);
  EXPECT_EQ(count_of(first, Rule::SwitchHeadService), 1U);
  EXPECT_EQ(switches_in(history.turn()), 0U);  // Not before the answer.
  history.carry_out(of_rule(first, Rule::SwitchHeadService)[0]);
  EXPECT_EQ(active_of(history), active);
  const auto second = history.turn();
  EXPECT_EQ(count_of(second, Rule::SwitchServeService), 1U);
}

// 57
TEST(Traffic, SwitchGoesOnAfterARestartInTheMiddle) {
  History history;
  serve(history);
  const std::string pending = upgrade(history, "spec 2");
  become_ready(history, pending);
  history.carry_out(of_rule(history.turn(), Rule::SwitchHeadService).at(0));
  history.restart();
  history.hear(pending, running(svc_of(history).serve_config));
  const auto decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::SwitchServeService), 1U);
  EXPECT_EQ(active_of(history), pending);
}

TEST(Traffic, HeadServiceGoesBackWhenReadinessIsLostInBetween) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  become_ready(history, pending);
  history.carry_out(of_rule(history.turn(), Rule::SwitchHeadService).at(0));
  history.edit_pod(history.head_of(pending), [](PodSlice& pod) { pod.ready = false; });
  const auto decided = history.settle();
  EXPECT_EQ(count_of(decided, Rule::SwitchHeadService), 1U);
  EXPECT_EQ(count_of(decided, Rule::SwitchServeService), 0U);
  EXPECT_EQ(selected(history, kHead), active);
}

// The cluster that the head Service points to is not deleted before it points elsewhere.
TEST(Traffic, HalfASwitchIsTakenBackBeforeThePendingClusterGoes) {
  History history;
  const std::string active = serve(history);
  const std::string pending = upgrade(history, "spec 2");
  become_ready(history, pending);
  history.carry_out(of_rule(history.turn(), Rule::SwitchHeadService).at(0));
  history.edit_service(kSvc,
                       [](RayServiceSlice& s) { s.cluster_hashes = cluster_hashes("spec 1"); });
  const auto decided = history.turn();
  EXPECT_EQ(count_of(decided, Rule::CancelUpgrade), 0U);
  for (const Decision& decision : decided) history.carry_out(decision);
  EXPECT_EQ(selected(history, kHead), active);
  EXPECT_EQ(count_of(history.settle(), Rule::CancelUpgrade), 1U);
}

// 53
TEST(Traffic, DeletedServicesAreMadeAgainForTheActiveCluster) {
  History history;
  const std::string active = serve(history);
  for (const char* name : {kHead, kServe}) {
    history.gone({Kind::Service, "default", name});
    EXPECT_EQ(effects_of<CreateService>(history.settle()).size(), 1U);
    EXPECT_EQ(selected(history, name), active);
  }
}

TEST(Traffic, AServiceThatPointsElsewhereIsPointedBack) {
  History history;
  const std::string active = serve(history);
  ServiceSlice head = history.service(kSvc).services.at(kHead).value;
  head.selected_cluster = "nowhere";
  head.meta.version += 1000;
  history.see(head);
  EXPECT_EQ(count_of(history.settle(), Rule::SwitchHeadService), 1U);
  EXPECT_EQ(selected(history, kHead), active);
}

// 66
TEST(Traffic, StaysWhereItIsWhileTheSpecIsInvalid) {
  History history;
  const std::string active = serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) {
    s.invalid = {"InvalidRayServiceSpec", "spec.x: must be y"};
    s.cluster_hashes = {};
  });
  const auto decided = history.settle_for(seconds(600));
  EXPECT_EQ(switches_in(decided), 0U);
  EXPECT_EQ(effects_of<DeleteObject>(decided).size(), 0U);
  EXPECT_EQ(selected(history, kServe), active);
}

TEST(Traffic, NoServicesAreMadeForAClusterThatIsBeingDeleted) {
  History history;
  serve(history);
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = true; });
  for (const Decision& decision : history.turn()) {
    const auto* deletion = std::get_if<DeleteObject>(&decision.effect);
    if (deletion != nullptr && deletion->object.kind == Kind::Service) history.carry_out(decision);
  }
  history.edit_service(kSvc, [](RayServiceSlice& s) { s.suspended = false; });
  EXPECT_EQ(effects_of<CreateService>(history.turn()).size(), 0U);
}

}  // namespace
}  // namespace raycord
