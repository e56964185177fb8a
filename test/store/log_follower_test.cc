#include "store/log_follower.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/layout.h"
#include "store/rocks_event_log.h"
#include "store/verify_log.h"
#include "test/store/log_fixture.h"

namespace raycord {
namespace {

std::unique_ptr<RocksEventLog> open_log(const std::string& directory) {
  return std::move(*RocksEventLog::open({.directory = directory, .ballast_bytes = 0}));
}

std::unique_ptr<LogFollower> follow(const std::string& directory,
                                    LogReader::Show show = LogReader::Show::Synced) {
  Result<std::unique_ptr<LogFollower>> follower =
      LogFollower::open({.directory = directory, .show = show});
  if (!follower) ADD_FAILURE() << follower.error().message;
  return follower ? std::move(*follower) : nullptr;
}

TEST(LogFollower, SeesWhatIsSyncedWhileTheWriterGoesOn) {
  TemporaryDirectory directory;
  std::unique_ptr<RocksEventLog> log = open_log(directory.path());
  append_samples(*log, 10);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  std::unique_ptr<LogFollower> follower = follow(directory.path());
  EXPECT_EQ(*follower->reader().last(), log->mark());
  EXPECT_EQ(frames_of(follower->reader()).size(), 10u);
  EXPECT_EQ(follower->reader().identity()->id, log->identity().id);

  append_samples(*log, 10);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  EXPECT_EQ(frames_of(follower->reader()).size(), 10u) << "only refresh() changes what it shows";
  ASSERT_TRUE(follower->refresh());
  EXPECT_EQ(frames_of(follower->reader()).size(), 20u);
  EXPECT_EQ(*follower->reader().last(), log->mark());
}

TEST(LogFollower, ReadsALogWithoutAWriterAndLeavesItAlone) {
  TemporaryDirectory directory;
  {
    std::unique_ptr<RocksEventLog> log = open_log(directory.path());
    append_samples(*log, 10);
  }
  std::vector<std::string> before;
  for (const auto& file : std::filesystem::directory_iterator(directory.path())) {
    before.push_back(file.path());
  }
  std::unique_ptr<LogFollower> follower = follow(directory.path());
  EXPECT_EQ(frames_of(follower->reader()).size(), 10u);
  EXPECT_TRUE(verify_log(follower->columns())->intact());
  std::vector<std::string> after;
  for (const auto& file : std::filesystem::directory_iterator(directory.path())) {
    after.push_back(file.path());
  }
  EXPECT_THAT(after, testing::UnorderedElementsAreArray(before));
}

TEST(LogFollower, ShowsWhatIsNotSyncedOnlyWhenAsked) {
  TemporaryDirectory directory;
  std::unique_ptr<RocksEventLog> log = open_log(directory.path());
  append_samples(*log, 5);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  const LogMark synced = log->mark();
  // As between the write of a frame and its sync.
  FrameToAppend frame = sample_frame(synced.seq + 1);
  frame.new_names = {{3, "provisional"}};
  frame.touched = {1};
  frame.raw = {{1, frame.first_seq, "bytes"}};
  Chain chain = chain_after(synced.chain, frame);
  ASSERT_TRUE(log->columns().put(cells_of(frame, chain), RocksColumns::Sync::No));

  std::unique_ptr<LogFollower> follower = follow(directory.path());
  EXPECT_EQ(*follower->reader().last(), synced);
  EXPECT_EQ(frames_of(follower->reader()).size(), 5u);
  EXPECT_FALSE(*follower->reader().frame_with(frame.first_seq));
  EXPECT_FALSE(*follower->reader().name(3));
  EXPECT_EQ(follower->reader().names()->size(), 2u);
  EXPECT_FALSE(*follower->reader().raw(1, frame.first_seq));
  EXPECT_LT(follower->reader().frames_touching(1)->back(), frame.first_seq);
  EXPECT_TRUE(verify_log(follower->columns())->intact());

  std::unique_ptr<LogFollower> eager = follow(directory.path(), LogReader::Show::Provisional);
  EXPECT_EQ(*eager->reader().last(), (LogMark{frame.first_seq, chain}));
  EXPECT_EQ(**eager->reader().name(3), "provisional");
  EXPECT_EQ(frames_of(eager->reader()).size(), 6u);
}

TEST(LogFollower, LeavesNothingBehind) {
  TemporaryDirectory directory;
  TemporaryDirectory scratch;
  open_log(directory.path());
  {
    Result<std::unique_ptr<LogFollower>> follower =
        LogFollower::open({.directory = directory.path(), .scratch = scratch.path()});
    ASSERT_TRUE(follower);
    EXPECT_FALSE(std::filesystem::is_empty(scratch.path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(LogFollower, WithoutALogSaysSo) {
  TemporaryDirectory directory;
  Result<std::unique_ptr<LogFollower>> none = LogFollower::open({.directory = directory.path()});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::NotFound);
  open_log(directory.path());
  Result<std::unique_ptr<LogFollower>> no_scratch =
      LogFollower::open({.directory = directory.path(), .scratch = directory.path() + "/nowhere"});
  ASSERT_FALSE(no_scratch);
  EXPECT_THAT(no_scratch.error().message, testing::HasSubstr("TMPDIR"));
}

// What the reader read from the write-ahead log before must not hide what the table files say.
TEST(LogFollower, SeesACutThatAFlushBrought) {
  TemporaryDirectory directory;
  std::unique_ptr<RocksEventLog> log = open_log(directory.path());
  append_samples(*log, 20);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  std::unique_ptr<LogFollower> follower = follow(directory.path());
  ASSERT_TRUE(follower);
  const std::uint64_t first_kept = log->next_seq();
  append_samples(*log, 20);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  ASSERT_TRUE(log->cut_before(first_kept, {}));
  ASSERT_TRUE(log->columns().flush());
  ASSERT_TRUE(log->columns().compact());

  ASSERT_TRUE(follower->refresh());
  EXPECT_EQ(*follower->reader().first_seq(), first_kept);
  EXPECT_EQ(*follower->reader().last(), log->mark());
  EXPECT_EQ(frames_of(follower->reader()).size(), 20U);
  Result<Verified> verified = verify_log(follower->columns());
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_TRUE(verified->intact()) << describe(*verified);
  EXPECT_EQ(verified->begin.seq, first_kept - 1);
}

// "try again": the writer of this test flushes without a pause, so a reader on a busy machine may
// be put off. What it must never see is a hole.
bool is_put_off(const Error& error) { return error.message.find("try again") != std::string::npos; }

// Readers come, follow and verify while the writer appends, flushes, compacts and cuts.
TEST(LogFollower, ReadsOnUnderFlushCompactionAndCuts) {
  TemporaryDirectory directory;
  std::unique_ptr<RocksEventLog> log = open_log(directory.path());
  append_samples(*log, 100);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&, i] {
      std::unique_ptr<LogFollower> follower;
      std::uint64_t seen = 0;
      for (int look = 0; !done; ++look) {
        if (!follower || look % 8 == i) {
          auto opened = LogFollower::open({.directory = directory.path()});
          ASSERT_TRUE(opened || is_put_off(opened.error())) << opened.error().message;
          if (!opened) continue;
          follower = std::move(*opened);
        }
        Outcome refreshed = follower->refresh();
        ASSERT_TRUE(refreshed || is_put_off(refreshed.error())) << refreshed.error().message;
        if (!refreshed) {
          follower.reset();
          continue;
        }
        Result<LogMark> last = follower->reader().last();
        ASSERT_TRUE(last) << last.error().message;
        EXPECT_GE(last->seq, seen);
        seen = last->seq;
        Result<Verified> verified = verify_log(follower->columns());
        ASSERT_TRUE(verified) << verified.error().message;
        EXPECT_TRUE(verified->intact()) << describe(*verified);
        EXPECT_EQ(verified->end, *last);
      }
    });
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(4);
  for (int round = 0; std::chrono::steady_clock::now() < end; ++round) {
    append_samples(*log, 50);
    ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
    if (round % 3 == 0) {
      EXPECT_TRUE(log->columns().flush());
    }
    if (round % 10 == 0) {
      EXPECT_TRUE(log->columns().compact());
    }
    if (round % 15 == 14) {
      std::uint64_t first = *log->reader().first_seq();
      std::uint64_t middle = first + (log->synced() - first) / 2;
      EXPECT_TRUE(log->cut_before((*log->reader().frame_with(middle))->first_seq, {}));
    }
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_TRUE(verify_log(log->columns())->intact());
  // When the writer pauses nobody is put off.
  std::unique_ptr<LogFollower> last = follow(directory.path());
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->refresh());
  EXPECT_EQ(last->reader().last()->seq, log->synced());
}

}  // namespace
}  // namespace raycord
