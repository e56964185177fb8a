#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/curl_transport.h"
#include "test/adapters/fake_http/fake_http.h"
#include "test/adapters/fake_http/recorder.h"

namespace raycord {
namespace {

using testing::HasSubstr;

constexpr const char* kLine = R"({"type":"ADDED","object":{"kind":"Pod"}})";

HttpRequest watch(const FakeHttp& server, Millis silence = Millis(10'000)) {
  return {.url = server.origin() + "/api/v1/pods?watch=true", .timeout = silence, .stream = true};
}

TEST(CurlStream, DeliversChunksAsTheyArriveCutAnywhere) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.start_chunked(200);
    for (const char* c = kLine; *c != '\0'; ++c) connection.chunk(std::string(1, *c));
    connection.hold();
  });
  CurlTransport transport;
  Recorder recorder;
  const std::uint64_t id = transport.start(watch(server), recorder);
  EXPECT_TRUE(Recorder::drive(transport, [&] { return recorder.bytes[id] == kLine; }));
  EXPECT_TRUE(recorder.outcomes.empty());
}

TEST(CurlStream, EndsWithoutFailureAndWithoutBodyWhenTheServerEndsIt) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.start_chunked(200);
    connection.chunk("a");
    connection.chunk("b");
    connection.end_chunks();
  });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome = recorder.fetch(transport, watch(server));
  EXPECT_FALSE(outcome.failure) << outcome.detail;
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(outcome.response.body, "");
  EXPECT_EQ(recorder.bytes.begin()->second, "ab");
}

TEST(CurlStream, GivesTheWholeBodyOfARefusalInsteadOfChunks) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.reply_json(410, R"({"kind":"Status","code":410})");
  });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome = recorder.fetch(transport, watch(server));
  EXPECT_FALSE(outcome.failure);
  EXPECT_EQ(outcome.response.status, 410);
  EXPECT_EQ(outcome.response.body, R"({"kind":"Status","code":410})");
  EXPECT_TRUE(recorder.bytes.empty());
}

TEST(CurlStream, BoundsTheBodyOfARefusal) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.reply(500, std::string(5000, 'x'));
  });
  CurlTransport transport;
  Recorder recorder;
  HttpRequest request = watch(server);
  request.max_body = 1000;
  EXPECT_EQ(recorder.fetch(transport, request).failure, HttpFailure::TooLarge);
}

TEST(CurlStream, HasNoLimitOfLength) {
  constexpr int kPieces = 600;
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.start_chunked(200);
    for (int i = 0; i < kPieces; ++i) connection.chunk(std::string(16 * 1024, 'w'));
    connection.end_chunks();
  });
  CurlTransport transport;
  Recorder recorder;
  EXPECT_FALSE(recorder.fetch(transport, watch(server)).failure);
  EXPECT_EQ(recorder.bytes.begin()->second.size(), std::size_t{kPieces} * 16 * 1024);
}

TEST(CurlStream, ReportsABrokenStreamAsResetAfterItsLastBytes) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.start_chunked(200);
    connection.chunk(R"({"type":"ADD)");
    connection.close();
  });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome = recorder.fetch(transport, watch(server));
  EXPECT_EQ(outcome.failure, HttpFailure::Reset);
  EXPECT_EQ(recorder.bytes.begin()->second, R"({"type":"ADD)");
}

TEST(CurlStream, EndsAStreamThatHasGoneSilent) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.start_chunked(200);
    connection.chunk("hello");
    connection.hold();
  });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome = recorder.fetch(transport, watch(server, Millis(200)));
  EXPECT_EQ(outcome.failure, HttpFailure::Timeout);
  EXPECT_EQ(outcome.detail, server.address() + " has sent nothing for 200ms");
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(recorder.bytes.begin()->second, "hello");
}

TEST(CurlStream, EndsAStreamThatNeverAnswers) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) { connection.hold(); });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome = recorder.fetch(transport, watch(server, Millis(150)));
  EXPECT_EQ(outcome.failure, HttpFailure::Timeout);
  EXPECT_EQ(outcome.response.status, 0);
}

TEST(CurlStream, KeepsAStreamThatDripsFasterThanItsSilence) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.start_chunked(200);
    for (int i = 0; i < 20; ++i) {
      connection.chunk("x");
      connection.pause(Millis(50));
    }
    connection.end_chunks();
  });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome = recorder.fetch(transport, watch(server, Millis(500)));
  EXPECT_FALSE(outcome.failure) << outcome.detail;
  EXPECT_GE(outcome.elapsed, Millis(900)) << "longer than the silence allowed";
  EXPECT_EQ(recorder.bytes.begin()->second.size(), 20U);
}

TEST(CurlStream, DeliversNoChunkAfterItsOwnCallbackCancelled) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.start_chunked(200);
    while (connection.open()) connection.chunk("more");
  });
  CurlTransport transport;
  Recorder recorder;
  recorder.when_chunk = [&](std::uint64_t id) { transport.cancel(id); };
  const std::uint64_t id = transport.start(watch(server), recorder);
  ASSERT_TRUE(Recorder::drive(transport, [&] { return recorder.outcomes.contains(id); }));
  EXPECT_EQ(recorder.outcomes.at(id).failure, HttpFailure::Cancelled);
  EXPECT_EQ(recorder.chunks.at(id), 1);
}

TEST(CurlStream, DoesNotDelayOtherRequests) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest& request) {
    if (request.target == "/lease") return connection.reply(200, "held");
    connection.start_chunked(200);
    while (connection.open()) connection.chunk(std::string(64 * 1024, 'w'));
  });
  CurlTransport transport;
  Recorder recorder;
  transport.start(watch(server), recorder);
  ASSERT_TRUE(Recorder::drive(transport, [&] { return !recorder.bytes.empty(); }));
  const HttpOutcome outcome =
      recorder.fetch(transport, {.method = "PUT", .url = server.origin() + "/lease", .body = "{}"});
  EXPECT_EQ(outcome.response.body, "held") << outcome.detail;
}

}  // namespace
}  // namespace raycord
