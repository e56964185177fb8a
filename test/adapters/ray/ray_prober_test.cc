#include "adapters/ray/ray_prober.h"

#include <gtest/gtest.h>

#include "adapters/limits.h"
#include "test/adapters/fact_text.h"
#include "test/adapters/fake_transport.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

const std::string kRunning = R"({"applications":{"a":{"status":"RUNNING","deployments":{}}}})";
const std::string kDeploying = R"({"applications":{"a":{"status":"DEPLOYING","deployments":{}}}})";

WantedProbe wanted(const std::string& cluster, ProbeTarget target = ProbeTarget::Dashboard) {
  WantedProbe probe;
  probe.ns = "default";
  probe.cluster = cluster;
  probe.head_uid = "head-" + cluster;
  probe.target = target;
  probe.address = "10.0.0.1";
  probe.port = target == ProbeTarget::Proxy ? 8000 : 8265;
  probe.head_pod = cluster + "-head";
  probe.head_service = cluster + "-head-svc";
  return probe;
}

class RayProberTest : public testing::Test {
 protected:
  // Goes on until something waits to be answered.
  void until_asked() {
    while (transport.open.empty()) {
      now = std::max(now, prober.next_wake());
      prober.tick(now);
    }
  }
  Texts facts() { return fact_texts(prober.take_reports()); }

  Time now{1'200'000ms};
  FakeTransport transport;
  RayWay way{nullptr, [](const std::string& ns, const std::string& secret) {
               return secret == "known" ? std::optional<std::string>(ns + "-token") : std::nullopt;
             }};
  RayProber prober{transport, way};
};

TEST_F(RayProberTest, AsksADashboardEveryTwoSecondsByIp) {
  prober.want({wanted("c")}, now);
  const Time start = now;
  until_asked();
  EXPECT_LT(now, start + 2s);
  EXPECT_EQ(transport.waiting(),
            Texts{"GET http://10.0.0.1:8265/api/serve/applications/?api_type=declarative"});
  EXPECT_EQ(transport.request("GET").timeout, 10s);
  transport.reply("GET", 200, kRunning);
  EXPECT_EQ(facts(), Texts{"dashboard c well x1"});
  EXPECT_EQ(prober.next_wake(), now + 2s);
}

TEST_F(RayProberTest, SpreadsClustersOverThePeriod) {
  std::vector<WantedProbe> probes;
  for (int i = 0; i < 200; ++i) probes.push_back(wanted("c" + std::to_string(i)));
  prober.want(probes, now);
  std::size_t most = 0;
  for (int i = 0; i < 20; ++i) {
    const std::size_t before = transport.sent.size();
    now += 100ms;
    prober.tick(now);
    most = std::max(most, transport.sent.size() - before);
  }
  EXPECT_EQ(transport.sent.size(), 200u);
  EXPECT_LT(most, 30u);
}

TEST_F(RayProberTest, ASlowHeadHasOneQuestionUnderWayAndHoldsUpNobody) {
  WantedProbe slow = wanted("slow");
  slow.address = "10.0.0.2";
  prober.want({slow, wanted("fast")}, now);
  for (const Time end = now + 9s; now < end; now += 100ms) {
    prober.tick(now);
    if (transport.is_waiting("10.0.0.1")) transport.reply("10.0.0.1", 200, kRunning);
    EXPECT_LE(prober.in_flight(), 1u);
  }
  EXPECT_GE(transport.sent.size(), 1u + 4u);
  transport.reply("10.0.0.2", 200, kRunning);
  now += 2s;
  prober.tick(now);
  EXPECT_TRUE(transport.is_waiting("10.0.0.2"));
}

TEST_F(RayProberTest, EqualAnswersMakeOneRun) {
  prober.want({wanted("c")}, now);
  for (int i = 0; i < 10; ++i) {
    until_asked();
    transport.reply("GET", 200, kRunning);
    now += 1ms;
  }
  EXPECT_EQ(facts(), Texts{"dashboard c well x1"});
  prober.flush("default", "c");
  EXPECT_EQ(facts(), Texts{"dashboard c same x9"});
  until_asked();
  transport.reply("GET", 200, kDeploying);
  EXPECT_EQ(facts(), Texts{"dashboard c well x1"});
}

TEST_F(RayProberTest, BodiesThatDifferInWhatIsNotReadAreEqual) {
  prober.want({wanted("c")}, now);
  until_asked();
  transport.reply("GET", 200, kRunning);
  facts();
  now += 1ms;
  until_asked();
  transport.reply("GET", 200, R"({"target_capacity":null,)" + kRunning.substr(1));
  EXPECT_EQ(facts(), Texts{});
}

TEST_F(RayProberTest, AsksTheAgentWhereTheDashboardHasNoServeApi) {
  prober.want({wanted("c")}, now);
  until_asked();
  transport.reply(":8265", 404, "404: Not Found");
  EXPECT_TRUE(transport.is_waiting("http://10.0.0.1:52365/api/serve/applications/"));
  transport.reply(":52365", 200, kRunning);
  const std::vector<Report> reports = prober.take_reports();
  EXPECT_EQ(fact_texts(reports), Texts{"dashboard c well x1"});
  EXPECT_TRUE(std::get<ProbeRun>(reports[0].fact).answer.from_agent);
  now += 1ms;
  until_asked();
  EXPECT_TRUE(transport.is_waiting(":52365"));  // It remembers the way …
  transport.fail(":52365", HttpFailure::Refused);
  now += 1ms;
  until_asked();
  EXPECT_TRUE(transport.is_waiting(":8265"));  // … until it fails.
}

