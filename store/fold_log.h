// Reads a log back: its names, its frames decoded, and the state they fold to.
//
//   auto folded = fold_log(reader);
//   if (!folded) return fail(folded.error());
//   Turn turn(folded->state, now);

#pragma once

#include <cstdint>
#include <functional>

#include "core/frame.h"
#include "core/result.h"
#include "core/state.h"
#include "formats/name_table.h"
#include "store/checkpoints.h"
#include "store/log_reader.h"

namespace raycord {

// The numbers that the log gives to names, as a table that can go on giving them.
Result<NameTable> read_names(const LogReader& log);

// Decoded frames in order, from the one that holds event `from`, until `visit` says false. The
// frame's memory is used again for the next one. Corrupt: which frame, and what is wrong with it.
using DecodedVisitor = std::function<bool(const Frame& frame, const StoredFrame& stored)>;
Outcome visit_decoded(const LogReader& log, const NameTable& names, std::uint64_t from,
                      const DecodedVisitor& visit);

struct FoldedLog {
  State state;
  NameTable names;
  Checkpoints checkpoints{""};  // To go on with.
  std::uint64_t frames = 0;     // Folded, that is, not covered by a checkpoint.
};

// Folds every frame behind the newest checkpoint that can be used; `progress`, if given, is told
// the newest event after each frame.
Result<FoldedLog> fold_log(const LogReader& log, Checkpoints checkpoints = Checkpoints(""),
                           const std::function<void(std::uint64_t seq)>& progress = nullptr);

}  // namespace raycord
