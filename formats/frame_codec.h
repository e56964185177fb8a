// The frame codec: a Frame as the bytes the log keeps, and back. log.proto is the schema.
//
//   EncodedFrame encoded = encode_facts(frame, names);              // the live loop
//   decoder.decode(encoded.payload, frame.first, frame);            // folds what replay will fold
//   frame.decisions = decide(...);
//   finish_frame(frame, names, encoded);                            // facts are encoded once
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

// Encodes the facts; the frame's decisions are left to finish_frame().
EncodedFrame encode_facts(const Frame& frame, NameTable& names);

// Appends the frame's decisions to its encoded facts.
void finish_frame(const Frame& frame, NameTable& names, EncodedFrame& encoded);

// Both at once; the bytes are the same.
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
  struct Scratch;
  const NameTable* names_;
  std::unique_ptr<Scratch> scratch_;
};

Result<Frame> decode_frame(std::string_view payload, Seq first, const NameTable& names);

// The fact as replay will see it, event `seq` of a frame at `at`. Names it brings are told with the
// next frame that is encoded.
Result<Fact> round_trip(const Fact& fact, Seq seq, Time at, NameTable& names);

}  // namespace raycord
