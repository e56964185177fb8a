#include "adapters/kube/kube_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kube/kube_config_values.h"
#include "test/adapters/fake_http/test_certificates.h"
#include "test/adapters/temp_folder.h"

namespace raycord {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr Time kNow{Millis(1'790'000'000'000)};

// A kubeconfig of one cluster, user and context, each given as the inside of a YAML flow map.
std::string config_of(const std::string& cluster, const std::string& user = "") {
  return "apiVersion: v1\nkind: Config\ncurrent-context: main\n"
         "contexts: [{name: main, context: {cluster: prod, user: dev, namespace: team-a}}]\n"
         "clusters: [{name: prod, cluster: {" +
         cluster + "}}]\nusers: [{name: dev, user: {" + user + "}}]\n";
}

constexpr const char* kServer = "server: 'https://10.0.0.1:6443/'";

class KubeConfig : public testing::Test {
 protected:
  Result<KubeEndpoint> load(const std::string& text, const std::string& context = "") {
    return find_kube_endpoint({.kubeconfig = folder_.write("config", text), .context = context});
  }

  // The message of the error that the text gives, "" for none.
  std::string error_of(const std::string& text, const std::string& context = "") {
    const auto endpoint = load(text, context);
    return endpoint ? "" : endpoint.error().message;
  }

  std::vector<std::string> header_lines(const KubeEndpoint& endpoint) {
    std::vector<std::string> lines;
    const auto headers = endpoint.credentials->headers(kNow);
    if (!headers) return {headers.error().message};
    for (const HttpHeader& header : *headers) lines.push_back(header.name + ": " + header.value);
    return lines;
  }

