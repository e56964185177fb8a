#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/curl_transport.h"
#include "test/adapters/fake_http/fake_http.h"
#include "test/adapters/fake_http/recorder.h"

namespace raycord {
namespace {

using testing::HasSubstr;

void answer_with_client_name(FakeConnection& connection, const FakeRequest& request) {
  connection.reply(200, "hello " + request.client_name);
}

class CurlTls : public testing::Test {
 protected:
  HttpOutcome fetch(const FakeHttp& server, TlsOptions tls) {
    transport_.set_profile(server.origin(), {.tls = std::move(tls)});
    return recorder_.fetch(transport_, {.url = server.origin() + "/version"});
  }

  TestAuthority authority_{"cluster-ca"};
  CurlTransport transport_;
  Recorder recorder_;
};

TEST_F(CurlTls, TrustsTheGivenAuthority) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"IP:127.0.0.1"})});
  const HttpOutcome outcome = fetch(server, {.ca_pem = authority_.pem()});
  EXPECT_FALSE(outcome.failure) << outcome.detail;
  EXPECT_EQ(outcome.response.body, "hello ");
}

TEST_F(CurlTls, FindsTheProfileHoweverTheOriginIsWritten) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"DNS:localhost"})});
  const std::string port = std::to_string(server.port());
  transport_.set_profile("HTTPS://LocalHost:" + port + "/", {.tls = {.ca_pem = authority_.pem()}});
  const HttpOutcome outcome =
      recorder_.fetch(transport_, {.url = "https://localhost:" + port + "/version"});
  EXPECT_FALSE(outcome.failure) << outcome.detail;
}

TEST_F(CurlTls, DoesNotTrustAnUnknownAuthority) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"IP:127.0.0.1"})});
  const TestAuthority other("other-ca");
  const HttpOutcome outcome = fetch(server, {.ca_pem = other.pem()});
  EXPECT_EQ(outcome.failure, HttpFailure::Tls);
  EXPECT_THAT(outcome.detail, HasSubstr("no trusted connection to " + server.address()));
  EXPECT_EQ(fetch(server, {}).failure, HttpFailure::Tls) << "nor do the system's authorities";
  EXPECT_EQ(server.request_count(), 0U);
}

TEST_F(CurlTls, DoesNotTrustACertificateOfAnotherHost) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"IP:10.0.0.1", "DNS:api"})});
  const HttpOutcome outcome = fetch(server, {.ca_pem = authority_.pem()});
  EXPECT_EQ(outcome.failure, HttpFailure::Tls);
  EXPECT_EQ(server.request_count(), 0U);
}

TEST_F(CurlTls, DoesNotTrustAnExpiredCertificate) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"IP:127.0.0.1"}, -60)});
  const HttpOutcome outcome = fetch(server, {.ca_pem = authority_.pem()});
  EXPECT_EQ(outcome.failure, HttpFailure::Tls);
  EXPECT_THAT(outcome.detail, HasSubstr("expired"));
}

TEST_F(CurlTls, ExpectsTheGivenServerNameInsteadOfTheAddress) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"DNS:kubernetes.default"})});
  const HttpOutcome outcome =
      fetch(server, {.ca_pem = authority_.pem(), .server_name = "kubernetes.default"});
  EXPECT_FALSE(outcome.failure) << outcome.detail;
  EXPECT_EQ(server.requests().at(0).header("host"), server.address());
  const HttpOutcome wrong = fetch(server, {.ca_pem = authority_.pem(), .server_name = "elsewhere"});
  EXPECT_EQ(wrong.failure, HttpFailure::Tls);
}

TEST_F(CurlTls, AcceptsAnythingOnlyWhenToldTo) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"DNS:elsewhere"}, -60)});
  EXPECT_EQ(fetch(server, {}).failure, HttpFailure::Tls);
  const HttpOutcome outcome = fetch(server, {.insecure = true});
  EXPECT_FALSE(outcome.failure) << outcome.detail;
}

TEST_F(CurlTls, ShowsItsClientCertificate) {
  FakeHttp server(answer_with_client_name,
                  {authority_.issue("api", {"IP:127.0.0.1"}), authority_.pem()});
  const TestIdentity client = authority_.issue("raycord", {});
  const HttpOutcome outcome = fetch(server, {.ca_pem = authority_.pem(),
                                             .client_cert_pem = client.cert_pem,
                                             .client_key_pem = client.key_pem});
  EXPECT_FALSE(outcome.failure) << outcome.detail;
  EXPECT_EQ(outcome.response.body, "hello raycord");
}

TEST_F(CurlTls, UsesARotatedClientCertificateForTheNextRequest) {
  FakeHttp server(answer_with_client_name,
                  {authority_.issue("api", {"IP:127.0.0.1"}), authority_.pem()});
  for (const std::string name : {"first", "second"}) {
    const TestIdentity client = authority_.issue(name, {});
    const HttpOutcome outcome = fetch(server, {.ca_pem = authority_.pem(),
                                               .client_cert_pem = client.cert_pem,
                                               .client_key_pem = client.key_pem});
    EXPECT_EQ(outcome.response.body, "hello " + name) << outcome.detail;
  }
}

TEST_F(CurlTls, ReportsARefusedClientCertificateAsTls) {
  FakeHttp server(answer_with_client_name,
                  {authority_.issue("api", {"IP:127.0.0.1"}), authority_.pem()});
  const HttpOutcome without = fetch(server, {.ca_pem = authority_.pem()});
  EXPECT_EQ(without.failure, HttpFailure::Tls) << without.detail;
  const TestAuthority other("other-ca");
  const TestIdentity stranger = other.issue("stranger", {});
  const HttpOutcome with_wrong = fetch(server, {.ca_pem = authority_.pem(),
                                                .client_cert_pem = stranger.cert_pem,
                                                .client_key_pem = stranger.key_pem});
  EXPECT_EQ(with_wrong.failure, HttpFailure::Tls) << with_wrong.detail;
  EXPECT_EQ(server.request_count(), 0U);
}

TEST_F(CurlTls, ReportsUnusableKeysWithoutShowingThem) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"IP:127.0.0.1"})});
  const TestIdentity client = authority_.issue("raycord", {});
  const HttpOutcome outcome = fetch(server, {.ca_pem = authority_.pem(),
                                             .client_cert_pem = client.cert_pem,
                                             .client_key_pem = "hunter2"});
  EXPECT_EQ(outcome.failure, HttpFailure::Tls) << outcome.detail;
  EXPECT_THAT(outcome.detail, testing::Not(HasSubstr("hunter2")));
}

TEST_F(CurlTls, SpeaksHttp11WithAServerThatDoesNotKnowHttp2) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"IP:127.0.0.1"})});
  transport_.set_profile(server.origin(), {.tls = {.ca_pem = authority_.pem()}, .http2 = true});
  const HttpOutcome outcome =
      recorder_.fetch(transport_, {.url = server.origin() + "/version", .max_body = 1000});
  EXPECT_FALSE(outcome.failure) << outcome.detail;
}

TEST_F(CurlTls, ReportsPlainHttpAtATlsServerAsAFailure) {
  FakeHttp server(answer_with_client_name, {authority_.issue("api", {"IP:127.0.0.1"})});
  const HttpOutcome outcome = recorder_.fetch(transport_, {.url = "http://" + server.address()});
  EXPECT_TRUE(outcome.failure);
  EXPECT_EQ(server.request_count(), 0U);
}

}  // namespace
}  // namespace raycord
