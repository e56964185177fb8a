#include "formats/serve_config.h"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "formats/json_object.h"
#include "test/formats/test_data.h"

namespace raycord {
namespace {

std::string json_of(const std::string& yaml) {
  const auto json = serve_config_json(yaml);
  return json ? *json : "error: " + json.error().message;
}

Hash deployed_hash(const std::string& json) {
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, json);
  EXPECT_TRUE(element);
  return element ? app_config_hash(*element) : Hash{};
}

TEST(ServeConfig, BecomesJsonWithSortedKeys) {
  EXPECT_EQ(json_of("http_options: {port: 8000}\napplications:\n- route_prefix: /a\n  name: a\n"),
            R"({"applications":[{"name":"a","route_prefix":"/a"}],"http_options":{"port":8000}})");
}

TEST(ServeConfig, AnEmptyTextIsAnEmptyConfig) {
  for (const char* text : {"", "  \n", "# nothing\n", "---\n", "null", "~", "{}"}) {
    EXPECT_EQ(json_of(text), "{}") << text;
    EXPECT_EQ(read_serve_config(text).error, "");
    EXPECT_EQ(read_serve_config(text).hash, hash_of("{}"));
  }
}

TEST(ServeConfig, ItsHashIsThatOfTheBody) {
  const std::string yaml = "applications: [{name: a, import_path: b}]";
  EXPECT_EQ(read_serve_config(yaml).hash, hash_of(json_of(yaml)));
}

TEST(ServeConfig, ScalarsReadAsKubeRayReadsThem) {
  EXPECT_EQ(
      json_of("a: yes\nb: Off\nc: 'yes'\nd: 010\ne: 1.0\nf: 1e3\ng: 0.1\nh: 1_000\n"
              "i: 2026-01-31\nj: ~\nk: 0x1F\nl: -3\nm: 08\nn2: 1:30\no: .5\np: +7\nq: \"1\"\n"),
      R"({"a":true,"b":false,"c":"yes","d":8,"e":1,"f":1000,"g":0.1,"h":1000,)"
      R"("i":"2026-01-31","j":null,"k":31,"l":-3,"m":8,"n2":"1:30","o":0.5,"p":7,"q":"1"})");
}

TEST(ServeConfig, KeysOfAnyScalarTypeBecomeText) {
  EXPECT_EQ(json_of("1: a\ntrue: b\n1.5: c\n"), R"({"1":"a","1.5":"c","true":"b"})");
}

TEST(ServeConfig, AnchorsAreCopiedAndMapsMerged) {
  EXPECT_EQ(json_of("base: &base {cpu: 1, gpu: 0}\n"
                    "other: &other {gpu: 2, disk: 3}\n"
                    "one: {<<: *base, cpu: 4}\n"
                    "two:\n  cpu: 5\n  <<: [*base, *other]\n"
                    "same: *base\n"
                    "quoted: {\"<<\": 1}\n"),
            R"({"base":{"cpu":1,"gpu":0},"one":{"cpu":4,"gpu":0},"other":{"disk":3,"gpu":2},)"
            R"("quoted":{"<<":1},"same":{"cpu":1,"gpu":0},"two":{"cpu":5,"disk":3,"gpu":0}})");
}

TEST(ServeConfig, JsonIsReadAsItIs) {
  EXPECT_EQ(json_of("{\"b\": [1, 2.0],\t\"a\": \"\\ud83d\\ude00/\\/\"}"),
            "{\"a\":\"\xF0\x9F\x98\x80//\",\"b\":[1,2]}");
}

TEST(ServeConfig, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(read_serve_config("- a\n- b\n").error,
            "serveConfigV2 must be a map with the key applications, found a array");
  EXPECT_EQ(read_serve_config("a: 1\nb:\n  c: 1\n  c: 2\n").error,
            "serveConfigV2: line 4: the key \"c\" stands twice in one map");
  EXPECT_EQ(read_serve_config("{\"a\": 1,\n \"a\": 2}").error,
            "serveConfigV2: line 2: the key \"a\" stands twice in one map");
  EXPECT_NE(read_serve_config("a: [1\nb: 2\n").error.find("serveConfigV2: line "),
            std::string::npos);
  EXPECT_EQ(read_serve_config("a: .inf\n").error,
            "serveConfigV2: line 1: .inf is a number that JSON lacks");
  EXPECT_EQ(read_serve_config("a: 1\n---\nb: 2\n").error,
            "serveConfigV2: line 2: a second document begins: one is allowed");
  EXPECT_EQ(read_serve_config("applications: 3").error,
            "serveConfigV2: applications must be a list, found a number");
  EXPECT_EQ(read_serve_config("applications: [3]").error,
            "serveConfigV2: applications[0] must be a map, found a number");
  EXPECT_EQ(read_serve_config("applications: [{name: 3}]").error,
            "serveConfigV2: applications[0].name must be a string, found a number");
  EXPECT_EQ(read_serve_config("applications: [{name: a}, {name: a}]").error,
            "serveConfigV2: applications[1].name: two applications are called \"a\"");
  EXPECT_EQ(read_serve_config("[a]: 1\n").error,
            "serveConfigV2: line 1: a map or list as a key has no JSON form");
  EXPECT_NE(read_serve_config("a: \xff\n").error.find("not UTF-8"), std::string::npos);
  EXPECT_NE(read_serve_config("a: *nobody\n").error.find("serveConfigV2: line 1"),
            std::string::npos);
  EXPECT_EQ(read_serve_config(", a\n").error, "serveConfigV2: line 1: a value was expected");
  EXPECT_NE(read_serve_config("a: &a [*a]\n").error.find("alias"), std::string::npos);
}

TEST(ServeConfig, BombsOfAliasesAndDepthAreRefused) {
  std::string bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*l" + std::to_string(i - 1);
    bomb += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ", " : "") + last;
    bomb += "]\n";
  }
  EXPECT_NE(read_serve_config(bomb).error.find("too large with its aliases"), std::string::npos);
  for (const std::size_t depth : {101u, 400u, 5000u}) {
    const std::string deep = "a: " + std::string(depth, '[') + std::string(depth, ']');
    EXPECT_NE(read_serve_config(deep).error, "") << depth;
    const std::string json = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_NE(read_serve_config("{\"a\":" + json + "}").error, "") << depth;
  }
  EXPECT_NE(read_serve_config(std::string(4 << 20, ' ')).error.find("bytes"), std::string::npos);
}

