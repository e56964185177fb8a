#include "adapters/world.h"

#include <gtest/gtest.h>

#include "adapters/limits.h"
#include "core/watch.h"
#include "test/adapters/fact_text.h"
#include "test/adapters/fake_transport.h"
#include "test/adapters/kube/kube_json.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

class WorldTest : public testing::Test {
 protected:
  static WorldOptions options() {
    WorldOptions options;
    options.credentials = std::make_shared<FixedCredentials>(std::vector<HttpHeader>{});
    options.log_id = "abcde";
    options.leadership.by_lease = false;
    return options;
  }

  Texts facts() { return fact_texts(world.take_observations()); }

  Time now{1'200'000ms};
  FakeTransport transport;
  World world{options(), transport};
};

TEST_F(WorldTest, ListsEveryKindAndResumesThoseThatTheLogKnows) {
  world.start(now, {{Kind::Pod, 500}}, Seq{9});
  for (const char* collection : {"rayservices", "rayclusters", "services", "endpointslices",
                                 "serviceaccounts", "roles", "rolebindings"}) {
    EXPECT_TRUE(transport.is_waiting(std::string("/") + collection + "?")) << collection;
  }
  EXPECT_EQ(transport.open.size(), 7u + 2u);
  EXPECT_TRUE(
      transport.is_waiting("/api/v1/pods?labelSelector=ray.io%2Fnode-type%20in%20%28head"
                           "%2Cworker%29&watch=1"));
  EXPECT_EQ(facts(), Texts{"leads in epoch 0"});
  transport.reply("limit=1", 200, list_json("Pod", 500, {}));
  transport.reply("/rayservices?limit=500", 200, list_json("RayService", 480, {}));
  EXPECT_EQ(facts(), (Texts{"listed RayService 480 asked 9", "caught up Pod 500 asked 9"}));
}

TEST_F(WorldTest, WatchesOtherKindsOnceTheyAreWanted) {
  world.start(now, {{Kind::Ingress, 300}}, Seq{9});
  EXPECT_FALSE(transport.is_waiting("/jobs?"));
  Wanted wanted;
  wanted.newest = Seq{12};
  wanted.kinds = {Kind::Job, Kind::Ingress};
  world.want(now, wanted);
  world.want(now, wanted);
  world.tick(now, 0);
  EXPECT_TRUE(
      transport.is_waiting("/apis/batch/v1/jobs?labelSelector=ray.io%2Fnode-type%3D"
                           "redis-cleanup"));
  EXPECT_TRUE(
      transport.is_waiting("/apis/networking.k8s.io/v1/ingresses?labelSelector="
                           "ray.io%2Fcluster&watch=1"));
  facts();
  transport.reply("/jobs?", 200, list_json("Job", 480, {}));
  EXPECT_EQ(facts(), Texts{"listed Job 480 asked 12"});
}

TEST_F(WorldTest, AWriteIsReportedNextToWhatItsAnswerShows) {
  world.start(now, {}, {});
  facts();
  KubeWrite write;
  write.method = "POST";
  write.path = "/api/v1/namespaces/default/pods";
  write.body = "{}";
  write.object = {Kind::Pod, "default", "a"};
  world.send(now, {Seq{4}, write});
  ServePut put;
  put.address = "10.0.0.1";
  put.body = "{}";
  world.send(now, {Seq{5}, put});
  EXPECT_EQ(world.writes_in_flight(), 2u);
  transport.reply("PUT http://10.0.0.1:8265/api/serve/applications/", 200, "");
  transport.reply("POST", 201, pod_json("a", 12));
  EXPECT_EQ(world.writes_in_flight(), 0u);
  EXPECT_EQ(facts(), (Texts{"seen Pod default/a 12", "write 4 done at 12", "write 5 done"}));
}

