#include "store/rocks_event_log.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/disk.h"
#include "store/layout.h"
#include "store/verify_log.h"
#include "test/store/log_fixture.h"
#include "test/store/writer_process.h"

namespace raycord {
namespace {

using testing::HasSubstr;

std::unique_ptr<RocksEventLog> open_log(RocksEventLog::Options options) {
  options.ballast_bytes = 0;
  Result<std::unique_ptr<RocksEventLog>> log = RocksEventLog::open(options);
  if (!log) ADD_FAILURE() << log.error().message;
  return log ? std::move(*log) : nullptr;
}

Error refusal_of(const RocksEventLog::Options& options) {
  Result<std::unique_ptr<RocksEventLog>> log = RocksEventLog::open(options);
  return log ? Error{ErrorCode::InvalidInput, "it opened"} : log.error();
}

// Writes `frames` frames, with a table file or only the write-ahead log, and gives the last mark.
LogMark write_log(const std::string& directory, int frames) {
  std::unique_ptr<RocksEventLog> log = open_log({.directory = directory});
  append_samples(*log, frames);
  EXPECT_TRUE(log->wait_synced(log->next_seq() - 1));
  return log->mark();
}

// The newest write-ahead log with something in it.
std::string wal_of(const std::string& directory) {
  std::vector<std::string> logs;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() == ".log" && file.file_size() > 0) logs.push_back(file.path());
  }
  std::sort(logs.begin(), logs.end());
  return logs.empty() ? "" : logs.back();
}

void flip_byte(const std::string& path, std::uint64_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  char byte = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 0x10));
}

TEST(RocksEventLog, GoesOnWhereItStoppedWhenOpenedAgain) {
  TemporaryDirectory directory;
  LogMark mark = write_log(directory.path(), 20);
  std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path(), .witness = mark});
  EXPECT_EQ(log->mark(), mark);
  EXPECT_EQ(log->next_seq(), mark.seq + 1);
  EXPECT_EQ(frames_of(log->reader()).size(), 20u);
  append_samples(*log, 5);
  FrameToAppend named = sample_frame(log->next_seq());
  named.new_names = {{3, "numbers go on, too"}};
  log->append(named);
  ASSERT_TRUE(log->wait_synced(named.first_seq));
  EXPECT_TRUE(verify_log(log->columns())->intact());
}

TEST(RocksEventLog, WritesWhatWaitsWhenItEnds) {
  TemporaryDirectory directory;
  {
    std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path()});
    append_samples(*log, 200);
  }
  EXPECT_EQ(frames_of(open_log({.directory = directory.path()})->reader()).size(), 200u);
}

TEST(RocksEventLog, SyncsFramesThatWaitTogether) {
  TemporaryDirectory directory;
  std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path()});
  append_samples(*log, 2000);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  EXPECT_LT(log->syncs(), 1000u);
  EXPECT_GE(log->syncs(), 1u);
  EXPECT_EQ(frames_of(log->reader()).size(), 2000u);
}

TEST(RocksEventLog, IsForItsOwnerOnly) {
  TemporaryDirectory parent;
  const std::string directory = parent.path() + "/deep/log";
  std::unique_ptr<RocksEventLog> log =
      std::move(*RocksEventLog::open({.directory = directory, .ballast_bytes = 4096}));
  append_samples(*log, 3);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  ASSERT_TRUE(log->columns().flush());
  struct stat status {};
  ASSERT_EQ(stat(directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    ASSERT_EQ(stat(file.path().c_str(), &status), 0);
    if (file.path().filename() == "LOCK") continue;  // Always empty.
    EXPECT_EQ(status.st_mode & 0077, 0u) << file.path();
  }
}

TEST(RocksEventLog, IsRefusedWhileAnotherOneHasIt) {
  TemporaryDirectory directory;
  std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path()});
  Error here = refusal_of({.directory = directory.path()});
  EXPECT_EQ(here.code, ErrorCode::InUse);
  EXPECT_THAT(here.message, HasSubstr(directory.path()));
}

TEST(RocksEventLog, IsRefusedWhileAnotherProcessHasIt) {
  TemporaryDirectory directory;
  WriterProcess writer(directory.path(), 1);
  std::optional<LogMark> mark = writer.next_mark();
  ASSERT_TRUE(mark);
  Error refusal = refusal_of({.directory = directory.path()});
  EXPECT_EQ(refusal.code, ErrorCode::InUse) << refusal.message;
  EXPECT_THAT(refusal.message, HasSubstr(directory.path()));
  EXPECT_TRUE(writer.kill());
  EXPECT_NE(open_log({.directory = directory.path(), .witness = mark}), nullptr)
      << "a lock dies with its process";
}

