#include "test/store/log_fixture.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

namespace raycord {

TemporaryDirectory::TemporaryDirectory() {
  path_ = std::filesystem::temp_directory_path().string() + "/raycord-test-XXXXXX";
  if (mkdtemp(path_.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
}

TemporaryDirectory::~TemporaryDirectory() { std::filesystem::remove_all(path_); }

std::string sample_payload(std::uint64_t seq, std::size_t bytes) {
  std::string payload = "frame at " + std::to_string(seq) + " ";
  for (std::uint64_t state = seq; payload.size() < bytes;) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    payload += static_cast<char>(state >> 56);
  }
  return payload;
}

FrameToAppend sample_frame(std::uint64_t seq, std::uint32_t count, std::size_t bytes) {
  FrameToAppend frame;
  frame.first_seq = seq;
  frame.count = count;
  frame.payload = sample_payload(seq, bytes);
  return frame;
}

void append_samples(EventLog& log, int frames) {
  for (int i = 0; i < frames; ++i) {
    std::uint64_t seq = log.next_seq();
    FrameToAppend frame = sample_frame(seq, static_cast<std::uint32_t>(1 + seq % 3));
    if (seq == 1) frame.new_names = {{1, "default/llm"}, {2, "default/chat"}};
    frame.touched = {static_cast<std::uint32_t>(1 + seq % 2)};
    if (seq % 5 == 0) frame.raw = {{1, seq, "raw " + std::to_string(seq)}};
    log.append(std::move(frame));
  }
}

std::vector<StoredFrame> frames_of(const LogReader& reader, std::uint64_t from) {
  std::vector<StoredFrame> frames;
  Outcome outcome = reader.visit_frames(from, [&](const StoredFrame& frame) {
    frames.push_back(frame);
    return true;
  });
  if (!outcome) ADD_FAILURE() << outcome.error().message;
  return frames;
}

}  // namespace raycord
