#include "operator/webhook_server.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/http/curl_transport.h"
#include "adapters/webhook/renewal.h"
#include "operator/clock.h"
#include "operator/limits.h"

namespace raycord {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const char* const kServices = "/validate-ray-io-v1-rayservice";

// A review of a RayService that needs no more than a name and a head to be valid.
std::string review(const std::string& name) {
  return R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
    "uid": "u1", "kind": {"group": "ray.io", "version": "v1", "kind": "RayService"},
    "operation": "CREATE", "object": {"metadata": {"name": ")" +
         name + R"("}, "spec": {"rayClusterConfig": {"headGroupSpec": {"template": {"spec": {
      "containers": [{"name": "head"}]}}}}}}}})";
}

class Answer final : public HttpListener {
 public:
  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t, HttpOutcome outcome) override {
    outcome_ = std::move(outcome);
    done_ = true;
  }
  bool done() const { return done_; }
  const HttpOutcome& outcome() const { return outcome_; }

 private:
  bool done_ = false;
  HttpOutcome outcome_;
};

// A client that connects and then is slow.
class SlowClient {
 public:
  explicit SlowClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~SlowClient() { ::close(socket_); }
  SlowClient(const SlowClient&) = delete;
  SlowClient& operator=(const SlowClient&) = delete;

  void send(const std::string& bytes) { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

 private:
  int socket_;
};

class WebhookServerTest : public testing::Test {
 protected:
  void serve(Millis limit = kWebhookConnection) {
    server_ = std::make_unique<WebhookServer>(limit);
    const Outcome ready = server_->listen("127.0.0.1:0");
    ASSERT_TRUE(ready) << ready.error().message;
    renew_all();
  }

  // With an authority that nobody knows yet.
  void renew_all() {
    auto renewed = renew({}, {"hook.ray-system.svc"}, read_system_clock().wall);
    ASSERT_TRUE(renewed);
    keys_ = renewed->keys;
    ASSERT_TRUE(server_->use(keys_.certificate, keys_.key));
  }

  HttpOutcome ask(const std::string& method, const std::string& path, const std::string& body,
                  const std::string& authorities) {
    CurlTransport transport;
    const std::string origin = "https://" + server_->address();
    transport.set_profile(origin,
                          {.tls = {.ca_pem = authorities, .server_name = "hook.ray-system.svc"}});
    Answer answer;
    HttpRequest request;
    request.method = method;
    request.url = origin + path;
    request.headers = {{"content-type", "application/json"}};
    request.body = body;
    request.timeout = 30s;
    transport.start(std::move(request), answer);
    while (!answer.done()) transport.poll(Millis(1000));
    return answer.outcome();
  }

  HttpOutcome post(const std::string& body) {
    return ask("POST", kServices, body, keys_.authorities);
  }

  int port() const {
    const std::string address = server_->address();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }

  std::unique_ptr<WebhookServer> server_;
  WebhookKeys keys_;
};

TEST_F(WebhookServerTest, AnswersOverTls) {
  serve();
  const HttpOutcome good = post(review("good"));
  EXPECT_EQ(good.response.status, 200) << good.detail;
  EXPECT_THAT(good.response.body, HasSubstr(R"("allowed":true)"));
  const HttpOutcome bad = post(review("1st"));
  EXPECT_EQ(bad.response.status, 200);
  EXPECT_THAT(bad.response.body, HasSubstr(R"(metadata.name is \"1st\")"));
  EXPECT_EQ(server_->answers().allowed, 1U);
  EXPECT_EQ(server_->answers().refused, 1U);
}

TEST_F(WebhookServerTest, IsTrustedByItsAuthorityOnly) {
  serve();
  const auto others = renew({}, {"hook.ray-system.svc"}, read_system_clock().wall);
  ASSERT_TRUE(others);
  const HttpOutcome outcome = ask("POST", kServices, review("good"), others->keys.authorities);
  EXPECT_EQ(outcome.failure, HttpFailure::Tls) << outcome.detail;
}

TEST_F(WebhookServerTest, ShowsARenewedCertificateWithoutARestart) {
  serve();
  const WebhookKeys before = keys_;
  renew_all();
  EXPECT_EQ(post(review("good")).response.status, 200);
  EXPECT_EQ(ask("POST", kServices, review("good"), before.authorities).failure, HttpFailure::Tls);
  // During a rotation both are trusted.
  EXPECT_EQ(ask("POST", kServices, review("good"), keys_.authorities + before.authorities)
                .response.status,
            200);
}

TEST_F(WebhookServerTest, TakesNoKeyOfAnotherCertificate) {
  serve();
  const auto others = renew({}, {"x"}, read_system_clock().wall);
  const Outcome used = server_->use(keys_.certificate, others->keys.key);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().message, "the webhook's certificate and key are no pair");
  EXPECT_EQ(post(review("good")).response.status, 200) << "the good ones stay in use";
}