  TempFolder folder_;
  TestAuthority authority_{"cluster-ca"};
};

TEST_F(KubeConfig, ReadsServerNamespaceAuthorityAndToken) {
  const auto endpoint = load(config_of(
      std::string(kServer) + ", tls-server-name: kubernetes.default, certificate-authority-data: " +
          encode_base64(authority_.pem()),
      "token: 'secret-token'"));
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(endpoint->server, "https://10.0.0.1:6443");
  EXPECT_EQ(endpoint->tls.ca_pem, authority_.pem());
  EXPECT_EQ(endpoint->tls.server_name, "kubernetes.default");
  EXPECT_FALSE(endpoint->tls.insecure);
  EXPECT_EQ(endpoint->default_namespace, "team-a");
  EXPECT_EQ(endpoint->described, "context 'main' of " + folder_.path("config"));
  EXPECT_THAT(endpoint->warnings, SizeIs(0));
  EXPECT_THAT(header_lines(*endpoint), testing::ElementsAre("authorization: Bearer secret-token"));
}

TEST_F(KubeConfig, ReadsBlockStyleAndJson) {
  const auto block = load(R"(apiVersion: v1
kind: Config
current-context: kind-kind
clusters:
- cluster:
    server: https://127.0.0.1:33333
    extensions:
    - name: context_info
      extension:
        provider: minikube
  name: kind-kind
contexts:
- context: {cluster: kind-kind, user: kind-kind}
  name: kind-kind
preferences: {}
users:
- name: kind-kind
  user:
    token: abc
)");
  ASSERT_TRUE(block) << block.error().message;
  EXPECT_EQ(block->default_namespace, "default");
  const auto json = load(
      R"({"kind":"Config","current-context":"a","contexts":[{"name":"a","context":{"cluster":"c"}}],)"
      R"("clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:8001"}}]})");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_THAT(header_lines(*json), SizeIs(0));
  EXPECT_THAT(json->warnings, SizeIs(0)) << "kubectl proxy on loopback is nobody's business";
}

TEST_F(KubeConfig, TakesTheContextAskedFor) {
  const std::string text =
      "current-context: a\n"
      "contexts: [{name: a, context: {cluster: ca}}, {name: b, context: {cluster: cb}}]\n"
      "clusters: [{name: ca, cluster: {server: 'https://a'}}, {name: cb, cluster: "
      "{server: 'https://b'}}]\n";
  EXPECT_EQ(load(text)->server, "https://a");
  EXPECT_EQ(load(text, "b")->server, "https://b");
  EXPECT_EQ(error_of(text, "c"),
            "kubeconfig " + folder_.path("config") + " has no context 'c'; it has: a, b");
}

TEST_F(KubeConfig, FindsFilesBesideTheKubeconfig) {
  const TestIdentity client = authority_.issue("dev", {});
  folder_.write("pki/ca.crt", authority_.pem());
  folder_.write("pki/dev.crt", client.cert_pem);
  folder_.write("pki/dev.key", client.key_pem);
  const auto endpoint = load(
      config_of(std::string(kServer) + ", certificate-authority: pki/ca.crt",
                "client-certificate: ./pki/dev.crt, client-key: " + folder_.path("pki/dev.key")));
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(endpoint->tls.ca_pem, authority_.pem());
  EXPECT_EQ(endpoint->tls.client_cert_pem, client.cert_pem);
  EXPECT_EQ(endpoint->tls.client_key_pem, client.key_pem);
}

TEST_F(KubeConfig, PrefersInlineDataToFiles) {
  const auto endpoint = load(config_of(
      std::string(kServer) + ", certificate-authority: missing.crt, certificate-authority-data: " +
      encode_base64(authority_.pem())));
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(endpoint->tls.ca_pem, authority_.pem());
}

TEST_F(KubeConfig, MergesTheFilesOfTheVariableAsKubectlDoes) {
  const std::string first = folder_.write("first",
                                          "users: [{name: u, user: {token: from-first}}]\n"
                                          "clusters: [{name: c, cluster: {server: 'https://a'}}]\n"
                                          "current-context: ''\n");
  const std::string second =
      folder_.write("second",
                    "users: [{name: u, user: {token: from-second}}]\n"
                    "clusters: [{name: c, cluster: {server: 'https://b', tls-server-name: b}}]\n"
                    "contexts: [{name: x, context: {cluster: c, user: u, namespace: of-second}}]\n"
                    "current-context: x\n");
  const auto endpoint = find_kube_endpoint(
      {.kubeconfig_variable = ":" + folder_.path("missing") + ":" + first + "::" + second});
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(endpoint->server, "https://a");
  EXPECT_EQ(endpoint->tls.server_name, "") << "the whole entry of the first file wins";
  EXPECT_EQ(endpoint->default_namespace, "of-second");
  EXPECT_THAT(header_lines(*endpoint), testing::ElementsAre("authorization: Bearer from-first"));
}

TEST_F(KubeConfig, LooksInTheFlagThenTheVariableThenThePodThenHome) {
  const std::string flag = folder_.write("flag", config_of("server: 'https://flag'"));
  const std::string variable = folder_.write("variable", config_of("server: 'https://variable'"));
  folder_.write(".kube/config", config_of("server: 'https://home'"));
  folder_.write("account/token", "t");
  folder_.write("account/ca.crt", authority_.pem());
  KubeConfigSearch search{.kubeconfig = flag,
                          .kubeconfig_variable = variable,
                          .home = folder_.path(""),
                          .service_host = "10.96.0.1",
                          .service_port = "443",
                          .service_account = folder_.path("account")};
  EXPECT_EQ(find_kube_endpoint(search)->server, "https://flag");
  search.kubeconfig.clear();
  EXPECT_EQ(find_kube_endpoint(search)->server, "https://variable");
  search.kubeconfig_variable = ":";
  EXPECT_EQ(find_kube_endpoint(search)->server, "https://10.96.0.1:443");
  search.context = "main";
  EXPECT_EQ(find_kube_endpoint(search)->server, "https://home") << "a pod has no contexts";
  search.context.clear();
  search.service_host.clear();
  EXPECT_EQ(find_kube_endpoint(search)->server, "https://home");
  search.home = folder_.path("nobody");
  const auto none = find_kube_endpoint(search);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::NotFound);
  EXPECT_THAT(none.error().message, AllOf(HasSubstr("--kubeconfig"), HasSubstr("KUBECONFIG")));
}

TEST_F(KubeConfig, ReadsThePodsServiceAccount) {
  folder_.write("token", "pod-token\n");
  folder_.write("ca.crt", authority_.pem());
  folder_.write("namespace", "ray-system\n");
  const auto endpoint = find_kube_endpoint(
      {.service_host = "fd00::1", .service_port = "6443", .service_account = folder_.path("")});
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(endpoint->server, "https://[fd00::1]:6443");
  EXPECT_EQ(endpoint->tls.ca_pem, authority_.pem());
  EXPECT_EQ(endpoint->default_namespace, "ray-system");
  EXPECT_THAT(header_lines(*endpoint), testing::ElementsAre("authorization: Bearer pod-token"));
}

