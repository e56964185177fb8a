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

void append_to(std::string& payload, const google::protobuf::MessageLite& message) {
  CHECK(message.AppendToString(&payload));
}

void append_varint(std::string& payload, std::uint32_t number) {
  for (; number >= 0x80; number >>= 7) payload += static_cast<char>((number & 0x7f) | 0x80);
  payload += static_cast<char>(number);
}

// How Protocol Buffers announce a field: its number, and what follows.
enum class Wire : std::uint8_t { Varint = 0, Sized = 2 };
void append_tag(std::string& payload, int field, Wire wire) {
  append_varint(payload, static_cast<std::uint32_t>(field) << 3 | static_cast<std::uint32_t>(wire));
}

void sort_touched(EncodedFrame& encoded) {
  std::sort(encoded.touched.begin(), encoded.touched.end());
  const auto end = std::unique(encoded.touched.begin(), encoded.touched.end());
  encoded.touched.erase(end, encoded.touched.end());
}

Failure located(const Error& error, const char* what, std::size_t index, Seq seq) {
  return fail(error.code, std::string(what) + " " + std::to_string(index + 1) +
                              " of the frame (event " + std::to_string(seq.value) +
                              "): " + error.message);
}

}  // namespace

struct FrameScratch {
  alignas(8) std::array<char, kScratchBytes> block;
  google::protobuf::Arena arena{block.data(), block.size()};
  google::protobuf::LogSilencer silencer;  // What is wrong is said by our errors, not on stderr.
};

FrameDecoder::FrameDecoder(const NameTable& names)
    : names_(&names), scratch_(std::make_unique<FrameScratch>()) {}
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

// --- Encoding -----------------------------------------------------------------------------------

FrameEncoder::FrameEncoder(NameTable& names)
    : names_(names), scratch_(std::make_unique<FrameScratch>()) {}
FrameEncoder::~FrameEncoder() = default;

void FrameEncoder::begin(Time at) {
  at_ = at;
  bytes_.clear();
  added_.clear();
  touched_.clear();
}

Result<Fact> FrameEncoder::add(Seq seq, const Fact& fact) {
  append_kind(seq, fact);
  const Added& added = added_.back();
  scratch_->arena.Reset();
  auto& message = *google::protobuf::Arena::CreateMessage<wire::Fact>(&scratch_->arena);
  CHECK(message.ParseFromArray(bytes_.data() + added.begin, static_cast<int>(added.size)));
  Decoding decoding(names_, seq, at_);
  PlacedFact logged;
  decode(message, decoding, logged);
  if (decoding.failed()) return fail(*decoding.error());
  return std::move(logged.fact);
}

// The fact without its partition, which only the fold can tell.
void FrameEncoder::append_kind(Seq seq, const Fact& fact) {
  scratch_->arena.Reset();
  auto& message = *google::protobuf::Arena::CreateMessage<wire::Fact>(&scratch_->arena);
  Encoding encoding(names_, touched_, seq, at_);
  encode(fact, encoding, message);
  const std::size_t begin = bytes_.size();
  append_to(bytes_, message);
  CHECK(bytes_.size() - begin <= kLargestPayload);
  added_.push_back({seq, begin, bytes_.size() - begin});
}

// The partition's field comes before the kind's, as in a message that is written whole.
void FrameEncoder::append_fact(std::uint32_t partition, const Added& added, std::string& payload) {
  std::string head;
  if (partition != 0) {
    append_tag(head, wire::Fact::kPartitionNumberFieldNumber, Wire::Varint);
    append_varint(head, partition);
  }
  append_tag(payload, wire::Frame::kFactsFieldNumber, Wire::Sized);
  append_varint(payload, static_cast<std::uint32_t>(head.size() + added.size));
  payload += head;
  payload.append(bytes_, added.begin, added.size);
}

EncodedFrame FrameEncoder::finish(const Frame& frame) {
  EncodedFrame encoded;
  scratch_->arena.Reset();
  auto& head = *google::protobuf::Arena::CreateMessage<wire::Frame>(&scratch_->arena);
  head.set_at(to_millis(frame.at));
  head.set_epoch(frame.epoch);
  append_to(encoded.payload, head);
  const std::size_t known = added_.size();
  std::size_t next = 0;  // Of those added, which are in the order of the frame.
  for (std::size_t i = 0; i < frame.facts.size(); ++i) {
    const auto& [placed, fact] = frame.facts[i];
    const std::uint32_t partition = placed ? touched_.emplace_back(names_.number_of(*placed)) : 0;
    const bool is_added = next < known && added_[next].seq == frame.fact_seq(i);
    if (!is_added) append_kind(frame.fact_seq(i), fact);
    append_fact(partition, is_added ? added_[next++] : added_.back(), encoded.payload);
  }
  CHECK(next == known);
  scratch_->arena.Reset();
  auto& decisions = *google::protobuf::Arena::CreateMessage<wire::Frame>(&scratch_->arena);
  for (std::size_t i = 0; i < frame.decisions.size(); ++i) {
    const Seq seq = frame.decision_seq(i);
    CHECK(frame.decisions[i].seq == seq);
    Encoding encoding(names_, touched_, seq, frame.at);
    encode(frame.decisions[i], encoding, *decisions.add_decisions());
  }
  append_to(encoded.payload, decisions);
  encoded.count = static_cast<std::uint32_t>(frame.count());
  encoded.touched = std::move(touched_);
  sort_touched(encoded);
  encoded.new_names = names_.take_new();
  begin(at_);
  return encoded;
}

EncodedFrame encode_frame(const Frame& frame, NameTable& names) {
  FrameEncoder encoder(names);
  encoder.begin(frame.at);
  return encoder.finish(frame);
}

}  // namespace raycord
