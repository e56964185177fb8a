// `raycord-operator adopt` as people call it: what it prints, and how it ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kube/subprocess.h"
#include "operator/adopt.h"
#include "operator/clock.h"
#include "sandbox/http_front.h"
#include "test/adapters/temp_folder.h"

namespace raycord {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr Millis kLimit{60'000};

std::string refusal(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "adopt");
  const auto parsed =
      parse_adopt_flags(arguments, [](const char*) { return std::optional<std::string>(); });
  return parsed ? "accepted" : parsed.error().message;
}

TEST(AdoptFlags, WithoutDryRunSayThatTheOperatorAdoptsByItself) {
  EXPECT_THAT(refusal({}), AllOf(HasSubstr("adopts what is there when it starts"),
                                 HasSubstr("adopt --dry-run")));
}

TEST(AdoptFlags, AreCheckedAsTheOperatorsOwn) {
  EXPECT_THAT(refusal({"--dry-run", "--watch-namspace=a"}),
              HasSubstr("did you mean --watch-namespace?"));
  EXPECT_THAT(refusal({"--dry-run", "--output"}), HasSubstr("needs a value"));
  EXPECT_THAT(refusal({"--dry-run", "-o", "yaml"}), HasSubstr("it is table or json"));
  EXPECT_THAT(refusal({"--dry-run", "--sandbox"}), HasSubstr("--sandbox"));
  EXPECT_THAT(refusal({"--dry-run", "now"}), HasSubstr("'now' is no flag"));
  EXPECT_EQ(refusal({"--dry-run", "--output=json", "--watch-namespace", "a,b"}), "accepted");
}

class AdoptCommand : public testing::Test {
 protected:
  ProgramEnd run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {BIN_DIR "/raycord-operator", "adopt"});
    const auto end = run_program({.command = arguments, .environment = {}, .limit = kLimit});
    EXPECT_TRUE(end) << (end ? "" : end.error().message);
    return end ? *end : ProgramEnd{};
  }

  TempFolder folder_;
};

TEST_F(AdoptCommand, ReportsOnAnEmptyClusterAndEndsWell) {
  auto front = HttpFront::start({}, 0, [] { return read_system_clock().wall; });
  ASSERT_TRUE(front);
  const std::string file = folder_.write("kubeconfig", (*front)->kubeconfig());
  const ProgramEnd end = run({"--dry-run", "--kubeconfig", file});
  EXPECT_EQ(end.exit_code, 0) << end.last_error_line;
  EXPECT_THAT(end.output, AllOf(HasSubstr("0 objects"), HasSubstr("Nothing restarts.")));
}

TEST_F(AdoptCommand, EndsWithTwoForWrongFlags) {
  EXPECT_EQ(run({}).exit_code, 2);
  EXPECT_EQ(run({"--dry-run", "--kubeconfg=x"}).exit_code, 2);
}

TEST_F(AdoptCommand, EndsWithOneWhereThereIsNoCluster) {
  const std::string none = folder_.path("none");
  const ProgramEnd missing = run({"--dry-run", "--kubeconfig", none});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.last_error_line, HasSubstr(none));

  std::string kubeconfig;
  {
    auto front = HttpFront::start({}, 0, [] { return read_system_clock().wall; });
    ASSERT_TRUE(front);
    kubeconfig = (*front)->kubeconfig();
  }
  const ProgramEnd away = run({"--dry-run", "--kubeconfig", folder_.write("config", kubeconfig)});
  EXPECT_EQ(away.exit_code, 1);
  EXPECT_THAT(away.last_error_line, HasSubstr("cannot be read: "));
}

TEST_F(AdoptCommand, PrintsItsHelp) {
  const ProgramEnd end = run({"--help"});
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_THAT(end.output, HasSubstr("Exit codes:"));
}

}  // namespace
}  // namespace raycord
