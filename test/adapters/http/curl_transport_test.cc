#include "adapters/http/curl_transport.h"

#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "test/adapters/fake_http/fake_http.h"
#include "test/adapters/fake_http/recorder.h"

namespace raycord {
namespace {

using testing::HasSubstr;

TEST(CurlTransport, DeliversAWholeResponseWithLowerCaseHeaders) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.reply(429, R"({"kind":"Status"})", {{"Retry-After", "  3 "}, {"X-Empty", ""}});
  });
  CurlTransport transport({.user_agent = "raycord/1.2.3"});
  Recorder recorder;
  const HttpOutcome outcome =
      recorder.fetch(transport, {.url = server.origin() + "/api/v1/pods?limit=500&x=a%2Fb",
                                 .headers = {{"authorization", "Bearer t"}, {"x-nothing", ""}}});

  EXPECT_FALSE(outcome.failure) << outcome.detail;
  EXPECT_EQ(outcome.response.status, 429);
  EXPECT_EQ(outcome.response.body, R"({"kind":"Status"})");
  EXPECT_EQ(find_header(outcome.response.headers, "retry-after"), "3");
  EXPECT_EQ(find_header(outcome.response.headers, "x-empty"), "");
  const FakeRequest seen = server.requests().at(0);
  EXPECT_EQ(seen.target, "/api/v1/pods?limit=500&x=a%2Fb");
  EXPECT_EQ(seen.header("user-agent"), "raycord/1.2.3");
  EXPECT_EQ(seen.header("authorization"), "Bearer t");
  EXPECT_EQ(seen.header("host"), server.address());
  EXPECT_NE(find_header(seen.headers, "x-nothing"), std::nullopt);
  EXPECT_EQ(transport.in_flight(), 0U);
}

TEST(CurlTransport, SendsEveryMethodWithItsBodyAndNothingOfItsOwn) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest& request) {
    if (request.method == "HEAD") return connection.send("HTTP/1.1 200 OK\r\n\r\n");
    connection.reply(200, request.method + ":" + request.body);
  });
  CurlTransport transport;
  Recorder recorder;
  const std::string large(300'000, 'b');
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    for (const std::string& body : {std::string(), std::string("{}"), large}) {
      const HttpOutcome outcome = recorder.fetch(
          transport, {.method = method, .url = server.origin() + "/x", .body = body});
      EXPECT_EQ(outcome.response.body, method + ":" + body) << outcome.detail;
    }
  }
  for (const FakeRequest& request : server.requests()) {
    EXPECT_EQ(request.header("content-type"), "") << request.method;
    EXPECT_EQ(request.header("expect"), "") << request.method;
  }
  EXPECT_EQ(recorder.fetch(transport, {.method = "HEAD", .url = server.origin()}).response.status,
            200);
}

TEST(CurlTransport, DoesNotFollowRedirects) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.reply(302, "", {{"Location", "/elsewhere"}});
  });
  CurlTransport transport;
  Recorder recorder;
  EXPECT_EQ(recorder.fetch(transport, {.url = server.origin() + "/"}).response.status, 302);
  EXPECT_EQ(server.request_count(), 1U);
}

TEST(CurlTransport, IgnoresProxyVariablesUnlessAsked) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) { connection.reply(200); });
  setenv("http_proxy", ("http://127.0.0.1:" + std::to_string(unused_port())).c_str(), 1);
  setenv("no_proxy", "", 1);
  CurlTransport direct;
  CurlTransport obedient({.proxy_from_environment = true});
  Recorder recorder;
  Recorder other;
  const HttpOutcome straight = recorder.fetch(direct, {.url = server.origin() + "/"});
  const HttpOutcome around = other.fetch(obedient, {.url = server.origin() + "/"});
  unsetenv("no_proxy");
  unsetenv("http_proxy");
  EXPECT_EQ(straight.response.status, 200) << straight.detail;
  EXPECT_EQ(around.failure, HttpFailure::Refused);
}

TEST(CurlTransport, KeepsAPathAsItIs) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) { connection.reply(200); });
  CurlTransport transport;
  Recorder recorder;
  const std::string path = "/api/v1/namespaces/a/services/b:dashboard/proxy/../x/./y//";
  recorder.fetch(transport, {.url = server.origin() + path});
  EXPECT_EQ(server.requests().at(0).target, path);
}

