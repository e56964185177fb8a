#include <cstdint>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/frame_codec.h"
#include "formats/log.pb.h"
#include "test/formats/codec_samples.h"

namespace raycord {
namespace {

namespace wire = raycord::log::v1;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Seq kFirst{1042};

Error error_of(const wire::Frame& frame, const NameTable& names) {
  const Result<Frame> decoded = decode_frame(frame.SerializeAsString(), kFirst, names);
  EXPECT_FALSE(decoded);
  return decoded ? Error{} : decoded.error();
}

// Every fact and effect in one frame.
Frame full_frame() {
  Frame frame{kFirst, Time{Millis{1795457133042}}, 3, {}, {}};
  const PartitionName partition{Kind::RayService, "default", "llm"};
  test::Filler filler;
  test::for_each_alternative(Fact{}, [&](auto fact) {
    filler.fill(fact);
    frame.facts.push_back({partition, Fact{fact}});
  });
  test::for_each_alternative(Object{}, [&](auto object) {
    filler.fill(object);
    frame.facts.push_back({partition, ObjectSeen{object}});
  });
  test::for_each_alternative(Effect{}, [&](auto effect) {
    filler.fill(effect);
    frame.decisions.push_back({frame.decision_seq(frame.decisions.size()),
                               Rule::StartUpgrade,
                               1,
                               partition,
                               {{5}, {6}},
                               Effect{effect}});
  });
  return frame;
}

TEST(FrameDamage, NeverCrashesTheDecoder) {
  NameTable names;
  const std::string payload = encode_frame(full_frame(), names).payload;
  FrameDecoder decoder(names);
  Frame frame;
  ASSERT_TRUE(decoder.decode(payload, kFirst, frame));

  std::mt19937 random(20261123);  // A seed, so that a failure comes again.
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = payload;
    if (round % 4 == 0) damaged.resize(random() % damaged.size());
    for (std::uint32_t bytes = 1 + random() % 4; bytes > 0 && !damaged.empty(); --bytes) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    const Outcome outcome = decoder.decode(damaged, {random()}, frame);
    if (outcome) continue;
    ++refused;
    ASSERT_FALSE(outcome.error().message.empty());
    ASSERT_EQ(outcome.error().message.find('\n'), std::string::npos);
  }
  EXPECT_GT(refused, 5000);
  EXPECT_LT(refused, 20000);
  ASSERT_TRUE(decoder.decode(payload, kFirst, frame)) << "after damage the decoder still works";
}

TEST(FrameDamage, NoiseIsRefusedOrAnEmptyFrame) {
  const NameTable names;
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string noise(random() % 64, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    const Result<Frame> decoded = decode_frame(noise, kFirst, names);
    if (!decoded) continue;
    EXPECT_EQ(decoded->facts.size() + decoded->decisions.size(), 0U);
  }
}

TEST(FrameDamage, NamesTheFrameThatIsNoMessage) {
  const Result<Frame> decoded = decode_frame("\x0F garbage", kFirst, NameTable());
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::Corrupt);
  EXPECT_THAT(decoded.error().message, AllOf(HasSubstr("event 1042"), HasSubstr("9 bytes")));
}

TEST(FrameDamage, ANameTheLogDoesNotHaveIsAnError) {
  NameTable names;
  names.number_of(ObjectName{Kind::Pod, "default", "llm-head"});
  wire::Frame frame;
  frame.add_facts()->mutable_deadline_fired();
  frame.add_facts()->mutable_object_gone()->set_object_number(91);
  const Error error = error_of(frame, names);
  EXPECT_EQ(error.code, ErrorCode::Corrupt);
  EXPECT_EQ(error.message,
            "fact 2 of the frame (event 1043): object_gone.object_number is name 91, but the log "
            "has 1 names");
}

TEST(FrameDamage, ANameOfAnotherSortIsAnError) {
  NameTable names;
  const std::uint32_t pod = names.number_of(ObjectName{Kind::Pod, "default", "llm-head"});
  wire::Frame frame;
  frame.add_facts()->set_partition_number(pod);
  EXPECT_THAT(
      error_of(frame, names).message,
      HasSubstr("partition_number is name 1 'Pod default/llm-head', which is no partition"));
  frame.mutable_facts(0)->clear_partition_number();
  frame.mutable_facts(0)
      ->mutable_object_seen()
      ->mutable_service()
      ->mutable_meta()
      ->set_object_number(pod);
  EXPECT_THAT(error_of(frame, names).message, HasSubstr("which is no Service"));
  frame.mutable_facts(0)->mutable_probe_run()->set_source_number(pod);
  EXPECT_THAT(error_of(frame, names).message, HasSubstr("which is no probe source"));
  frame.mutable_facts(0)->mutable_object_gone()->set_object_number(0);
  EXPECT_THAT(error_of(frame, names).message, HasSubstr("object_number names no object"));
}

