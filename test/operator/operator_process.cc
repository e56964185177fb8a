#include "test/operator/operator_process.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace raycord {
namespace {

constexpr std::chrono::seconds kLimit{60};
constexpr std::chrono::milliseconds kPoll{10};

bool poll_until(const std::function<bool()>& good) {
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  while (!good()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

}  // namespace

OperatorProcess::OperatorProcess(const std::vector<std::string>& flags, std::string lines,
                                 std::vector<std::string> variables)
    : file_(std::move(lines)) {
  std::error_code none;
  const auto size = std::filesystem::file_size(file_, none);
  begin_ = none ? 0 : static_cast<std::size_t>(size);
  std::vector<std::string> command = {BIN_DIR "/raycord-operator", "--metrics-addr=0",
                                      "--health-probe-bind-address=0"};
  command.insert(command.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  for (char** variable = environ; *variable != nullptr; ++variable)
    environment.push_back(*variable);
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, file_.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(),
                  environment.data()) != 0) {
    process_ = -1;
    code_ = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
}

OperatorProcess::~OperatorProcess() { kill(); }

bool OperatorProcess::says(const std::string& text) {
  bool said = false;
  poll_until([&] {
    const bool last = ended().has_value();
    said = lines().find(text) != std::string::npos;
    return said || last;
  });
  return said;
}

std::optional<int> OperatorProcess::end() {
  poll_until([this] { return ended().has_value(); });
  return code_;
}

std::optional<int> OperatorProcess::stop() {
  if (!ended()) ::kill(process_, SIGTERM);
  return end();
}

void OperatorProcess::kill() {
  if (ended()) return;
  ::kill(process_, SIGKILL);
  end();
}

std::string OperatorProcess::lines() const {
  std::ifstream file(file_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(begin_));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::optional<int> OperatorProcess::ended() {
  int status = 0;
  if (!code_ && waitpid(process_, &status, WNOHANG) == process_) {
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return code_;
}

}  // namespace raycord
