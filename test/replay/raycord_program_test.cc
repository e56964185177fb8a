// The program itself: exit codes, help, pipes, and what it says when there is no log.

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "replay/table.h"
#include "test/replay/cli_fixture.h"

namespace raycord {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Ran {
  int code = -1;
  std::string output;
};

// Runs a shell command in which $RAYCORD is the program.
Ran shell(const std::string& command) {
  const std::string whole = std::string("RAYCORD=") + BIN_DIR + "/raycord; " + command;
  Ran ran;
  std::FILE* pipe = popen(("bash -c '" + whole + "' 2>&1").c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    ran.output.append(buffer.data(), count);
  }
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

using Program = CliTest;

TEST_F(Program, ExplainsItself) {
  const Ran help = shell("$RAYCORD --help");
  EXPECT_EQ(help.code, 0);
  for (const char* command : {"timeline", "why", "replay", "state", "get", "log", "completion"}) {
    EXPECT_THAT(help.output, HasSubstr(command));
  }
  std::istringstream lines(help.output);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(width_of(line), 100U) << line;
  EXPECT_THAT(shell("$RAYCORD log ls --help").output, HasSubstr("--partition"));
  EXPECT_THAT(shell("$RAYCORD log ls --help").output, HasSubstr("Usage: raycord log ls"));
  EXPECT_THAT(shell("$RAYCORD --version").output, HasSubstr("raycord 0."));
}

TEST_F(Program, EndsWithTwoOnWrongUsage) {
  for (const char* wrong : {"--nonsense", "log", "log ls --nonsense", "why", "sing", "",
                            "completion tcsh", "why 1 --depth 99"}) {
    const Ran ran = shell(std::string("$RAYCORD ") + wrong);
    EXPECT_EQ(ran.code, 2) << wrong;
    EXPECT_THAT(ran.output, HasSubstr("error: ")) << wrong;
    EXPECT_THAT(ran.output, HasSubstr("--help")) << wrong;
  }
}

TEST_F(Program, KnowsWhatWasMeant) {
  EXPECT_THAT(shell("$RAYCORD timelin").output, HasSubstr("did you mean timeline?"));
  EXPECT_THAT(shell("$RAYCORD --log x log vrify").output, HasSubstr("did you mean verify?"));
  EXPECT_THAT(shell("$RAYCORD log ls --frmo 3").output, HasSubstr("did you mean --from?"));
  EXPECT_THAT(shell("$RAYCORD log").output, HasSubstr("say which command: ls, show"));
}

TEST_F(Program, TakesTheLastOfAFlagThatStandsTwice) {
  play();
  EXPECT_EQ(shell("$RAYCORD --log /nowhere log ls --log-dir " + log_.directory()).code, 0);
}

TEST_F(Program, SaysThatThereIsNoLog) {
  const Ran missing = shell("$RAYCORD log ls --log /nowhere/at/all");
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.output, HasSubstr("there is no directory /nowhere/at/all"));
  EXPECT_THAT(missing.output, HasSubstr("RAYCORD_LOG"));
  const std::string empty = log_.directory() + "/empty";
  std::filesystem::create_directory(empty);
  const Ran none = shell("RAYCORD_LOG=" + empty + " $RAYCORD log ls");
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.output, HasSubstr("holds no log"));
  std::ofstream(empty + "/CURRENT") << "MANIFEST-000001\n";
  EXPECT_EQ(shell("$RAYCORD log ls --log " + empty).code, 2);
}

TEST_F(Program, RefusesALogOfANewerFormat) {
  play();
  ASSERT_TRUE(static_cast<bool>(
      log_.log().columns().put({{Column::Meta, "format", "\x7f"}}, RocksColumns::Sync::Yes)));
  const Ran ran = shell("$RAYCORD log ls --log " + log_.directory());
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.output, HasSubstr("a format that this raycord does not know"));
}

TEST_F(Program, ReadsALogBesideItsWriter) {
  play();
  const Ran ran = shell("$RAYCORD log verify --log " + log_.directory());
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.output, HasSubstr("intact: "));
}

TEST_F(Program, IsSilentWhenItsReaderGoes) {
  play({"run 600s"});
  const Ran ran = shell("set -o pipefail; $RAYCORD log ls -o json --log " + log_.directory() +
                        " | head -c 10 > /dev/null");
  EXPECT_EQ(ran.code, 141);
  EXPECT_THAT(ran.output, IsEmpty());
}

TEST_F(Program, SaysThatItsAnswerCouldNotBeWritten) {
  play();
  const Ran ran = shell("$RAYCORD log ls --log " + log_.directory() + " > /dev/full");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.output, HasSubstr("cannot write the answer"));
}

TEST_F(Program, LeavesNothingBehindWhenItIsInterrupted) {
  play();
  const std::string scratch = log_.directory() + "/scratch";
  std::filesystem::create_directory(scratch);
  // It follows until it is told to stop, and has said something by then.
  const Ran ran =
      shell("export TMPDIR=" + scratch + "; coproc $RAYCORD log ls -w --log " + log_.directory() +
            "; read -u ${COPROC[0]} line; kill -INT $COPROC_PID; wait $COPROC_PID; "
            "echo code $?");
  EXPECT_THAT(ran.output, HasSubstr("code 130"));
  EXPECT_TRUE(std::filesystem::is_empty(scratch));
}

TEST_F(Program, IsAPluginOfKubectl) {
  const std::string plugin = log_.directory() + "/kubectl-raycord";
  std::filesystem::create_symlink(std::string(BIN_DIR) + "/raycord", plugin);
  const Ran help = shell(plugin + " --help");
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.output, HasSubstr("kubectl raycord"));
}

TEST_F(Program, PlainTextHasNoColours) {
  play();
  const Ran ran = shell("$RAYCORD timeline --log " + log_.directory());
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.output, Not(HasSubstr("\033")));
}

TEST_F(Program, CompletesCommandsInBash) {
  const Ran ran = shell(
      "source <($RAYCORD completion bash); COMP_WORDS=(raycord log v); COMP_CWORD=2; _raycord; "
      "echo ${COMPREPLY[@]}; COMP_WORDS=(raycord timeline --na); _raycord; echo ${COMPREPLY[@]}");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.output, "verify\n--namespace\n");
  EXPECT_EQ(shell("$RAYCORD completion zsh > /dev/null").code, 0);
  EXPECT_THAT(shell("$RAYCORD completion fish").output, HasSubstr("complete -c raycord"));
}

}  // namespace
}  // namespace raycord
