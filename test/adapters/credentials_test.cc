#include "adapters/kube/credentials.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kube/credentials_exec.h"
#include "adapters/kube/kube_config.h"
#include "adapters/kube/kube_config_values.h"
#include "test/adapters/fake_http/test_certificates.h"
#include "test/adapters/temp_folder.h"

namespace raycord {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kV1 = "client.authentication.k8s.io/v1";
constexpr Time kNow{Millis(1'790'000'000'000)};

std::string first_header(Credentials& credentials, Time now) {
  const auto headers = credentials.headers(now);
  if (!headers) return headers.error().message;
  return headers->empty() ? "" : headers->front().value;
}

std::string answer_of(const std::string& status, const std::string& version = kV1) {
  return R"({"apiVersion":")" + version + R"(","kind":"ExecCredential","status":)" + status + "}";
}

TEST(TokenFile, IsReadAgainWhenItHasAged) {
  TempFolder folder;
  const std::string path = folder.write("token", "first\n");
  TokenFileCredentials credentials(path, "", "token file");
  EXPECT_EQ(first_header(credentials, kNow), "Bearer first");
  folder.write("token", "second\n");
  EXPECT_EQ(first_header(credentials, kNow + kTokenFileAge - Millis(1)), "Bearer first");
  EXPECT_EQ(first_header(credentials, kNow + kTokenFileAge), "Bearer second");
}

TEST(TokenFile, IsReadAgainAtOnceAfterARefusal) {
  TempFolder folder;
  TokenFileCredentials credentials(folder.write("token", "first"), "", "token file");
  EXPECT_EQ(first_header(credentials, kNow), "Bearer first");
  folder.write("token", "second");
  credentials.rejected();
  EXPECT_EQ(first_header(credentials, kNow), "Bearer second");
}

TEST(TokenFile, IsReadAgainWhenTheClockWasSetBack) {
  TempFolder folder;
  TokenFileCredentials credentials(folder.write("token", "first"), "", "token file");
  EXPECT_EQ(first_header(credentials, kNow), "Bearer first");
  folder.write("token", "second");
  EXPECT_EQ(first_header(credentials, kNow - Millis(1)), "Bearer second");
}

TEST(TokenFile, LeavesTheLastTokenInUseWhileItCannotBeRead) {
  TempFolder folder;
  TokenFileCredentials credentials(folder.write("token", "first"), "", "token file");
  EXPECT_EQ(first_header(credentials, kNow), "Bearer first");
  folder.write("token", " \n");
  EXPECT_EQ(first_header(credentials, kNow + kTokenFileAge), "Bearer first");
}

TEST(TokenFile, SaysWhatIsWrongWhenThereIsNoTokenYet) {
  TempFolder folder;
  TokenFileCredentials missing(folder.path("gone"), "", "token file of the pod");
  const Outcome outcome = missing.prepare(kNow);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "token file of the pod cannot be read: no such file");
  TokenFileCredentials with_fallback(folder.path("gone"), "spare", "token file of the pod");
  EXPECT_EQ(first_header(with_fallback, kNow), "Bearer spare");
}

class ExecPluginTest : public testing::Test {
 protected:
  ExecPlugin plugin(const std::string& script) {
    return {.api_version = kV1,
            .command = {folder_.write_script("plugin", script)},
            .environment = {"PLACE=" + folder_.path("")},
            .cluster_json = {},
            .install_hint = "Install it from the vendor",
            .described = "exec plugin 'plugin' of user 'dev'"};
  }

  // Prints `status` and counts its runs in the file "runs".
  ExecPlugin printing(const std::string& status) {
    return plugin("echo run >> $PLACE/runs\ncat <<'END'\n" + answer_of(status) + "\nEND\n");
  }

  std::size_t runs() const {
    const std::string lines = folder_.read("runs");
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
  }

  std::string failure(const ExecPlugin& plugin) {
    ExecCredentials credentials(plugin);
    const Outcome outcome = credentials.prepare(kNow);
    const std::string message = outcome ? "" : outcome.error().message;
    EXPECT_THAT(message, Not(HasSubstr("hunter2")));
    EXPECT_EQ(message.find('\n'), std::string::npos);
    return message;
  }

  TempFolder folder_;
};

using ExecCredentialsTest = ExecPluginTest;

TEST_F(ExecCredentialsTest, UseTheTokenThatThePluginPrints) {
  ExecCredentials credentials(printing(R"({"token":"fresh"})"));
  ASSERT_TRUE(credentials.prepare(kNow));
  EXPECT_EQ(first_header(credentials, kNow), "Bearer fresh");
  EXPECT_EQ(first_header(credentials, kNow + std::chrono::hours(100)), "Bearer fresh");
  EXPECT_EQ(runs(), 1U);
}