TEST(CurlTransport, UsesOneConnectionForRequestsOneAfterTheOther) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) { connection.reply(200); });
  CurlTransport transport;
  Recorder recorder;
  for (int i = 0; i < 5; ++i) recorder.fetch(transport, {.url = server.origin() + "/"});
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, KeepsReadsWritesAndStreamsOnConnectionsOfTheirOwn) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) { connection.reply(200); });
  CurlTransport transport;
  Recorder recorder;
  const std::string url = server.origin() + "/";
  recorder.fetch(transport, {.url = url});
  recorder.fetch(transport, {.method = "PUT", .url = url, .body = "{}"});
  recorder.fetch(transport, {.url = url, .stream = true});
  recorder.fetch(transport, {.url = url});
  recorder.fetch(transport, {.method = "DELETE", .url = url});
  std::vector<int> connections;
  for (const FakeRequest& request : server.requests()) connections.push_back(request.connection);
  EXPECT_THAT(connections, testing::ElementsAre(1, 2, 3, 1, 2));
}

// The first request leaves a connection behind; on it the second is read and never answered.
FakeHttp::Script close_after_the_first(bool with_reset) {
  return [with_reset](FakeConnection& connection, const FakeRequest& request) {
    if (request.target == "/first") return connection.reply(200, "first");
    if (connection.number() > 1) return connection.reply(200, "repeated");
    with_reset ? connection.reset() : connection.close();
  };
}

TEST(CurlTransport, NeverSendsAWriteTwiceWhenTheServerReadsItAndCloses) {
  for (const bool with_reset : {false, true}) {
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
      for (const std::string body : {"", R"({"applications":[]})"}) {
        FakeHttp server(close_after_the_first(with_reset));
        CurlTransport transport;
        Recorder recorder;
        recorder.fetch(transport,
                       {.method = method, .url = server.origin() + "/first", .body = body});
        const HttpOutcome outcome = recorder.fetch(
            transport, {.method = method, .url = server.origin() + "/second", .body = body});
        EXPECT_EQ(outcome.failure, HttpFailure::Reset) << method << " " << outcome.detail;
        EXPECT_THAT(outcome.detail, HasSubstr("not sent a second time"));
        EXPECT_EQ(server.request_count(), 2U) << method << " was sent twice";
      }
    }
  }
}

// This is what the guard above is for: without it libcurl repeats by itself.
TEST(CurlTransport, LetsLibcurlRepeatAReadOnADeadConnection) {
  FakeHttp server(close_after_the_first(false));
  CurlTransport transport;
  Recorder recorder;
  recorder.fetch(transport, {.url = server.origin() + "/first"});
  const HttpOutcome outcome = recorder.fetch(transport, {.url = server.origin() + "/second"});
  EXPECT_EQ(outcome.response.body, "repeated") << outcome.detail;
  EXPECT_EQ(server.request_count(), 3U);
}

TEST(CurlTransport, ReportsARefusedConnectionWithItsAddress) {
  CurlTransport transport;
  Recorder recorder;
  const std::string address = "127.0.0.1:" + std::to_string(unused_port());
  const HttpOutcome outcome = recorder.fetch(transport, {.url = "http://" + address + "/x"});
  EXPECT_EQ(outcome.failure, HttpFailure::Refused);
  EXPECT_EQ(outcome.response.status, 0);
  EXPECT_THAT(outcome.detail, HasSubstr("could not connect to " + address));
}

TEST(CurlTransport, EndsASilentAnswerAtItsTimeout) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) { connection.hold(); });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome =
      recorder.fetch(transport, {.url = server.origin() + "/", .timeout = Millis(150)});
  EXPECT_EQ(outcome.failure, HttpFailure::Timeout);
  EXPECT_THAT(outcome.detail, HasSubstr("no whole answer from " + server.address()));
  EXPECT_GE(outcome.elapsed, Millis(140));
  EXPECT_LT(outcome.elapsed, Millis(5000));
}

TEST(CurlTransport, EndsASlowDripAtItsTimeoutThoughBytesKeepComing) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.start_chunked(200);
    while (connection.open()) {
      connection.chunk("x");
      connection.pause(Millis(10));
    }
  });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome =
      recorder.fetch(transport, {.url = server.origin() + "/", .timeout = Millis(200)});
  EXPECT_EQ(outcome.failure, HttpFailure::Timeout);
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_FALSE(outcome.response.body.empty()) << "what had arrived is kept";
}

