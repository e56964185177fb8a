// Another process that appends to a log until it is killed, and reports each synced mark.

#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "store/log_mark.h"

namespace raycord {

class WriterProcess {
 public:
  WriterProcess(const std::string& directory, unsigned seed);
  ~WriterProcess();
  WriterProcess(const WriterProcess&) = delete;
  WriterProcess& operator=(const WriterProcess&) = delete;

  // Waits for the next report; nothing when the process is gone and all was read.
  std::optional<LogMark> next_mark();

  // Kills it, waits for its end, and says whether it ended by that.
  bool kill();

 private:
  pid_t process_ = -1;
  int reports_ = -1;
};

}  // namespace raycord
