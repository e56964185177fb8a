// Replicas that share the webhook's Secret on the embedded cluster.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "adapters/webhook/webhook_keeper.h"
#include "test/sim/virtual_transport.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

class WebhookRaceTest : public testing::Test {
 protected:
  struct Replica {
    Replica(WebhookRaceTest& world, Millis latency)
        : transport(world.sandbox_, world.now_, latency),
          keeper(world.terms(), world.api_, transport,
                 [this](const WebhookKeys& keys) { used.push_back(keys); }) {}

    VirtualTransport transport;
    std::vector<WebhookKeys> used;
    WebhookKeeper keeper;
  };

  WebhookTerms terms() {
    WebhookTerms terms;
    terms.ns = "default";
    terms.names = {"raycord-webhook.default.svc"};
    terms.wall_clock = [this] { return now_; };
    return terms;
  }

  Replica& add(Millis latency) {
    replicas_.push_back(std::make_unique<Replica>(*this, latency));
    return *replicas_.back();
  }

  void run(Millis duration, Millis step = 1ms) {
    for (const Time end = now_ + duration; now_ < end; now_ += step) {
      for (const auto& replica : replicas_) {
        replica->transport.advance(now_);
        replica->keeper.tick(now_);
      }
    }
  }

  // Writes of all replicas to Secrets.
  std::uint64_t writes() const {
    std::uint64_t total = 0;
    for (const auto& replica : replicas_) {
      for (const auto& [path, count] : replica->transport.writes()) {
        if (path.find("/secrets") != std::string::npos) total += count;
      }
    }
    return total;
  }

  WebhookKeys shared() {
    HttpRequest request;
    request.url = "/api/v1/namespaces/default/secrets/raycord-webhook-cert";
    auto reply = sandbox_.handle(now_, request);
    const auto* response = std::get_if<HttpResponse>(&reply);
    const auto secret = read_webhook_secret(response->body);
    EXPECT_TRUE(secret);
    return secret ? secret->keys : WebhookKeys{};
  }

  void expect_agreement() {
    const WebhookKeys keys = shared();
    for (const auto& replica : replicas_) {
      ASSERT_FALSE(replica->used.empty());
      EXPECT_EQ(replica->used.back(), keys);
    }
  }

  Time now_ = *from_rfc3339("2026-11-26T12:00:00Z");
  Sandbox sandbox_{SandboxOptions{.start = now_}};
  KubeApi api_{"", std::make_shared<FixedCredentials>(std::vector<HttpHeader>{})};
  std::vector<std::unique_ptr<Replica>> replicas_;
};

TEST_F(WebhookRaceTest, ReplicasThatStartTogetherAgree) {
  for (const Millis latency : {2ms, 2ms, 3ms, 9ms}) add(latency);
  run(1s);
  expect_agreement();
  for (const auto& replica : replicas_) EXPECT_EQ(replica->used.size(), 1U);
}

TEST_F(WebhookRaceTest, ReplicasRenewTogetherOnce) {
  for (const Millis latency : {2ms, 2ms, 5ms}) add(latency);
  run(1s);
  const WebhookKeys before = shared();
  now_ += kCertificateGoodFor - kCertificateRenewed;
  run(2 * kWebhookLook, 5ms);
  EXPECT_NE(shared().certificate, before.certificate);
  EXPECT_EQ(shared().authorities, before.authorities);
  expect_agreement();
  for (const auto& replica : replicas_) EXPECT_EQ(replica->used.size(), 2U);
}

TEST_F(WebhookRaceTest, ALaterReplicaTakesWhatIsThere) {
  add(2ms);
  run(1s);
  const std::uint64_t before = writes();
  add(2ms);
  run(1s);
  expect_agreement();
  EXPECT_EQ(writes(), before);
}

}  // namespace
}  // namespace raycord