TEST(RocksEventLog, BelongsToOneCluster) {
  TemporaryDirectory directory;
  open_log({.directory = directory.path()});
  {
    std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path()});
    EXPECT_EQ(log->identity().cluster, "");
    ASSERT_TRUE(log->set_cluster("uid-1"));
    EXPECT_TRUE(log->set_cluster("uid-1"));
    Outcome other = log->set_cluster("uid-2");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::InvalidInput);
  }
  Error refusal = refusal_of({.directory = directory.path(), .cluster = "uid-2"});
  EXPECT_THAT(refusal.message, HasSubstr("belongs to the cluster uid-1, not to uid-2"));
  std::unique_ptr<RocksEventLog> log =
      open_log({.directory = directory.path(), .cluster = "uid-1"});
  EXPECT_EQ(log->identity().cluster, "uid-1");
}

TEST(RocksEventLog, KeepsItsIdentity) {
  TemporaryDirectory directory;
  Time created = *from_rfc3339("2026-11-23T18:05:33.042Z");
  LogId id = open_log({.directory = directory.path(), .now = created})->identity().id;
  std::unique_ptr<RocksEventLog> log =
      open_log({.directory = directory.path(), .now = created + Millis(1)});
  EXPECT_EQ(log->identity().id, id);
  EXPECT_EQ(log->identity().created, created);
  TemporaryDirectory other;
  EXPECT_NE(open_log({.directory = other.path()})->identity().id, id);
}

TEST(RocksEventLog, OfANewerFormatIsRefused) {
  TemporaryDirectory directory;
  write_log(directory.path(), 3);
  {
    auto columns = std::move(*RocksColumns::open({.directory = directory.path()}, false));
    ASSERT_TRUE(
        columns->put({{Column::Meta, std::string(kMetaFormat), "\x02"}}, RocksColumns::Sync::Yes));
  }
  Error refusal = refusal_of({.directory = directory.path()});
  EXPECT_EQ(refusal.code, ErrorCode::Unsupported);
  EXPECT_THAT(refusal.message, HasSubstr("format 2"));
}

TEST(RocksEventLog, IsNotCreatedByMistake) {
  TemporaryDirectory directory;
  Error refusal = refusal_of({.directory = directory.path() + "/typo", .create_if_missing = false});
  EXPECT_EQ(refusal.code, ErrorCode::NotFound);
  EXPECT_FALSE(std::filesystem::exists(directory.path() + "/typo"));
}

TEST(RocksEventLog, ATornTailIsDroppedWithoutAWord) {
  TemporaryDirectory directory;
  std::vector<StoredFrame> frames;
  {
    std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path()});
    for (int i = 0; i < 12; ++i) {
      append_samples(*log, 1);
      ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
    }
    frames = frames_of(log->reader());
  }
  std::size_t survivors = frames.size();
  for (std::uint64_t torn : {1, 90, 200, 333, 700, 1200}) {
    TemporaryDirectory copy;
    std::filesystem::copy(directory.path(), copy.path());
    const std::string wal = wal_of(copy.path());
    std::filesystem::resize_file(wal, std::filesystem::file_size(wal) - torn);
    std::unique_ptr<RocksEventLog> log = open_log({.directory = copy.path()});
    ASSERT_NE(log, nullptr) << torn;
    std::size_t found = frames_of(log->reader()).size();
    EXPECT_LE(found, survivors) << "of a shorter log no more is left; " << torn;
    survivors = found;
    ASSERT_GE(found, 1u);
    EXPECT_EQ(log->mark(), frames[found - 1].mark());
    Result<Verified> verified = verify_log(log->columns());
    EXPECT_TRUE(verified->intact()) << describe(*verified);
    append_samples(*log, 1);
    EXPECT_TRUE(log->wait_synced(log->next_seq() - 1));
  }
  EXPECT_LT(survivors, frames.size() - 3) << "the last cuts took whole frames";
}

class LostFrames : public testing::Test {
 protected:
  // A log whose write-ahead log was damaged in the middle: what lies behind is gone.
  void SetUp() override {
    for (int session = 0; session < 2; ++session) {
      std::unique_ptr<RocksEventLog> log = open_log({.directory = directory_.path()});
      for (int i = 0; i < 20; ++i) {
        append_samples(*log, 1);
        ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
      }
      witness_ = log->mark();
    }
    const std::string wal = wal_of(directory_.path());
    flip_byte(wal, std::filesystem::file_size(wal) / 2);
  }

  TemporaryDirectory directory_;
  LogMark witness_;
};

TEST_F(LostFrames, AreRefusedWithBothNumbers) {
  Error refusal = refusal_of({.directory = directory_.path(), .witness = witness_});
  EXPECT_EQ(refusal.code, ErrorCode::Corrupt);
  EXPECT_THAT(refusal.message, HasSubstr("event " + std::to_string(witness_.seq) + " was synced"));
  EXPECT_THAT(refusal.message, HasSubstr("it ends at event "));
  EXPECT_THAT(refusal.message, HasSubstr("raycord log accept-loss"));
}

