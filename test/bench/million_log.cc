#include "test/bench/million_log.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "test/bench/quiet_fleet.h"
#include "test/bench/sample_fleet.h"

namespace raycord {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kServices = 200;
constexpr std::size_t kBusyServices = 50;
constexpr std::uint64_t kEvents = 1'000'000;

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "recording a log: %s\n", error.message.c_str());
  std::exit(1);
}

void expect(const Outcome& done) {
  if (!done) give_up(done.error());
}

// `record` fills the directory; a file beside it says that it came to its end.
template <class Record>
std::string recorded(const std::string& name, Record record) {
  const fs::path directory = fs::path("build/bench") / name;
  const fs::path complete = directory.string() + ".complete";
  if (fs::exists(complete)) return directory;
  fs::remove_all(directory);
  std::fprintf(stderr, "recording %s\n", directory.c_str());
  record(directory);
  std::ofstream(complete) << "\n";
  return directory;
}

void record_million(const std::string& directory) {
  {
    SampleFleet fleet(kServices);
    fleet.upgrade_every(5);
    expect(copy_log(fleet.sim(), directory));
  }
  auto quiet = QuietFleet::open(directory);
  if (!quiet) give_up(quiet.error());
  while ((*quiet)->last_event() < kEvents) expect((*quiet)->run(std::chrono::minutes(1)));
}

void record_busy(const std::string& directory) {
  SampleFleet fleet(kBusyServices);
  for (int i = 0; i < 3; ++i) fleet.upgrade_every(1);
  expect(copy_log(fleet.sim(), directory));
}

}  // namespace

const std::string& million_log() {
  static const std::string directory = recorded("million-log", record_million);
  return directory;
}

const std::string& busy_log() {
  static const std::string directory = recorded("busy-log", record_busy);
  return directory;
}

}  // namespace raycord
