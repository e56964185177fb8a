// raycord-sim: simulated worlds with faults, in virtual time.
//
//   raycord-sim 7              one seed, twice: the promises, and equal digests
//   raycord-sim 7 --story      the same, told line by line
//   raycord-sim --minutes 5    seeds from 1 on, for that long (--seeds N: at most so many)
//   raycord-sim --mutants N    manifests with something wrong in them, of seeds 1 to N
//   raycord-sim --play FILE…   plays stories and prints what happened

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "test/sim/mutants.h"
#include "test/sim/random_world.h"
#include "test/sim/story.h"

namespace raycord {
namespace {

struct Arguments {
  std::uint64_t seed = 0;
  bool story = false;
  double minutes = 0;
  std::uint64_t seeds = UINT64_MAX;
  int hours = 1;
  std::size_t services = 3;
  std::uint64_t mutants = 0;
  std::vector<std::string> files;
};

int report(std::uint64_t seed, const RandomWorldResult& result) {
  for (const std::string& complaint : result.complaints) std::printf("  %s\n", complaint.c_str());
  std::printf("seed %llu: %s, %llu events, %llu decisions, %llu crashes, digest %s\n",
              static_cast<unsigned long long>(seed), result.complaints.empty() ? "ok" : "BROKEN",
              static_cast<unsigned long long>(result.events),
              static_cast<unsigned long long>(result.decisions),
              static_cast<unsigned long long>(result.crashes), to_hex(result.digest).c_str());
  return result.complaints.empty() ? 0 : 1;
}

int run_seed(const Arguments& arguments, std::uint64_t seed) {
  RandomWorldOptions options;
  options.seed = seed;
  options.length = std::chrono::hours(arguments.hours);
  options.services = arguments.services;
  options.tell = arguments.story;
  const RandomWorldResult first = run_random_world(options);
  int status = report(seed, first);
  if (arguments.story) return status;
  if (run_random_world(options).digest != first.digest) {
    std::printf("seed %llu: BROKEN, a second run came to another state\n",
                static_cast<unsigned long long>(seed));
    status = 1;
  }
  return status;
}

int run_seeds(const Arguments& arguments) {
  using Clock = std::chrono::steady_clock;
  const auto end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(
                         std::chrono::duration<double, std::ratio<60>>(arguments.minutes));
  int status = 0;
  std::uint64_t seed = 0;
  while (Clock::now() < end && seed < arguments.seeds) status |= run_seed(arguments, ++seed);
  std::printf("%llu seeds of %d simulated hours, %zu services each: %s\n",
              static_cast<unsigned long long>(seed), arguments.hours, arguments.services,
              status == 0 ? "all promises kept" : "BROKEN");
  return status;
}

int run_mutants(std::uint64_t first, std::uint64_t last) {
  std::uint64_t accepted = 0;
  std::uint64_t broken = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const MutantResult result = run_mutant(seed);
    if (result.accepted) ++accepted;
    if (result.complaints.empty()) continue;
    ++broken;
    std::printf("mutant %llu:\n%s  %s\n", static_cast<unsigned long long>(seed),
                result.complaints.c_str(), result.manifest.c_str());
    std::fflush(stdout);
  }
  std::printf("%llu mutants, %llu taken by the API server: %llu BROKEN\n",
              static_cast<unsigned long long>(last - first + 1),
              static_cast<unsigned long long>(accepted), static_cast<unsigned long long>(broken));
  return broken == 0 ? 0 : 1;
}

int play_files(const std::vector<std::string>& files) {
  int status = 0;
  for (const std::string& file : files) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) {
      std::fprintf(stderr, "raycord-sim: cannot read %s\n", file.c_str());
      return 2;
    }
    const auto story = read_story(text.str());
    if (!story) {
      std::fprintf(stderr, "raycord-sim: %s: %s\n", file.c_str(), story.error().message.c_str());
      return 2;
    }
    const Played played = play(*story);
    std::printf("%s", write_story(played.story).c_str());
    for (const std::string& line : played.complaints) std::printf("BROKEN: %s\n", line.c_str());
    status |= played.complaints.empty() ? 0 : 1;
  }
  return status;
}

}  // namespace
}  // namespace raycord

int main(int argc, char** argv) {
  raycord::Arguments arguments;
  CLI::App app("Simulated worlds with faults: one seed is one world, in virtual time.",
               "raycord-sim");
  app.add_option("SEED", arguments.seed, "Run this seed, twice");
  app.add_flag("--story", arguments.story, "Tell what happens, once");
  app.add_option("--minutes", arguments.minutes, "Run seeds from 1 on for this many minutes");
  app.add_option("--seeds", arguments.seeds, "With --minutes: at most this many seeds");
  app.add_option("--hours", arguments.hours, "Simulated hours per seed")->capture_default_str();
  app.add_option("--services", arguments.services, "RayServices per world")->capture_default_str();
  app.add_option("--mutants", arguments.mutants, "So many manifests; those from SEED on");
  app.add_option("--play", arguments.files, "Play these stories");
  CLI11_PARSE(app, argc, argv);
  if (!arguments.files.empty()) return raycord::play_files(arguments.files);
  if (arguments.mutants > 0) {
    const std::uint64_t first = std::max<std::uint64_t>(arguments.seed, 1);
    return raycord::run_mutants(first, first + arguments.mutants - 1);
  }
  if (arguments.minutes > 0) return raycord::run_seeds(arguments);
  if (arguments.seed != 0) return raycord::run_seed(arguments, arguments.seed);
  std::fputs(app.help().c_str(), stdout);
  return 2;
}
