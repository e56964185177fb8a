#include "core/partitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/archive.h"
#include "core/state.h"

namespace raycord {
namespace {

using ::testing::ElementsAre;

PartitionName named(const std::string& name) { return {Kind::RayService, "default", name}; }

Partitions five() {
  Partitions partitions;
  for (const char* name : {"c", "a", "e", "b", "d"}) {
    Partition& partition = partitions[named(name)];
    partition.name = name;
    partition.memory.active = std::string("rc-") + name;
    partition.clusters["rc"].pods["pod"].value.meta.name = "pod";
  }
  return partitions;
}

std::vector<std::string> walk(const Partitions& partitions) {
  std::vector<std::string> seen;
  for (const auto& [name, partition] : partitions) {
    seen.push_back(name.name + " " + partition.memory.active);
  }
  return seen;
}

TEST(Partitions, AllStayOpenUnlessToldOtherwise) {
  Partitions partitions = five();
  partitions.rest();
  EXPECT_EQ(partitions.open(), 5U);
}

TEST(Partitions, RestPacksWhatWasUsedLongestAgo) {
  Partitions partitions = five();
  const Partition* a = &partitions.at(named("a"));
  const Partition* d = &partitions.at(named("d"));
  partitions.keep_open(2);
  partitions.rest();
  EXPECT_EQ(partitions.open(), 2U);
  EXPECT_EQ(&partitions.at(named("a")), a);
  EXPECT_EQ(&partitions.at(named("d")), d);
  EXPECT_EQ(partitions.open(), 2U);
}

TEST(Partitions, AFewTooManyAreNotWorthTheWork) {
  Partitions partitions = five();
  partitions.keep_open(3);
  partitions.rest();
  EXPECT_EQ(partitions.open(), 5U);
}

TEST(Partitions, WhatRestsIsTheSame) {
  Partitions partitions = five();
  const std::string before = pack(partitions.at(named("b")));
  partitions.keep_open(0);
  partitions.rest();
  EXPECT_EQ(partitions.open(), 0U);
  EXPECT_EQ(partitions.packed(named("b")), before);
  EXPECT_EQ(partitions.open(), 0U);
  EXPECT_EQ(pack(partitions.at(named("b"))), before);
  EXPECT_EQ(partitions.open(), 1U);
}

TEST(Partitions, AWalkOpensNothing) {
  Partitions partitions = five();
  const std::vector<std::string> before = walk(partitions);
  EXPECT_THAT(before, ElementsAre("a rc-a", "b rc-b", "c rc-c", "d rc-d", "e rc-e"));
  partitions.keep_open(0);
  partitions.rest();
  EXPECT_EQ(walk(partitions), before);
  EXPECT_EQ(partitions.open(), 0U);
}

TEST(Partitions, WhatIsFoundStaysUntilItRests) {
  Partitions partitions = five();
  partitions.keep_open(0);
  partitions.rest();
  const Partitions& constant = partitions;
  const auto found = constant.find(named("c"));
  const Partition& c = found->second;
  EXPECT_EQ(&constant.find(named("c"))->second, &c);
  EXPECT_EQ(c.memory.active, "rc-c");
  EXPECT_EQ(constant.find(named("x")), constant.end());
}

TEST(Partitions, ChangesOutlastRest) {
  Partitions partitions = five();
  partitions.keep_open(0);
  for (const char* active : {"one", "two"}) {
    partitions.rest();
    partitions.find(named("a"))->second.memory.active = active;
  }
  partitions.rest();
  EXPECT_EQ(partitions.at(named("a")).memory.active, "two");
}

TEST(Partitions, ErasedOnesAreForgottenOpenOrNot) {
  Partitions partitions = five();
  EXPECT_EQ(partitions.erase(named("c")), 1U);
  EXPECT_EQ(partitions.erase(named("c")), 0U);
  partitions.keep_open(1);
  partitions.rest();
  EXPECT_EQ(partitions.open(), 1U);
  for (const char* name : {"a", "b", "d", "e"}) EXPECT_EQ(partitions.erase(named(name)), 1U);
  EXPECT_TRUE(partitions.empty());
  EXPECT_EQ(partitions.open(), 0U);
}

TEST(Partitions, ACopyIsItsOwn) {
  Partitions partitions = five();
  partitions.keep_open(2);
  partitions.rest();
  Partitions copy = partitions;
  EXPECT_EQ(copy.open(), 2U);
  copy.at(named("a")).memory.active = "other";
  EXPECT_EQ(partitions.at(named("a")).memory.active, "rc-a");
  copy.rest();
  partitions = copy;
  EXPECT_EQ(partitions.at(named("a")).memory.active, "other");
  EXPECT_EQ(walk(partitions), walk(copy));
}

}  // namespace
}  // namespace raycord