TEST(ServeConfig, AnAppsHashIsThatOfItsDeployedConfig) {
  const ServeConfig config = read_serve_config(
      "applications:\n"
      "- name: fruit\n"
      "  route_prefix: /fruit\n"
      "  import_path: fruit:graph\n"
      "  deployments:\n"
      "  - name: Stand\n"
      "    graceful_shutdown_timeout_s: 20\n"
      "    user_config: {price: 3}\n"
      "    ray_actor_options: {num_cpus: 0.1}\n");
  ASSERT_EQ(config.error, "");
  // Ray answers with its own order of keys, and with floats where its schema has them.
  EXPECT_EQ(config.apps.at("fruit"),
            deployed_hash(R"({"name": "fruit", "import_path": "fruit:graph", "deployments": [
                {"ray_actor_options": {"num_cpus": 0.1}, "name": "Stand",
                 "graceful_shutdown_timeout_s": 20.0, "user_config": {"price": 3}}],
                "route_prefix": "/fruit"})"));
  EXPECT_NE(config.apps.at("fruit"),
            deployed_hash(R"({"name": "fruit", "import_path": "fruit:graph",
                              "route_prefix": "/fruit"})"));
}

// Recorded from Ray 2.52.1. Where it writes a config in its own way the hashes must differ, and the
// core learns that way from the answers (core/deployed.h).
TEST(ServeConfig, EqualsWhatRayShowsUnlessRayWritesItInItsOwnWay) {
  std::istringstream lines(test_data("ray_deployed_configs.jsonl"));
  int exact = 0;
  int rewritten = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto recorded = nlohmann::json::parse(line);
    const ServeConfig config = read_serve_config(
        nlohmann::json({{"applications", nlohmann::json::array({recorded["sent"]})}}).dump());
    ASSERT_EQ(config.apps.size(), 1u) << line;
    const bool same = config.apps.begin()->second == deployed_hash(recorded["shown"].dump());
    EXPECT_EQ(same, recorded["exact"].get<bool>()) << line;
    ++(same ? exact : rewritten);
  }
  EXPECT_EQ(exact, 14);
  EXPECT_EQ(rewritten, 7);
}

TEST(ServeConfig, AnAppWithoutNameIsCalledDefault) {
  const ServeConfig config = read_serve_config("applications: [{import_path: a}]");
  ASSERT_EQ(config.apps.size(), 1u);
  EXPECT_EQ(config.apps.begin()->first, "default");
  EXPECT_EQ(config.apps.begin()->second, deployed_hash(R"({"import_path": "a"})"));
  EXPECT_EQ(config.apps.begin()->second,
            deployed_hash(R"({"name": "default", "import_path": "a"})"));
}

TEST(ServeConfigJson, SetsTheTargetCapacityWhateverTheConfigSaysOfIt) {
  EXPECT_EQ(*serve_config_json("{applications: [], target_capacity: 100}", 25),
            R"({"applications":[],"target_capacity":25})");
  EXPECT_EQ(*serve_config_json("", 0), R"({"target_capacity":0})");
}

}  // namespace
}  // namespace raycord
