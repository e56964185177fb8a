#include "operator/loop.h"

#include <gtest/gtest.h>

#include "operator/limits.h"
#include "store/fold_log.h"
#include "store/memory_event_log.h"
#include "store/rocks_event_log.h"
#include "test/adapters/temp_folder.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart{std::chrono::seconds(1'772'438'400)};

RayServiceSlice service(const std::string& name, std::uint64_t version) {
  RayServiceSlice slice;
  slice.meta.ns = "default";
  slice.meta.name = name;
  slice.meta.uid = "uid-" + name;
  slice.meta.version = version;
  slice.meta.generation = 1;
  return slice;
}

Report seen(const RayServiceSlice& slice) {
  return {ObjectSeen{slice}, R"({"metadata":{"name":")" + slice.meta.name + R"("}})"};
}

class LoopTest : public testing::Test {
 protected:
  LoopTest() {
    loop_.set_frame_listener(
        [this](const Frame& frame, const State&) { frames_.push_back(frame); });
  }

  // As an operator begins that leads and has seen all there is.
  void begin_leading() {
    loop_.begin(now_, Started{});
    std::vector<Report> reports = {{LeadershipGained{1}, ""}};
    for (const Kind kind :
         {Kind::RayService, Kind::RayCluster, Kind::Service, Kind::Pod, Kind::EndpointSlice,
          Kind::ServiceAccount, Kind::Role, Kind::RoleBinding}) {
      reports.push_back({KindListed{kind, 1, loop_.state().last}, ""});
    }
    loop_.take(now_, std::move(reports));
    log_.sync();
    loop_.release(log_.synced());
    frames_.clear();
  }

  Time now_ = kStart;
  MemoryEventLog log_{{.created = kStart, .manual_sync = true}};
  Loop loop_{log_, FoldedLog()};
  std::vector<Frame> frames_;
};

TEST_F(LoopTest, BeginsANewLogWithoutAGap) {
  loop_.begin(now_, Started{});
  ASSERT_EQ(frames_.size(), 1U);
  ASSERT_EQ(frames_[0].facts.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Started>(frames_[0].facts[0].fact));
}

TEST_F(LoopTest, BeginsAnotherRunWithTheGapSinceTheLast) {
  loop_.begin(now_, Started{});
  log_.sync();
  auto folded = fold_log(log_.reader());
  ASSERT_TRUE(folded);
  Loop next(log_, std::move(*folded));
  std::vector<Frame> frames;
  next.set_frame_listener([&](const Frame& frame, const State&) { frames.push_back(frame); });
  next.begin(now_ + 90s, Started{}, {GapCause::OtherLeader, now_ + 60s});
  ASSERT_EQ(frames.size(), 1U);
  ASSERT_EQ(frames[0].facts.size(), 2U);
  const auto* gap = std::get_if<Gap>(&frames[0].facts[0].fact);
  ASSERT_NE(gap, nullptr);
  EXPECT_EQ(*gap, (Gap{now_, now_ + 90s, GapCause::OtherLeader}));
}

TEST_F(LoopTest, BeginsANewLogAfterAnotherLeaderWithTheGapSinceThen) {
  loop_.begin(now_, Started{}, {GapCause::OtherLeader, now_ - 60s});
  ASSERT_EQ(frames_.size(), 1U);
  ASSERT_EQ(frames_[0].facts.size(), 2U);
  EXPECT_EQ(std::get<Gap>(frames_[0].facts[0].fact),
            (Gap{now_ - 60s, now_, GapCause::OtherLeader}));
}

TEST_F(LoopTest, TheClockOfAnotherLeaderMayBeAhead) {
  loop_.begin(now_, Started{}, {GapCause::OtherLeader, now_ + 60s});
  EXPECT_EQ(std::get<Gap>(frames_[0].facts[0].fact), (Gap{now_, now_, GapCause::OtherLeader}));
}