TEST_F(ExecCredentialsTest, DoNotWaitForThePluginAndTellWhenItIsDone) {
  ExecCredentials credentials(
      plugin("while [ ! -e $PLACE/go ]; do sleep 0.01; done\ncat <<'END'\n" +
             answer_of(R"({"token":"late"})") + "\nEND\n"));
  std::atomic<int> renewed{0};
  credentials.on_renewed([&] { ++renewed; });
  EXPECT_THAT(first_header(credentials, kNow), HasSubstr("is still running"));
  EXPECT_EQ(renewed, 0);
  folder_.write("go", "");
  ASSERT_TRUE(credentials.prepare(kNow));
  EXPECT_EQ(first_header(credentials, kNow), "Bearer late");
}

TEST_F(ExecCredentialsTest, AreRenewedBeforeTheyEndWhileTheOldOnesServe) {
  const Time end = kNow + std::chrono::hours(1);
  ExecCredentials credentials(
      printing(R"({"token":"hourly","expirationTimestamp":")" + to_rfc3339(end) + R"("})"));
  ASSERT_TRUE(credentials.prepare(kNow));
  EXPECT_EQ(first_header(credentials, end - kExecAhead - Millis(1)), "Bearer hourly");
  ASSERT_TRUE(credentials.prepare(end - kExecAhead - Millis(1)));
  EXPECT_EQ(runs(), 1U);
  EXPECT_EQ(first_header(credentials, end - kExecAhead), "Bearer hourly");
  ASSERT_TRUE(credentials.prepare(end - kExecAhead));
  EXPECT_EQ(runs(), 2U);
}

TEST_F(ExecCredentialsTest, AreNotUsedAfterTheirEnd) {
  const Time end = kNow + std::chrono::hours(1);
  ExecCredentials credentials(
      printing(R"({"token":"hourly","expirationTimestamp":")" + to_rfc3339(end) + R"("})"));
  ASSERT_TRUE(credentials.prepare(kNow));
  EXPECT_THAT(first_header(credentials, end), Not(HasSubstr("hourly")));
  const Outcome outcome = credentials.prepare(end);
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("credentials that ended at"));
}

TEST_F(ExecCredentialsTest, AreAskedForAgainAfterARefusalButNotForEveryRequest) {
  ExecCredentials credentials(printing(R"({"token":"t"})"));
  ASSERT_TRUE(credentials.prepare(kNow));
  credentials.rejected();
  EXPECT_THAT(first_header(credentials, kNow + Millis(1)), HasSubstr("refused the credentials"));
  EXPECT_EQ(runs(), 1U);
  ASSERT_TRUE(credentials.prepare(kNow + kExecRetry));
  EXPECT_EQ(runs(), 2U);
  EXPECT_EQ(first_header(credentials, kNow + kExecRetry), "Bearer t");
}

TEST_F(ExecCredentialsTest, NameTheCommandItsLastErrorLineAndTheHint) {
  const std::string message =
      failure(plugin("echo first >&2\necho 'sso session expired' >&2\necho hunter2\nexit 3\n"));
  EXPECT_EQ(message,
            "exec plugin 'plugin' of user 'dev' ended with exit code 3: sso session expired; "
            "Install it from the vendor");
  ExecPlugin missing = plugin("");
  missing.command = {"raycord-no-such-plugin"};
  EXPECT_THAT(failure(missing), AllOf(HasSubstr("could not be started: No such file"),
                                      HasSubstr("Install it from the vendor")));
}

TEST_F(ExecCredentialsTest, RefuseAnswersThatMakeNoSense) {
  const auto printed = [&](const std::string& text) {
    return failure(plugin("cat <<'END'\n" + text + "\nEND\n"));
  };
  EXPECT_THAT(printed("hunter2"), HasSubstr("printed no ExecCredential object in JSON"));
  EXPECT_THAT(printed("[]"), HasSubstr("printed no ExecCredential"));
  EXPECT_THAT(printed(R"({"apiVersion":"v1","kind":"Pod"})"), HasSubstr("no ExecCredential"));
  EXPECT_THAT(printed(answer_of(R"({"token":"hunter2"})", "client.authentication.k8s.io/v1beta1")),
              HasSubstr("another apiVersion"));
  EXPECT_THAT(printed(answer_of("null")), HasSubstr("without status"));
  EXPECT_THAT(printed(answer_of("{}")), HasSubstr("neither a token nor a client certificate"));
  EXPECT_THAT(printed(answer_of(R"({"token":7})")), HasSubstr("neither a token"));
  EXPECT_THAT(printed(answer_of(R"({"token":"hunter2\r\nx: y"})")), HasSubstr("status.token"));
  EXPECT_THAT(printed(answer_of(R"({"token":"t","expirationTimestamp":"soon"})")),
              HasSubstr("not a time"));
  EXPECT_THAT(printed(answer_of(R"({"clientCertificateData":"x"})")), HasSubstr("without its key"));
  EXPECT_THAT(printed(answer_of(R"({"clientCertificateData":"x","clientKeyData":"hunter2"})")),
              HasSubstr("holds no certificate"));
  EXPECT_THAT(failure(plugin("head -c 3000000 /dev/zero\n")), HasSubstr("more than 1 MiB"));
}

