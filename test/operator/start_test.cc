// The program as people start it: what it says and how it ends when it cannot run.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kube/subprocess.h"
#include "operator/cluster_lookup.h"
#include "operator/live.h"
#include "sandbox/http_front.h"
#include "store/rocks_event_log.h"
#include "test/adapters/temp_folder.h"

namespace raycord {
namespace {

using testing::HasSubstr;

constexpr Millis kLimit{60'000};

class StartTest : public testing::Test {
 protected:
  ProgramEnd start(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {BIN_DIR "/raycord-operator", "--metrics-addr=0",
                                 "--health-probe-bind-address=0"});
    const auto end = run_program({.command = flags, .environment = {}, .limit = kLimit});
    EXPECT_TRUE(end) << (end ? "" : end.error().message);
    return end ? *end : ProgramEnd{};
  }

  std::string log() const { return folder_.path("log"); }

  // A cluster on a loopback port, and its kubeconfig.
  std::string start_cluster() {
    auto front = HttpFront::start({}, 0, [] { return read_system_clock().wall; });
    EXPECT_TRUE(front);
    front_ = std::move(*front);
    return folder_.write("kubeconfig", front_->kubeconfig());
  }

  // A log as an earlier run left it.
  LogId make_log(const std::string& cluster) {
    RocksEventLog::Options options;
    options.directory = log();
    options.cluster = cluster;
    auto made = RocksEventLog::open(options);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return (*made)->identity().id;
  }

  static int code(ExitCode code) { return static_cast<int>(code); }

  TempFolder folder_;
  std::unique_ptr<HttpFront> front_;
};

TEST_F(StartTest, RefusesAWrongFlag) {
  const ProgramEnd end = start({"--watch-namspace=a"});
  EXPECT_EQ(end.exit_code, code(ExitCode::WrongFlags));
  EXPECT_THAT(end.last_error_line, HasSubstr("did you mean --watch-namespace?"));
}

TEST_F(StartTest, PrintsItsHelp) {
  const ProgramEnd end = start({"--help"});
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_THAT(end.output, HasSubstr("Usage:"));
}

TEST_F(StartTest, NamesAKubeconfigThatIsNotThere) {
  const ProgramEnd end = start({"--log-dir", log(), "--kubeconfig", folder_.path("none")});
  EXPECT_EQ(end.exit_code, code(ExitCode::CannotStart));
  EXPECT_THAT(end.last_error_line, HasSubstr(folder_.path("none")));
  EXPECT_FALSE(std::filesystem::exists(log()));
}

TEST_F(StartTest, NamesAKubeconfigThatMakesNoSense) {
  const std::string file = folder_.write("kubeconfig", "current-context: nowhere\n");
  const ProgramEnd end = start({"--log-dir", log(), "--kubeconfig", file});
  EXPECT_EQ(end.exit_code, code(ExitCode::CannotStart));
  EXPECT_THAT(end.last_error_line, HasSubstr("nowhere"));
}

TEST_F(StartTest, NamesAPortThatIsTaken) {
  start_cluster();
  const std::string taken = "127.0.0.1:" + std::to_string(front_->port());
  const ProgramEnd end = start({"--sandbox", "--metrics-addr", taken});
  EXPECT_EQ(end.exit_code, code(ExitCode::CannotStart));
  EXPECT_THAT(end.last_error_line, HasSubstr("cannot listen on " + taken));
}

TEST_F(StartTest, RefusesALogThatIsInUse) {
  const std::string kubeconfig = start_cluster();
  RocksEventLog::Options options;
  options.directory = log();
  const auto held = RocksEventLog::open(options);
  ASSERT_TRUE(held);
  const ProgramEnd end = start({"--log-dir", log(), "--kubeconfig", kubeconfig});
  EXPECT_EQ(end.exit_code, code(ExitCode::LogRefused));
  EXPECT_THAT(end.last_error_line, HasSubstr(log()));
}

TEST_F(StartTest, RefusesTheLogOfAnotherCluster) {
  make_log("another-cluster");
  const ProgramEnd end = start({"--log-dir", log(), "--kubeconfig", start_cluster()});
  EXPECT_EQ(end.exit_code, code(ExitCode::LogRefused));
  EXPECT_THAT(end.last_error_line, HasSubstr("belongs to the cluster another-cluster"));
}

TEST_F(StartTest, RefusesALogThatMissesWhatTheLeaseHasSeen) {
  const std::string kubeconfig = start_cluster();
  LogMark mark;
  mark.seq = 500;
  std::string lease = R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":)"
                      R"({"name":"raycord-operator","namespace":"default","annotations":{)";
  for (const auto& [name, value] : witness_annotations(make_log(""), mark)) {
    if (!lease.ends_with('{')) lease += ',';
    lease += "\"" + name + "\":\"" + value + "\"";
  }
  const std::string file = folder_.write("lease.json", lease + "}},\"spec\":{}}");
  const auto made =
      run_program({.command = {"kubectl", "--kubeconfig", kubeconfig, "create", "-f", file},
                   .environment = {},
                   .limit = kLimit});
  ASSERT_TRUE(made && made->exit_code == 0);
  const ProgramEnd end = start({"--log-dir", log(), "--kubeconfig", kubeconfig});
  EXPECT_EQ(end.exit_code, code(ExitCode::LogRefused));
  EXPECT_THAT(end.last_error_line, HasSubstr("synced frames are missing"));
  EXPECT_THAT(end.last_error_line, HasSubstr("500"));
}

TEST_F(StartTest, EndsInOrderWhenItIsAskedTo) {
  const std::string script = folder_.write_script(
      "stop.sh", BIN_DIR "/raycord-operator --sandbox --log-dir " + log() +
                     " --sandbox-kubeconfig " + folder_.path("kubeconfig") + " 2>" +
                     folder_.path("lines") + " >/dev/null & p=$!\n" +
                     "until grep -q 'leadership gained' " + folder_.path("lines") +
                     "; do kill -0 $p || exit 99; done\nkill -TERM $p; wait $p; exit $?\n");
  const auto end = run_program({.command = {script}, .environment = {}, .limit = kLimit});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_THAT(folder_.read("lines"), HasSubstr("stopped"));
  RocksEventLog::Options options;
  options.directory = log();
  EXPECT_TRUE(RocksEventLog::open(options));
}

TEST_F(StartTest, WaitsForAnApiServerThatIsAway) {
  const std::string kubeconfig = start_cluster();
  front_->stop();
  front_.reset();
  const std::string script = folder_.write_script(
      "wait.sh", BIN_DIR
                     "/raycord-operator --metrics-addr=0 --health-probe-bind-address=0 "
                     "--kubeconfig " +
                     kubeconfig + " --log-dir " + log() + " 2>" + folder_.path("lines") +
                     " & p=$!\nuntil grep -q 'waiting: ' " + folder_.path("lines") +
                     "; do kill -0 $p || exit 99; done\nkill -TERM $p; wait $p; exit $?\n");
  const auto end = run_program({.command = {script}, .environment = {}, .limit = kLimit});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_THAT(folder_.read("lines"), HasSubstr("the API server does not answer"));
}

}  // namespace
}  // namespace raycord
