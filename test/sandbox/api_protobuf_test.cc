#include "sandbox/api_protobuf.h"

#include <string>

#include <gtest/gtest.h>

#include "test/sandbox/bench.h"

namespace raycord {
namespace {

std::string field(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(bytes.size()) +
         bytes;
}

std::string envelope(const std::string& version, const std::string& kind, const std::string& raw) {
  return std::string("k8s\0", 4) + field(1, field(1, version) + field(2, kind)) + field(2, raw);
}

TEST(Protobuf, HoldsConfigMapsAndSecrets) {
  const std::string metadata = field(1, "settings") + field(11, field(1, "app") + field(2, "web"));
  const std::string entry = field(1, "key") + field(2, "value");
  const auto map =
      read_protobuf_object(envelope("v1", "ConfigMap", field(1, metadata) + field(2, entry)));
  ASSERT_TRUE(map);
  EXPECT_EQ(*map, Json::parse(R"({"apiVersion":"v1","kind":"ConfigMap",
      "metadata":{"name":"settings","labels":{"app":"web"}},"data":{"key":"value"}})"));
  const auto secret =
      read_protobuf_object(envelope("v1", "Secret", field(1, metadata) + field(2, entry)));
  ASSERT_TRUE(secret);
  EXPECT_EQ((*secret)["data"]["key"], "dmFsdWU=");
}

TEST(Protobuf, IsAcceptedForSimpleKindsOnly) {
  Bench bench;
  const std::string type = "application/vnd.kubernetes.protobuf";
  const std::string team = envelope("v1", "Namespace", field(1, field(1, "team")));
  EXPECT_EQ(bench.send("POST", "/api/v1/namespaces", team, type).status, 201);
  EXPECT_EQ(bench.send("POST", "/api/v1/namespaces", team, type).status, 409);
  const std::string pod = envelope("v1", "Pod", field(1, field(1, "p")));
  EXPECT_EQ(bench.send("POST", Bench::kPods, pod, type).status, 415);
}

TEST(Protobuf, SurvivesDamage) {
  const std::string whole = envelope(
      "v1", "ConfigMap", field(1, field(1, "a")) + field(2, field(1, "k") + field(2, "v")));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = read_protobuf_object(std::string_view(whole).substr(0, length));
    if (cut) {
      EXPECT_TRUE(cut->is_object());
    }
  }
  EXPECT_FALSE(read_protobuf_object("{}"));
}

}  // namespace
}  // namespace raycord
