#include "formats/canonical_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace raycord {
namespace {

std::string canonical(const std::string& json) {
  const auto text = canonical_text(json);
  EXPECT_TRUE(text) << (text ? "" : text.error().message);
  if (!text) return {};
  // Both kinds of tree have one canonical text.
  EXPECT_EQ(canonical_json(nlohmann::json::parse(json)), *text);
  return *text;
}

TEST(CanonicalJson, SortsKeysAndDropsSpaces) {
  EXPECT_EQ(canonical(R"( { "b" : [ 1 , {} , [] ] , "a" : { "z" : null, "y" : true } } )"),
            R"({"a":{"y":true,"z":null},"b":[1,{},[]]})");
}

TEST(CanonicalJson, WholeNumbersHaveNoFraction) {
  EXPECT_EQ(canonical("[1.0, -0.0, 1e3, 0.10, 1e-7, 12345678901234567890, -9223372036854775808]"),
            "[1,0,1000,0.1,1e-07,12345678901234567890,-9223372036854775808]");
  EXPECT_EQ(canonical("[1e300, 9007199254740993.0, 0.30000000000000004]"),
            "[1e+300,9007199254740992,0.30000000000000004]");
}

TEST(CanonicalJson, EscapesOnlyWhatItMust) {
  EXPECT_EQ(canonical(R"("\u00e9\/\"\\\n\t\u0001\ud83d\ude00")"),
            "\"\xC3\xA9/\\\"\\\\\\n\\t\\u0001\xF0\x9F\x98\x80\"");
}

TEST(CanonicalJson, OfEqualKeysTheLastCounts) {
  EXPECT_EQ(canonical(R"({"a": 1, "b": 2, "a": 3})"), R"({"a":3,"b":2})");
}

TEST(CanonicalJson, IsItsOwnCanonicalText) {
  const std::string text = canonical(R"({"b": [0.5, "x", {"d": 1, "c": null}], "a": -1})");
  EXPECT_EQ(canonical(text), text);
}

TEST(CanonicalJson, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "[1,]", "01", "nul", "\"\xff\""}) {
    EXPECT_FALSE(canonical_text(text)) << text;
  }
}

}  // namespace
}  // namespace raycord