TEST(FrameDamage, AKindOfFactFromANewerBuildIsUnsupported) {
  wire::Frame frame;
  wire::Fact& fact = *frame.add_facts();
  fact.GetReflection()->MutableUnknownFields(&fact)->AddLengthDelimited(99, "new");
  const Error error = error_of(frame, NameTable());
  EXPECT_EQ(error.code, ErrorCode::Unsupported);
  EXPECT_EQ(error.message,
            "fact 1 of the frame (event 1042): fact has kind 99, unknown to this build: written by "
            "a newer build");
}

TEST(FrameDamage, AnObjectOrEffectFromANewerBuildIsUnsupported) {
  NameTable names;
  wire::Frame frame;
  wire::ObjectSeen& seen = *frame.add_facts()->mutable_object_seen();
  seen.GetReflection()->MutableUnknownFields(&seen)->AddLengthDelimited(40, "new");
  EXPECT_EQ(error_of(frame, names).code, ErrorCode::Unsupported);
  frame.clear_facts();
  wire::Decision& decision = *frame.add_decisions();
  decision.set_partition_number(names.number_of(PartitionName{Kind::RayService, "a", "b"}));
  decision.GetReflection()->MutableUnknownFields(&decision)->AddLengthDelimited(77, "new");
  EXPECT_THAT(error_of(frame, names).message, HasSubstr("decision has kind 77"));
}

TEST(FrameDamage, AnEnumValueFromANewerBuildIsUnsupportedAndAMissingOneCorrupt) {
  wire::Frame frame;
  wire::KindListed& listed = *frame.add_facts()->mutable_kind_listed();
  listed.set_kind(static_cast<wire::Kind>(55));
  const Error newer = error_of(frame, NameTable());
  EXPECT_EQ(newer.code, ErrorCode::Unsupported);
  EXPECT_THAT(newer.message, HasSubstr("kind_listed.kind has value 55"));
  listed.clear_kind();
  EXPECT_EQ(error_of(frame, NameTable()).code, ErrorCode::Corrupt);
}

TEST(FrameDamage, AFactWithoutKindIsCorrupt) {
  wire::Frame frame;
  frame.add_facts();
  EXPECT_EQ(error_of(frame, NameTable()).code, ErrorCode::Corrupt);
}

TEST(FrameDamage, AnUnknownFieldBesideAKnownKindIsNoError) {
  wire::Frame frame;
  wire::Fact& fact = *frame.add_facts();
  fact.mutable_deadline_fired();
  fact.GetReflection()->MutableUnknownFields(&fact)->AddVarint(500, 1);
  EXPECT_TRUE(decode_frame(frame.SerializeAsString(), kFirst, NameTable()));
}

TEST(FrameDamage, AnUnknownRuleIsKeptAsItsNumber) {
  NameTable names;
  wire::Frame frame;
  wire::Decision& decision = *frame.add_decisions();
  decision.set_rule(9999);
  decision.set_partition_number(names.number_of(PartitionName{Kind::RayService, "a", "b"}));
  decision.mutable_label_pod()->set_object_number(names.number_of(ObjectName{Kind::Pod, "a", "p"}));
  const Result<Frame> decoded = decode_frame(frame.SerializeAsString(), kFirst, names);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(static_cast<int>(decoded->decisions[0].rule), 9999);
}

TEST(FrameDamage, AbsentOptionsMeanWhatTheSchemaSays) {
  wire::Frame frame;
  frame.add_facts()->mutable_started()->mutable_options();
  const Result<Frame> decoded = decode_frame(frame.SerializeAsString(), kFirst, NameTable());
  ASSERT_TRUE(decoded) << decoded.error().message;
  const Options& options = std::get<Started>(decoded->facts[0].fact).options;
  EXPECT_EQ(options.version, "raycord-0.1.0");
  EXPECT_EQ(options.cluster_domain, "cluster.local");
  EXPECT_EQ(options.failover, FailoverMode::Enforce);
  EXPECT_TRUE(options.zero_downtime);
  EXPECT_FALSE(options.headless_head_service);
  EXPECT_TRUE(options.inject_probes);
  EXPECT_TRUE(options.inject_init_container);
  EXPECT_FALSE(options.login_shell);
  EXPECT_FALSE(options.random_pod_delete);
  EXPECT_FALSE(options.kubernetes_proxy);
  EXPECT_TRUE(options.namespaces.empty());
}

}  // namespace
}  // namespace raycord
