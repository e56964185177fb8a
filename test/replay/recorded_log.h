// A log on disk as a simulated operator left it, for tests of what reads logs.
//
//   RecordedLog log;                       // An empty one, in a directory of its own.
//   StoryPlayer player;
//   player.play("apply");
//   player.play("run 60s");
//   log.take(player.sim().log());          // What was appended since the last time.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/frame.h"
#include "store/memory_event_log.h"
#include "store/rocks_event_log.h"

namespace raycord {

class RecordedLog {
 public:
  RecordedLog();
  ~RecordedLog();
  RecordedLog(const RecordedLog&) = delete;
  RecordedLog& operator=(const RecordedLog&) = delete;

  // Changes frames on their way into the log: what another build would have written.
  using Change = std::function<void(Frame& frame)>;
  void take(const MemoryEventLog& from, const Change& change = nullptr);

  const std::string& directory() const { return directory_; }
  RocksEventLog& log() { return *log_; }
  void close() { log_.reset(); }

 private:
  std::string directory_;
  std::unique_ptr<RocksEventLog> log_;
};

}  // namespace raycord
