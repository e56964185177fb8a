#include "adapters/webhook/webhook_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "adapters/webhook/certificates.h"
#include "adapters/webhook/renewal.h"
#include "test/adapters/fake_transport.h"
#include "test/adapters/kube/kube_json.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using Json = nlohmann::json;

const char* const kSecrets = "/api/v1/namespaces/ray-system/secrets";
const char* const kConfiguration =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/raycord-webhook";

class WebhookKeeperTest : public testing::Test {
 protected:
  WebhookTerms terms() {
    WebhookTerms terms;
    terms.ns = "ray-system";
    terms.names = {"raycord-webhook.ray-system.svc"};
    terms.wall_clock = [this] { return wall_; };
    return terms;
  }

  void tick(Millis later = 0ms) {
    now_ += later;
    wall_ += later;
    keeper_.tick(now_);
  }

  std::string secret_now(int version) const {
    Json secret = Json::parse(webhook_secret("ray-system", "raycord-webhook-cert", keys_));
    secret["metadata"]["resourceVersion"] = std::to_string(version);
    return secret.dump();
  }

  static std::string configuration(const std::string& bundle) {
    return Json{{"kind", "ValidatingWebhookConfiguration"},
                {"webhooks", {{{"name", "hook"}, {"clientConfig", {{"caBundle", bundle}}}}}}}
        .dump();
  }

  // The API server's copy of what was written.
  void accept_secret(const char* method) {
    const HttpRequest written = transport_.request(method);
    keys_ = read_webhook_secret(written.body)->keys;
    transport_.reply(method, 200, written.body);
  }

  void accept_patch() {
    bundle_ = Json::parse(transport_.request("PATCH").body)[1]["value"];
    transport_.reply("PATCH", 200, "{}");
  }

  void bootstrap() {
    tick();
    transport_.reply("GET", 404, status_json(404, "NotFound", "not found", "x"));
    accept_secret("POST");
    transport_.reply("GET", 200, configuration(""));
    accept_patch();
    keeper_.take_news();
  }

  Time now_{1'000'000ms};
  Time wall_ = *from_rfc3339("2026-11-26T12:00:00Z");
  FakeTransport transport_;
  KubeApi api_{"", std::make_shared<FixedCredentials>(std::vector<HttpHeader>{})};
  std::vector<WebhookKeys> used_;
  WebhookKeeper keeper_{terms(), api_, transport_,
                        [this](const WebhookKeys& keys) { used_.push_back(keys); }};
  WebhookKeys keys_;    // In the Secret.
  std::string bundle_;  // In the configuration.
};

TEST_F(WebhookKeeperTest, MakesTheSecretAndIsTrusted) {
  tick();
  transport_.reply(std::string("GET ") + kSecrets + "/raycord-webhook-cert", 404,
                   status_json(404, "NotFound", "not found", "x"));
  EXPECT_TRUE(used_.empty()) << "nothing is used before the Secret has it";
  EXPECT_EQ(transport_.request("POST").url, kSecrets);
  accept_secret("POST");
  EXPECT_THAT(used_, ElementsAre(keys_));
  transport_.reply(std::string("GET ") + kConfiguration, 200, configuration(""));
  accept_patch();
  EXPECT_NE(bundle_, "");
  EXPECT_EQ(keeper_.trouble(), "");
  EXPECT_THAT(keeper_.take_news(),
              ElementsAre(StartsWith("made an authority"), StartsWith("made a certificate"),
                          "had the API server trust the webhook's authority"));
  EXPECT_EQ(keeper_.next_wake(), now_ + kWebhookLook);
  EXPECT_EQ(keeper_.good_until(), wall_ + kCertificateGoodFor);
}

TEST_F(WebhookKeeperTest, WritesNothingWhileAllIsGood) {
  bootstrap();
  tick(kWebhookLook);
  transport_.reply("GET", 200, secret_now(1));
  transport_.reply("GET", 200, configuration(bundle_));
  EXPECT_THAT(transport_.waiting(), IsEmpty());
  EXPECT_THAT(keeper_.take_news(), IsEmpty());
  EXPECT_EQ(used_.size(), 1U);
}

// Two replicas start together; the Secret of the faster one counts.
TEST_F(WebhookKeeperTest, TakesTheKeysOfAFasterReplica) {
  tick();
  transport_.reply("GET", 404, status_json(404, "NotFound", "not found", "x"));
  keys_ = renew({}, terms().names, wall_)->keys;
  transport_.reply("POST", 409, status_json(409, "AlreadyExists", "exists", "x"));
  transport_.reply("GET", 200, secret_now(1));
  EXPECT_THAT(used_, ElementsAre(keys_));
  transport_.reply("GET", 200, configuration(""));
  EXPECT_TRUE(transport_.is_waiting("PATCH"));
}

