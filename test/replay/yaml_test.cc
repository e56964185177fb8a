#include "replay/yaml.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

std::string yaml(const char* json) { return to_yaml(JsonTree::parse(json)); }

TEST(Yaml, WritesMapsAndListsAsKubectlDoes) {
  EXPECT_EQ(yaml(R"({"kind": "Pod", "spec": {"containers": [{"name": "a", "args": ["x", "z"]},
                     {"name": "b"}]}, "none": [], "empty": {}})"),
            "kind: Pod\n"
            "spec:\n"
            "  containers:\n"
            "  - name: a\n"
            "    args:\n"
            "    - x\n"
            "    - z\n"
            "  - name: b\n"
            "none: []\n"
            "empty: {}\n");
}

TEST(Yaml, QuotesWhatWouldBeReadAsSomethingElse) {
  EXPECT_EQ(yaml(R"({"a": "true", "b": "12", "c": "2026-01-01T00:00:00Z", "d": "", "e": "x: y",
                     "f": "- x", "g": "null", "h": "#1", "i": "1e3", "j": "on"})"),
            "a: \"true\"\n"
            "b: \"12\"\n"
            "c: \"2026-01-01T00:00:00Z\"\n"
            "d: \"\"\n"
            "e: \"x: y\"\n"
            "f: \"- x\"\n"
            "g: \"null\"\n"
            "h: \"#1\"\n"
            "i: \"1e3\"\n"
            "j: \"on\"\n");
}

TEST(Yaml, LeavesPlainTextsAlone) {
  EXPECT_EQ(yaml(R"({"a": "llm-raycluster-x7k2p", "b": "83b64ff9-5a94", "c": "--head", "d": true,
                     "e": null, "f": 1.5, "g": "2.9.0", "h": "10.0.0.1"})"),
            "a: llm-raycluster-x7k2p\n"
            "b: 83b64ff9-5a94\n"
            "c: --head\n"
            "d: true\n"
            "e: null\n"
            "f: 1.5\n"
            "g: 2.9.0\n"
            "h: 10.0.0.1\n");
}

TEST(Yaml, WritesTextsOfManyLinesAsBlocks) {
  EXPECT_EQ(yaml(R"({"config": "apps:\n  - x\n", "open": "a\n\nb", "more": "a\n\n"})"),
            "config: |\n"
            "  apps:\n"
            "    - x\n"
            "open: |-\n"
            "  a\n"
            "\n"
            "  b\n"
            "more: |+\n"
            "  a\n"
            "\n");
}

TEST(Yaml, WritesListsInLists) {
  EXPECT_EQ(yaml(R"([[1, 2], {"a": {"b": 1}}])"),
            "- - 1\n"
            "  - 2\n"
            "- a:\n"
            "    b: 1\n");
}

}  // namespace
}  // namespace raycord
