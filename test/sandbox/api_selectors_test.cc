#include "sandbox/api_selectors.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

bool selects(const char* selector, const Json& labels) {
  const auto parsed = LabelSelector::parse(selector);
  EXPECT_TRUE(parsed) << selector;
  return parsed && parsed->matches(labels);
}

TEST(Selectors, CompareLabels) {
  const Json labels = {{"app", "web"}, {"tier", "front"}};
  EXPECT_TRUE(selects("", labels));
  EXPECT_TRUE(selects("app=web,tier==front", labels));
  EXPECT_FALSE(selects("app=web,tier=back", labels));
  EXPECT_TRUE(selects("app!=db", labels));
  EXPECT_TRUE(selects("other!=x", labels));
}

TEST(Selectors, KnowSets) {
  const Json labels = {{"app", "web"}};
  EXPECT_TRUE(selects("app in (db, web)", labels));
  EXPECT_FALSE(selects("app notin (db,web)", labels));
  EXPECT_TRUE(selects("app", labels));
  EXPECT_FALSE(selects("!app", labels));
  EXPECT_TRUE(selects("!gone,app in (web)", labels));
}

TEST(Selectors, RefuseWhatTheyCannotRead) {
  EXPECT_FALSE(LabelSelector::parse("app in web"));
  EXPECT_FALSE(LabelSelector::parse("=x"));
  EXPECT_FALSE(FieldSelector::parse("spec.secret=x", api_kind(ApiKindId::Pod)));
  EXPECT_FALSE(FieldSelector::parse("metadata.name", api_kind(ApiKindId::Pod)));
}

TEST(Selectors, FindEventsByEitherNameOfTheirObject) {
  ApiStore store(10);
  const ApiObjectPtr event =
      store.put(ApiKindId::Event, {{"metadata", {{"name", "e"}, {"namespace", "d"}, {"uid", "u"}}},
                                   {"involvedObject", {{"name", "svc"}, {"uid", "7"}}}});
  for (const char* text : {"involvedObject.name=svc,involvedObject.uid=7", "regarding.name=svc"}) {
    const auto selector = FieldSelector::parse(text, api_kind(ApiKindId::Event));
    ASSERT_TRUE(selector) << text;
    EXPECT_TRUE(selector->matches(*event)) << text;
  }
  const auto other = FieldSelector::parse("involvedObject.name!=svc", api_kind(ApiKindId::Event));
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->matches(*event));
}

}  // namespace
}  // namespace raycord
