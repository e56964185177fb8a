#include "operator/endpoints.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/curl_transport.h"

namespace raycord {
namespace {

using testing::HasSubstr;

class Answer final : public HttpListener {
 public:
  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t, HttpOutcome outcome) override {
    outcome_ = std::move(outcome);
    done_ = true;
  }
  bool done() const { return done_; }
  const HttpResponse& response() const { return outcome_.response; }

 private:
  bool done_ = false;
  HttpOutcome outcome_;
};

class EndpointsTest : public testing::Test {
 protected:
  EndpointsTest() {
    const Outcome listens = endpoints_.listen("127.0.0.1:0", "--metrics-addr");
    EXPECT_TRUE(listens);
  }

  HttpResponse get(const std::string& path) {
    CurlTransport transport;
    Answer answer;
    transport.start({.url = "http://" + endpoints_.addresses().at(0) + path}, answer);
    while (!answer.done()) transport.poll(Millis(1000));
    return answer.response();
  }

  Board board_;
  Endpoints endpoints_{board_};
};

TEST_F(EndpointsTest, SayWhyTheyAreNotReady) {
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/readyz").body, "starting\n");
  board_.show_not_ready("has not yet seen every Pod");
  EXPECT_EQ(get("/readyz").body, "has not yet seen every Pod\n");
  board_.show_not_ready("");
  EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(EndpointsTest, AreAliveWhileTheLoopTurns) {
  board_.beat_all();
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/healthz").body, "ok\n");
}

TEST_F(EndpointsTest, AskTheLoopForFreshMetrics) {
  std::atomic<int> woken = 0;
  std::thread loop;
  board_.on_wanted([&] {
    ++woken;
    loop = std::thread([this] {
      if (board_.metrics_wanted()) board_.show_metrics("a_total 1\n");
    });
  });
  const HttpResponse response = get("/metrics");
  loop.join();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "a_total 1\n");
  EXPECT_EQ(find_header(response.headers, "content-type"),
            "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(woken, 1);
}

TEST_F(EndpointsTest, GiveWhatIsThereWhenTheLoopDoesNotComeBy) {
  EXPECT_EQ(get("/metrics").status, 200);
  EXPECT_EQ(get("/metrics").body, "");
}

TEST_F(EndpointsTest, NameThePortThatIsTaken) {
  const std::string taken = endpoints_.addresses().at(0);
  Endpoints others(board_);
  const Outcome refused = others.listen(taken, "--metrics-addr");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("cannot listen on " + taken));
  EXPECT_THAT(refused.error().message, HasSubstr("--metrics-addr"));
}

TEST_F(EndpointsTest, ListenNowhereWhenAsked) {
  Endpoints none(board_);
  EXPECT_TRUE(none.listen("0", "--metrics-addr"));
  EXPECT_TRUE(none.addresses().empty());
}

}  // namespace
}  // namespace raycord
