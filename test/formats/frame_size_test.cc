// What a frame costs. The bounds are the promise of a small log: an unchanged minute of probes and
// a status write, in a log with some thousand names, where a name's number takes two bytes.

#include <string>

#include <gtest/gtest.h>

#include "formats/frame_codec.h"

namespace raycord {
namespace {

constexpr Time kAt{Millis{1795457133042}};
constexpr const char* kUid = "6f1c2a4e-53a1-4a0b-8f4c-0c9b1b0f8d11";
const PartitionName kLlm{Kind::RayService, "production", "llm"};

class FrameSize : public ::testing::Test {
 protected:
  FrameSize() {
    for (int i = 0; i < 3000; ++i) names_.number_of_text("uid-" + std::to_string(i));
  }

  // The second time: names are paid once.
  std::size_t size_of(const Frame& frame) {
    encode_frame(frame, names_);
    const EncodedFrame encoded = encode_frame(frame, names_);
    EXPECT_TRUE(encoded.new_names.empty());
    return encoded.payload.size();
  }

  Frame empty_frame() const { return {{5'000'000}, kAt, 12, {}, {}}; }

  NameTable names_;
};

// An on-time minute: 30 answers, the last one just now.
ProbeRun unchanged_minute() {
  ProbeRun run;
  run.ns = "production";
  run.cluster = "llm-raycluster-x7k2p";
  run.head_uid = kUid;
  run.first = kAt - Millis{59'970};
  run.last = kAt - Millis{3};
  run.count = 30;
  run.slowest = Millis{41};
  run.continued = true;
  return run;
}

TEST_F(FrameSize, AnUnchangedMinuteOfProbesIsTiny) {
  Frame frame = empty_frame();
  const std::size_t nothing = size_of(frame);
  frame.facts.push_back({kLlm, unchanged_minute()});
  const std::size_t one = size_of(frame);
  EXPECT_LE(one, 32U) << "a whole frame";
  EXPECT_LE(one - nothing, 20U) << "one more run";
  for (int i = 0; i < 99; ++i) frame.facts.push_back(frame.facts[0]);
  EXPECT_LE(size_of(frame), 10U + 100 * 20U);
}

TEST_F(FrameSize, AStatusWriteAndItsOutcomeAreSmall) {
  const std::size_t nothing = size_of(empty_frame());
  WriteServiceStatus write;
  write.ns = "production";
  write.name = "llm";
  write.uid = kUid;
  write.version = 123'456'789;
  write.content = {0x9e3779b97f4a7c15};
  write.status.service_status = "Running";  // Not in the log.
  Frame decided = empty_frame();
  decided.decisions.push_back(
      {decided.first, Rule::WriteServiceStatus, 1, kLlm, {{4'999'000}, {4'999'998}}, write});
  WriteDone done;
  done.decided = {4'999'990};
  done.status = 200;
  done.version = 123'456'790;
  done.sent = {0x9e3779b97f4a7c15};
  Frame outcome = empty_frame();
  outcome.facts.push_back({kLlm, done});
  EXPECT_LE(size_of(decided) - nothing, 48U);
  EXPECT_LE(size_of(outcome) - nothing, 36U);
}

TEST_F(FrameSize, APodSeenIsSmall) {
  PodSlice pod;
  pod.meta = {"production",
              "llm-raycluster-x7k2p-gpu-worker-8dk2x",
              kUid,
              123'456'789,
              0,
              kAt,
              std::nullopt,
              {"RayCluster", "llm-raycluster-x7k2p", kUid},
              "x7k2p:4999123"};
  pod.cluster = "llm-raycluster-x7k2p";
  pod.node_type = NodeType::Worker;
  pod.group = "gpu";
  pod.phase = PodPhase::Running;
  pod.ip = "10.244.113.207";
  pod.node = "ip-10-0-113-7.eu-central-1.compute.internal";
  pod.has_ready_condition = true;
  pod.ready = true;
  pod.ray_started = kAt;
  Frame frame = empty_frame();
  frame.facts.push_back({kLlm, ObjectSeen{pod}});
  EXPECT_LE(size_of(frame), 120U);
}

}  // namespace
}  // namespace raycord
