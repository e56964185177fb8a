#include "adapters/http/read_only_transport.h"

#include <gtest/gtest.h>

#include "core/check.h"
#include "test/adapters/fake_transport.h"

namespace raycord {
namespace {

struct NoListener final : HttpListener {
  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t, HttpOutcome) override {}
};

TEST(ReadOnlyTransport, LetsGetsThroughAndNothingElse) {
  FakeTransport transport;
  ReadOnlyTransport reading(transport);
  NoListener listener;
  reading.start({.method = "GET", .url = "/api/v1/pods"}, listener);
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "HEAD", "get", ""}) {
    EXPECT_THROW(reading.start({.method = method, .url = "/api/v1/pods"}, listener),
                 InvariantBroken)
        << method;
  }
  EXPECT_THROW(reading.start({.method = "GET", .url = "/x", .body = "{}"}, listener),
               InvariantBroken);
  EXPECT_EQ(transport.sent.size(), 1U);
}

TEST(ReadOnlyTransport, GivesUpWhatItStarted) {
  FakeTransport transport;
  ReadOnlyTransport reading(transport);
  NoListener listener;
  reading.cancel(reading.start({.method = "GET", .url = "/api/v1/pods"}, listener));
  EXPECT_TRUE(transport.open.empty());
}

}  // namespace
}  // namespace raycord
