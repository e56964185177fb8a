// Checkpoints keeps the folded state beside the log, so that a start folds only what came after.
//
//   Checkpoints checkpoints(build);
//   auto state = checkpoints.restore(reader);        // nothing: fold from the beginning
//   ...
//   if (checkpoints.due(state)) log.put_checkpoints(checkpoints.take(state, names));
//
// A cache. What another build or another layout wrote is thrown away, and so is a set that is not
// whole. Number 0 holds the fleet and the list of all partitions, each with the event it was packed
// at: a partition that has not changed since keeps its bytes.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/state.h"
#include "formats/name_table.h"
#include "store/event_log.h"
#include "store/limits.h"
#include "store/log_reader.h"

namespace raycord {

class Checkpoints {
 public:
  // `build` names the very program, not only its version. Empty: none are read or made.
  explicit Checkpoints(std::string build, std::uint64_t every = kCheckpointEvents)
      : build_(std::move(build)), every_(every) {}

  // The state of the newest set and nothing else; its `last` says up to which event.
  Result<std::optional<State>> restore(const LogReader& log);

  // Events since the last set; 0 also when none are made.
  std::uint64_t behind(const State& state) const;
  bool due(const State& state) const { return behind(state) >= every_; }

  // What has changed since the last set, at the end of a turn.
  CheckpointSet take(const State& state, const NameTable& names);

 private:
  struct Packed {
    Seq at;
    Hash content;
  };

  std::optional<Checkpoint> read(const LogReader& log, std::uint32_t number) const;
  bool read_partition(const LogReader& log, std::uint32_t number, Seq at, State& state);

  std::string build_;
  std::uint64_t every_;
  std::uint64_t taken_at_ = 0;               // Event of the last set.
  std::map<std::uint32_t, Packed> written_;  // Its partitions.
};

}  // namespace raycord
