#include "test/bench/recorded_log.h"

#include <fstream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "formats/manifest.h"

namespace raycord {
namespace {

std::string sample() {
  std::ifstream in(std::string(SOURCE_ROOT) + "/samples/rayservice.yaml");
  std::stringstream text;
  text << in.rdbuf();
  const auto documents = read_manifest(text.str());
  CHECK(static_cast<bool>(documents));
  return documents->front();
}

std::unique_ptr<Sim> record(std::size_t services, int minutes) {
  auto sim = std::make_unique<Sim>(SimOptions{});
  nlohmann::json manifest = nlohmann::json::parse(sample());
  for (std::size_t i = 0; i < services; ++i) {
    manifest["metadata"]["name"] = "rs-" + std::to_string(i);
    CHECK(static_cast<bool>(sim->apply(manifest.dump())));
  }
  sim->run_for(std::chrono::minutes(minutes) / 2);
  for (std::size_t i = 0; i < services; i += 5) {
    manifest["metadata"]["name"] = "rs-" + std::to_string(i);
    manifest["spec"]["rayClusterConfig"]["rayVersion"] = "2.60.0";
    CHECK(static_cast<bool>(sim->apply(manifest.dump())));
  }
  sim->run_for(std::chrono::minutes(minutes) / 2);
  return sim;
}

}  // namespace

Sim& recorded(std::size_t services, int minutes) {
  static std::map<std::pair<std::size_t, int>, std::unique_ptr<Sim>> logs;
  auto& log = logs[{services, minutes}];
  if (!log) log = record(services, minutes);
  return *log;
}

}  // namespace raycord