TEST_F(LoopTest, GoesOnAfterAnAcceptedLossWithAGapThatSaysSo) {
  const TempFolder folder;
  RocksEventLog::Options options;
  options.directory = folder.path("log");
  LogMark synced;
  {
    auto log = RocksEventLog::open(options);
    ASSERT_TRUE(log);
    Loop first(**log, FoldedLog());
    first.begin(now_, Started{});
    ASSERT_TRUE((*log)->wait_synced(1));
    synced = (*log)->mark();
  }
  options.witness = LogMark{synced.seq + 50, synced.chain};
  const auto receipt = RocksEventLog::accept_loss(options);
  ASSERT_TRUE(receipt) << receipt.error().message;
  auto log = RocksEventLog::open(options);
  ASSERT_TRUE(log) << log.error().message;
  auto folded = fold_log((*log)->reader());
  ASSERT_TRUE(folded);
  Loop loop(**log, std::move(*folded));
  std::vector<Frame> frames;
  loop.set_frame_listener([&](const Frame& frame, const State&) { frames.push_back(frame); });
  loop.begin(now_ + 90s, Started{});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].first.value, receipt->resumes);
  EXPECT_EQ(std::get<Gap>(frames[0].facts[0].fact), (Gap{now_, now_ + 90s, GapCause::LogLost}));
  ASSERT_TRUE((*log)->wait_synced(receipt->resumes + 1));
  EXPECT_TRUE(fold_log((*log)->reader()));
}

TEST_F(LoopTest, MakesOneFrameOfWhatArrivedTogether) {
  begin_leading();
  loop_.take(now_, {seen(service("a", 5)), seen(service("b", 6))});
  ASSERT_EQ(frames_.size(), 1U);
  EXPECT_EQ(frames_[0].facts.size(), 2U);
  EXPECT_EQ(log_.waiting_frames(), 1U);
}

// The watch tells of the end before the answer to the write that caused it.
TEST_F(LoopTest, DoesNotReviveWhatWentByWhatArrivedTogether) {
  begin_leading();
  loop_.take(now_, {seen(service("a", 5))});
  RayServiceSlice last = service("a", 6);
  last.meta.deleting_since = now_;
  const Report gone = {
      ObjectGone{{Kind::RayService, last.meta.ns, "a"}, last.meta.uid, 7, GoneHow::Watched}, ""};
  loop_.take(now_, {seen(last), gone, seen(last)});
  const PartitionName home{Kind::RayService, last.meta.ns, "a"};
  EXPECT_EQ(frames_.back().facts.size(), 2U);
  EXPECT_FALSE(loop_.state().partitions.at(home).service);
  // Another of the same name is another.
  RayServiceSlice next = service("a", 9);
  next.meta.uid = "uid-of-the-next";
  loop_.take(now_, {seen(service("a", 8)), gone, seen(next)});
  ASSERT_TRUE(loop_.state().partitions.at(home).service);
  EXPECT_EQ(loop_.state().partitions.at(home).service->value.meta.uid, "uid-of-the-next");
}

TEST_F(LoopTest, BoundsWhatOneTurnTakes) {
  begin_leading();
  std::vector<Report> reports;
  for (std::size_t i = 0; i < kReportsPerTurn + 1; ++i) {
    reports.push_back({Unreadable{"watch Pod default", "test", i, Hash{}}, ""});
  }
  loop_.take(now_, std::move(reports));
  ASSERT_EQ(frames_.size(), 2U);
  EXPECT_EQ(frames_[0].facts.size(), kReportsPerTurn);
  EXPECT_EQ(frames_[1].facts.size(), 1U);
}

TEST_F(LoopTest, KeepsWhatItBelievesWhenAWatchTellsOldStories) {
  begin_leading();
  RayServiceSlice earlier = service("a", 5);
  earlier.meta.uid = "earlier";
  loop_.take(now_, {seen(service("a", 9))});
  frames_.clear();
  loop_.take(now_,
             {seen(earlier),
              {ObjectGone{{Kind::RayService, "default", "a"}, "earlier", 6, GoneHow::Watched}, ""},
              seen(service("a", 8)),
              seen(service("a", 9))});
  EXPECT_TRUE(frames_.empty());
  const auto& partition = loop_.state().partitions.at({Kind::RayService, "default", "a"});
  ASSERT_TRUE(partition.service);
  EXPECT_EQ(partition.service->value.meta.uid, "uid-a");
}

