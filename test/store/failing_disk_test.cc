#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/disk.h"
#include "store/layout.h"
#include "store/rocks_event_log.h"
#include "store/verify_log.h"
#include "test/store/faulty_files.h"
#include "test/store/log_fixture.h"

namespace raycord {
namespace {

using testing::HasSubstr;

class FailingDisk : public testing::Test {
 protected:
  std::unique_ptr<RocksEventLog> open_log() {
    Result<std::unique_ptr<RocksEventLog>> log = RocksEventLog::open(
        {.directory = directory_.path(), .ballast_bytes = 1 << 20, .env = env_.get()});
    if (!log) ADD_FAILURE() << log.error().message;
    return log ? std::move(*log) : nullptr;
  }

  TemporaryDirectory directory_;
  Faults faults_;
  std::unique_ptr<rocksdb::Env> env_ = faulty_files(faults_);
};

TEST_F(FailingDisk, OneSyncServesManyFrames) {
  std::unique_ptr<RocksEventLog> log = open_log();
  const std::uint64_t before = faults_.wal_syncs;
  append_samples(*log, 3000);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  EXPECT_EQ(faults_.wal_syncs - before, log->syncs());
  EXPECT_LT(log->syncs(), 1500u);
}

TEST_F(FailingDisk, AFailedSyncIsFinal) {
  LogMark mark;
  {
    std::unique_ptr<RocksEventLog> log = open_log();
    append_samples(*log, 5);
    ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
    mark = log->mark();
    bool heard = false;
    log->set_listener([&] { heard = true; });

    faults_.sync_fails = true;
    append_samples(*log, 1);
    Outcome outcome = log->wait_synced(mark.seq + 1);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::Io);
    EXPECT_THAT(outcome.error().message, HasSubstr(directory_.path()));
    ASSERT_TRUE(log->failure());
    EXPECT_EQ(log->mark(), mark);

    // The disk is well again, but nobody knows what it kept: nothing is written any more.
    faults_.wal_appends_after_fault = 0;
    append_samples(*log, 3);
    EXPECT_FALSE(log->wait_synced(log->next_seq() - 1));
    log->put_checkpoints({"build", 1, log->next_seq() - 1, {{1, "lost"}}, {}});
    EXPECT_FALSE(log->cut_before(2, {}));
    EXPECT_FALSE(log->set_cluster("uid"));
    EXPECT_EQ(log->backlog_bytes(), 0u);
    EXPECT_EQ(faults_.wal_appends_after_fault, 0u);
    log.reset();
    EXPECT_TRUE(heard);
  }
  faults_.sync_fails = false;
  std::unique_ptr<RocksEventLog> log = open_log();
  ASSERT_NE(log, nullptr);
  EXPECT_GE(log->synced(), mark.seq);
  EXPECT_TRUE(verify_log(log->columns())->intact());
}

TEST_F(FailingDisk, AFullDiskEndsTheLogAndSaysWhatItNeeds) {
  LogMark mark;
  {
    std::unique_ptr<RocksEventLog> log = open_log();
    append_samples(*log, 5);
    ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
    faults_.bytes_left = 20'000;
    while (!log->failure()) {
      mark = log->mark();
      std::uint64_t seq = log->next_seq();
      log->append(sample_frame(seq, 1, 1000));
      if (Outcome outcome = log->wait_synced(seq); !outcome) {
        EXPECT_EQ(outcome.error().code, ErrorCode::NoSpace) << outcome.error().message;
        EXPECT_THAT(outcome.error().message, HasSubstr("the volume is full"));
        EXPECT_THAT(outcome.error().message, HasSubstr("its ballast 1 MB"));
        EXPECT_THAT(outcome.error().message, HasSubstr("BALLAST"));
      }
    }
  }
  Result<std::unique_ptr<RocksEventLog>> still_full =
      RocksEventLog::open({.directory = directory_.path(), .env = env_.get()});
  ASSERT_FALSE(still_full);
  EXPECT_EQ(still_full.error().code, ErrorCode::NoSpace) << still_full.error().message;

  // The way out: the ballast goes, the log is opened again and has everything.
  EXPECT_GE(disk_usage(directory_.path())->ballast, 1u << 20);
  ASSERT_TRUE(remove_ballast(directory_.path()));
  EXPECT_EQ(disk_usage(directory_.path())->ballast, 0u);
  faults_.bytes_left = 1 << 20;
  std::unique_ptr<RocksEventLog> log = open_log();
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->mark(), mark);
  EXPECT_TRUE(verify_log(log->columns())->intact());
  append_samples(*log, 3);
  EXPECT_TRUE(log->wait_synced(log->next_seq() - 1));
  EXPECT_GE(disk_usage(directory_.path())->ballast, 1u << 20)
      << "it is put back when there is room";
}

TEST_F(FailingDisk, APowerCutTakesNothingThatWasSynced) {
  for (unsigned cut = 0; cut < 12; ++cut) {
    SCOPED_TRACE("cut " + std::to_string(cut));
    LogMark synced;
    {
      std::unique_ptr<RocksEventLog> log = open_log();
      ASSERT_NE(log, nullptr);
      append_samples(*log, static_cast<int>(10 + 7 * cut));
      ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
      if (cut % 3 == 1) {
        ASSERT_TRUE(log->columns().flush());
      }
      append_samples(*log, 1);
      ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
      synced = log->mark();
      // On its way to the disk when the power goes: written, not synced.
      Chain chain = synced.chain;
      std::uint64_t seq = synced.seq + 1;
      for (int i = 0; i < 5; ++i, ++seq) {
        FrameToAppend frame = sample_frame(seq);
        chain = chain_after(chain, frame);
        ASSERT_TRUE(log->columns().put(cells_of(frame, chain), RocksColumns::Sync::No));
      }
      faults_.power = false;
    }
    forget_unsynced(faults_, cut);
    faults_.power = true;
    Result<std::unique_ptr<RocksEventLog>> log = RocksEventLog::open(
        {.directory = directory_.path(), .witness = synced, .ballast_bytes = 0, .env = env_.get()});
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_LE((*log)->synced(), synced.seq + 5);
    Result<Verified> verified = verify_log((*log)->columns());
    ASSERT_TRUE(verified && verified->intact()) << describe(*verified);
  }
}

TEST(Disk, UsageCountsTheLogAndItsBallastApart) {
  TemporaryDirectory directory;
  std::unique_ptr<RocksEventLog> log =
      std::move(*RocksEventLog::open({.directory = directory.path(), .ballast_bytes = 2 << 20}));
  log->append(sample_frame(1, 1, 3 << 20));
  ASSERT_TRUE(log->wait_synced(1));
  DiskUsage usage = *disk_usage(directory.path());
  EXPECT_GE(usage.log, 3u << 20);
  EXPECT_GE(usage.ballast, 2u << 20);
  EXPECT_LT(usage.ballast, 3u << 20);
  EXPECT_GT(usage.free, 0u);
  EXPECT_FALSE(disk_usage(directory.path() + "/nowhere"));
}

TEST(Disk, NoBallastWhereThereIsNoRoomForIt) {
  TemporaryDirectory directory;
  std::uint64_t free = disk_usage(directory.path())->free;
  ASSERT_TRUE(place_ballast(directory.path(), free));
  EXPECT_FALSE(std::filesystem::exists(directory.path() + "/BALLAST"));
}

}  // namespace
}  // namespace raycord
