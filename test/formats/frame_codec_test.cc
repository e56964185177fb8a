#include "formats/frame_codec.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/formats/codec_samples.h"

namespace raycord {
namespace {

using test::Filler;
using test::for_each_alternative;
using ::testing::ElementsAre;

constexpr Time kAt{Millis{1795457133042}};  // 2026-11-23T18:05:33.042Z
constexpr Seq kFirst{1042};
const PartitionName kLlm{Kind::RayService, "default", "llm"};

Frame frame_of(Fact fact) { return {kFirst, kAt, 3, {{kLlm, std::move(fact)}}, {}}; }

Frame frame_of(Effect effect) {
  Decision decision{kFirst, Rule::StartUpgrade, 2, kLlm, {{7}, {1041}}, std::move(effect)};
  return {kFirst, kAt, 3, {}, {std::move(decision)}};
}

// Through bytes and back, with a table that knows only what the log would know.
Frame through_bytes(const Frame& frame) {
  NameTable names;
  const EncodedFrame encoded = encode_frame(frame, names);
  NameTable read;
  for (const NumberedName& name : encoded.new_names) {
    EXPECT_TRUE(read.add(name.number, name.name));
  }
  EXPECT_EQ(encoded.count, frame.count());
  Result<Frame> decoded = decode_frame(encoded.payload, frame.first, read);
  if (!decoded) {
    ADD_FAILURE() << decoded.error().message;
    return {};
  }
  return std::move(*decoded);
}

void expect_same(const Frame& frame, const Frame& wanted, const std::string& what) {
  SCOPED_TRACE(what);
  EXPECT_EQ(frame.first, wanted.first);
  EXPECT_EQ(frame.at, wanted.at);
  EXPECT_EQ(frame.epoch, wanted.epoch);
  ASSERT_EQ(frame.facts.size(), wanted.facts.size());
  for (std::size_t i = 0; i < wanted.facts.size(); ++i) {
    EXPECT_EQ(frame.facts[i].partition, wanted.facts[i].partition);
    EXPECT_TRUE(frame.facts[i].fact == wanted.facts[i].fact) << "fact " << i;
  }
  ASSERT_EQ(frame.decisions.size(), wanted.decisions.size());
  for (std::size_t i = 0; i < wanted.decisions.size(); ++i) {
    const Decision& got = frame.decisions[i];
    const Decision& want = wanted.decisions[i];
    EXPECT_EQ(got.seq, want.seq);
    EXPECT_EQ(got.rule, want.rule);
    EXPECT_EQ(got.revision, want.revision);
    EXPECT_EQ(got.partition, want.partition);
    EXPECT_EQ(got.causes, want.causes);
    EXPECT_TRUE(got.effect == want.effect) << "decision " << i;
  }
}

// What is not in the log by design comes back empty.
template <class T>
void leave_out_what_the_log_leaves_out(T&) {}
void leave_out_what_the_log_leaves_out(ProbeRun& run) {
  if (run.continued) run.answer = {};
}
void leave_out_what_the_log_leaves_out(WriteServiceStatus& write) {
  write.status = {};
  write.active_cluster.reset();
  write.pending_cluster.reset();
}
void leave_out_what_the_log_leaves_out(WriteClusterStatus& write) { write.status = {}; }

TEST(FrameCodec, BringsBackEveryFactWithAllFieldsSet) {
  int index = 0;
  for_each_alternative(Fact{}, [&](auto fact) {
    Filler().fill(fact);
    leave_out_what_the_log_leaves_out(fact);
    const Frame frame = frame_of(Fact{fact});
    expect_same(through_bytes(frame), frame, "fact alternative " + std::to_string(index++));
  });
}

TEST(FrameCodec, BringsBackEveryFactWithDefaults) {
  int index = 0;
  for_each_alternative(Fact{}, [&](auto fact) {
    const Frame frame = frame_of(Fact{fact});
    expect_same(through_bytes(frame), frame, "fact alternative " + std::to_string(index++));
  });
}

TEST(FrameCodec, BringsBackEveryObjectWithAllFieldsSetAndWithDefaults) {
  int index = 0;
  for_each_alternative(Object{}, [&](auto object) {
    const std::string what = "object alternative " + std::to_string(index++);
    const Frame plain = frame_of(Fact{ObjectSeen{object}});
    expect_same(through_bytes(plain), plain, what + ", defaults");
    Filler().fill(object);
    const Frame full = frame_of(Fact{ObjectSeen{object}});
    expect_same(through_bytes(full), full, what + ", all fields");
  });
}

TEST(FrameCodec, BringsBackEveryEffectWithAllFieldsSet) {
  int index = 0;
  for_each_alternative(Effect{}, [&](auto effect) {
    Filler().fill(effect);
    const Frame written = frame_of(Effect{effect});
    leave_out_what_the_log_leaves_out(effect);
    expect_same(through_bytes(written), frame_of(Effect{effect}),
                "effect alternative " + std::to_string(index++));
  });
}

TEST(FrameCodec, BringsBackEveryEffectWithDefaults) {
  int index = 0;
  for_each_alternative(Effect{}, [&](auto effect) {
    const Frame frame = frame_of(Effect{effect});
    expect_same(through_bytes(frame), frame, "effect alternative " + std::to_string(index++));
  });
}

TEST(FrameCodec, BringsBackARunWithItsAnswer) {
  ProbeRun run;
  Filler().fill(run);
  run.continued = false;
  const Frame frame = frame_of(Fact{run});
  expect_same(through_bytes(frame), frame, "fresh run");
  run.answer = {};
  const Frame empty = frame_of(Fact{run});
  expect_same(through_bytes(empty), empty, "fresh run with an empty answer");
}

TEST(FrameCodec, BringsBackExtremes) {
  ProbeRun run;
  run.continued = true;
  run.first = Time{Millis{std::numeric_limits<std::int64_t>::min()}};
  run.last = Time{Millis{std::numeric_limits<std::int64_t>::max()}};
  run.head_restarts = std::numeric_limits<std::int32_t>::min();
  run.slowest = Millis{-1};
  PodSlice pod;
  pod.replica_index = std::numeric_limits<std::int32_t>::max();
  pod.host_index = std::numeric_limits<std::int32_t>::min();
  WriteDone ahead;
  ahead.decided = {std::numeric_limits<std::uint64_t>::max()};
  Frame frame{{1}, Time{Millis{-5}}, std::numeric_limits<std::uint64_t>::max(), {}, {}};
  frame.facts = {{kLlm, run}, {std::nullopt, ObjectSeen{pod}}, {kLlm, ahead}};
  expect_same(through_bytes(frame), frame, "extremes");
}

TEST(FrameCodec, KeepsTheOrderOfManyFactsAndDecisions) {
  Frame frame{kFirst, kAt, 3, {}, {}};
  for (std::uint64_t i = 0; i < 300; ++i) {
    frame.facts.push_back({std::nullopt, KindCaughtUp{Kind::Pod, i, {i}}});
    WriteDone done;
    done.decided = {i + 1};
    frame.facts.push_back({kLlm, done});
  }
  for (std::uint64_t i = 0; i < 50; ++i) {
    frame.decisions.push_back({frame.decision_seq(i),
                               Rule::ScaleDown,
                               1,
                               kLlm,
                               {frame.fact_seq(i)},
                               LabelPod{"ns", std::to_string(i), "u", true}});
  }
  expect_same(through_bytes(frame), frame, "many");
}

Fact pod_gone(const char* name) {
  return ObjectGone{{Kind::Pod, "a", name}, "u", 5, GoneHow::Watched};
}

TEST(FrameEncoder, GivesTheSameBytesForFactsThatWereAddedBefore) {
  Frame frame = frame_of(pod_gone("added"));
  frame.facts.push_back({std::nullopt, pod_gone("derived in the turn")});
  frame.facts.push_back({kLlm, pod_gone("added, too")});
  frame.facts.push_back({kLlm, DeadlineFired{}});
  frame.decisions.push_back({frame.decision_seq(0),
                             Rule::LabelHead,
                             1,
                             kLlm,
                             {frame.first},
                             LabelPod{"default", "llm-head", "uid-1", true}});
  NameTable names;
  names.number_of(kLlm);
  FrameEncoder encoder(names);
  for (int i = 0; i < 2; ++i) {  // An encoder is used again and again.
    NameTable other;
    other.number_of(kLlm);
    encoder.begin(frame.at);
    for (const std::size_t added : {0, 2}) {
      const Result<Fact> logged = encoder.add(frame.fact_seq(added), frame.facts[added].fact);
      ASSERT_TRUE(logged) << logged.error().message;
      EXPECT_TRUE(*logged == frame.facts[added].fact);
      // Names get their numbers in the order in which facts are encoded.
      encode_frame({frame.first, frame.at, 0, {{std::nullopt, *logged}}, {}}, other);
    }
    const EncodedFrame encoded = encoder.finish(frame);
    const EncodedFrame at_once = encode_frame(frame, other);
    EXPECT_EQ(encoded.payload, at_once.payload);
    EXPECT_EQ(encoded.touched, at_once.touched);
    EXPECT_EQ(encoded.count, 5U);
    EXPECT_EQ(encoded.new_names.size(), i == 0 ? 7U : 0U);
  }
}

TEST(FrameEncoder, ForgetsAFrameThatWasNotFinished) {
  NameTable names;
  FrameEncoder encoder(names);
  encoder.begin(kAt);
  ASSERT_TRUE(encoder.add(kFirst, pod_gone("x")));
  encoder.begin(kAt);
  NameTable other;
  const Frame frame = frame_of(Fact{DeadlineFired{}});
  EXPECT_EQ(encoder.finish(frame).payload.size(), encode_frame(frame, other).payload.size());
}

TEST(FrameEncoder, RefusesAFrameWithoutTheFactsThatWereAdded) {
  NameTable names;
  FrameEncoder encoder(names);
  encoder.begin(kAt);
  ASSERT_TRUE(encoder.add({kFirst.value + 1}, pod_gone("x")));
  EXPECT_THROW(encoder.finish(frame_of(Fact{DeadlineFired{}})), InvariantBroken);
}

TEST(FrameCodec, TouchesPartitionsAndObjectsButNotWhatIsOnlyMentioned) {
  PodSlice pod;
  pod.meta.ns = "default";
  pod.meta.name = "llm-head";
  pod.meta.uid = "uid-1";
  pod.cluster = "llm-x1";
  CreatePod create;
  create.ns = "default";
  create.name = "llm-worker";
  create.cluster = {{Kind::RayCluster, "default", "llm-x1"}, {9}};
  Frame frame = frame_of(Fact{ObjectSeen{pod}});
  frame.decisions.push_back(
      {frame.decision_seq(0), Rule::CreateWorkerPod, 1, kLlm, {frame.first}, create});
  NameTable names;
  const EncodedFrame encoded = encode_frame(frame, names);
  EXPECT_THAT(encoded.touched,
              ElementsAre(names.find("rayservice/default/llm"), names.find("Pod default/llm-head"),
                          names.find("Pod default/llm-worker")));
  EXPECT_NE(names.find("RayCluster default/llm-x1"), 0U);
}

TEST(FrameCodec, AReusedDecoderForgetsTheFrameBefore) {
  NameTable names;
  Filler filler;
  RayServiceSlice service;
  filler.fill(service);
  const EncodedFrame full = encode_frame(frame_of(Fact{ObjectSeen{service}}), names);
  const Frame plain = frame_of(Fact{ObjectSeen{RayServiceSlice{}}});
  const EncodedFrame empty = encode_frame(plain, names);
  FrameDecoder decoder(names);
  Frame frame;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(decoder.decode(full.payload, kFirst, frame));
    ASSERT_TRUE(decoder.decode(empty.payload, kFirst, frame));
    expect_same(frame, plain, "after a full one");
  }
}

TEST(FrameEncoder, RepairsTextThatIsNotUtf8) {
  NameTable names;
  FrameEncoder encoder(names);
  encoder.begin(kAt);
  const Result<Fact> back = encoder.add(kFirst, LeadershipLost{"a\xC3\xA9\xFF\xE2\x82"});
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(std::get<LeadershipLost>(*back).why, "a\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(FrameCodec, RefusesDecisionsWithWrongNumbers) {
  Frame frame = frame_of(Effect{LabelPod{}});
  frame.decisions[0].seq = {5};
  NameTable names;
  EXPECT_THROW(encode_frame(frame, names), InvariantBroken);
}

}  // namespace
}  // namespace raycord