TEST_F(LoopTest, TakesInWhatARestoredWorldShows) {
  begin_leading();
  loop_.take(now_, {seen(service("a", 9))});
  frames_.clear();
  loop_.take(now_, {{WorldRestored{Kind::RayService, 9, 6}, ""}, seen(service("a", 5))});
  ASSERT_EQ(frames_.size(), 1U);
  EXPECT_EQ(frames_[0].facts.size(), 2U);
  const auto& partition = loop_.state().partitions.at({Kind::RayService, "default", "a"});
  EXPECT_EQ(partition.service->value.meta.version, 5U);
}

TEST_F(LoopTest, TakesNoTurnForNothing) {
  begin_leading();
  loop_.take(now_, {});
  EXPECT_TRUE(frames_.empty());
}

TEST_F(LoopTest, DropsWhatIsNoNews) {
  begin_leading();
  loop_.take(now_, {seen(service("a", 5))});
  frames_.clear();
  loop_.take(now_, {seen(service("a", 5))});
  EXPECT_TRUE(frames_.empty());
}

TEST_F(LoopTest, ReleasesADecisionOnceAndOnlyWhenItIsSynced) {
  begin_leading();
  loop_.take(now_, {seen(service("a", 5))});
  ASSERT_FALSE(frames_.empty());
  ASSERT_FALSE(frames_[0].decisions.empty());
  EXPECT_TRUE(loop_.release(log_.synced()).decisions.empty());
  log_.sync();
  const Loop::Released released = loop_.release(log_.synced());
  ASSERT_EQ(released.decisions.size(), frames_[0].decisions.size());
  EXPECT_EQ(released.decisions[0].seq, frames_[0].decisions[0].seq);
  EXPECT_TRUE(loop_.release(log_.synced()).decisions.empty());
}

TEST_F(LoopTest, WithdrawsWhatIsNoLongerWantedWhenItIsSynced) {
  begin_leading();
  loop_.take(now_, {seen(service("a", 5))});
  ASSERT_FALSE(frames_.at(0).decisions.empty());
  const Seq decided = frames_[0].decisions[0].seq;
  loop_.take(now_, {{LeadershipLost{"test"}, ""}});
  log_.sync();
  Loop::Released released = loop_.release(log_.synced());
  EXPECT_TRUE(released.decisions.empty());
  ASSERT_FALSE(released.withdrawn.empty());
  const auto* outcome = std::get_if<WriteDone>(&released.withdrawn[0].fact);
  ASSERT_NE(outcome, nullptr);
  EXPECT_EQ(outcome->result, WriteResult::Withdrawn);
  EXPECT_EQ(outcome->decided, decided);
}

TEST_F(LoopTest, KeepsTheObservedBytesAtTheirEvent) {
  begin_leading();
  loop_.take(now_, {seen(service("a", 5))});
  log_.sync();
  const std::uint32_t number = loop_.number_of({Kind::RayService, "default", "a"});
  ASSERT_NE(number, 0U);
  const auto raw = log_.raw(number, frames_.at(0).fact_seq(0).value);
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->value_or(""), R"({"metadata":{"name":"a"}})");
}

TEST_F(LoopTest, LeavesALogThatFoldsToItsState) {
  begin_leading();
  loop_.take(now_, {seen(service("a", 5)), seen(service("b", 6))});
  log_.sync();
  const auto folded = fold_log(log_.reader());
  ASSERT_TRUE(folded);
  EXPECT_EQ(digest_of(folded->state), digest_of(loop_.state()));
}

// Only what came after the checkpoint is folded, and the state is the same.
TEST_F(LoopTest, BeginsAgainFromItsCheckpoint) {
  Loop loop(log_, std::move(*fold_log(log_.reader(), Checkpoints("build"))));
  loop.begin(now_, Started{});
  loop.take(now_, {{LeadershipGained{1}, ""}, seen(service("a", 5))});
  loop.checkpoint();
  loop.take(now_, {seen(service("b", 6))});
  log_.sync();
  const auto folded = fold_log(log_.reader(), Checkpoints("build"));
  ASSERT_TRUE(folded);
  EXPECT_EQ(folded->frames, 1U);
  EXPECT_EQ(digest_of(folded->state), digest_of(loop.state()));
}

}  // namespace
}  // namespace raycord
