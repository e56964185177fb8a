#include "replay/replayer.h"

#include <gtest/gtest.h>

#include "core/turn.h"
#include "replay/partition_frames.h"
#include "store/fold_log.h"
#include "test/sim/story.h"

namespace raycord {
namespace {

const PartitionName kLlm{Kind::RayService, "default", "llm"};
const PartitionName kOther{Kind::RayService, "default", "other"};

// Two services, one of them upgraded; both in one log.
std::vector<Frame> recorded_frames() {
  StoryPlayer player;
  for (const char* command :
       {"service llm", "apply", "service other", "apply", "run 40s",
        "set /spec/rayClusterConfig/rayVersion \"2.100.0\"", "apply", "run 100s"}) {
    player.play(command);
  }
  std::vector<Frame> frames;
  const LogReader& reader = player.sim().log().reader();
  const auto names = read_names(reader);
  EXPECT_TRUE(static_cast<bool>(names));
  EXPECT_TRUE(static_cast<bool>(
      visit_decoded(reader, *names, 1, [&](const Frame& frame, const StoredFrame&) {
        frames.push_back(frame);
        return true;
      })));
  return frames;
}

// Frames are made once for all cases of a process.
const std::vector<Frame>& frames() {
  static const std::vector<Frame> kFrames = recorded_frames();
  return kFrames;
}

ReplayReport replay(const std::vector<Frame>& log,
                    std::optional<PartitionName> only = std::nullopt) {
  Replayer replayer(std::move(only));
  for (const Frame& frame : log) replayer.take(frame);
  return replayer.report();
}

// The first decision of a rule in a log.
Decision& first_of(std::vector<Frame>& log, Rule rule) {
  for (Frame& frame : log) {
    for (Decision& decision : frame.decisions) {
      if (decision.rule == rule) return decision;
    }
  }
  throw std::logic_error(std::string("no decision of ") + name_of(rule));
}

TEST(Replay, OfWhatWasJustRecordedIsTheSame) {
  const ReplayReport report = replay(frames());
  EXPECT_EQ(report.diverged, 0U);
  EXPECT_TRUE(report.forked.empty());
  EXPECT_GT(report.decisions, 40U);
  EXPECT_EQ(report.compared, report.decisions);
  EXPECT_EQ(report.partitions.size(), 2U);
}

TEST(Replay, ReportsATamperedDecisionByEventAndField) {
  std::vector<Frame> log = frames();
  Decision& tampered = first_of(log, Rule::StartUpgrade);
  std::get<CreateCluster>(tampered.effect).purpose = Purpose::Failover;
  const ReplayReport report = replay(log);
  ASSERT_EQ(report.diverged, 1U);
  const Divergence& divergence = report.divergences.front();
  EXPECT_EQ(divergence.seq, tampered.seq);
  EXPECT_EQ(divergence.partition, tampered.partition);
  EXPECT_EQ(divergence.rule, Rule::StartUpgrade);
  EXPECT_EQ(divergence.field, "effect.purpose");
  EXPECT_EQ(divergence.expected, "failover");
  EXPECT_EQ(divergence.got, "upgrade");
  EXPECT_FALSE(divergence.forks);
}

TEST(Replay, ReportsOtherCausesOfTheSameEffect) {
  std::vector<Frame> log = frames();
  Decision& tampered = first_of(log, Rule::SwitchServeService);
  tampered.causes.erase(tampered.causes.begin());
  const ReplayReport report = replay(log);
  ASSERT_EQ(report.diverged, 1U);
  EXPECT_EQ(report.divergences.front().field, "causes");
  EXPECT_EQ(report.divergences.front().seq, tampered.seq);
}

TEST(Replay, StopsComparingAPartitionThatWentAnotherWay) {
  std::vector<Frame> log = frames();
  for (Frame& frame : log) {
    std::erase_if(frame.decisions, [](const Decision& decision) {
      return decision.rule == Rule::CreateHeadPod && decision.partition == kLlm;
    });
  }
  const ReplayReport report = replay(log);
  ASSERT_EQ(report.diverged, 1U);
  const Divergence& divergence = report.divergences.front();
  EXPECT_EQ(divergence.field, "decision");
  EXPECT_EQ(divergence.expected, "nothing");
  EXPECT_NE(divergence.got.find("create-head-pod"), std::string::npos);
  EXPECT_TRUE(divergence.forks);
  EXPECT_EQ(report.forked, std::set<PartitionName>{kLlm});
}

TEST(Replay, ReportsADecisionThatThisBuildDoesNotMake) {
  std::vector<Frame> log = frames();
  Decision& moved = first_of(log, Rule::CreateServeService);
  std::get<CreateService>(moved.effect).name = "stray";
  const ReplayReport report = replay(log);
  ASSERT_EQ(report.diverged, 1U);
  EXPECT_EQ(report.divergences.front().field, "effect.name");
  EXPECT_EQ(report.divergences.front().expected, "stray");
  EXPECT_EQ(report.forked.size(), 1U);
}

TEST(Replay, CountsRulesOfAnotherRevisionAsExpectedChanges) {
  std::vector<Frame> log = frames();
  Decision& old = first_of(log, Rule::StartUpgrade);
  old.revision = 7;
  std::get<CreateCluster>(old.effect).attempt = 9;
  const ReplayReport report = replay(log);
  EXPECT_EQ(report.diverged, 0U);
  EXPECT_EQ(report.expected_changes.at(Rule::StartUpgrade), 1U);
}

TEST(Replay, OfOnePartitionComparesItsDecisionsOnly) {
  const ReplayReport all = replay(frames());
  const ReplayReport one = replay(frames(), kLlm);
  EXPECT_EQ(one.diverged, 0U);
  EXPECT_EQ(one.decisions, all.partitions.at(kLlm).decisions);
  EXPECT_LT(one.decisions, all.decisions);
}

TEST(PartitionFrames, FoldAloneToWhatThePartitionIsAmongAll) {
  State whole;
  State llm;
  State other;
  for (const Frame& frame : frames()) {
    fold_frame(whole, frame);
    fold_frame(llm, frame_of_partition(frame, kLlm));
    fold_frame(other, frame_of_partition(frame, kOther));
    for (const auto& [name, partition] : whole.partitions) {
      const State& alone = name == kLlm ? llm : other;
      ASSERT_EQ(digest_of(alone.partitions.at(name)), digest_of(partition))
          << to_text(name) << " at event " << frame.first.value;
    }
  }
  EXPECT_EQ(whole.partitions.size(), 2U);
  EXPECT_EQ(llm.partitions.size(), 1U);
}

TEST(PartitionFrames, AreCutBehindAnEvent) {
  for (const Frame& frame : frames()) {
    if (frame.facts.empty() || frame.decisions.empty()) continue;
    EXPECT_EQ(frame_until(frame, frame.first).facts.size(), 1U);
    EXPECT_TRUE(frame_until(frame, frame.first).decisions.empty());
    EXPECT_EQ(frame_until(frame, frame.decision_seq(0)).facts.size(), frame.facts.size());
    EXPECT_EQ(frame_until(frame, frame.decision_seq(0)).decisions.size(), 1U);
    return;
  }
  FAIL() << "no frame with facts and decisions";
}

}  // namespace
}  // namespace raycord
