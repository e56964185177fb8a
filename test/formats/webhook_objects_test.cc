#include "formats/webhook_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace raycord {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

const WebhookKeys kKeys{"authorities", "authority key!", "certificate", "key"};

TEST(WebhookSecret, ComesBackAsItWasWritten) {
  const std::string text = webhook_secret("ray-system", "hook", kKeys);
  const auto secret = read_webhook_secret(text);
  ASSERT_TRUE(secret);
  EXPECT_TRUE(secret->ours);
  EXPECT_EQ(secret->keys, kKeys);
  const Json object = Json::parse(text);
  EXPECT_EQ(object["type"], "kubernetes.io/tls");
  EXPECT_EQ(object["metadata"]["namespace"], "ray-system");
  EXPECT_EQ(object["data"]["tls.key"], "a2V5");
}

TEST(WebhookSecret, KeepsWhatElseIsThere) {
  Json object = Json::parse(webhook_secret("ray-system", "hook", {}));
  object["metadata"]["resourceVersion"] = "17";
  object["data"]["note"] = "eA==";
  const auto text = webhook_secret(object.dump(), kKeys);
  ASSERT_TRUE(text);
  const Json changed = Json::parse(*text);
  EXPECT_EQ(changed["metadata"]["resourceVersion"], "17");
  EXPECT_EQ(changed["data"]["note"], "eA==");
  EXPECT_EQ(read_webhook_secret(*text)->keys, kKeys);
}

TEST(WebhookSecret, IsReadWhateverStandsThere) {
  const auto secret = read_webhook_secret(
      R"({"kind": "Secret", "metadata": 3, "data": {"ca.crt": "?", "ca.key": "====", "tls.crt": 7}})");
  ASSERT_TRUE(secret);
  EXPECT_FALSE(secret->ours);
  EXPECT_EQ(secret->keys, WebhookKeys{});
  EXPECT_FALSE(read_webhook_secret("{"));
  EXPECT_FALSE(read_webhook_secret(R"({"kind": "Lease"})"));
}

TEST(WebhookConfiguration, IsPatchedWhereItDiffers) {
  Json object = Json::parse(R"({
    "kind": "ValidatingWebhookConfiguration",
    "webhooks": [{"name": "a", "clientConfig": {"caBundle": "eA=="}},
                 {"name": "b", "clientConfig": {}}]})");
  const auto patch = trust_patch(object.dump(), "x");
  ASSERT_TRUE(patch);
  ASSERT_TRUE(*patch);
  EXPECT_EQ(Json::parse(**patch), Json::parse(R"([
    {"op": "test", "path": "/webhooks/1/name", "value": "b"},
    {"op": "add", "path": "/webhooks/1/clientConfig/caBundle", "value": "eA=="}])"));
  object["webhooks"][1]["clientConfig"]["caBundle"] = "eA==";
  const auto nothing = trust_patch(object.dump(), "x");
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(*nothing);
  EXPECT_FALSE(trust_patch(R"({"kind": "Status"})", "x"));
}

}  // namespace
}  // namespace raycord
