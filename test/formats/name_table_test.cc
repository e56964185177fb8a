#include "formats/name_table.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace raycord {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(NameTable, NumbersNamesFromOneAndKeepsThem) {
  NameTable names;
  EXPECT_EQ(names.number_of(ObjectName{Kind::Pod, "default", "a"}), 1U);
  EXPECT_EQ(names.number_of(PartitionName{Kind::RayService, "default", "a"}), 2U);
  EXPECT_EQ(names.number_of("Pod default/a"), 1U);
  EXPECT_EQ(names.number_of_text("6f1c"), 3U);
  EXPECT_EQ(names.number_of_text(""), 0U);
  EXPECT_EQ(names.size(), 3U);
  EXPECT_EQ(names.text_of(3), "=6f1c");
  EXPECT_EQ(names.text_of(0), std::nullopt);
  EXPECT_EQ(names.text_of(4), std::nullopt);
}

TEST(NameTable, TakesEachNewNameOnce) {
  NameTable names;
  names.number_of_text("a");
  names.number_of_text("b");
  EXPECT_THAT(names.take_new(), ElementsAre(NumberedName{1, "=a"}, NumberedName{2, "=b"}));
  EXPECT_THAT(names.take_new(), IsEmpty());
  names.number_of_text("a");
  names.number_of_text("c");
  EXPECT_THAT(names.take_new(), ElementsAre(NumberedName{3, "=c"}));
}

TEST(NameTable, NamesReadFromTheLogAreNotNew) {
  NameTable names;
  ASSERT_TRUE(names.add(1, "=a"));
  ASSERT_TRUE(names.add(2, "Pod default/a"));
  EXPECT_THAT(names.take_new(), IsEmpty());
  EXPECT_EQ(names.number_of_text("a"), 1U);
  EXPECT_EQ(names.number_of_text("b"), 3U);
}

TEST(NameTable, RefusesHolesAndDoublesInTheLog) {
  NameTable names;
  ASSERT_TRUE(names.add(1, "=a"));
  EXPECT_THAT(names.add(3, "=c").error().message, HasSubstr("name number 3 follows number 1"));
  EXPECT_THAT(names.add(2, "=a").error().message, HasSubstr("same as number 1"));
  names.number_of_text("own");
  EXPECT_FALSE(names.add(3, "=c"));
}

TEST(NameTable, KnowsTheSortOfAName) {
  NameTable names;
  const ObjectName object{Kind::EndpointSlice, "ns", "n"};
  const PartitionName partition{Kind::RayCluster, "ns", "n"};
  const ProbeSource source{ProbeTarget::Proxy, "ns", "c", -3, "uid with space"};
  const std::uint32_t object_number = names.number_of(object);
  const std::uint32_t partition_number = names.number_of(partition);
  const std::uint32_t source_number = names.number_of(source);
  const std::uint32_t text_number = names.number_of_text("Pod a/b");
  EXPECT_EQ(names.object(object_number), object);
  EXPECT_EQ(names.partition(partition_number), partition);
  EXPECT_EQ(names.probe_source(source_number), source);
  EXPECT_EQ(names.plain_text(text_number), "Pod a/b");
  EXPECT_EQ(names.text_of(source_number), "proxy ns/c -3 uid with space");
  EXPECT_EQ(names.object(text_number), std::nullopt);
  EXPECT_EQ(names.partition(object_number), std::nullopt);
  EXPECT_EQ(names.probe_source(partition_number), std::nullopt);
  EXPECT_EQ(names.plain_text(source_number), std::nullopt);
}

TEST(NameTable, EveryKindAndTargetComesBack) {
  NameTable names;
  for (int kind = 1; kind <= 8; ++kind) {
    const ObjectName object{static_cast<Kind>(kind), "", ""};
    EXPECT_EQ(names.object(names.number_of(object)), object);
  }
  for (const ProbeTarget target : {ProbeTarget::Dashboard, ProbeTarget::Proxy}) {
    const ProbeSource source{target, "", "", 0, ""};
    EXPECT_EQ(names.probe_source(names.number_of(source)), source);
  }
}

TEST(NameTable, ANameItCannotReadIsOfNoSortButKeepsItsNumber) {
  NameTable names;
  ASSERT_TRUE(names.add(1, "something of a newer build"));
  ASSERT_TRUE(names.add(2, ""));
  ASSERT_TRUE(names.add(3, "Pod no-slash"));
  ASSERT_TRUE(names.add(4, "dashboard ns/c x uid"));
  ASSERT_TRUE(names.add(5, "Pod " + std::string(70000, 'n') + "/a"));
  for (std::uint32_t number = 1; number <= 5; ++number) {
    EXPECT_EQ(names.object(number), std::nullopt) << number;
    EXPECT_EQ(names.partition(number), std::nullopt) << number;
    EXPECT_EQ(names.probe_source(number), std::nullopt) << number;
    EXPECT_EQ(names.plain_text(number), std::nullopt) << number;
  }
  EXPECT_EQ(names.number_of_text("next"), 6U);
}

TEST(NameTable, FindsItsNamesAfterAMove) {
  NameTable names;
  for (int i = 0; i < 1000; ++i) names.number_of_text(std::to_string(i));
  NameTable moved = std::move(names);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(moved.find("=" + std::to_string(i)), static_cast<std::uint32_t>(i) + 1);
  }
}

}  // namespace
}  // namespace raycord
