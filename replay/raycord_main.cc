// raycord: questions to a log, of a running operator or of one that ended.

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "replay/command_line.h"

namespace raycord {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1000};  // What a reader beside a writer may cost.
constexpr std::chrono::milliseconds kPatience{50};     // To notice an interruption.
constexpr int kExitInterrupted = 130;
constexpr int kExitPipe = 141;  // As a shell says of a program whose reader went.
constexpr int kExitError = 2;

std::atomic<int> stopped_by{0};  // The signal. A lock-free atomic may be set by a handler.

void note_signal(int signal) { stopped_by = signal; }

bool interrupted() { return stopped_by != 0; }

void pause_between_looks() {
  for (auto waited = kPatience; waited <= kLookEvery && !interrupted(); waited += kPatience) {
    std::this_thread::sleep_for(kPatience);
  }
}

// Readers leave a temporary directory behind unless they end by themselves, so signals are noted.
void take_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int run(int argc, char** argv) {
  take_signals();
  DescriptorStream out(STDOUT_FILENO);
  DescriptorStream err(STDERR_FILENO);
  err << std::unitbuf;
  Session session{out, err};
  session.terminal = present_terminal();
  session.now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  session.interrupted = interrupted;
  session.pause = pause_between_looks;
  const char* log = std::getenv("RAYCORD_LOG");
  const int code = run_command_line(
      session, argc > 0 ? argv[0] : "raycord",
      std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), log == nullptr ? "" : log);
  out.flush();
  if (out.error() == EPIPE) return kExitPipe;
  if (out.error() != 0) {
    err << "error: cannot write the answer: " << std::strerror(out.error()) << "\n";
    return kExitError;
  }
  return interrupted() ? kExitInterrupted : code;
}

}  // namespace
}  // namespace raycord

int main(int argc, char** argv) { return raycord::run(argc, argv); }
