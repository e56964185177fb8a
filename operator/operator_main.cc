// raycord-operator: the controller, and what it would do to a cluster (adopt --dry-run).

#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

#include "core/check.h"
#include "operator/adopt.h"
#include "operator/flags.h"
#include "operator/live.h"

// How jemalloc works in this process; it looks for this name when it starts (docs/decisions/0012).
// A start, or a wave of upgrades, takes many times the memory that stays: free pages go back after
// a second, on a thread of jemalloc's own. One arena and no caches per thread: three threads that
// take turns gain little from more, and each would keep its own free memory.
extern "C" const char* malloc_conf;
const char* malloc_conf =
    "narenas:1,tcache:false,background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";

int main(int argc, char** argv) {
  using raycord::ExitCode;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (raycord::is_adopt(arguments)) {
    return raycord::adopt(arguments, raycord::process_environment, std::cout, std::cerr);
  }
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
