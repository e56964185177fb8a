// Frames and directories for the tests of logs.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/event_log.h"
#include "store/log_reader.h"

namespace raycord {

// A directory of its own that goes away with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A frame of `count` events at `seq` whose payload can be told from every other one.
FrameToAppend sample_frame(std::uint64_t seq, std::uint32_t count = 1, std::size_t bytes = 40);

// The payload of that frame.
std::string sample_payload(std::uint64_t seq, std::size_t bytes = 40);

// Appends `frames` sample frames of one to three events. The first one of a log names numbers 1 and
// 2; each touches one of them.
void append_samples(EventLog& log, int frames);

// All frames, oldest first; an error is a test failure.
std::vector<StoredFrame> frames_of(const LogReader& reader, std::uint64_t from = 1);

}  // namespace raycord
