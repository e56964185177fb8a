#include "test/adapters/fake_http/recorder.h"

#include <chrono>

#include <gtest/gtest.h>

namespace raycord {

void Recorder::on_chunk(std::uint64_t id, std::string_view piece) {
  EXPECT_FALSE(outcomes.contains(id)) << "a chunk after the end";
  EXPECT_FALSE(piece.empty());
  bytes[id] += piece;
  ++chunks[id];
  if (when_chunk) when_chunk(id);
}

void Recorder::on_done(std::uint64_t id, HttpOutcome outcome) {
  EXPECT_FALSE(outcomes.contains(id)) << "reported twice";
  outcomes.emplace(id, std::move(outcome));
  if (when_done) when_done(id);
}

bool Recorder::drive(CurlTransport& transport, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    transport.poll(Millis(50));
  }
  return true;
}

HttpOutcome Recorder::fetch(CurlTransport& transport, HttpRequest request) {
  const std::uint64_t id = transport.start(std::move(request), *this);
  EXPECT_FALSE(outcomes.contains(id)) << "reported from inside start()";
  EXPECT_TRUE(drive(transport, [&] { return outcomes.contains(id); })) << "never reported";
  return outcomes[id];
}

}  // namespace raycord
