#include "formats/frame_codec.h"

#include <algorithm>
#include <array>
#include <climits>
#include <utility>

#include <google/protobuf/arena.h>
#include <google/protobuf/stubs/logging.h>

#include "formats/codec_parts.h"
#include "formats/log.pb.h"

namespace raycord {
namespace {

// Protocol Buffers count the bytes of a message in an int.
constexpr std::size_t kLargestPayload = INT_MAX;

// A frame of a few hundred events fits; larger ones take memory for the time of the call.
constexpr std::size_t kScratchBytes = 64 << 10;

void append_to(std::string& payload, const wire::Frame& message) {
  CHECK(message.AppendToString(&payload));
}

void sort_touched(EncodedFrame& encoded) {
  std::sort(encoded.touched.begin(), encoded.touched.end());
  const auto end = std::unique(encoded.touched.begin(), encoded.touched.end());
  encoded.touched.erase(end, encoded.touched.end());
}

void take_new_names(NameTable& names, EncodedFrame& encoded) {
  for (NumberedName& name : names.take_new()) encoded.new_names.push_back(std::move(name));
}

Failure located(const Error& error, const char* what, std::size_t index, Seq seq) {
  return fail(error.code, std::string(what) + " " + std::to_string(index + 1) +
                              " of the frame (event " + std::to_string(seq.value) +
                              "): " + error.message);
}

// The facts encoded; names given on the way stay in the table's list of new ones.
EncodedFrame encode_facts_only(const Frame& frame, NameTable& names) {
  google::protobuf::Arena arena;
  auto& message = *google::protobuf::Arena::CreateMessage<wire::Frame>(&arena);
  EncodedFrame encoded;
  message.set_at(to_millis(frame.at));
  message.set_epoch(frame.epoch);
  for (std::size_t i = 0; i < frame.facts.size(); ++i) {
    Encoding encoding(names, encoded.touched, frame.fact_seq(i), frame.at);
    encode(frame.facts[i], encoding, *message.add_facts());
  }
  append_to(encoded.payload, message);
  encoded.count = static_cast<std::uint32_t>(frame.facts.size());
  sort_touched(encoded);
  return encoded;
}

}  // namespace

EncodedFrame encode_facts(const Frame& frame, NameTable& names) {
  EncodedFrame encoded = encode_facts_only(frame, names);
  take_new_names(names, encoded);
  return encoded;
}

// Serialized messages may be appended: repeated fields go on.
void finish_frame(const Frame& frame, NameTable& names, EncodedFrame& encoded) {
  CHECK(encoded.count == frame.facts.size());
  google::protobuf::Arena arena;
  auto& message = *google::protobuf::Arena::CreateMessage<wire::Frame>(&arena);
  for (std::size_t i = 0; i < frame.decisions.size(); ++i) {
    const Seq seq = frame.decision_seq(i);
    CHECK(frame.decisions[i].seq == seq);
    Encoding encoding(names, encoded.touched, seq, frame.at);
    encode(frame.decisions[i], encoding, *message.add_decisions());
  }
  append_to(encoded.payload, message);
  encoded.count = static_cast<std::uint32_t>(frame.count());
  sort_touched(encoded);
  take_new_names(names, encoded);
}

EncodedFrame encode_frame(const Frame& frame, NameTable& names) {
  EncodedFrame encoded = encode_facts(frame, names);
  finish_frame(frame, names, encoded);
  return encoded;
}

struct FrameDecoder::Scratch {
  alignas(8) std::array<char, kScratchBytes> block;
  google::protobuf::Arena arena{block.data(), block.size()};
  google::protobuf::LogSilencer silencer;  // What is wrong is said by our errors, not on stderr.
};

FrameDecoder::FrameDecoder(const NameTable& names)
    : names_(&names), scratch_(std::make_unique<Scratch>()) {}
FrameDecoder::FrameDecoder(FrameDecoder&&) noexcept = default;
FrameDecoder& FrameDecoder::operator=(FrameDecoder&&) noexcept = default;
FrameDecoder::~FrameDecoder() = default;

Outcome FrameDecoder::decode(std::string_view payload, Seq first, Frame& frame) {
  scratch_->arena.Reset();
  auto& message = *google::protobuf::Arena::CreateMessage<wire::Frame>(&scratch_->arena);
  if (payload.size() > kLargestPayload ||
      !message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return fail(ErrorCode::Corrupt, "the frame of event " + std::to_string(first.value) + " (" +
                                        std::to_string(payload.size()) +
                                        " bytes) is no message raycord.log.v1.Frame");
  }
  frame.first = first;
  frame.at = from_millis(message.at());
  frame.epoch = message.epoch();
  frame.facts.resize(static_cast<std::size_t>(message.facts_size()));
  for (std::size_t i = 0; i < frame.facts.size(); ++i) {
    Decoding decoding(*names_, frame.fact_seq(i), frame.at);
    raycord::decode(message.facts(static_cast<int>(i)), decoding, frame.facts[i]);
    if (decoding.failed()) return located(*decoding.error(), "fact", i, frame.fact_seq(i));
  }
  frame.decisions.resize(static_cast<std::size_t>(message.decisions_size()));
  for (std::size_t i = 0; i < frame.decisions.size(); ++i) {
    const Seq seq = frame.decision_seq(i);
    Decoding decoding(*names_, seq, frame.at);
    frame.decisions[i].seq = seq;
    raycord::decode(message.decisions(static_cast<int>(i)), decoding, frame.decisions[i]);
    if (decoding.failed()) return located(*decoding.error(), "decision", i, seq);
  }
  return Done{};
}

Result<Frame> decode_frame(std::string_view payload, Seq first, const NameTable& names) {
  Frame frame;
  const Outcome done = FrameDecoder(names).decode(payload, first, frame);
  if (!done) return fail(done.error());
  return frame;
}

Result<Fact> round_trip(const Fact& fact, Seq seq, Time at, NameTable& names) {
  Frame frame{seq, at, 0, {{std::nullopt, fact}}, {}};
  const EncodedFrame encoded = encode_facts_only(frame, names);
  Result<Frame> decoded = decode_frame(encoded.payload, seq, names);
  if (!decoded) return fail(decoded.error());
  return std::move(decoded->facts.front().fact);
}

}  // namespace raycord
