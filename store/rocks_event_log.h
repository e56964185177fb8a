// RocksEventLog is the EventLog on disk, with a thread of its own for writing.
//
//   Result<std::unique_ptr<RocksEventLog>> log = RocksEventLog::open({.directory = "/var/lib/x"});
//
// All frames that wait become one batch and one sync. Destroying the log writes what still waits.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/time.h"
#include "store/append_order.h"
#include "store/event_log.h"
#include "store/limits.h"
#include "store/log_reader.h"
#include "store/rocks_columns.h"

namespace raycord {

class RocksEventLog : public EventLog {
 public:
  struct Options {
    std::string directory{};
    bool create_if_missing = true;
    Time now{};             // Written into a new log and into receipts.
    std::string cluster{};  // UID of kube-system; empty while it is unknown: then not compared.
    std::optional<LogMark> witness{};  // The last mark noted outside the volume, if any is known.
    std::uint64_t ballast_bytes = kBallastBytes;
    rocksdb::Env* env = nullptr;  // Another file system, for tests.
  };

  // Refuses a log that is in use, of a newer format, of another cluster, damaged at its end, or
  // that misses what the witness has seen.
  static Result<std::unique_ptr<RocksEventLog>> open(const Options& options);

  // Cuts a log that open() refuses behind its last good frame and notes what was lost; numbers go
  // on far behind it. Afterwards open() accepts it, with the same witness too. Nothing lost: error.
  static Result<LossReceipt> accept_loss(const Options& options);

  ~RocksEventLog() override;

  void append(FrameToAppend frame) override;
  std::uint64_t next_seq() const override;
  LogMark mark() const override;
  std::size_t backlog_bytes() const override;
  std::optional<Error> failure() const override;
  void set_listener(std::function<void()> listener) override;
  Outcome wait_synced(std::uint64_t seq) override;
  void put_checkpoints(CheckpointSet set) override;
  const LogReader& reader() const override { return reader_; }

  // The cluster's identity, once it is known. Another one than the log's is refused.
  Outcome set_cluster(const std::string& cluster);

  // Removes all frames before the one that begins at `first_kept`, and leaves a receipt. Raw
  // versions stay: bases refer to them. From any thread.
  Outcome cut_before(std::uint64_t first_kept, Time now);

  const LogIdentity& identity() const { return identity_; }
  RocksColumns& columns() { return *columns_; }

  // Groups written so far, each with one sync.
  std::uint64_t syncs() const;

 private:
  struct Waiting {
    FrameToAppend frame;
    std::size_t bytes = 0;
  };

  RocksEventLog(std::unique_ptr<RocksColumns> columns, LogIdentity identity, LogMark mark,
                std::uint32_t names);

  // What goes to disk next: a group of frames, then checkpoints of their end.
  struct Work {
    std::vector<Waiting> group;
    std::vector<CheckpointSet> checkpoints;
  };

  void run();
  Work take_work();
  Result<LogMark> write_group(const std::vector<Waiting>& group, LogMark mark);
  Outcome write_checkpoints(std::vector<CheckpointSet> sets);
  void move_mark(const LogMark& mark, const std::vector<Waiting>& written);
  void stop_for(const Error& error);
  void tell();

  std::unique_ptr<RocksColumns> columns_;
  LogReader reader_;
  LogIdentity identity_;

  mutable std::mutex mutex_;
  std::condition_variable work_;      // For the log thread: frames wait, or the end.
  std::condition_variable progress_;  // For wait_synced.
  std::deque<Waiting> waiting_;
  std::vector<CheckpointSet> checkpoints_;  // Wait, too.
  std::size_t backlog_bytes_ = 0;           // Of what waits and what is being written.
  AppendOrder order_;
  LogMark mark_;
  std::uint64_t syncs_ = 0;
  bool ending_ = false;
  std::optional<Error> failure_;
  std::function<void()> listener_;

  std::thread thread_;  // The last member: it uses all others.
};

}  // namespace raycord