TEST_F(ExecCredentialsTest, EndAPluginThatDoesNotEnd) {
  ExecPlugin sleeper = plugin("sleep 1000 & sleep 1000\n");
  sleeper.limit = Millis(100);
  EXPECT_THAT(failure(sleeper), HasSubstr("did not end within 100ms"));
  ExecPlugin silent = plugin("exec >&- 2>&-\nsleep 1000\n");
  silent.limit = Millis(100);
  EXPECT_THAT(failure(silent), HasSubstr("did not end within 100ms"));
}

TEST_F(ExecCredentialsTest, EndARunningPluginWithThemselves) {
  const auto begin = std::chrono::steady_clock::now();
  {
    ExecCredentials credentials(plugin("sleep 1000\n"));
    EXPECT_FALSE(credentials.headers(kNow));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST_F(ExecCredentialsTest, BringAClientCertificate) {
  const TestAuthority authority("ca");
  const TestIdentity client = authority.issue("dev", {});
  const auto escaped = [](std::string pem) {
    for (std::size_t at = 0; (at = pem.find('\n', at)) != std::string::npos;) {
      pem.replace(at, 1, "\\n");
    }
    return pem;
  };
  ExecCredentials credentials(printing(R"({"clientCertificateData":")" + escaped(client.cert_pem) +
                                       R"(","clientKeyData":")" + escaped(client.key_pem) +
                                       R"("})"));
  EXPECT_EQ(credentials.with_identity({}), TlsOptions{});
  const Outcome outcome = credentials.prepare(kNow);
  ASSERT_TRUE(outcome) << outcome.error().message;
  const TlsOptions tls = credentials.with_identity({.ca_pem = "kept"});
  EXPECT_EQ(tls.ca_pem, "kept");
  EXPECT_EQ(tls.client_cert_pem, client.cert_pem);
  EXPECT_EQ(tls.client_key_pem, client.key_pem);
  EXPECT_EQ(credentials.headers(kNow)->size(), 0U);
}

// The whole way from a kubeconfig: arguments, environment, and what the plugin is told.
TEST_F(ExecCredentialsTest, AreSetUpByAKubeconfig) {
  folder_.write_script("bin/plugin",
                       "echo \"$KUBERNETES_EXEC_INFO\" > $PLACE/told\n"
                       "echo '" +
                           answer_of(R"({"token":"TOKEN"})") + "' | sed \"s/TOKEN/$1-$SUFFIX/\"\n");
  const TestAuthority authority("ca");
  const std::string config = folder_.write(
      "config",
      "current-context: x\n"
      "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
      "clusters: [{name: c, cluster: {server: 'https://10.0.0.1:6443', tls-server-name: api,\n"
      "  certificate-authority-data: " +
          encode_base64(authority.pem()) +
          ",\n"
          "  extensions: [{name: client.authentication.k8s.io/exec,\n"
          "    extension: {audience: '06', count: 3, deep: [true, {a: b}]}}]}}]\n"
          "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1,\n"
          "  command: ./bin/plugin, args: [given, second], provideClusterInfo: true,\n"
          "  interactiveMode: IfAvailable, env: [{name: SUFFIX, value: added},\n"
          "  {name: PLACE, value: '" +
          folder_.path("") + "'}]}}}]\n");
  const auto endpoint = find_kube_endpoint({.kubeconfig = config});
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  const Outcome ready = endpoint->credentials->prepare(kNow);
  ASSERT_TRUE(ready) << ready.error().message;
  EXPECT_EQ(first_header(*endpoint->credentials, kNow), "Bearer given-added");
  const std::string told = folder_.read("told");
  EXPECT_THAT(
      told,
      AllOf(HasSubstr(R"("kind":"ExecCredential")"),
            HasSubstr(R"("apiVersion":"client.authentication.k8s.io/v1")"),
            HasSubstr(R"("interactive":false)"), HasSubstr(R"("server":"https://10.0.0.1:6443")"),
            HasSubstr(R"("tls-server-name":"api")"), HasSubstr(encode_base64(authority.pem())),
            HasSubstr(R"("config":{"audience":"06","count":3,)"
                      R"("deep":[true,{"a":"b"}]})")));
}

}  // namespace
}  // namespace raycord
