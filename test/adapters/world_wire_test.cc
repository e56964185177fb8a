// The world over real sockets: servers that answer badly, or not at all.

#include <gtest/gtest.h>

#include "adapters/http/curl_transport.h"
#include "adapters/limits.h"
#include "adapters/world.h"
#include "core/overloaded.h"
#include "test/adapters/fact_text.h"
#include "test/adapters/fake_http/fake_http.h"
#include "test/adapters/fake_http/recorder.h"
#include "test/adapters/kube/kube_json.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;

bool is_about(const FakeRequest& request, const std::string& part) {
  return request.target.find(part) != std::string::npos;
}

// Answers lists and watches of all kinds but Pods: nothing there, and nothing happens.
bool answer_others(FakeConnection& connection, const FakeRequest& request) {
  const bool is_list = is_about(request, "limit=") || is_about(request, "watch=1");
  if (!is_list || is_about(request, "/pods?")) return false;
  if (is_about(request, "watch=1")) {
    connection.start_chunked(200);
    connection.hold();
  } else {
    connection.reply_json(200, list_json("Thing", 100, {}));
  }
  return true;
}

class WorldWireTest : public testing::Test {
 protected:
  void open(FakeHttp::Script pods) {
    server =
        std::make_unique<FakeHttp>([pods](FakeConnection& connection, const FakeRequest& request) {
          if (!answer_others(connection, request)) pods(connection, request);
        });
    WorldOptions options;
    options.server = server->origin();
    options.credentials = std::make_shared<FixedCredentials>(std::vector<HttpHeader>{});
    options.log_id = "abcde";
    options.leadership.by_lease = false;
    world = std::make_unique<World>(options, transport);
    world->start(now, {}, {});
  }

  // Time runs as in life, so that waits end.
  bool until_fact(const std::string& text) {
    const auto began = std::chrono::steady_clock::now();
    const Time start = now;
    return Recorder::drive(transport, [&] {
      now = start + std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - began);
      world->tick(now, 0);
      for (std::string& fact : fact_texts(world->take_observations())) {
        facts.push_back(std::move(fact));
      }
      return std::find(facts.begin(), facts.end(), text) != facts.end();
    });
  }

  bool has(const std::string& text) const {
    return std::find(facts.begin(), facts.end(), text) != facts.end();
  }

  Time now{1'200'000ms};
  CurlTransport transport;
  std::unique_ptr<FakeHttp> server;
  std::unique_ptr<World> world;
  Texts facts;
};

TEST_F(WorldWireTest, AWatchThatBreaksInMidLineGoesOnWhereItWas) {
  open([](FakeConnection& connection, const FakeRequest& request) {
    const std::string line = line_json("ADDED", pod_json("a", 101));
    if (is_about(request, "resourceVersion=100&")) {
      connection.start_chunked(200);
      connection.chunk(line);
      connection.chunk(line_json("ADDED", pod_json("b", 102)).substr(0, 30));
      connection.close();
    } else if (is_about(request, "resourceVersion=101&")) {
      connection.start_chunked(200);
      connection.chunk(line_json("ADDED", pod_json("b", 102)));
      connection.hold();
    } else {
      const bool is_peek = request.target.ends_with("limit=1");
      connection.reply_json(200, list_json("Pod", is_peek ? 102 : 100, {}));
    }
  });
  EXPECT_TRUE(until_fact("seen Pod default/b 102"));
  EXPECT_TRUE(has("seen Pod default/a 101"));
  EXPECT_FALSE(has("unreadable watch Pod"));
}

TEST_F(WorldWireTest, NonsenseIsReportedAndAGoodAnswerTakenLater) {
  auto lists = std::make_shared<std::atomic<int>>(0);
  open([lists](FakeConnection& connection, const FakeRequest& request) {
    if (is_about(request, "watch=1")) {
      connection.start_chunked(200);
      return connection.hold();
    }
    const int number = ++*lists;
    if (number == 1) return connection.reply(200, R"({"kind":"PodList","items":[{"meta)");
    if (number == 2) return connection.reply(500, "oops");
    if (number == 3) return connection.close();
    connection.reply_json(200, list_json("Pod", 100, {pod_json("a", 90)}));
  });
  EXPECT_TRUE(until_fact("listed Pod 100 asked 0"));
  EXPECT_TRUE(has("unreadable list of watch Pod"));
  EXPECT_TRUE(has("seen Pod default/a 90"));
}

TEST_F(WorldWireTest, ThrottlingIsObeyed) {
  auto lists = std::make_shared<std::atomic<int>>(0);
  open([lists](FakeConnection& connection, const FakeRequest& request) {
    if (is_about(request, "watch=1")) {
      connection.start_chunked(200);
      return connection.hold();
    }
    if (++*lists == 1) return connection.reply(429, "slow down", {{"retry-after", "2"}});
    connection.reply_json(200, list_json("Pod", 100, {}));
  });
  const Time start = now;
  EXPECT_TRUE(until_fact("listed Pod 100 asked 0"));
  EXPECT_GE(now - start, 2s);
}

TEST_F(WorldWireTest, AWriteWithoutAnAnswerIsUnknownAndSentOnce) {
  open([](FakeConnection& connection, const FakeRequest& request) {
    if (request.method == "POST") return connection.reset();
    if (is_about(request, "watch=1")) {
      connection.start_chunked(200);
      return connection.hold();
    }
    connection.reply_json(200, list_json("Pod", 100, {}));
  });
  KubeWrite write;
  write.method = "POST";
  write.path = "/api/v1/namespaces/default/pods";
  write.body = pod_json("a", 0);
  write.object = {Kind::Pod, "default", "a"};
  world->send(now, {Seq{4}, write});
  WriteDone done;
  ASSERT_TRUE(Recorder::drive(transport, [&] {
    for (Observation& observation : world->take_observations()) {
      const auto* report = std::get_if<Report>(&observation);
      if (report == nullptr) continue;
      if (const auto* it = std::get_if<WriteDone>(&report->fact)) done = *it;
    }
    return done.decided == Seq{4};
  }));
  EXPECT_EQ(done.result, WriteResult::Unknown);
  int posts = 0;
  for (const FakeRequest& request : server->requests()) posts += request.method == "POST" ? 1 : 0;
  EXPECT_EQ(posts, 1);
}

TEST_F(WorldWireTest, ADashboardThatSendsWithoutEndIsTooLarge) {
  open([](FakeConnection& connection, const FakeRequest& request) {
    if (is_about(request, "/api/serve/")) {
      return connection.reply(200, std::string(kAnswerMax + 1, 'x'));
    }
    connection.hold();
  });
  Wanted wanted;
  WantedProbe probe;
  probe.ns = "default";
  probe.cluster = "c";
  probe.address = "127.0.0.1";
  probe.port = server->port();
  wanted.probes = {probe};
  world->want(now, wanted);
  EXPECT_TRUE(until_fact("dashboard c too large x1"));
  EXPECT_TRUE(has("unreadable dashboard of RayCluster default/c"));
}

}  // namespace
}  // namespace raycord
