// The frame codec: a Frame as the bytes the log keeps, and back. log.proto is the schema.
//
//   FrameEncoder encoder(names);                          // the live loop
//   encoder.begin(at);
//   turn.add(*encoder.add(turn.next(), fact));            // folds what replay will fold
//   EncodedFrame encoded = encoder.finish(turn.finish());  // each fact is encoded once
//   decoder.decode(encoded.payload, first, frame);
//
// Everything comes back as it went in, but for the status text of WriteServiceStatus and
// WriteClusterStatus, which is not in the log, and text that is not UTF-8: each bad byte becomes
// U+FFFD. Decoding is total: it takes any bytes and errors name what is wrong and where.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/frame.h"
#include "core/result.h"
#include "formats/name_table.h"

namespace raycord {

struct EncodedFrame {
  std::string payload;
  std::uint32_t count = 0;              // Events in it.
  std::vector<NumberedName> new_names;  // Written with the frame.
  std::vector<std::uint32_t> touched;   // Numbers of partitions and objects, ascending, distinct.
};

struct FrameScratch;  // Memory that is used again for each message.

// Encodes turn after turn: facts as they arrive, then the frame they led to.
class FrameEncoder {
 public:
  explicit FrameEncoder(NameTable& names);
  ~FrameEncoder();

  // A new frame; what was added to one that was not finished is forgotten.
  void begin(Time at);

  // The fact as replay will see it: decoded from its bytes, which are kept for finish().
  Result<Fact> add(Seq seq, const Fact& fact);

  // The whole frame. Its facts that were added are not encoded again; others may lie between.
  EncodedFrame finish(const Frame& frame);

 private:
  struct Added {
    Seq seq;
    std::size_t begin = 0;  // In bytes_.
    std::size_t size = 0;
  };

  void append_kind(Seq seq, const Fact& fact);
  void append_fact(std::uint32_t partition, const Added& added, std::string& payload);

  NameTable& names_;
  std::unique_ptr<FrameScratch> scratch_;
  Time at_{};
  std::string bytes_;
  std::vector<Added> added_;
  std::vector<std::uint32_t> touched_;
};

// A frame none of whose facts was encoded before; the bytes are the same.
EncodedFrame encode_frame(const Frame& frame, NameTable& names);

// Decodes frame after frame and keeps its memory. `names` must outlive it; names added later count.
class FrameDecoder {
 public:
  explicit FrameDecoder(const NameTable& names);
  FrameDecoder(FrameDecoder&&) noexcept;
  FrameDecoder& operator=(FrameDecoder&&) noexcept;
  ~FrameDecoder();

  // Replaces what `frame` holds; after an error that is unspecified. Corrupt: the bytes are not a
  // frame, or a name is missing. Unsupported: a newer build wrote what this one does not know.
  Outcome decode(std::string_view payload, Seq first, Frame& frame);

 private:
  const NameTable* names_;
  std::unique_ptr<FrameScratch> scratch_;
};

Result<Frame> decode_frame(std::string_view payload, Seq first, const NameTable& names);

}  // namespace raycord