TEST_F(RayProberTest, NamesEveryTrouble) {
  const auto trouble = [&](const std::function<void()>& answer) {
    prober.want({}, now);
    prober.want({wanted("c")}, now);
    until_asked();
    answer();
    return facts().back();
  };
  EXPECT_EQ(trouble([&] { transport.fail("GET", HttpFailure::Refused); }),
            "dashboard c connection refused x1");
  EXPECT_EQ(trouble([&] { transport.fail("GET", HttpFailure::Timeout); }),
            "dashboard c timeout x1");
  EXPECT_EQ(trouble([&] { transport.fail("GET", HttpFailure::Reset); }),
            "dashboard c connection reset x1");
  EXPECT_EQ(trouble([&] { transport.fail("GET", HttpFailure::TooLarge); }),
            "dashboard c too large x1");
  EXPECT_EQ(trouble([&] { transport.reply("GET", 500, "oops"); }), "dashboard c bad status x1");
  EXPECT_EQ(trouble([&] { transport.reply("GET", 401, ""); }), "dashboard c unauthorized x1");
  EXPECT_EQ(trouble([&] {
              transport.reply("GET", 404, "");
              transport.reply("GET", 404, "");
            }),
            "dashboard c no Serve API x1");
}

TEST_F(RayProberTest, ABodyThatCannotBeReadIsATroubleAndKnownByItsHash) {
  prober.want({wanted("c")}, now);
  for (const char* body : {"half a {", "half a {", "another"}) {
    until_asked();
    transport.reply("GET", 200, body);
    now += 1ms;
  }
  EXPECT_EQ(facts(),
            (Texts{"unreadable dashboard of RayCluster default/c", "dashboard c unreadable x1"}));
}

TEST_F(RayProberTest, AnAnswerThatIsTooLongIsSaidOnceAndCounted) {
  prober.want({wanted("c")}, now);
  for (int i = 0; i < 3; ++i) {
    until_asked();
    transport.fail("GET", HttpFailure::TooLarge);
    now += 1ms;
  }
  EXPECT_EQ(facts(),
            (Texts{"unreadable dashboard of RayCluster default/c", "dashboard c too large x1"}));
}

TEST_F(RayProberTest, AsksTheProxyForItsHealth) {
  prober.want({wanted("c", ProbeTarget::Proxy)}, now);
  until_asked();
  EXPECT_EQ(transport.waiting(), Texts{"GET http://10.0.0.1:8000/-/healthz"});
  transport.reply("GET", 200, "success");
  EXPECT_EQ(facts(), Texts{"proxy c well x1"});
  now += 1ms;
  until_asked();
  transport.reply("GET", 503, "no replicas");
  EXPECT_EQ(facts(), Texts{"proxy c bad status x1"});
}

TEST_F(RayProberTest, AnotherHeadIsAskedAnewAndTheOldQuestionForgotten) {
  prober.want({wanted("c")}, now);
  until_asked();
  WantedProbe replaced = wanted("c");
  replaced.head_uid = "another";
  replaced.address = "10.0.0.9";
  prober.want({replaced}, now);
  EXPECT_EQ(transport.cancelled.size(), 1u);
  until_asked();
  EXPECT_TRUE(transport.is_waiting("http://10.0.0.9:8265"));
}

TEST_F(RayProberTest, WhatIsWantedNoMoreIsAskedNoMore) {
  prober.want({wanted("c")}, now);
  until_asked();
  prober.want({}, now);
  EXPECT_EQ(transport.waiting(), Texts{});
  EXPECT_EQ(prober.next_wake(), Time::max());
}

TEST_F(RayProberTest, CarriesTheTokenAndNeverAsksWithoutOneItNeeds) {
  WantedProbe known = wanted("c");
  known.token_secret = "known";
  prober.want({known}, now);
  until_asked();
  EXPECT_EQ(find_header(transport.request("GET").headers, "x-ray-authorization"),
            "Bearer default-token");
  WantedProbe unknown = wanted("c");
  unknown.token_secret = "other";
  unknown.head_uid = "another";
  prober.want({unknown}, now);
  now += 2s;
  prober.tick(now);
  EXPECT_EQ(transport.waiting(), Texts{});
  EXPECT_EQ(facts(), Texts{"dashboard c unauthorized x1"});
}

TEST_F(RayProberTest, GoesThroughTheApiServerWhereThatIsTheWay) {
  KubeApi api("https://api", std::make_shared<FixedCredentials>(
                                 std::vector<HttpHeader>{{"authorization", "Bearer kube"}}));
  RayWay proxied(&api, {});
  RayProber through(transport, proxied);
  through.want({wanted("c"), wanted("c", ProbeTarget::Proxy)}, now);
  now += 2s;
  through.tick(now);
  EXPECT_TRUE(transport.is_waiting(
      "GET https://api/api/v1/namespaces/default/services/c-head-svc:dashboard/proxy/api/serve/"
      "applications/?api_type=declarative"));
  EXPECT_TRUE(transport.is_waiting(
      "GET https://api/api/v1/namespaces/default/pods/c-head:8000/proxy/-/healthz"));
  transport.reply(":dashboard", 404, "");
  EXPECT_TRUE(transport.is_waiting("pods/c-head:52365/proxy/api/serve/applications/"));
  EXPECT_EQ(find_header(transport.request("52365").headers, "authorization"), "Bearer kube");
}

}  // namespace
}  // namespace raycord
