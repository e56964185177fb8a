// Which partition an event belongs to, and what is news.

#include "core/route.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "test/core/history.h"

namespace raycord {
namespace {

const PartitionName kService{Kind::RayService, "default", "svc"};
const PartitionName kAlone{Kind::RayCluster, "default", "alone"};

RayClusterSlice owned_cluster() {
  RayClusterSlice cluster = cluster_slice("rc");
  cluster.meta.owner = {"RayService", "svc", "uid-svc"};
  return cluster;
}

ServiceSlice service_owned_by(const std::string& kind, const std::string& owner,
                              const std::string& name) {
  ServiceSlice service;
  service.meta = meta_named(name);
  service.meta.owner = {kind, owner, "uid-" + owner};
  return service;
}

std::optional<PartitionName> home(const History& history, const Fact& fact) {
  return partition_of(history.state().fleet, fact);
}

TEST(Route, ARayServiceIsItsOwnRoot) {
  EXPECT_EQ(partition_of({}, ObjectSeen{service_slice("svc")}), kService);
}

TEST(Route, ARayClusterGoesToTheRayServiceThatOwnsItOrStandsAlone) {
  EXPECT_EQ(partition_of({}, ObjectSeen{owned_cluster()}), kService);
  EXPECT_EQ(partition_of({}, ObjectSeen{cluster_slice("alone")}), kAlone);
  RayClusterSlice of_job = cluster_slice("alone");
  of_job.meta.owner = {"RayJob", "job", "uid-job"};
  EXPECT_EQ(partition_of({}, ObjectSeen{of_job}), kAlone);
}

TEST(Route, WhatIsBelowAClusterGoesWithIt) {
  History history;
  history.see(owned_cluster());
  history.see(cluster_slice("alone"));
  EXPECT_EQ(home(history, ObjectSeen{head_slice("rc", "p")}), kService);
  EXPECT_EQ(home(history, ObjectSeen{head_slice("alone", "p")}), kAlone);
  EXPECT_EQ(home(history, ObjectSeen{service_owned_by("RayCluster", "rc", "s")}), kService);
  EXPECT_EQ(home(history, ObjectSeen{service_owned_by("RayService", "svc", "s")}), kService);
  AccessSlice access;
  access.meta = meta_named("rc");
  access.cluster = "rc";
  EXPECT_EQ(home(history, ObjectSeen{access}), kService);
  ProbeRun run;
  run.ns = "default";
  run.cluster = "rc";
  EXPECT_EQ(home(history, run), kService);
  run.ns = "other";
  EXPECT_EQ(home(history, run), std::nullopt);
}

TEST(Route, AnEndpointSliceFollowsItsService) {
  History history;
  EndpointsSlice slice;
  slice.meta = meta_named("s-1");
  slice.service = "s";
  EXPECT_EQ(home(history, ObjectSeen{slice}), std::nullopt);
  history.see(service_slice("svc"));
  history.see(service_owned_by("RayService", "svc", "s"));
  EXPECT_EQ(home(history, ObjectSeen{slice}), kService);
  slice.meta.ns = "other";
  EXPECT_EQ(home(history, ObjectSeen{slice}), std::nullopt);
}

TEST(Route, WhatIsGoneIsFoundWhereItWas) {
  History history;
  history.see(owned_cluster());
  history.see(head_slice("rc", "p"));
  const ObjectGone pod{{Kind::Pod, "default", "p"}, "", 0, GoneHow::Watched};
  EXPECT_EQ(home(history, pod), kService);
  const ObjectGone cluster{{Kind::RayCluster, "default", "rc"}, "", 0, GoneHow::Watched};
  EXPECT_EQ(home(history, cluster), kService);
  const ObjectGone stranger{{Kind::Pod, "default", "q"}, "", 0, GoneHow::Watched};
  EXPECT_EQ(home(history, stranger), std::nullopt);
}

// Pods may outlive their cluster: they are still at home there.
TEST(Route, PodsThatOutliveTheirClusterGoToItsPartition) {
  History history;
  history.see(service_slice("svc"));
  history.see(owned_cluster());
  history.see(head_slice("rc", "p"));
  history.gone({Kind::RayCluster, "default", "rc"});
  EXPECT_EQ(home(history, ObjectSeen{head_slice("rc", "p")}), kService);
}

TEST(Route, AnOutcomeGoesToTheDecisionsPartition) {
  History history;
  history.see(service_slice("svc"));
  const std::vector<Decision> decided = history.turn();
  ASSERT_EQ(decided.size(), 1U);
  WriteDone done;
  done.decided = decided[0].seq;
  EXPECT_EQ(home(history, done), kService);
  history.add(done);
  EXPECT_EQ(home(history, done), std::nullopt);  // Told once.
}

TEST(Route, FactsOfTheFleetHaveNoPartition) {
  const std::vector<Fact> facts = {
      Started{},        Gap{},        LeadershipGained{}, DeadlineFired{},
      LeadershipLost{}, KindListed{}, KindCaughtUp{},     LeftScope{},
      WorldRestored{},  Unreadable{}, FleetHoldChanged{}};
  for (const Fact& fact : facts) EXPECT_EQ(partition_of({}, fact), std::nullopt) << fact.index();
  EXPECT_EQ(partition_of({}, Quarantined{kAlone, "x", "y"}), kAlone);
}

TEST(Rehome, OffersWhatHasFoundItsRoot) {
  Fleet fleet;
  const PodSlice pod = head_slice("rc", "p");
  fleet.unrooted[{Kind::Pod, "default", "p"}] = {pod, Seq{1}};
  EXPECT_TRUE(facts_to_rehome(fleet).empty());
  fleet.roots[{"default", "rc"}] = kService;
  ASSERT_EQ(facts_to_rehome(fleet).size(), 1U);
  EXPECT_EQ(std::get<ObjectSeen>(facts_to_rehome(fleet)[0]).object, Object(pod));
}

TEST(News, IsWhatIsNewerThanWhatIsBelieved) {
  History history;
  RayServiceSlice service = service_slice("svc");
  service.meta.version = 50;
  EXPECT_TRUE(is_news(history.state(), ObjectSeen{service}));
  history.see(service);
  EXPECT_FALSE(is_news(history.state(), ObjectSeen{service}));
  service.meta.version = 49;
  EXPECT_FALSE(is_news(history.state(), ObjectSeen{service}));
  service.meta.version = 51;
  EXPECT_TRUE(is_news(history.state(), ObjectSeen{service}));
  service.meta.uid = "another";
  EXPECT_TRUE(is_news(history.state(), ObjectSeen{service}));
}

// A watch that is resumed tells of the object that had this name before, and of its end.
TEST(News, IsNotWhatHadTheNameBefore) {
  History history;
  RayServiceSlice service = service_slice("svc");
  service.meta.version = 50;
  history.see(service);
  RayServiceSlice earlier = service;
  earlier.meta.uid = "earlier";
  earlier.meta.version = 40;
  EXPECT_FALSE(is_news(history.state(), ObjectSeen{earlier}));
  const ObjectName name{Kind::RayService, "default", "svc"};
  EXPECT_FALSE(is_news(history.state(), ObjectGone{name, "earlier", 41, GoneHow::Watched}));
  EXPECT_FALSE(is_news(history.state(), ObjectGone{name, service.meta.uid, 49, GoneHow::Watched}));
  EXPECT_TRUE(is_news(history.state(), ObjectGone{name, service.meta.uid, 51, GoneHow::Watched}));
  EXPECT_TRUE(is_news(history.state(), ObjectGone{name, "", 0, GoneHow::Unlisted}));
}

TEST(News, OfAPodAndAServiceGoByTheirVersionToo) {
  History history;
  history.see(owned_cluster());
  PodSlice pod = head_slice("rc", "p");
  pod.meta.version = 150;
  history.see(pod);
  const ObjectName name{Kind::Pod, "default", "p"};
  EXPECT_FALSE(is_news(history.state(), ObjectGone{name, "earlier", 140, GoneHow::Watched}));
  EXPECT_TRUE(is_news(history.state(), ObjectGone{name, pod.meta.uid, 160, GoneHow::Watched}));
  history.add(ObjectGone{name, pod.meta.uid, 160, GoneHow::Watched});
  pod.meta.uid = "earlier";
  pod.meta.version = 140;
  EXPECT_FALSE(is_news(history.state(), ObjectSeen{pod})) << "older than what went";
}

TEST(News, IsNotWhatWasSeenToGoSince) {
  History history;
  history.see(owned_cluster());
  PodSlice pod = head_slice("rc", "p");
  pod.meta.version = 150;
  history.see(pod);
  history.add(ObjectGone{{Kind::Pod, "default", "p"}, pod.meta.uid, 160, GoneHow::Watched});
  EXPECT_FALSE(is_news(history.state(), ObjectSeen{pod}));
  pod.meta.version = 160;
  EXPECT_FALSE(is_news(history.state(), ObjectSeen{pod}));
  pod.meta.uid = "reborn";
  pod.meta.version = 161;
  EXPECT_TRUE(is_news(history.state(), ObjectSeen{pod}));
}

TEST(News, AccessIsNewsOnce) {
  History history;
  history.see(owned_cluster());
  AccessSlice access;
  access.meta = meta_named("rc");
  access.cluster = "rc";
  access.meta.version = 3;
  EXPECT_TRUE(is_news(history.state(), ObjectSeen{access}));
  history.see(access);
  access.meta.version = 4;
  EXPECT_FALSE(is_news(history.state(), ObjectSeen{access}));
}

TEST(News, EverythingButObjectsIs) {
  EXPECT_TRUE(is_news({}, DeadlineFired{}));
  EXPECT_TRUE(is_news({}, WriteDone{}));
}

}  // namespace
}  // namespace raycord
