// raycord-conformance: the conformance scenarios on a real API server, in real time.
//
//   raycord-conformance --api URL --control URL --kubeconfig FILE --folder DIR [--all] [--only
//   TEXT]
//
// scripts/conformance.sh brings up what it needs. Exits 0 when every scenario is as its row says.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "test/conformance/real_platform.h"
#include "test/conformance/scenario.h"

namespace raycord {
namespace {

struct Arguments {
  RealCluster cluster;
  bool all = false;
  std::string only;            // Part of "RayService 17 title".
  unsigned side_by_side = 32;  // They wait most of their time.
};

std::string title_of(const Scenario& scenario) {
  return scenario.resource + " " + std::to_string(scenario.number) + " " + scenario.title;
}

std::string space_of(const Scenario& scenario) {
  return (scenario.resource == "RayService" ? "rs-" : "rc-") + std::to_string(scenario.number);
}

std::vector<const Scenario*> chosen(const Arguments& arguments) {
  std::vector<const Scenario*> list;
  for (const Scenario& scenario : all_scenarios()) {
    const RealRow row = real_row(scenario);
    const bool played =
        row.stand == RealStand::Played || (arguments.all && row.stand == RealStand::Long);
    if (played && title_of(scenario).find(arguments.only) != std::string::npos) {
      list.push_back(&scenario);
    }
  }
  return list;
}

class Players {
 public:
  explicit Players(const Arguments& arguments) : arguments_(arguments) {}

  // Several at a time. Those that are not as their rows say are played once more, each alone: what
  // fails only because the machine had too much to do is told, and is no failure.
  int play_all(const std::vector<const Scenario*>& list) {
    const std::vector<const Scenario*> failed = play_side_by_side(list);
    int count = 0;
    for (const Scenario* scenario : failed) {
      std::printf("once more, alone: ");
      if (!play_one(*scenario, "-again")) ++count;
    }
    return count;
  }

 private:
  std::vector<const Scenario*> play_side_by_side(const std::vector<const Scenario*>& list) {
    std::atomic<std::size_t> next{0};
    std::vector<const Scenario*> failed;
    std::mutex mutex;
    const auto work = [&] {
      for (std::size_t i = next++; i < list.size(); i = next++) {
        if (play_one(*list[i], "")) continue;
        const std::lock_guard lock(mutex);
        failed.push_back(list[i]);
      }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < arguments_.side_by_side; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    return failed;
  }

  bool play_one(const Scenario& scenario, const std::string& suffix) {
    const auto make = [this](const StageSetting& setting) {
      return real_platform(arguments_.cluster, setting);
    };
    Stage stage(make, space_of(scenario) + suffix);
    const Finding finding = play(scenario, stage);
    const bool good = finding.stand == claimed(scenario).stand;
    const std::lock_guard lock(printing_);
    std::printf("[%zu] %s %s (%lld s)\n", ++played_, good ? "ok" : "FAILED",
                title_of(scenario).c_str(),
                static_cast<long long>(stage.elapsed() / std::chrono::seconds(1)));
    for (const auto* lines : {&finding.unmet, &finding.broken}) {
      for (const std::string& line : *lines) std::printf("    %s\n", line.c_str());
    }
    std::fflush(stdout);
    return good;
  }

  const Arguments& arguments_;
  std::mutex printing_;
  std::size_t played_ = 0;
};

int run(const Arguments& arguments) {
  const std::vector<const Scenario*> list = chosen(arguments);
  if (list.empty()) {
    std::fprintf(stderr, "no scenario is called \"%s\"\n", arguments.only.c_str());
    return 2;
  }
  std::printf("%zu scenarios, %u side by side\n", list.size(), arguments.side_by_side);
  const int failed = Players(arguments).play_all(list);
  std::printf("%zu scenarios on a real API server, %d not as their rows say\n", list.size(),
              failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace raycord

int main(int argc, char** argv) {
  CLI::App app("Plays the conformance scenarios on a real API server.");
  raycord::Arguments arguments;
  app.add_option("--api", arguments.cluster.api, "URL of a kubectl proxy")->required();
  app.add_option("--control", arguments.cluster.control, "URL of rayworld's control")->required();
  app.add_option("--kubeconfig", arguments.cluster.kubeconfig, "the operator's")->required();
  app.add_option("--folder", arguments.cluster.folder, "where logs are kept")->required();
  app.add_flag("--all", arguments.all, "also those that take longer than a minute and a half");
  app.add_option("--only", arguments.only, "those whose title has this in it");
  app.add_option("--jobs", arguments.side_by_side, "so many at a time")
      ->check(CLI::Range(1U, 200U));
  CLI11_PARSE(app, argc, argv);
  return raycord::run(arguments);
}
