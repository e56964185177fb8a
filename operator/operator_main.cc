// raycord-operator: the controller.

#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

#include "core/check.h"
#include "operator/flags.h"
#include "operator/idle_memory.h"
#include "operator/limits.h"
#include "operator/live.h"

int main(int argc, char** argv) {
  using raycord::ExitCode;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto parsed = raycord::parse_flags(arguments, raycord::process_environment);
  if (!parsed) {
    std::cerr << "raycord-operator: " << parsed.error().message << "\n";
    return static_cast<int>(ExitCode::WrongFlags);
  }
  if (!parsed->print.empty()) {
    std::cout << parsed->print;
    return 0;
  }
  raycord::StopSignals signals;
  const raycord::IdleMemory idle_memory(raycord::kTrimEvery);
  raycord::LogLines lines(parsed->flags.log_format);
  try {
    raycord::Live live(parsed->flags, lines, signals);
    const ExitCode code = live.run();
    if (code == ExitCode::LogFailed) {
      // RocksDB does not close in order what it could not write: it may abort on an assertion.
      lines.close();
      _exit(static_cast<int>(code));
    }
    return static_cast<int>(code);
  } catch (const raycord::InvariantBroken& broken) {
    lines.say(raycord::Level::Error, std::string("an invariant is broken: ") + broken.what());
    return static_cast<int>(ExitCode::Broken);
  }
}