TEST_F(KubeConfig, WarnsLoudlyOfAnUnverifiedCertificate) {
  const auto endpoint =
      load(config_of(std::string(kServer) + ", insecure-skip-tls-verify: true", "token: t"));
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_TRUE(endpoint->tls.insecure);
  EXPECT_THAT(endpoint->warnings,
              testing::ElementsAre(AllOf(HasSubstr("INSECURE"), HasSubstr("https://10.0.0.1"))));
}

TEST_F(KubeConfig, WarnsOfPlainHttpToAnotherMachine) {
  const auto endpoint = load(config_of("server: 'http://10.0.0.1:8080'"));
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_THAT(endpoint->warnings, testing::ElementsAre(HasSubstr("without TLS")));
}

TEST_F(KubeConfig, SendsUserNameAndPassword) {
  const auto endpoint = load(config_of(kServer, "username: aladdin, password: 'open sesame'"));
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_THAT(header_lines(*endpoint),
              testing::ElementsAre("authorization: Basic YWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
}

TEST_F(KubeConfig, Impersonates) {
  const auto endpoint = load(config_of(
      kServer,
      "token: t, as: jane, as-uid: '7', as-groups: [a, b], as-user-extra: {'reason/x': [audit]}"));
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_THAT(header_lines(*endpoint),
              testing::ElementsAre("authorization: Bearer t", "impersonate-user: jane",
                                   "impersonate-uid: 7", "impersonate-group: a",
                                   "impersonate-group: b", "impersonate-extra-reason%2Fx: audit"));
}

TEST_F(KubeConfig, NamesAFileThatIsMissingOrNoFile) {
  const auto missing = find_kube_endpoint({.kubeconfig = folder_.path("nothing")});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message,
            "kubeconfig " + folder_.path("nothing") + " cannot be read: no such file");
  const auto is_folder = find_kube_endpoint({.kubeconfig = folder_.path("")});
  ASSERT_FALSE(is_folder);
  EXPECT_THAT(is_folder.error().message, HasSubstr("is a folder"));
  const auto none = find_kube_endpoint({.kubeconfig_variable = folder_.path("x") + ":/y"});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("none of the files in KUBECONFIG exists"));
}

