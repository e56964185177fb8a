#include "test/store/writer_process.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/rocks_event_log.h"
#include "test/store/log_fixture.h"

namespace raycord {
namespace {

constexpr const char* kDirectoryVariable = "RAYCORD_TEST_WRITER_DIRECTORY";
constexpr const char* kSeedVariable = "RAYCORD_TEST_WRITER_SEED";
constexpr int kReports = STDOUT_FILENO;

using Report = std::array<char, 24>;

Report report_of(const LogMark& mark) {
  Report report{};
  std::memcpy(report.data(), &mark.seq, 8);
  std::memcpy(report.data() + 8, mark.chain.bytes.data(), 16);
  return report;
}

// Flushes and compactions fall anywhere.
[[noreturn]] void write_until_killed(const std::string& directory, unsigned seed) {
  Result<std::unique_ptr<RocksEventLog>> opened =
      RocksEventLog::open({.directory = directory, .ballast_bytes = 0});
  if (!opened) _exit(1);
  RocksEventLog& log = **opened;
  log.set_listener([&] {
    Report report = report_of(log.mark());
    if (write(kReports, report.data(), report.size()) != ssize_t{report.size()}) _exit(2);
  });
  std::mt19937 random(seed);
  for (int round = 1;; ++round) {
    append_samples(log, static_cast<int>(1 + random() % 20));
    if (round % 20 == 0 && !log.columns().flush()) _exit(3);
    if (round % 120 == 0 && !log.columns().compact()) _exit(4);
    if (log.backlog_bytes() > 10'000 && !log.wait_synced(log.next_seq() - 1)) _exit(5);
  }
}

// The test program, started again with these variables, is the writer and never comes to main():
// RocksDB's threads do not survive a fork, so the process has to be a new one.
[[maybe_unused]] const bool kIsWriter = [] {
  const char* directory = std::getenv(kDirectoryVariable);
  const char* seed = std::getenv(kSeedVariable);
  if (directory == nullptr || seed == nullptr) return false;
  write_until_killed(directory, static_cast<unsigned>(std::atoi(seed)));
}();

}  // namespace

WriterProcess::WriterProcess(const std::string& directory, unsigned seed) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], kReports);
  std::string program = "/proc/self/exe";
  std::string directory_variable = std::string(kDirectoryVariable) + "=" + directory;
  std::string seed_variable = std::string(kSeedVariable) + "=" + std::to_string(seed);
  char* arguments[] = {program.data(), nullptr};
  char* environment[] = {directory_variable.data(), seed_variable.data(), nullptr};
  if (posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments, environment) != 0) {
    process_ = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  reports_ = ends[0];
}

WriterProcess::~WriterProcess() {
  kill();
  if (reports_ >= 0) close(reports_);
}

std::optional<LogMark> WriterProcess::next_mark() {
  Report report{};
  if (read(reports_, report.data(), report.size()) != ssize_t{report.size()}) return std::nullopt;
  LogMark mark;
  std::memcpy(&mark.seq, report.data(), 8);
  std::memcpy(mark.chain.bytes.data(), report.data() + 8, 16);
  return mark;
}

bool WriterProcess::kill() {
  if (process_ < 0) return false;
  int status = 0;
  ::kill(process_, SIGKILL);
  waitpid(process_, &status, 0);
  process_ = -1;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace raycord
