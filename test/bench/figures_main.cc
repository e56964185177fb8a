// raycord-figures: the sizes and counts of docs/figures.md, in virtual time. scripts/bench.sh calls
// it.
//
//   raycord-figures disk [SERVICES [HOURS]]   bytes of a log on disk, by what fills it
//   raycord-figures writes                    writes to the API server in the life of a RayService
//   raycord-figures manifest                  the sample as JSON, for who has no reader of YAML

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "store/fold_log.h"
#include "store/rocks_columns.h"
#include "test/bench/quiet_fleet.h"
#include "test/bench/sample_fleet.h"
#include "test/sim/api_writes.h"
#include "test/sim/sample.h"

namespace raycord {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFlippedServices = 250;
constexpr std::size_t kFlipRounds = 10;

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "raycord-figures: %s\n", error.message.c_str());
  std::exit(1);
}

void expect(const Outcome& done) {
  if (!done) give_up(done.error());
}

// --- Disk ---------------------------------------------------------------------------------------

using Bytes = std::map<std::string, std::int64_t>;  // By column family; "all" is their sum.

// Live table files after a flush and a full compaction.
Bytes compacted_bytes(const std::string& directory) {
  auto columns = RocksColumns::open({.directory = directory}, false);
  if (!columns) give_up(columns.error());
  expect((*columns)->flush());
  expect((*columns)->compact());
  Bytes bytes;
  for (const Column column : kAllColumns) {
    const auto size = static_cast<std::int64_t>((*columns)->table_bytes(column));
    bytes[name_of(column)] = size;
    bytes["all"] += size;
  }
  return bytes;
}

void print_difference(const char* what, const Bytes& before, const Bytes& after, std::uint64_t n) {
  std::printf("%s: %llu\n", what, static_cast<unsigned long long>(n));
  for (const auto& [column, size] : after) {
    const std::int64_t more = size - before.at(column);
    if (more == 0) continue;
    std::printf("  %-12s %12lld bytes, %8.1f each\n", column.c_str(), static_cast<long long>(more),
                static_cast<double>(more) / static_cast<double>(n));
  }
}

void report_quiet_hours(const fs::path& folder, std::size_t services, int hours) {
  const std::string directory = folder / "quiet";
  {
    SampleFleet fleet(services);
    expect(copy_log(fleet.sim(), directory));
  }
  const Bytes before = compacted_bytes(directory);
  std::uint64_t run_minutes = 0;
  {
    auto quiet = QuietFleet::open(directory);
    if (!quiet) give_up(quiet.error());
    expect((*quiet)->run(std::chrono::hours(hours)));
    run_minutes = (*quiet)->run_minutes();
  }
  const Bytes after = compacted_bytes(directory);
  std::printf("%zu services, bring-up: %lld bytes\n", services,
              static_cast<long long>(before.at("all")));
  print_difference("run-minutes of unchanged probes", before, after, run_minutes);
}

// Decisions to write a RayService's status.
std::uint64_t status_writes(Sim& sim) {
  const auto names = read_names(sim.log().reader());
  if (!names) give_up(names.error());
  std::uint64_t writes = 0;
  expect(visit_decoded(sim.log().reader(), *names, 1, [&](const Frame& frame, const StoredFrame&) {
    for (const Decision& decision : frame.decisions) {
      if (std::holds_alternative<WriteServiceStatus>(decision.effect)) ++writes;
    }
    return true;
  }));
  return writes;
}

void report_status_changes(const fs::path& folder) {
  Bytes bytes[2];
  std::uint64_t writes[2] = {};
  for (const bool flip : {false, true}) {
    const std::string directory = folder / (flip ? "flips" : "no-flips");
    SampleFleet fleet(kFlippedServices);
    if (flip) {
      fleet.flip_status(kFlipRounds);
    } else {
      fleet.pass_time_of_flips(kFlipRounds);
    }
    writes[flip ? 1 : 0] = status_writes(fleet.sim());
    expect(copy_log(fleet.sim(), directory));
    bytes[flip ? 1 : 0] = compacted_bytes(directory);
  }
  print_difference("status changes, with observation, intent, outcome and echo", bytes[0], bytes[1],
                   writes[1] - writes[0]);
}

int report_disk(std::size_t services, int hours) {
  const fs::path folder = "build/bench/disk";
  fs::remove_all(folder);
  report_quiet_hours(folder, services, hours);
  report_status_changes(folder);
  fs::remove_all(folder);
  return 0;
}

// --- Writes -------------------------------------------------------------------------------------

int report_writes() {
  for (const auto& [phase, writes] : count_api_writes()) {
    std::printf("%s\n", phase.c_str());
    for (const auto& [what, count] : writes) {
      std::printf("  %-28s %5llu\n", what.c_str(), static_cast<unsigned long long>(count));
    }
  }
  return 0;
}

int run(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  const auto number = [&](int index, int otherwise) {
    return argc > index ? std::atoi(argv[index]) : otherwise;
  };
  if (command == "writes") return report_writes();
  if (command == "manifest") return std::puts(sample_manifest().c_str()) < 0 ? 1 : 0;
  if (command == "disk") {
    return report_disk(static_cast<std::size_t>(number(2, 1000)), number(3, 24));
  }
  std::fprintf(stderr, "usage: raycord-figures disk [SERVICES [HOURS]] | writes | manifest\n");
  return 2;
}

}  // namespace
}  // namespace raycord

int main(int argc, char** argv) { return raycord::run(argc, argv); }