TEST_F(KubeConfig, NamesFileAndLineOfMalformedYaml) {
  const std::string config = "kubeconfig " + folder_.path("config");
  EXPECT_THAT(error_of("clusters: [\n  {name: x\nusers: }"),
              HasSubstr(config + " is not YAML: line"));
  EXPECT_THAT(error_of("just some text"), HasSubstr(config + " is not a map"));
  EXPECT_THAT(error_of("- a\n- b"), HasSubstr(config + " is not a map"));
  EXPECT_THAT(error_of("kind: Pod"), HasSubstr("is of kind Pod, not Config"));
  EXPECT_THAT(error_of("clusters: 3"), HasSubstr("clusters in " + folder_.path("config")));
  EXPECT_THAT(error_of("users: [{user: {}}]"), HasSubstr("an entry without name"));
  EXPECT_THAT(error_of("users: [{name: u, user: 7}]"), HasSubstr("user 'u' in"));
  EXPECT_THAT(error_of("users: [{name: u, user: {token: [a]}}]"),
              AllOf(HasSubstr("token of user 'u'"), HasSubstr("must be text (line 1)")));
  EXPECT_THAT(error_of("users: [{name: u}, {name: u}]"), HasSubstr("user 'u' in"));
  EXPECT_THAT(error_of(std::string("\0\1\2", 3)), Not(testing::IsEmpty()));
  EXPECT_THAT(error_of(std::string(20'000, '[')), Not(testing::IsEmpty()));
  EXPECT_THAT(error_of(""), HasSubstr("has no current-context"));
}

TEST_F(KubeConfig, NamesWhatAContextLacks) {
  EXPECT_THAT(error_of("current-context: gone"), HasSubstr("has no context 'gone'; it has: none"));
  EXPECT_THAT(error_of("contexts: [{name: a}, {name: b}]"),
              HasSubstr("choose one by --context (a, b)"));
  EXPECT_THAT(error_of("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]"),
              AllOf(HasSubstr("context 'a' in"), HasSubstr("names cluster 'c', which is not")));
  EXPECT_THAT(error_of("current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
                       "clusters: [{name: c, cluster: {server: 'https://x'}}]"),
              HasSubstr("names user 'u', which is not defined"));
}

TEST_F(KubeConfig, RefusesWhatItCannotDo) {
  const std::string proxy =
      error_of(config_of(std::string(kServer) + ", proxy-url: 'http://p:3128'"));
  EXPECT_THAT(proxy, AllOf(HasSubstr("proxy-url of cluster 'prod' in " + folder_.path("config")),
                           HasSubstr("not supported")));
  const std::string provider = error_of(config_of(kServer, "auth-provider: {name: gcp}"));
  EXPECT_THAT(provider,
              AllOf(HasSubstr("auth-provider 'gcp' of user 'dev'"), HasSubstr("exec plugin")));
  const auto exec = [&](const std::string& inside) {
    return error_of(config_of(kServer, "exec: {" + inside + "}"));
  };
  EXPECT_THAT(exec("command: aws, apiVersion: client.authentication.k8s.io/v1alpha1"),
              AllOf(HasSubstr("exec plugin 'aws' of user 'dev'"), HasSubstr("v1beta1")));
  EXPECT_THAT(exec("command: aws, apiVersion: client.authentication.k8s.io/v1, "
                   "interactiveMode: Always"),
              HasSubstr("wants a terminal"));
  EXPECT_THAT(exec("apiVersion: client.authentication.k8s.io/v1"), HasSubstr("has no command"));
}

TEST_F(KubeConfig, RefusesContradictions) {
  EXPECT_THAT(error_of(config_of(kServer, "token: t, username: u, password: p")),
              HasSubstr("more than one of token, username and exec"));
  EXPECT_THAT(error_of(config_of(std::string(kServer) +
                                 ", insecure-skip-tls-verify: true, certificate-authority-data: " +
                                 encode_base64(authority_.pem()))),
              HasSubstr("has both insecure-skip-tls-verify and a certificate authority"));
  EXPECT_THAT(error_of(config_of(kServer, "as-groups: [a]")), HasSubstr("without a user"));
  EXPECT_THAT(error_of(config_of(std::string(kServer) + ", insecure-skip-tls-verify: perhaps")),
              HasSubstr("must be true or false"));
  EXPECT_THAT(error_of(config_of("server: '10.0.0.1:6443'")),
              HasSubstr("must begin with https://"));
  EXPECT_THAT(error_of(config_of("tls-server-name: x")), HasSubstr("must begin with https://"));
}

TEST_F(KubeConfig, NamesUnusableCertificatesAndKeysWithoutShowingThem) {
  const TestIdentity client = authority_.issue("dev", {});
  const std::string cert = "client-certificate-data: " + encode_base64(client.cert_pem);
  const auto user_error = [&](const std::string& user) {
    const std::string message = error_of(config_of(kServer, user));
    EXPECT_THAT(message, HasSubstr("user 'dev' in " + folder_.path("config")));
    EXPECT_THAT(message, Not(HasSubstr("hunter2")));
    return message;
  };
  EXPECT_THAT(user_error(cert), HasSubstr("a client certificate without its key"));
  EXPECT_THAT(user_error(cert + ", client-key-data: '%hunter2%'"), HasSubstr("is not base64"));
  EXPECT_THAT(user_error(cert + ", client-key-data: " + encode_base64("hunter2")),
              HasSubstr("holds no private key"));
  EXPECT_THAT(user_error(cert + ", client-key-data: " +
                         encode_base64("-----BEGIN ENCRYPTED PRIVATE KEY-----\nhunter2")),
              HasSubstr("is encrypted"));
  EXPECT_THAT(user_error("client-certificate: gone.crt, client-key: gone.key"),
              AllOf(HasSubstr("client-certificate " + folder_.path("gone.crt")),
                    HasSubstr("no such file")));
  EXPECT_THAT(user_error("token: 'hunter2 hunter2'"), HasSubstr("blanks or binary"));
  EXPECT_THAT(error_of(config_of(std::string(kServer) +
                                 ", certificate-authority-data: " + encode_base64("hunter2"))),
              HasSubstr("certificate-authority-data of cluster 'prod'"));
}

}  // namespace
}  // namespace raycord
