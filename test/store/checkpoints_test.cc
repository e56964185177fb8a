#include "store/checkpoints.h"

#include <gtest/gtest.h>

#include "core/archive.h"
#include "store/memory_event_log.h"
#include "test/store/log_fixture.h"

namespace raycord {
namespace {

constexpr std::uint64_t kEvery = 4;

// A log of sample frames beside a state that has seen them all.
class CheckpointsTest : public testing::Test {
 protected:
  CheckpointsTest() {
    see("one");
    see("two");
  }

  void see(const std::string& name) {
    const PartitionName partition{Kind::RayService, "default", name};
    names_.number_of(partition);
    FrameToAppend frame = sample_frame(log_.next_seq());
    for (NumberedName& given : names_.take_new()) {
      frame.new_names.push_back({given.number, given.name});
    }
    log_.append(frame);
    Partition& entry = state_.partitions[partition];
    entry.ns = "default";
    entry.name = name;
    entry.last = {frame.first_seq};
    state_.last = {frame.first_seq};
    state_.now = Time(Millis(frame.first_seq));
    state_.fleet.roots[{"default", name + "-cluster"}] = partition;
  }

  void keep(Checkpoints& checkpoints) { log_.put_checkpoints(checkpoints.take(state_, names_)); }

  bool restores_the_state(const std::string& build) {
    const auto restored = Checkpoints(build).restore(log_.reader());
    if (!restored || !*restored) return false;
    EXPECT_EQ(digest_of(**restored), digest_of(state_));
    EXPECT_EQ(pack((*restored)->fleet), pack(state_.fleet));
    EXPECT_EQ((*restored)->now, state_.now);
    return true;
  }

  MemoryEventLog log_;
  NameTable names_;
  State state_;
};

TEST_F(CheckpointsTest, BringBackTheStateTheyWereTakenOf) {
  EXPECT_FALSE(restores_the_state("build"));
  Checkpoints checkpoints("build", kEvery);
  keep(checkpoints);
  EXPECT_TRUE(restores_the_state("build"));
}

TEST_F(CheckpointsTest, AreDueWhenSomeEventsCameSinceTheLast) {
  Checkpoints checkpoints("build", kEvery);
  EXPECT_FALSE(checkpoints.due(state_));
  see("three");
  see("four");
  EXPECT_TRUE(checkpoints.due(state_));
  keep(checkpoints);
  EXPECT_EQ(checkpoints.behind(state_), 0U);
  see("five");
  EXPECT_EQ(checkpoints.behind(state_), 1U);
  EXPECT_FALSE(checkpoints.due(state_));
}

TEST_F(CheckpointsTest, WriteOnlyWhatHasChanged) {
  Checkpoints checkpoints("build", kEvery);
  EXPECT_EQ(checkpoints.take(state_, names_).states.size(), 3U);  // The fleet and both.
  see("two");
  EXPECT_EQ(checkpoints.take(state_, names_).states.size(), 2U);
}

TEST_F(CheckpointsTest, GoOnAfterARestartWithWhatTheLogHolds) {
  Checkpoints before("build", kEvery);
  keep(before);
  see("two");
  Checkpoints after("build", kEvery);
  ASSERT_TRUE(*after.restore(log_.reader()));
  EXPECT_EQ(after.behind(state_), 1U);
  const CheckpointSet set = after.take(state_, names_);
  EXPECT_EQ(set.states.size(), 2U);
  log_.put_checkpoints(set);
  EXPECT_TRUE(restores_the_state("build"));
}

TEST_F(CheckpointsTest, OfPartitionsThatAreGoneGoToo) {
  Checkpoints checkpoints("build", kEvery);
  keep(checkpoints);
  const std::uint32_t number = names_.find("rayservice/default/one");
  ASSERT_TRUE(*log_.reader().checkpoint(number));
  state_.partitions.erase({Kind::RayService, "default", "one"});
  see("two");
  keep(checkpoints);
  EXPECT_FALSE(*log_.reader().checkpoint(number));
  EXPECT_TRUE(restores_the_state("build"));
}

TEST_F(CheckpointsTest, OfAnotherBuildAreNotUsed) {
  Checkpoints checkpoints("build", kEvery);
  keep(checkpoints);
  EXPECT_FALSE(restores_the_state("build, but for one line"));
}

TEST_F(CheckpointsTest, AreNotMadeByABuildWithoutAName) {
  Checkpoints checkpoints("", kEvery);
  for (int i = 0; i < 10; ++i) see("one");
  EXPECT_FALSE(checkpoints.due(state_));
  keep(checkpoints);
  EXPECT_FALSE(restores_the_state(""));
}

// A bit that tipped, a partition that is missing, one of another set: all events are folded then.
TEST_F(CheckpointsTest, AreThrownAwayWhenTheSetIsNotWhole) {
  Checkpoints checkpoints("build", kEvery);
  keep(checkpoints);
  const std::uint32_t number = names_.find("rayservice/default/two");
  const std::string key{'\0', '\0', '\0', static_cast<char>(number)};
  const std::string whole = **log_.columns().get(Column::Checkpoints, key);
  std::string damaged = whole;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  log_.columns().put({{Column::Checkpoints, key, damaged}});
  EXPECT_FALSE(restores_the_state("build"));
  log_.columns().remove(Column::Checkpoints, key);
  EXPECT_FALSE(restores_the_state("build"));
  log_.columns().put({{Column::Checkpoints, key, whole}});
  EXPECT_TRUE(restores_the_state("build"));
  see("two");
  CheckpointSet newer = checkpoints.take(state_, names_);
  newer.states.erase(0);
  log_.put_checkpoints(newer);
  EXPECT_FALSE(restores_the_state("build"));
}

}  // namespace
}  // namespace raycord
