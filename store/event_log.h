// EventLog is the append-only log of frames as its one writer sees it. It knows bytes, not facts.
//
//   log.append({.first_seq = log.next_seq(), .count = 2, .payload = encode(facts, decisions)});
//   ... later, woken by the listener:
//   if (log.synced() >= decision.seq) send(decision);
//   if (log.failure()) stop_the_process();
//
// A frame is one turn of the loop. Nothing may leave the process before its frame is synced. A
// failed write or sync is final: nothing is written after it, and the next process reads its log
// again. docs/log_format.md says what lies on disk.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "store/log_mark.h"

namespace raycord {

class LogReader;

// Objects and partitions share one space of numbers, dense from 1, in the order they were seen.
struct NewName {
  std::uint32_t number = 0;
  std::string name{};
};

// The observed bytes of an object; seq is the event that brought them.
struct RawVersion {
  std::uint32_t object = 0;
  std::uint64_t seq = 0;
  std::string bytes{};
};

struct FrameToAppend {
  std::uint64_t first_seq = 0;  // Must be next_seq().
  std::uint32_t count = 0;      // Its events are first_seq … first_seq + count - 1; at least one.
  std::string payload{};        // Facts, then decisions, encoded.
  std::vector<NewName> new_names{};
  std::vector<std::uint32_t> touched{};  // Numbers of partitions and objects; repetitions are fine.
  std::vector<RawVersion> raw{};         // Of events of this frame.
};

// A partition's state after event `seq`: a cache, thrown away when build or layout differ.
struct Checkpoint {
  std::string build{};
  std::uint32_t layout = 0;
  std::uint64_t seq = 0;
  std::string bytes{};
};

// Checkpoints of one event, by partition number (0: the fleet); all are written, or none.
struct CheckpointSet {
  std::string build{};
  std::uint32_t layout = 0;
  std::uint64_t seq = 0;
  std::map<std::uint32_t, std::string> states{};
  std::vector<std::uint32_t> gone{};  // Partitions that are no more: their checkpoints go.
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Queues the frame and returns at once. Never blocks and never refuses; the loop watches
  // backlog_bytes() and takes less in above kBacklogLimit. After a failure frames are dropped.
  virtual void append(FrameToAppend frame) = 0;

  // The number that the next event gets. 1 in an empty log.
  virtual std::uint64_t next_seq() const = 0;

  // The last frame known to be on disk: its last event and the running hash after it.
  virtual LogMark mark() const = 0;
  std::uint64_t synced() const { return mark().seq; }

  virtual std::size_t backlog_bytes() const = 0;

  // Why the log stopped for good, if it did.
  virtual std::optional<Error> failure() const = 0;

  // Called when the mark moved or the log failed, from any thread, perhaps inside append(): it must
  // only wake somebody. Set it before the first append; it must stay callable while the log lives.
  virtual void set_listener(std::function<void()> listener) = 0;

  // Waits until event `seq` is synced, or gives the failure. For starts, ends and tools.
  virtual Outcome wait_synced(std::uint64_t seq) = 0;

  // Queues checkpoints, to be written behind the frames appended so far, and returns at once. `seq`
  // must be the last event appended. After a failure they are dropped.
  virtual void put_checkpoints(CheckpointSet set) = 0;

  // Reads what is synced. From any thread, as long as the log lives.
  virtual const LogReader& reader() const = 0;

  // The observed bytes of a synced object version, for who builds objects from templates.
  Result<std::optional<std::string>> raw(std::uint32_t object, std::uint64_t seq) const;
};

}  // namespace raycord
