// What every EventLog promises, for the one in memory and the one on disk.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/check.h"
#include "store/log_reader.h"
#include "store/memory_event_log.h"
#include "store/rocks_event_log.h"
#include "store/verify_log.h"
#include "test/store/log_fixture.h"

namespace raycord {
namespace {

using testing::ElementsAre;

struct MemoryLog {
  MemoryEventLog log;
  const Columns& columns() { return log.columns(); }
};

struct DiskLog {
  TemporaryDirectory directory;
  std::unique_ptr<RocksEventLog> owned =
      std::move(*RocksEventLog::open({.directory = directory.path(), .ballast_bytes = 0}));
  RocksEventLog& log = *owned;
  const Columns& columns() { return log.columns(); }
};

template <class T>
class LogContract : public testing::Test {
 protected:
  T place_;
};

struct LogNames {
  template <class T>
  static std::string GetName(int) {
    return std::is_same_v<T, MemoryLog> ? "Memory" : "Disk";
  }
};
using LogKinds = testing::Types<MemoryLog, DiskLog>;
TYPED_TEST_SUITE(LogContract, LogKinds, LogNames);

TYPED_TEST(LogContract, FramesComeBackInOrderAsTheyWere) {
  EventLog& log = this->place_.log;
  EXPECT_EQ(log.next_seq(), 1u);
  log.append(sample_frame(1, 3));
  log.append(sample_frame(4, 1, 100'000));
  log.append(sample_frame(5, 2));
  EXPECT_EQ(log.next_seq(), 7u);
  ASSERT_TRUE(log.wait_synced(6));
  EXPECT_EQ(log.synced(), 6u);
  EXPECT_EQ(log.backlog_bytes(), 0u);

  std::vector<StoredFrame> frames = frames_of(log.reader());
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0].first_seq, 1u);
  EXPECT_EQ(frames[0].count, 3u);
  EXPECT_EQ(frames[0].payload, sample_payload(1));
  EXPECT_EQ(frames[1].payload, sample_payload(4, 100'000));
  EXPECT_EQ(frames[2].last_seq(), 6u);
  EXPECT_EQ(frames[2].mark(), log.mark());
  EXPECT_EQ(frames_of(log.reader(), 3).size(), 3u) << "event 3 is in the first frame";
  EXPECT_EQ(frames_of(log.reader(), 4).size(), 2u);
  EXPECT_EQ(frames_of(log.reader(), 7).size(), 0u);
}

TYPED_TEST(LogContract, AFrameIsFoundByEachOfItsEvents) {
  EventLog& log = this->place_.log;
  log.append(sample_frame(1, 2));
  log.append(sample_frame(3, 2));
  ASSERT_TRUE(log.wait_synced(4));
  for (std::uint64_t seq = 1; seq <= 4; ++seq) {
    Result<std::optional<StoredFrame>> frame = log.reader().frame_with(seq);
    ASSERT_TRUE(frame && *frame) << seq;
    EXPECT_EQ((*frame)->first_seq, seq <= 2 ? 1u : 3u);
  }
  EXPECT_FALSE(*log.reader().frame_with(5));
  EXPECT_FALSE(*log.reader().frame_with(0));
}

TYPED_TEST(LogContract, NamesAreFoundByNumber) {
  EventLog& log = this->place_.log;
  FrameToAppend first = sample_frame(1);
  first.new_names = {{1, "default/llm"}, {2, "default/chat"}};
  FrameToAppend second = sample_frame(2);
  second.new_names = {{3, "Pod/default/head"}};
  log.append(first);
  log.append(second);
  ASSERT_TRUE(log.wait_synced(2));
  EXPECT_THAT(*log.reader().names(),
              ElementsAre("default/llm", "default/chat", "Pod/default/head"));
  EXPECT_EQ(**log.reader().name(2), "default/chat");
  EXPECT_FALSE(*log.reader().name(4));
}

TYPED_TEST(LogContract, TheIndexLeadsToTheFramesOfANumber) {
  EventLog& log = this->place_.log;
  FrameToAppend first = sample_frame(1, 4);
  first.new_names = {{1, "a"}, {2, "b"}};
  first.touched = {1, 2, 1};
  FrameToAppend second = sample_frame(5);
  second.touched = {2};
  FrameToAppend third = sample_frame(6);
  third.touched = {1};
  for (const FrameToAppend& frame : {first, second, third}) log.append(frame);
  ASSERT_TRUE(log.wait_synced(6));
  EXPECT_THAT(*log.reader().frames_touching(1), ElementsAre(1, 6));
  EXPECT_THAT(*log.reader().frames_touching(2), ElementsAre(1, 5));
  EXPECT_THAT(*log.reader().frames_touching(2, 2), ElementsAre(5));
  EXPECT_THAT(*log.reader().frames_touching(3), ElementsAre());
}

TYPED_TEST(LogContract, RawVersionsOfAnObjectLieSideBySide) {
  EventLog& log = this->place_.log;
  FrameToAppend first = sample_frame(1, 3);
  first.new_names = {{1, "a"}, {2, "b"}};
  first.raw = {{1, 1, "a at 1"}, {2, 2, "b at 2"}, {1, 3, "a at 3"}};
  FrameToAppend second = sample_frame(4);
  second.raw = {{1, 4, std::string("\0x", 2)}};
  log.append(first);
  log.append(second);
  ASSERT_TRUE(log.wait_synced(4));
  EXPECT_THAT(*log.reader().raw_versions(1), ElementsAre(1, 3, 4));
  EXPECT_THAT(*log.reader().raw_versions(2), ElementsAre(2));
  EXPECT_EQ(**log.raw(1, 3), "a at 3");
  EXPECT_EQ(**log.raw(1, 4), std::string("\0x", 2));
  EXPECT_FALSE(*log.raw(1, 2));
  EXPECT_EQ((*log.reader().raw_at(1, 2))->bytes, "a at 1");
  EXPECT_EQ((*log.reader().raw_at(1, 99))->seq, 4u);
  EXPECT_FALSE(*log.reader().raw_at(2, 1));
}

// Checkpoints are written when nobody waits, so this does.
std::optional<Checkpoint> checkpoint_at(EventLog& log, std::uint32_t number, std::uint64_t seq) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    Result<std::optional<Checkpoint>> found = log.reader().checkpoint(number);
    if (!found) break;
    if (*found && (*found)->seq == seq) return **found;
    std::this_thread::yield();
  }
  return std::nullopt;
}

TYPED_TEST(LogContract, ACheckpointReplacesTheOneBefore) {
  EventLog& log = this->place_.log;
  append_samples(log, 2);
  const std::uint64_t first = log.next_seq() - 1;
  EXPECT_FALSE(*log.reader().checkpoint(1));
  log.put_checkpoints({"build-1", 1, first, {{0, "fleet"}, {1, "old"}, {2, "two"}}, {}});
  append_samples(log, 1);
  const std::uint64_t second = log.next_seq() - 1;
  log.put_checkpoints({"build-2", 4, second, {{0, "newer"}, {1, "state"}}, {2}});
  const std::optional<Checkpoint> fleet = checkpoint_at(log, 0, second);
  ASSERT_TRUE(fleet);
  EXPECT_EQ(fleet->bytes, "newer");
  EXPECT_EQ(log.synced(), second);
  const Result<std::optional<Checkpoint>> one = log.reader().checkpoint(1);
  ASSERT_TRUE(one && *one);
  EXPECT_EQ((*one)->build, "build-2");
  EXPECT_EQ((*one)->layout, 4u);
  EXPECT_EQ((*one)->seq, second);
  EXPECT_EQ((*one)->bytes, "state");
  EXPECT_FALSE(*log.reader().checkpoint(2));
}

TYPED_TEST(LogContract, ACheckpointIsOfTheLastEvent) {
  EventLog& log = this->place_.log;
  append_samples(log, 1);
  const std::uint64_t next = log.next_seq();
  EXPECT_THROW(log.put_checkpoints({"build", 1, next, {}, {}}), InvariantBroken);
  EXPECT_THROW(log.put_checkpoints({"build", 1, next - 2, {}, {}}), InvariantBroken);
}

TYPED_TEST(LogContract, WhatDoesNotFitBehindTheLogIsABrokenInvariant) {
  EventLog& log = this->place_.log;
  append_samples(log, 1);
  const std::uint64_t next = log.next_seq();
  EXPECT_THROW(log.append(sample_frame(next + 1)), InvariantBroken);
  EXPECT_THROW(log.append(sample_frame(next - 1)), InvariantBroken);
  EXPECT_THROW(log.append(sample_frame(next, 0)), InvariantBroken);
  FrameToAppend frame = sample_frame(next);
  frame.new_names = {{4, "a hole before it"}};
  EXPECT_THROW(log.append(frame), InvariantBroken);
  frame = sample_frame(next);
  frame.touched = {3};
  EXPECT_THROW(log.append(frame), InvariantBroken);
  frame = sample_frame(next);
  frame.raw = {{1, next + 1, "of another frame"}};
  EXPECT_THROW(log.append(frame), InvariantBroken);
  EXPECT_EQ(log.next_seq(), next);
  append_samples(log, 1);
  EXPECT_TRUE(log.wait_synced(log.next_seq() - 1));
}

TYPED_TEST(LogContract, TheListenerHearsOfProgress) {
  EventLog& log = this->place_.log;
  std::atomic<std::uint64_t> heard = 0;
  log.set_listener([&] { heard = log.synced(); });
  append_samples(log, 3);
  const std::uint64_t last = log.next_seq() - 1;
  ASSERT_TRUE(log.wait_synced(last));
  log.set_listener(nullptr);
  while (heard < last) std::this_thread::yield();  // The waiter is woken before the listener.
  EXPECT_EQ(heard, last);
}

TYPED_TEST(LogContract, AWholeLogVerifies) {
  EventLog& log = this->place_.log;
  EXPECT_EQ(describe(*verify_log(this->place_.columns())), "intact: no frames");
  append_samples(log, 50);
  const std::uint64_t last = log.next_seq() - 1;
  ASSERT_TRUE(log.wait_synced(last));
  VerifyOptions options;
  options.touched = [](const StoredFrame& frame) {
    return std::vector<std::uint32_t>{static_cast<std::uint32_t>(1 + frame.first_seq % 2)};
  };
  Result<Verified> verified = verify_log(this->place_.columns(), options);
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->intact()) << describe(*verified);
  EXPECT_EQ(verified->frames, 50u);
  EXPECT_EQ(verified->end, log.mark());
  EXPECT_EQ(describe(*verified), "intact: 50 frames, events 1 to " + std::to_string(last));
}

}  // namespace
}  // namespace raycord
