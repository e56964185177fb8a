#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "store/rocks_event_log.h"
#include "store/verify_log.h"
#include "test/store/log_fixture.h"
#include "test/store/writer_process.h"

namespace raycord {
namespace {

// Lets a writer sync some groups, and perhaps a little more, and kills it. Gives its last report.
LogMark run_and_kill(const std::string& directory, unsigned seed) {
  WriterProcess writer(directory, seed);
  std::mt19937 random(seed);
  LogMark last;
  auto groups = 1 + random() % 30;
  for (; groups > 0; --groups) {
    std::optional<LogMark> mark = writer.next_mark();
    if (!mark) break;
    last = *mark;
  }
  if (random() % 2 == 0) usleep(static_cast<useconds_t>(random() % 3000));
  EXPECT_TRUE(writer.kill()) << "the writer ended by itself";
  while (std::optional<LogMark> mark = writer.next_mark()) last = *mark;
  return last;
}

void check_payloads(const LogReader& reader) {
  int wrong = 0;
  Outcome read = reader.visit_frames(1, [&](const StoredFrame& frame) {
    if (frame.payload != sample_payload(frame.first_seq)) ++wrong;
    return true;
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(wrong, 0) << "frames hold what nobody appended";
}

TEST(KilledWriter, LosesNothingThatItReportedAsSynced) {
  constexpr int kKills = 50;
  constexpr std::chrono::seconds kLimit{120};
  const auto start = std::chrono::steady_clock::now();
  TemporaryDirectory directory;
  std::uint64_t before = 0;
  int kills = 0;
  for (; kills < kKills && std::chrono::steady_clock::now() - start < kLimit; ++kills) {
    SCOPED_TRACE("kill " + std::to_string(kills));
    LogMark reported = run_and_kill(directory.path(), static_cast<unsigned>(kills));
    ASSERT_GT(reported.seq, before) << "each writer comes further";
    Result<std::unique_ptr<RocksEventLog>> log = RocksEventLog::open(
        {.directory = directory.path(), .witness = reported, .ballast_bytes = 0});
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_GE((*log)->synced(), reported.seq);
    before = (*log)->synced();
    if (kills % 10 != 9) continue;
    Result<Verified> verified = verify_log((*log)->columns());
    ASSERT_TRUE(verified && verified->intact()) << describe(*verified);
    check_payloads((*log)->reader());
  }
  EXPECT_EQ(kills, kKills) << "the machine was too slow for all kills";
}

}  // namespace
}  // namespace raycord