TEST(CurlTransport, ReportsHalfABodyAsReset) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    connection.close();
  });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome = recorder.fetch(transport, {.url = server.origin() + "/"});
  EXPECT_EQ(outcome.failure, HttpFailure::Reset);
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(outcome.response.body, "half");
}

TEST(CurlTransport, ReportsAnAnswerThatIsNotHttpAsUnsupported) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.send("SSH-2.0-OpenSSH_9.2\r\n");
    connection.close();
  });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome = recorder.fetch(transport, {.url = server.origin() + "/"});
  EXPECT_EQ(outcome.failure, HttpFailure::Unsupported) << outcome.detail;
}

TEST(CurlTransport, RefusesABodyOneByteOverTheLimitAndTakesOneAtIt) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest& request) {
    if (request.target == "/length") return connection.reply(200, std::string(1001, 'x'));
    connection.start_chunked(200);
    for (int i = 0; i < (request.target == "/over" ? 1001 : 1000); ++i) connection.chunk("x");
    connection.end_chunks();
  });
  CurlTransport transport;
  Recorder recorder;
  const auto fetch = [&](const std::string& path) {
    return recorder.fetch(transport, {.url = server.origin() + path, .max_body = 1000});
  };
  EXPECT_EQ(fetch("/at").response.body.size(), 1000U);
  EXPECT_FALSE(fetch("/at").failure);
  EXPECT_EQ(fetch("/over").failure, HttpFailure::TooLarge);
  const HttpOutcome by_length = fetch("/length");
  EXPECT_EQ(by_length.failure, HttpFailure::TooLarge);
  EXPECT_THAT(by_length.detail, HasSubstr("longer than 1000 bytes"));
}

TEST(CurlTransport, TakesABigBodyWhenTheRequestAllowsIt) {
  const std::string big(20 * 1024 * 1024, 'p');
  FakeHttp server(
      [&big](FakeConnection& connection, const FakeRequest&) { connection.reply(200, big); });
  CurlTransport transport;
  Recorder recorder;
  const HttpOutcome outcome = recorder.fetch(
      transport, {.url = server.origin() + "/", .max_body = std::size_t{32} * 1024 * 1024});
  EXPECT_FALSE(outcome.failure) << outcome.detail;
  EXPECT_EQ(outcome.response.body, big);
  EXPECT_EQ(recorder.fetch(transport, {.url = server.origin() + "/"}).failure,
            HttpFailure::TooLarge);
}

TEST(CurlTransport, BoundsTheHeaders) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.send("HTTP/1.1 200 OK\r\n");
    while (connection.open()) connection.send("X-More: " + std::string(8000, 'h') + "\r\n");
  });
  CurlTransport transport;
  Recorder recorder;
  EXPECT_EQ(recorder.fetch(transport, {.url = server.origin() + "/"}).failure,
            HttpFailure::TooLarge);
}

TEST(CurlTransport, RefusesWhatCannotBeSentWithoutRepeatingSecrets) {
  CurlTransport transport;
  Recorder recorder;
  const auto failure = [&](HttpRequest request) {
    const HttpOutcome outcome = recorder.fetch(transport, std::move(request));
    EXPECT_FALSE(outcome.detail.empty());
    EXPECT_THAT(outcome.detail, testing::Not(HasSubstr("hunter2")));
    return outcome.failure;
  };
  EXPECT_EQ(failure({.url = "/api/v1/pods"}), HttpFailure::Unsupported);
  EXPECT_EQ(failure({.url = ""}), HttpFailure::Unsupported);
  EXPECT_EQ(failure({.url = "ftp://127.0.0.1/x"}), HttpFailure::Unsupported);
  EXPECT_EQ(failure({.url = "http://user:hunter2@127.0.0.1/x"}), HttpFailure::Unsupported);
  EXPECT_EQ(failure({.url = "http://127.0.0.1:99999/"}), HttpFailure::Unsupported);
  EXPECT_EQ(failure({.method = "GET / HTTP/1.1\r\nX: y", .url = "http://127.0.0.1/"}),
            HttpFailure::Unsupported);
  EXPECT_EQ(
      failure({.url = "http://127.0.0.1/", .headers = {{"authorization", "hunter2\r\nX: y"}}}),
      HttpFailure::Unsupported);
  EXPECT_EQ(failure({.url = "http://127.0.0.1/", .headers = {{"a: b\r\nc", "d"}}}),
            HttpFailure::Unsupported);
}