TEST_F(WebhookServerTest, ShakesNoHandsWithoutACertificate) {
  server_ = std::make_unique<WebhookServer>(kWebhookConnection);
  ASSERT_TRUE(server_->listen("127.0.0.1:0"));
  const auto keys = renew({}, {"hook.ray-system.svc"}, read_system_clock().wall);
  const HttpOutcome outcome = ask("POST", kServices, review("good"), keys->keys.authorities);
  EXPECT_TRUE(outcome.failure.has_value());
}

TEST_F(WebhookServerTest, SaysWhatIsWrongWithARequest) {
  serve();
  EXPECT_EQ(post("{").response.status, 400);
  EXPECT_THAT(post("{").response.body, HasSubstr("no AdmissionReview to answer"));
  const HttpOutcome elsewhere =
      ask("POST", "/validate-ray-io-v1-raycluster", review("good"), keys_.authorities);
  EXPECT_EQ(elsewhere.response.status, 400);
  EXPECT_THAT(elsewhere.response.body, HasSubstr("here RayCluster of ray.io is judged"));
  const HttpOutcome nowhere = ask("GET", kServices, "", keys_.authorities);
  EXPECT_EQ(nowhere.response.status, 404);
  EXPECT_THAT(nowhere.response.body, HasSubstr("AdmissionReviews are posted to"));
  EXPECT_EQ(server_->answers().unanswered, 3U);
}

TEST_F(WebhookServerTest, RefusesWhatIsTooLong) {
  serve();
  EXPECT_EQ(post(std::string(kAdmissionReviewMax, ' ')).response.status, 400);
  // A client that still sends when it is answered may see the end of the connection instead.
  for (const std::size_t length : {kAdmissionReviewMax + 1, kWebhookBytesMax * 2}) {
    const HttpOutcome outcome = post(std::string(length, ' '));
    EXPECT_TRUE(outcome.failure || outcome.response.status == 413) << outcome.response.status;
  }
  EXPECT_EQ(server_->answers().unanswered, 3U);
  EXPECT_EQ(post(review("good")).response.status, 200);
}

// Some hold a connection open, some a handshake, and more of them than there are threads.
TEST_F(WebhookServerTest, IsNotHeldUpBySlowClients) {
  serve(300ms);
  std::vector<std::unique_ptr<SlowClient>> clients;
  for (std::size_t i = 0; i < 3 * kWebhookThreads; ++i) {
    clients.push_back(std::make_unique<SlowClient>(port()));
    if (i % 2 == 0) clients.back()->send("\x16\x03\x01");  // The first bytes of a ClientHello.
  }
  EXPECT_EQ(post(review("good")).response.status, 200);
}

TEST_F(WebhookServerTest, IsNotHeldUpByWhoDripsBytes) {
  serve(300ms);
  std::atomic<bool> dripping = true;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kWebhookThreads; ++i) {
    threads.emplace_back([this, &dripping] {
      SlowClient client(port());
      client.send(std::string("\x16\x03\x01\x3f\xff", 5));  // A long ClientHello follows, slowly.
      std::mutex mutex;
      std::condition_variable never;
      while (dripping) {
        client.send("\x01");
        std::unique_lock lock(mutex);
        never.wait_for(lock, 20ms);
      }
    });
  }
  EXPECT_EQ(post(review("good")).response.status, 200);
  dripping = false;
  for (std::thread& thread : threads) thread.join();
}

TEST_F(WebhookServerTest, EndsAtOnceThoughClientsAreConnected) {
  serve(60s);
  std::vector<std::unique_ptr<SlowClient>> clients;
  for (std::size_t i = 0; i < kWebhookThreads + kWebhookWaiting + 4; ++i) {
    clients.push_back(std::make_unique<SlowClient>(port()));
  }
  const auto begun = std::chrono::steady_clock::now();
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s);
}

TEST_F(WebhookServerTest, NamesThePortThatIsTaken) {
  serve();
  WebhookServer other(kWebhookConnection);
  const Outcome refused = other.listen(server_->address());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("give another --webhook-address"));
}

}  // namespace
}  // namespace raycord
