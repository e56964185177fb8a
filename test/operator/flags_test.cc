#include "operator/flags.h"

#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace raycord {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Environment environment(std::map<std::string, std::string> values = {}) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

Flags good(const std::vector<std::string>& arguments,
           std::map<std::string, std::string> values = {}) {
  const auto parsed = parse_flags(arguments, environment(std::move(values)));
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? parsed->flags : Flags{};
}

std::string refusal(const std::vector<std::string>& arguments,
                    std::map<std::string, std::string> values = {}) {
  const auto parsed = parse_flags(arguments, environment(std::move(values)));
  return parsed ? "accepted" : parsed.error().message;
}

TEST(Flags, HaveKubeRaysDefaults) {
  const Flags flags = good({});
  EXPECT_TRUE(flags.leader_election);
  EXPECT_EQ(flags.metrics_address, ":8080");
  EXPECT_EQ(flags.probe_address, ":8082");
  EXPECT_FALSE(flags.rules.kubernetes_proxy);
  EXPECT_THAT(flags.rules.namespaces, IsEmpty());
  EXPECT_EQ(flags.rules, Options());
  EXPECT_THAT(flags.warnings, IsEmpty());
}

TEST(Flags, AreSpelledInEveryWayOfGo) {
  EXPECT_EQ(good({"--kubeconfig", "a"}).kubeconfig, "a");
  EXPECT_EQ(good({"--kubeconfig=a=b"}).kubeconfig, "a=b");
  EXPECT_EQ(good({"-kubeconfig", "a"}).kubeconfig, "a");
  EXPECT_TRUE(good({"--use-kubernetes-proxy"}).rules.kubernetes_proxy);
  EXPECT_FALSE(good({"--enable-leader-election=False"}).leader_election);
}

TEST(Flags, SwitchTheWebhookOn) {
  EXPECT_FALSE(good({}).enable_webhooks);
  EXPECT_TRUE(good({"--enable-webhooks"}).enable_webhooks);
  EXPECT_TRUE(good({}, {{"ENABLE_WEBHOOKS", "true"}}).enable_webhooks);
  EXPECT_FALSE(good({"--enable-webhooks=false"}, {{"ENABLE_WEBHOOKS", "true"}}).enable_webhooks);
  EXPECT_EQ(good({}).webhook_address, ":9443");
  EXPECT_THAT(good({"--webhook-names=10.0.0.1, hook.example.com"}).webhook_names,
              ElementsAre("10.0.0.1", "hook.example.com"));
  EXPECT_THAT(refusal({"--webhook-names=a,DNS:b/c"}),
              HasSubstr("'DNS:b/c' is neither a DNS name nor an IP address"));
}

TEST(Flags, ListNamespacesOnceAndInOrder) {
  EXPECT_THAT(good({"--watch-namespace", "b, a,b,"}).rules.namespaces, ElementsAre("a", "b"));
  EXPECT_THAT(good({"--watch-namespace="}).rules.namespaces, IsEmpty());
  EXPECT_THAT(refusal({"--watch-namespace=a,B_"}), HasSubstr("'B_' is no name of a namespace"));
}

TEST(Flags, SayHowFarFailoverMayGo) {
  EXPECT_EQ(good({"--failover=shadow"}).rules.failover, FailoverMode::Shadow);
  EXPECT_EQ(good({"--failover=off"}).rules.failover, FailoverMode::Off);
  EXPECT_EQ(refusal({"--failover=on"}),
            "--failover is 'on', but it is enforce, shadow or off; see --help");
}

TEST(Flags, TakeKubeRaysWordForTheFormatOfLines) {
  EXPECT_EQ(good({"--log-stdout-encoder=json"}).log_format, LogFormat::Json);
  EXPECT_EQ(good({"--log-stdout-encoder=console"}).log_format, LogFormat::Text);
  EXPECT_EQ(good({"--log-format=json"}).log_format, LogFormat::Json);
  EXPECT_THAT(refusal({"--log-format=console"}), HasSubstr("text or json"));
}

TEST(Flags, SayWhatHasNoEffect) {
  const Flags flags = good({"--qps=100", "--burst", "200", "--reconcile-concurrency=4"});
  ASSERT_EQ(flags.warnings.size(), 3U);
  EXPECT_THAT(flags.warnings[0], HasSubstr("--qps has no effect"));
  EXPECT_THAT(refusal({"--qps=many"}), HasSubstr("it is a number"));
}

TEST(Flags, WarnOfGatesThatNobodyKnows) {
  const Flags flags = good({"--feature-gates=RayMultiHostIndexing=true,Teleport=true"});
  ASSERT_EQ(flags.warnings.size(), 1U);
  EXPECT_THAT(flags.warnings[0], HasSubstr("the gate Teleport is not known"));
  EXPECT_THAT(refusal({"--feature-gates=RayMultiHostIndexing"}), HasSubstr("GATE=true"));
  EXPECT_THAT(refusal({"--feature-gates=RayMultiHostIndexing=maybe"}), HasSubstr("GATE=true"));
}

