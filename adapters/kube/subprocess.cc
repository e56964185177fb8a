#include "adapters/kube/subprocess.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace raycord {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// The reading end of a pipe, and the writing end until the program has it.
class Pipe {
 public:
  Pipe() { ok_ = pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool ok() const { return ok_; }
  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }
  void close_writing() { close_end(1); }
  void close_reading() { close_end(0); }

 private:
  void close_end(std::size_t i) {
    if (ends_[i] >= 0) close(ends_[i]);
    ends_[i] = -1;
  }

  std::array<int, 2> ends_{-1, -1};
  bool ok_ = false;
};

std::vector<std::string> environment_of(const Program& program) {
  const auto name_of = [](std::string_view entry) { return entry.substr(0, entry.find('=')); };
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const bool replaced =
        std::any_of(program.environment.begin(), program.environment.end(),
                    [&](const std::string& ours) { return name_of(ours) == name_of(*entry); });
    if (!replaced) all.emplace_back(*entry);
  }
  all.insert(all.end(), program.environment.begin(), program.environment.end());
  return all;
}

std::vector<char*> pointers_of(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// A process group of its own, so that its children can be ended with it; no descriptors of ours,
// and signals as a fresh program expects them.
int spawn(const Program& program, const Pipe& output, const Pipe& errors, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.writing(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.writing(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> words = program.command;
  std::vector<std::string> environment = environment_of(program);
  const int error = posix_spawnp(&pid, words.front().c_str(), &actions, &attributes,
                                 pointers_of(words).data(), pointers_of(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int millis_until(SteadyTime deadline) {
  const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<Millis::rep>(left, 0, 3'600'000));
}

// Appends what there is; closes the pipe at its end. False when `into` has grown too long.
bool drain(Pipe& pipe, std::string& into) {
  std::array<char, 8192> bytes;
  const ssize_t got = read(pipe.reading(), bytes.data(), bytes.size());
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) {
    pipe.close_reading();
    return true;
  }
  into.append(bytes.data(), static_cast<std::size_t>(got));
  return into.size() <= kMaxProgramOutput;
}

// Reads both pipes to their ends. Returns why not, or nothing.
std::string collect(const Program& program, SteadyTime deadline, Pipe& output, Pipe& errors,
                    ProgramEnd& end, std::string& error_text) {
  while (output.reading() >= 0 || errors.reading() >= 0) {
    std::array<pollfd, 3> wait{{{output.reading(), POLLIN, 0},
                                {errors.reading(), POLLIN, 0},
                                {program.cancel, POLLIN, 0}}};
    const int ready = poll(wait.data(), wait.size(), millis_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return "did not end within " + to_short_text(program.limit);
    if (wait[2].revents != 0) return "was ended because the operator is stopping";
    if (wait[0].revents != 0 && !drain(output, end.output)) return "printed more than 1 MiB";
    if (wait[1].revents != 0 && !drain(errors, error_text)) {
      error_text.erase(0, error_text.size() / 2);  // Only its end is of interest.
    }
  }
  return {};
}

// Waits for the end of a program that has closed its outputs. Returns why not, or nothing.
std::string await_exit(const Program& program, SteadyTime deadline, pid_t pid, int& status) {
  constexpr int kLookEvery = 5;  // Milliseconds: it is about to end anyway.
  while (waitpid(pid, &status, WNOHANG) == 0) {
    pollfd cancel{program.cancel, POLLIN, 0};
    if (poll(&cancel, 1, kLookEvery) > 0) return "was ended because the operator is stopping";
    if (millis_until(deadline) == 0) return "did not end within " + to_short_text(program.limit);
  }
  return {};
}

std::string last_line_of(std::string_view text) {
  constexpr std::size_t kMostShown = 300;
  const auto end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const auto line_break = text.find_last_of("\r\n");
  if (line_break != std::string_view::npos) text.remove_prefix(line_break + 1);
  std::string line(text.substr(0, kMostShown));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line;
}

}  // namespace

Result<ProgramEnd> run_program(const Program& program) {
  Pipe output;
  Pipe errors;
  if (!output.ok() || !errors.ok()) {
    return fail(ErrorCode::Io, std::string("could not be started: ") + std::strerror(errno));
  }
  const SteadyTime deadline = std::chrono::steady_clock::now() + program.limit;
  pid_t pid = -1;
  if (const int error = spawn(program, output, errors, pid); error != 0) {
    return fail(error == ENOENT ? ErrorCode::NotFound : ErrorCode::Io,
                std::string("could not be started: ") + std::strerror(error));
  }
  output.close_writing();
  errors.close_writing();
  ProgramEnd end;
  std::string error_text;
  int status = 0;
  std::string problem = collect(program, deadline, output, errors, end, error_text);
  if (problem.empty()) problem = await_exit(program, deadline, pid, status);
  if (!problem.empty()) {
    kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return fail(ErrorCode::Io, problem);
  }
  end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  end.last_error_line = last_line_of(error_text);
  return end;
}

}  // namespace raycord
