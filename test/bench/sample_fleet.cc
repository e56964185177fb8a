#include "test/bench/sample_fleet.h"

#include <filesystem>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/check.h"
#include "store/rocks_columns.h"
#include "test/sim/sample.h"

namespace raycord {
namespace {

constexpr std::size_t kWorkers = 2;
constexpr Millis kBringUpLimit = std::chrono::minutes(30);
// A changed answer is seen within a probe's period, and its status written at once.
constexpr Millis kBetweenFlips = std::chrono::seconds(4);
// Longer than an upgrade and the minute for which the old cluster stays.
constexpr Millis kUpgradeTime = std::chrono::minutes(3);
constexpr std::size_t kCellsPerBatch = 4096;

std::string service_name(std::size_t service) { return "service-" + std::to_string(service); }

}  // namespace

SampleFleet::SampleFleet(std::size_t services)
    : services_(services), sim_(std::make_unique<Sim>(SimOptions{})) {
  for (std::size_t i = 0; i < services_; ++i) {
    CHECK(static_cast<bool>(sim_->apply(manifest(i))));
  }
  std::size_t running = 0;
  const auto all_run = [&] {
    for (; running < services_; ++running) {
      const Partition* partition = sim_->partition(service_name(running));
      if (partition == nullptr || partition->status.value.service_status != "Running") return false;
    }
    return true;
  };
  CHECK(sim_->run_until(all_run, kBringUpLimit));
  sim_->run_for(std::chrono::minutes(2));  // The last statuses are written.
}

std::string SampleFleet::manifest(std::size_t service) const {
  nlohmann::json manifest = nlohmann::json::parse(sample_manifest());
  manifest["metadata"]["name"] = service_name(service);
  manifest["spec"]["rayClusterConfig"]["rayVersion"] = "2." + std::to_string(minor_version_) + ".1";
  manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"][0]["replicas"] = kWorkers;
  return manifest.dump();
}

void SampleFleet::upgrade_every(std::size_t nth) {
  ++minor_version_;
  for (std::size_t i = 0; i < services_; i += nth) {
    CHECK(static_cast<bool>(sim_->apply(manifest(i))));
  }
  sim_->run_for(kUpgradeTime);
}

void SampleFleet::show_app(const char* status) {
  sim_->fault("apps", std::string(R"({"cluster":"default/*","app":"fruit_app","status":")") +
                          status + R"("})");
  sim_->run_for(kBetweenFlips);
}

void SampleFleet::flip_status(std::size_t rounds) {
  for (std::size_t i = 0; i < rounds; ++i) {
    show_app("UNHEALTHY");
    show_app("");
  }
}

void SampleFleet::pass_time_of_flips(std::size_t rounds) {
  for (std::size_t i = 0; i < 2 * rounds; ++i) sim_->run_for(kBetweenFlips);
}

Outcome copy_log(Sim& sim, const std::string& directory) {
  std::filesystem::create_directories(std::filesystem::path(directory).parent_path());
  auto to = RocksColumns::open({.directory = directory}, true);
  if (!to) return fail(to.error());
  for (const Column column : kAllColumns) {
    std::vector<Cell> cells;
    const auto put = [&] { return (*to)->put(std::exchange(cells, {}), RocksColumns::Sync::No); };
    const auto cursor = sim.log().columns().cursor(column);
    for (cursor->seek(""); cursor->valid(); cursor->next()) {
      cells.push_back({column, std::string(cursor->key()), std::string(cursor->value())});
      if (cells.size() < kCellsPerBatch) continue;
      if (auto done = put(); !done) return done;
    }
    if (auto done = put(); !done) return done;
  }
  return (*to)->flush();
}

}  // namespace raycord
