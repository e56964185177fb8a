// MemoryEventLog is an EventLog without a disk: for simulations that crash at any append.
//
//   MemoryEventLog log({.manual_sync = true});
//   log.append(frame);
//   log.crash();       // The frame was not synced: it never happened.
//   log.append(other); // As a process started again on the same log would.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "store/append_order.h"
#include "store/event_log.h"
#include "store/log_reader.h"
#include "store/memory_columns.h"

namespace raycord {

class MemoryEventLog : public EventLog {
 public:
  struct Options {
    LogId id{};
    Time created{};
    std::string cluster{};
    bool manual_sync = false;  // Otherwise each append is synced when it returns.
  };

  MemoryEventLog() : MemoryEventLog(Options()) {}
  explicit MemoryEventLog(Options options);

  void append(FrameToAppend frame) override;
  std::uint64_t next_seq() const override;
  LogMark mark() const override;
  std::size_t backlog_bytes() const override;
  std::optional<Error> failure() const override;
  void set_listener(std::function<void()> listener) override;
  Outcome wait_synced(std::uint64_t seq) override;  // Syncs what waits.
  void put_checkpoints(CheckpointSet set) override;
  const LogReader& reader() const override { return reader_; }

  // Syncs up to `frames` of the frames that wait.
  void sync(std::size_t frames = SIZE_MAX);
  std::size_t waiting_frames() const;

  // The process dies: of the frames that wait the first `survivors` reached the disk all the same,
  // the others are gone. Clears a failure and the listener.
  void crash(std::size_t survivors = 0);

  // The disk fails at the next sync, for good.
  void fail_next_sync(Error error);

  MemoryColumns& columns() { return columns_; }  // To damage bytes in tests.

 private:
  struct Waiting {
    AppendOrder order;  // After this frame.
    LogMark mark;
    std::size_t bytes = 0;
    std::vector<Cell> cells;
    std::vector<CheckpointSet> checkpoints;  // Behind this frame.
  };

  void keep(CheckpointSet set);

  mutable std::mutex mutex_;
  MemoryColumns columns_;
  LogReader reader_{columns_};
  std::deque<Waiting> waiting_;
  AppendOrder synced_order_;
  LogMark synced_;
  AppendOrder appended_order_;
  Chain appended_;
  bool manual_sync_;
  std::optional<Error> fail_next_;
  std::optional<Error> failure_;
  std::function<void()> listener_;
};

}  // namespace raycord