TEST(Flags, NameTheUnknownOneAndWhatItMayHaveMeant) {
  EXPECT_EQ(refusal({"--watch-namespaces=a"}),
            "unknown flag --watch-namespaces; did you mean --watch-namespace?");
  EXPECT_EQ(refusal({"--teleport"}), "unknown flag --teleport; see --help");
  EXPECT_EQ(refusal({"start"}), "'start' is no flag; see --help");
  EXPECT_EQ(refusal({"-"}), "'-' is no flag; see --help");
}

TEST(Flags, NeedTheirValues) {
  EXPECT_EQ(refusal({"--log-dir"}), "--log-dir needs a value: --log-dir DIR");
  EXPECT_THAT(refusal({"--log-dir="}), HasSubstr("must not be empty"));
  EXPECT_THAT(refusal({"--use-kubernetes-proxy=yes"}), HasSubstr("true or false"));
}

TEST(Flags, CheckAddresses) {
  EXPECT_EQ(good({"--metrics-addr=0"}).metrics_address, "0");
  EXPECT_EQ(good({"--metrics-addr=127.0.0.1:9090"}).metrics_address, "127.0.0.1:9090");
  for (const char* wrong : {"8080", ":http", ":65536", "host:", ":-1", ""}) {
    EXPECT_THAT(refusal({std::string("--metrics-addr=") + wrong}), HasSubstr("HOST:PORT"));
  }
}

TEST(Flags, ReadTheEnvironmentAsKubeRayDoes) {
  const Flags flags = good({}, {{"ENABLE_ZERO_DOWNTIME", "false"},
                                {"CLUSTER_DOMAIN", "corp.example"},
                                {"ENABLE_PROBES_INJECTION", "False"},
                                {"ENABLE_INIT_CONTAINER_INJECTION", "false"},
                                {"ENABLE_LOGIN_SHELL", "true"},
                                {"ENABLE_RANDOM_POD_DELETE", "true"},
                                {"ENABLE_RAY_HEAD_CLUSTER_IP_SERVICE", "false"},
                                {"ENABLE_GCS_FT_REDIS_CLEANUP", "false"},
                                {"ENABLE_DETERMINISTIC_HEAD_POD_NAME", "true"},
                                {"POD_UID", "7d2c"}});
  EXPECT_FALSE(flags.rules.zero_downtime);
  EXPECT_EQ(flags.rules.cluster_domain, "corp.example");
  EXPECT_FALSE(flags.rules.inject_probes);
  EXPECT_FALSE(flags.rules.inject_init_container);
  EXPECT_TRUE(flags.rules.login_shell);
  EXPECT_TRUE(flags.rules.random_pod_delete);
  EXPECT_TRUE(flags.rules.headless_head_service);
  EXPECT_FALSE(flags.rules.redis_cleanup);
  EXPECT_TRUE(flags.rules.fixed_head_name);
  EXPECT_EQ(flags.pod_uid, "7d2c");
  EXPECT_EQ(refusal({}, {{"ENABLE_LOGIN_SHELL", "si"}}),
            "environment variable ENABLE_LOGIN_SHELL is 'si', but it is true or false; see --help");
}

TEST(Flags, PutTheFlagBeforeTheEnvironment) {
  EXPECT_EQ(good({"--pod-uid=a"}, {{"POD_UID", "b"}}).pod_uid, "a");
  EXPECT_FALSE(
      good({"--headless-head-service=false"}, {{"ENABLE_RAY_HEAD_CLUSTER_IP_SERVICE", "false"}})
          .rules.headless_head_service);
}

TEST(Flags, MakeTheSandboxStandAlone) {
  const Flags flags = good({"--sandbox"});
  EXPECT_TRUE(flags.rules.kubernetes_proxy);
  EXPECT_EQ(flags.log_directory, "");
  EXPECT_EQ(flags.metrics_address, "127.0.0.1:0");
  EXPECT_EQ(good({"--sandbox", "--log-dir=x"}).log_directory, "x");
  EXPECT_EQ(good({"--sandbox", "--metrics-addr=:1"}).metrics_address, ":1");
  EXPECT_EQ(refusal({"--sandbox-port=1"}), "--sandbox-port needs --sandbox");
  EXPECT_THAT(refusal({"--sandbox", "--sandbox-port=70000"}), HasSubstr("0 to 65535"));
  EXPECT_THAT(refusal({"--sandbox", "--kubeconfig=x"}), HasSubstr("exclude each other"));
}

TEST(Flags, FitTheirHelpOnATerminal) {
  const auto parsed = parse_flags({"--help"}, environment());
  ASSERT_TRUE(parsed);
  std::istringstream lines(parsed->print);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  for (const char* name : {"--kubeconfig", "--watch-namespace", "--failover", "--sandbox-port"}) {
    EXPECT_THAT(parsed->print, HasSubstr(name));
  }
}

TEST(Flags, TellTheVersion) {
  const auto parsed = parse_flags({"--version"}, environment());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->print, Options().version + "\n");
}

}  // namespace
}  // namespace raycord