TEST_F(LostFrames, AreAcceptedOnceAndNumbersAreNotUsedAgain) {
  RocksEventLog::Options options{.directory = directory_.path(), .witness = witness_};
  Result<LossReceipt> receipt = RocksEventLog::accept_loss(options);
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->witness, witness_);
  EXPECT_LT(receipt->found.seq, witness_.seq);
  EXPECT_GT(receipt->resumes, witness_.seq);

  std::unique_ptr<RocksEventLog> log = open_log(options);
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->next_seq(), receipt->resumes);
  EXPECT_TRUE(verify_log(log->columns())->intact());
  append_samples(*log, 4);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  Result<Verified> verified = verify_log(log->columns());
  EXPECT_TRUE(verified->intact()) << describe(*verified);
  EXPECT_EQ(log->reader().losses()->size(), 1u);
  LogMark end = log->mark();
  log.reset();

  log = open_log({.directory = directory_.path(), .witness = end});
  EXPECT_EQ(log->mark(), end);
  EXPECT_EQ(frames_of(log->reader()).back().mark(), end);
  log.reset();
  EXPECT_FALSE(RocksEventLog::accept_loss({.directory = directory_.path(), .witness = end}));
}

TEST(RocksEventLog, AnotherHistoryIsNotTheWitnessedOne) {
  TemporaryDirectory directory;
  LogMark mark = write_log(directory.path(), 10);
  mark.chain.bytes[3] ^= 1;
  RocksEventLog::Options options{.directory = directory.path(), .witness = mark};
  EXPECT_THAT(refusal_of(options).message, HasSubstr("another history"));
  EXPECT_THAT(refusal_of(options).message, HasSubstr(mark.chain.hex()));
  ASSERT_TRUE(RocksEventLog::accept_loss(options));
  EXPECT_NE(open_log(options), nullptr);
}

TEST(RocksEventLog, AWitnessInMidLogIsFound) {
  TemporaryDirectory directory;
  LogMark early = write_log(directory.path(), 10);
  write_log(directory.path(), 10);
  EXPECT_NE(open_log({.directory = directory.path(), .witness = early}), nullptr);
  LogMark middle = early;
  --middle.seq;
  EXPECT_THAT(refusal_of({.directory = directory.path(), .witness = middle}).message,
              HasSubstr("another history"));
}

TEST(RocksEventLog, ADamagedTailIsRefusedAndCutBehindItsLastGoodFrame) {
  TemporaryDirectory directory;
  write_log(directory.path(), 10);
  std::vector<StoredFrame> frames;
  {
    std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path()});
    frames = frames_of(log->reader());
    const std::string key = frame_key(frames[6].first_seq);
    std::string value = **log->columns().get(Column::Frames, key);
    value.back() ^= 1;
    ASSERT_TRUE(log->columns().put({{Column::Frames, key, value}}, RocksColumns::Sync::Yes));
  }
  Error refusal = refusal_of({.directory = directory.path()});
  EXPECT_EQ(refusal.code, ErrorCode::Corrupt);
  EXPECT_THAT(refusal.message,
              HasSubstr("good up to event " + std::to_string(frames[5].last_seq())));
  Result<LossReceipt> receipt = RocksEventLog::accept_loss({.directory = directory.path()});
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->found, frames[5].mark());
  std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path()});
  ASSERT_NE(log, nullptr);
  append_samples(*log, 3);
  ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
  EXPECT_EQ(frames_of(log->reader()).size(), 9u);
  Result<Verified> verified = verify_log(log->columns());
  EXPECT_TRUE(verified->intact()) << describe(*verified);
}

TEST(RocksEventLog, ACutLeavesAReceiptAndAVerifiableRest) {
  TemporaryDirectory directory;
  LogMark before;
  {
    std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path()});
    append_samples(*log, 30);
    ASSERT_TRUE(log->wait_synced(log->next_seq() - 1));
    std::vector<StoredFrame> frames = frames_of(log->reader());
    before = frames[9].mark();
    ASSERT_GT(frames[8].count, 1u);
    EXPECT_FALSE(log->cut_before(frames[8].last_seq(), {})) << "in the middle of a frame";
    EXPECT_FALSE(log->cut_before(log->next_seq(), {})) << "nothing would be left";
    ASSERT_TRUE(log->cut_before(before.seq + 1, Time(Millis(77))));
    EXPECT_EQ(*log->reader().first_seq(), before.seq + 1);
  }
  std::unique_ptr<RocksEventLog> log = open_log({.directory = directory.path(), .witness = before});
  EXPECT_EQ(frames_of(log->reader()).size(), 20u);
  Result<std::vector<CutReceipt>> cuts = log->reader().cuts();
  ASSERT_EQ(cuts->size(), 1u);
  EXPECT_EQ(cuts->front().before, before);
  EXPECT_EQ(cuts->front().at, Time(Millis(77)));
  Result<Verified> verified = verify_log(log->columns());
  EXPECT_TRUE(verified->intact()) << describe(*verified);
  EXPECT_EQ(verified->begin, before);
  EXPECT_FALSE(*log->reader().frame_with(1));
}

}  // namespace
}  // namespace raycord