TEST_F(WebhookKeeperTest, RenewsWithoutARestart) {
  bootstrap();
  const WebhookKeys before = keys_;
  tick(kCertificateGoodFor - kCertificateRenewed + 1s);
  transport_.reply("GET", 200, secret_now(7));
  EXPECT_THAT(transport_.request("PUT").body, HasSubstr(R"("resourceVersion":"7")"));
  EXPECT_EQ(used_.size(), 1U);
  accept_secret("PUT");
  ASSERT_EQ(used_.size(), 2U);
  EXPECT_EQ(used_[1].authorities, before.authorities);
  EXPECT_NE(used_[1].certificate, before.certificate);
  transport_.reply("GET", 200, configuration(bundle_));
  EXPECT_THAT(transport_.waiting(), IsEmpty()) << "the same authority is trusted already";
}

TEST_F(WebhookKeeperTest, LetsTheFasterReplicaRenew) {
  bootstrap();
  tick(kCertificateGoodFor - kCertificateRenewed + 1s);
  transport_.reply("GET", 200, secret_now(7));
  keys_ = renew(keys_, terms().names, wall_)->keys;
  transport_.reply("PUT", 409, status_json(409, "Conflict", "changed", "x"));
  transport_.reply("GET", 200, secret_now(8));
  ASSERT_EQ(used_.size(), 2U);
  EXPECT_EQ(used_[1], keys_);
}

TEST_F(WebhookKeeperTest, HasBothAuthoritiesTrustedWhileOneFollowsTheOther) {
  bootstrap();
  const std::string first = bundle_;
  tick(kAuthorityGoodFor - kAuthorityRenewed - kCertificateGoodFor + kCertificateRenewed);
  transport_.reply("GET", 200, secret_now(7));
  accept_secret("PUT");
  transport_.reply("GET", 200, configuration(first));
  tick(kCertificateGoodFor - kCertificateRenewed - 1s + 2s);
  transport_.reply("GET", 200, secret_now(8));
  accept_secret("PUT");
  EXPECT_EQ(split_certificates(keys_.authorities).size(), 2U);
  transport_.reply("GET", 200, configuration(first));
  accept_patch();
  EXPECT_NE(bundle_, first);
}

TEST_F(WebhookKeeperTest, AsksLessAndLessOftenWhileTheApiServerIsAway) {
  for (const Millis wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    tick(keeper_.next_wake() > now_ ? keeper_.next_wake() - now_ : 0ms);
    transport_.fail("GET", HttpFailure::Refused, "could not connect");
    EXPECT_EQ(keeper_.next_wake(), now_ + wait);
    EXPECT_EQ(keeper_.trouble(), "Secret ray-system/raycord-webhook-cert: could not connect");
  }
  tick(kWebhookLook);
  transport_.reply("GET", 404, status_json(404, "NotFound", "not found", "x"));
  accept_secret("POST");
  transport_.reply("GET", 200, configuration(""));
  accept_patch();
  EXPECT_EQ(keeper_.trouble(), "");
}

TEST_F(WebhookKeeperTest, SaysWhichConfigurationIsMissing) {
  tick();
  transport_.reply("GET", 404, status_json(404, "NotFound", "not found", "x"));
  accept_secret("POST");
  transport_.reply("GET", 404, status_json(404, "NotFound", "no such thing", "x"));
  EXPECT_EQ(keeper_.trouble(), "ValidatingWebhookConfiguration raycord-webhook: no such thing");
  EXPECT_EQ(used_.size(), 1U) << "it answers whoever trusts it by other means";
}

TEST_F(WebhookKeeperTest, LeavesTheSecretOfOthersAlone) {
  tick();
  Json foreign = Json::parse(webhook_secret("ray-system", "raycord-webhook-cert", {}));
  foreign["metadata"].erase("labels");
  transport_.reply("GET", 200, foreign.dump());
  EXPECT_THAT(transport_.waiting(), IsEmpty());
  EXPECT_THAT(keeper_.trouble(), HasSubstr("is not ours"));
  EXPECT_TRUE(used_.empty());
}

TEST_F(WebhookKeeperTest, MakesNewKeysWhenTheSecretIsDeleted) {
  bootstrap();
  tick(kWebhookLook);
  transport_.reply("GET", 404, status_json(404, "NotFound", "not found", "x"));
  accept_secret("POST");
  EXPECT_EQ(used_.size(), 2U);
}

TEST_F(WebhookKeeperTest, ShowsNoKeyWhateverGoesWrong) {
  tick();
  transport_.reply("GET", 404, status_json(404, "NotFound", "not found", "x"));
  const HttpRequest written = transport_.request("POST");
  transport_.reply("POST", 403, status_json(403, "Forbidden", "may not create secrets", "x"));
  EXPECT_EQ(keeper_.trouble(), "Secret ray-system/raycord-webhook-cert: may not create secrets");
  EXPECT_THAT(keeper_.take_news(), IsEmpty()) << "what nobody has was not made";
  EXPECT_THAT(written.url, Not(HasSubstr("PRIVATE")));
}

}  // namespace
}  // namespace raycord