TEST_F(WorldTest, WantedBarriersAndProbesAreFollowed) {
  world.start(now, {{Kind::Pod, 500}}, Seq{1});
  transport.reply("limit=1", 200, list_json("Pod", 500, {}));
  facts();
  Wanted wanted;
  wanted.newest = Seq{30};
  wanted.barriers = {{Kind::Pod, Seq{20}}};
  WantedProbe probe;
  probe.cluster = "c";
  probe.address = "10.0.0.1";
  wanted.probes = {probe};
  world.want(now, wanted);
  world.want(now, wanted);  // Saying it twice changes nothing.
  now += 2s;
  world.tick(now, 0);
  transport.reply("limit=1", 200, list_json("Pod", 500, {}));
  transport.reply("http://10.0.0.1:8265", 200, R"({"applications":{}})");
  EXPECT_EQ(facts(), (Texts{"caught up Pod 500 asked 20", "dashboard c well x1"}));
}

TEST_F(WorldTest, WhatWasProbedBeforeAGapIsToldBeforeIt) {
  WorldOptions leased = options();
  leased.leadership = {.ns = "system", .identity = "pod-1", .beside = ""};
  World away(leased, transport);
  away.start(now, {}, {});
  transport.reply("/leases/", 200, lease_json("", 7, 1));
  transport.reply("/leases/", 200, lease_json("pod-1", 8, 2));
  Wanted wanted;
  WantedProbe probe;
  probe.cluster = "c";
  probe.address = "10.0.0.1";
  probe.flush_every = 1h;
  wanted.probes = {probe};
  away.want(now, wanted);
  for (int i = 0; i < 10; ++i) {
    now += 2s;
    away.tick(now, 0);
    transport.fail("http://10.0.0.1:8265", HttpFailure::Refused);
    if (transport.is_waiting("/leases/")) transport.fail("/leases/", HttpFailure::Refused);
  }
  EXPECT_EQ(fact_texts(away.take_observations()),
            (Texts{"leads in epoch 8", "dashboard c connection refused x1",
                   "leads no more: Lease system/raycord-operator could not be renewed for 10s: "
                   "it broke"}));
  now += 2s;
  away.tick(now, 0);
  transport.reply("/leases/", 200, lease_json("pod-1", 8, 2));
  transport.reply("/leases/", 200, lease_json("pod-1", 9, 3));
  away.tick(now, 0);
  EXPECT_EQ(fact_texts(away.take_observations()),
            (Texts{"dashboard c same x9", "gap", "leads in epoch 9"}));
}

TEST_F(WorldTest, StopsReadingWhileTheLoopTakesNothing) {
  world.start(now, {}, {});
  std::vector<std::string> items;
  const std::string padding = R"(,"annotations":{"x":")" + std::string(2'000'000, 'x') + R"("})";
  for (int i = 0; i < 40; ++i) items.push_back(pod_json("p" + std::to_string(i), 5, padding));
  transport.reply("/api/v1/pods", 200, list_json("Pod", 100, items, "more"));
  world.tick(now, 0);
  EXPECT_FALSE(transport.is_waiting("continue=more"));
  EXPECT_EQ(world.next_wake(), Time::max());
  EXPECT_EQ(world.take_observations().size(), 41u);
  world.tick(now, kObservedBytesMax + 1);  // Taken from here, and still not by the loop.
  EXPECT_FALSE(transport.is_waiting("continue=more"));
  world.tick(now, 0);
  EXPECT_TRUE(transport.is_waiting("continue=more"));
}

TEST_F(WorldTest, FetchesWhatTheOperatorAsksForBesides) {
  std::string body;
  world.fetch(now, "/api/v1/namespaces/kube-system",
              [&](const HttpOutcome& outcome) { body = outcome.response.body; });
  transport.reply("GET /api/v1/namespaces/kube-system", 200, "{}");
  EXPECT_EQ(body, "{}");
}

TEST_F(WorldTest, SaysWhatDoesNotGetOn) {
  world.start(now, {}, {});
  EXPECT_TRUE(world.troubles().empty());
  transport.fail("/roles?", HttpFailure::Refused, "could not connect to 10.0.0.1:6443");
  EXPECT_EQ(world.troubles(), Texts{"watch Role: could not connect to 10.0.0.1:6443"});
}

TEST_F(WorldTest, WakesWhenSomethingIsDue) {
  world.start(now, {}, {});
  EXPECT_EQ(world.next_wake(), Time::max());  // Everything waits for answers.
  transport.reply("/roles?", 503, "");
  EXPECT_EQ(world.next_wake(), now + kCallBackOffFirst);
}

}  // namespace
}  // namespace raycord
