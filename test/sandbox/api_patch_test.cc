#include "sandbox/api_patch.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

Json parse(const char* text) { return Json::parse(text); }

TEST(Patch, MergesAndRemovesByNull) {
  EXPECT_EQ(apply_merge_patch(parse(R"({"a":1,"b":{"c":2,"d":3}})"),
                              parse(R"({"a":null,"b":{"c":5},"e":[1]})")),
            parse(R"({"b":{"c":5,"d":3},"e":[1]})"));
}

TEST(Patch, AppliesAllOperationsOrNone) {
  const Json target = parse(R"({"a":[1,2]})");
  const auto good = apply_json_patch(
      target, parse(R"([{"op":"test","path":"/a/0","value":1},{"op":"remove","path":"/a/0"}])"));
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, parse(R"({"a":[2]})"));
  EXPECT_FALSE(apply_json_patch(
      target, parse(R"([{"op":"remove","path":"/a/0"},{"op":"test","path":"/a/0","value":9}])")));
  EXPECT_FALSE(apply_json_patch(target, parse(R"({"op":"remove"})")));
}

TEST(Patch, MergesContainersByName) {
  const auto merged = apply_strategic_patch(
      parse(R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}})"),
      parse(R"({"spec":{"containers":[{"name":"b","image":"2"},{"name":"c","image":"3"}]}})"));
  ASSERT_TRUE(merged);
  EXPECT_EQ(
      (*merged)["spec"]["containers"],
      parse(R"([{"name":"a","image":"1"},{"name":"b","image":"2"},{"name":"c","image":"3"}])"));
}

TEST(Patch, DeletesItemsOfLists) {
  const auto merged =
      apply_strategic_patch(parse(R"({"env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]})"),
                            parse(R"({"env":[{"name":"A","$patch":"delete"}]})"));
  ASSERT_TRUE(merged);
  EXPECT_EQ(*merged, parse(R"({"env":[{"name":"B","value":"2"}]})"));
}

TEST(Patch, TellsPortsOfServicesFromPortsOfContainers) {
  const auto service = apply_strategic_patch(
      parse(R"({"ports":[{"port":80,"protocol":"TCP"},{"port":80,"protocol":"UDP"}]})"),
      parse(R"({"ports":[{"port":80,"protocol":"UDP","name":"dns"}]})"));
  ASSERT_TRUE(service);
  EXPECT_EQ((*service)["ports"].size(), 2u);
  EXPECT_EQ((*service)["ports"][1]["name"], "dns");
  const auto container =
      apply_strategic_patch(parse(R"({"ports":[{"containerPort":80,"protocol":"TCP"}]})"),
                            parse(R"({"ports":[{"containerPort":80,"name":"web"}]})"));
  ASSERT_TRUE(container);
  EXPECT_EQ((*container)["ports"].size(), 1u);
}

TEST(Patch, ReplacesListsWithoutAKey) {
  const auto merged = apply_strategic_patch(parse(R"({"args":["a","b"],"x":[{"p":1}]})"),
                                            parse(R"({"args":["c"],"x":[{"q":2}]})"));
  ASSERT_TRUE(merged);
  EXPECT_EQ(*merged, parse(R"({"args":["c"],"x":[{"q":2}]})"));
}

TEST(Patch, TreatsFinalizersAsASet) {
  const auto added =
      apply_strategic_patch(parse(R"({"finalizers":["a"]})"), parse(R"({"finalizers":["a","b"]})"));
  ASSERT_TRUE(added);
  EXPECT_EQ(*added, parse(R"({"finalizers":["a","b"]})"));
  const auto removed =
      apply_strategic_patch(*added, parse(R"({"$deleteFromPrimitiveList/finalizers":["a"]})"));
  ASSERT_TRUE(removed);
  EXPECT_EQ(*removed, parse(R"({"finalizers":["b"]})"));
}

TEST(Patch, ObeysReplaceOrderAndRetainDirectives) {
  const auto replaced = apply_strategic_patch(parse(R"({"m":{"a":1,"b":2}})"),
                                              parse(R"({"m":{"$patch":"replace","c":3}})"));
  ASSERT_TRUE(replaced);
  EXPECT_EQ(*replaced, parse(R"({"m":{"c":3}})"));
  const auto ordered = apply_strategic_patch(
      parse(R"({"env":[{"name":"A"},{"name":"B"}]})"),
      parse(
          R"({"$setElementOrder/env":[{"name":"B"},{"name":"A"}],"env":[{"name":"A","value":"1"}]})"));
  ASSERT_TRUE(ordered);
  EXPECT_EQ(*ordered, parse(R"({"env":[{"name":"B"},{"name":"A","value":"1"}]})"));
  const auto kept =
      apply_strategic_patch(parse(R"({"strategy":{"type":"x","rolling":1}})"),
                            parse(R"({"strategy":{"$retainKeys":["type"],"type":"y"}})"));
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, parse(R"({"strategy":{"type":"y"}})"));
}

TEST(Patch, RefusesItemsWithoutTheirKey) {
  EXPECT_FALSE(apply_strategic_patch(parse(R"({"env":[]})"), parse(R"({"env":[{"value":"1"}]})")));
}

}  // namespace
}  // namespace raycord
