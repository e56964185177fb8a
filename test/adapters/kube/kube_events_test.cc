#include "adapters/kube/kube_events.h"

#include <gtest/gtest.h>

#include "adapters/limits.h"
#include "test/adapters/fake_transport.h"
#include "test/adapters/kube/kube_json.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

class KubeEventsTest : public testing::Test {
 protected:
  Time now{1'000'000ms};
  FakeTransport transport;
  KubeApi api{"", std::make_shared<FixedCredentials>(std::vector<HttpHeader>{})};
  KubeEvents events{api, transport};
};

TEST_F(KubeEventsTest, SendsAnAnnouncementToItsNamespace) {
  events.add({"prod", R"({"reason":"UpgradeStarted"})"});
  EXPECT_EQ(events.next_wake(), Time::min());
  events.tick(now);
  const HttpRequest request = transport.request("POST");
  EXPECT_EQ(request.url, "/apis/events.k8s.io/v1/namespaces/prod/events");
  EXPECT_EQ(request.body, R"({"reason":"UpgradeStarted"})");
  transport.reply("POST", 201, "{}");
  EXPECT_EQ(events.sent(), 1u);
}

TEST_F(KubeEventsTest, AnEventThatExistsIsSentAndARefusedOneIsDropped) {
  events.add({"prod", "{}"});
  events.add({"prod", "{}"});
  events.tick(now);
  transport.reply("POST", 409, status_json(409, "AlreadyExists", "exists", "e"));
  transport.reply("POST", 403, status_json(403, "Forbidden", "no", "e"));
  EXPECT_EQ(events.sent(), 1u);
  EXPECT_EQ(events.dropped(), 1u);
  events.tick(now);
  EXPECT_TRUE(transport.open.empty());
}

TEST_F(KubeEventsTest, KeepsToItsRateAndToFewAtATime) {
  for (std::uint32_t i = 0; i < kAnnouncementBurst + 5; ++i) events.add({"prod", "{}"});
  events.tick(now);
  EXPECT_EQ(transport.open.size(), kAnnouncementsInFlight);
  for (std::uint32_t i = 0; i < kAnnouncementBurst; ++i) {
    transport.reply("POST", 201, "{}");
    events.tick(now);
  }
  EXPECT_TRUE(transport.open.empty());
  EXPECT_EQ(events.next_wake(), now + kAnnouncementEvery);
  now += kAnnouncementEvery;
  events.tick(now);
  EXPECT_EQ(transport.open.size(), 1u);
}

TEST_F(KubeEventsTest, DropsAndCountsWhatDoesNotFit) {
  for (std::size_t i = 0; i < kAnnouncementsMax + 3; ++i) events.add({"prod", "{}"});
  EXPECT_EQ(events.dropped(), 3u);
}

}  // namespace
}  // namespace raycord