TEST(CurlTransport, CancelsOnceAndDeliversNothingElse) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) { connection.hold(); });
  CurlTransport transport;
  Recorder recorder;
  const std::uint64_t id = transport.start({.url = server.origin() + "/"}, recorder);
  ASSERT_TRUE(Recorder::drive(transport, [&] { return server.request_count() == 1; }));
  transport.cancel(id);
  transport.cancel(id);
  EXPECT_TRUE(recorder.outcomes.empty()) << "reported from inside cancel()";
  transport.poll(Millis(0));
  EXPECT_EQ(recorder.outcomes.at(id).failure, HttpFailure::Cancelled);
  transport.cancel(id);
  transport.cancel(12345);
  transport.poll(Millis(0));
  EXPECT_EQ(recorder.outcomes.size(), 1U);
}

TEST(CurlTransport, LetsCallbacksStartAndCancel) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest& request) {
    request.target == "/held" ? connection.hold() : connection.reply(200, request.target);
  });
  CurlTransport transport;
  Recorder recorder;
  const std::uint64_t held = transport.start({.url = server.origin() + "/held"}, recorder);
  std::uint64_t second = 0;
  recorder.when_done = [&](std::uint64_t) {
    if (second != 0) return;
    second = transport.start({.url = server.origin() + "/second"}, recorder);
    transport.cancel(held);
  };
  const std::uint64_t first = transport.start({.url = server.origin() + "/first"}, recorder);
  ASSERT_TRUE(Recorder::drive(transport, [&] { return recorder.outcomes.size() == 3; }));
  EXPECT_EQ(recorder.outcomes.at(first).response.body, "/first");
  EXPECT_EQ(recorder.outcomes.at(second).response.body, "/second");
  EXPECT_EQ(recorder.outcomes.at(held).failure, HttpFailure::Cancelled);
}

TEST(CurlTransport, CarriesAThousandRequestsAtOnce) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest& request) {
    connection.reply(200, request.target);
  });
  CurlTransport transport({.connection_cache = 1000, .connections_per_origin = 1000});
  Recorder recorder;
  std::map<std::uint64_t, std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string path = "/" + std::to_string(i);
    expected[transport.start({.url = server.origin() + path}, recorder)] = path;
  }
  ASSERT_TRUE(Recorder::drive(transport, [&] { return recorder.outcomes.size() == 1000; }));
  for (const auto& [id, path] : expected) {
    EXPECT_FALSE(recorder.outcomes.at(id).failure) << recorder.outcomes.at(id).detail;
    EXPECT_EQ(recorder.outcomes.at(id).response.body, path);
  }
}

TEST(CurlTransport, QueuesWhatIsOverTheConnectionsAllowedToAnOrigin) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest& request) {
    connection.reply(200, request.body);
  });
  CurlTransport transport({.connections_per_origin = 4});
  Recorder recorder;
  for (int i = 0; i < 100; ++i) {
    transport.start({.method = "PUT", .url = server.origin() + "/", .body = std::to_string(i)},
                    recorder);
  }
  ASSERT_TRUE(Recorder::drive(transport, [&] { return recorder.outcomes.size() == 100; }));
  for (const auto& [id, outcome] : recorder.outcomes) {
    EXPECT_EQ(outcome.response.body, std::to_string(id - 1)) << outcome.detail;
  }
  EXPECT_LE(server.connections(), 4);
}

TEST(CurlTransport, WakesFromAnotherThread) {
  CurlTransport transport;
  const auto begin = std::chrono::steady_clock::now();
  std::thread other([&] { transport.wake(); });
  transport.poll(Millis(60'000));
  other.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(CurlTransport, RemembersAWakeThatCameBeforeThePoll) {
  CurlTransport transport;
  transport.wake();
  transport.wake();
  const auto begin = std::chrono::steady_clock::now();
  transport.poll(Millis(60'000));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(CurlTransport, MayBeDestroyedWithRequestsInFlight) {
  FakeHttp server([](FakeConnection& connection, const FakeRequest&) {
    connection.start_chunked(200);
    connection.chunk("x");
    connection.hold();
  });
  Recorder recorder;
  {
    CurlTransport transport;
    transport.start({.url = server.origin() + "/"}, recorder);
    transport.start({.url = server.origin() + "/", .stream = true}, recorder);
    ASSERT_TRUE(Recorder::drive(transport, [&] { return !recorder.bytes.empty(); }));
  }
  EXPECT_TRUE(recorder.outcomes.empty());
}

}  // namespace
}  // namespace raycord
