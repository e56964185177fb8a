#include "store/memory_event_log.h"

#include <gtest/gtest.h>

#include "store/verify_log.h"
#include "test/store/log_fixture.h"

namespace raycord {
namespace {

MemoryEventLog::Options manual() { return {.manual_sync = true}; }

TEST(MemoryEventLog, ShowsNothingThatIsNotSynced) {
  MemoryEventLog log(manual());
  append_samples(log, 3);
  EXPECT_EQ(log.synced(), 0u);
  EXPECT_EQ(log.waiting_frames(), 3u);
  EXPECT_GT(log.backlog_bytes(), 0u);
  EXPECT_TRUE(frames_of(log.reader()).empty());
  EXPECT_TRUE(log.reader().names()->empty());
  log.sync(1);
  EXPECT_EQ(frames_of(log.reader()).size(), 1u);
  log.sync();
  EXPECT_EQ(frames_of(log.reader()).size(), 3u);
  EXPECT_EQ(log.backlog_bytes(), 0u);
}

TEST(MemoryEventLog, ACrashForgetsWhatWasNotSynced) {
  MemoryEventLog log(manual());
  append_samples(log, 2);
  log.sync();
  const LogMark mark = log.mark();
  FrameToAppend named = sample_frame(log.next_seq());
  named.new_names = {{3, "forgotten"}};
  log.append(named);
  log.crash();
  EXPECT_EQ(log.mark(), mark);
  EXPECT_EQ(log.next_seq(), mark.seq + 1);
  named.new_names = {{3, "remembered"}};
  log.append(named);
  log.sync();
  EXPECT_EQ(**log.reader().name(3), "remembered");
  EXPECT_TRUE(verify_log(log.columns())->intact());
}

TEST(MemoryEventLog, ACrashMayLeaveAPartOfWhatWaited) {
  MemoryEventLog log(manual());
  append_samples(log, 5);
  log.crash(2);
  EXPECT_EQ(frames_of(log.reader()).size(), 2u);
  append_samples(log, 1);
  log.sync();
  EXPECT_TRUE(verify_log(log.columns())->intact());
}

TEST(MemoryEventLog, AFailureIsFinalUntilTheNextProcess) {
  MemoryEventLog log(manual());
  append_samples(log, 2);
  log.sync();
  const LogMark mark = log.mark();
  int heard = 0;
  log.set_listener([&] { ++heard; });
  append_samples(log, 1);
  log.fail_next_sync({ErrorCode::NoSpace, "full"});
  log.sync();
  ASSERT_TRUE(log.failure());
  EXPECT_EQ(log.failure()->code, ErrorCode::NoSpace);
  EXPECT_EQ(heard, 1);
  append_samples(log, 1);
  log.sync();
  EXPECT_EQ(log.mark(), mark);
  EXPECT_FALSE(log.wait_synced(mark.seq + 1));
  log.put_checkpoints({"build", 1, log.next_seq() - 1, {{1, "lost"}}, {}});
  EXPECT_FALSE(*log.reader().checkpoint(1));
  log.crash();
  EXPECT_FALSE(log.failure());
  append_samples(log, 1);
  log.sync();
  EXPECT_GT(log.mark().seq, mark.seq);
}

}  // namespace
}  // namespace raycord
