#include "test/sim/api_writes.h"

#include <variant>

#include <nlohmann/json.hpp>

#include "core/check.h"
#include "sandbox/api_paths.h"
#include "test/sim/sample.h"
#include "test/sim/sim.h"

namespace raycord {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

std::string verb_of(const std::string& method) {
  if (method == "POST") return "create";
  return method == "DELETE" ? "delete" : "update";
}

std::string verb_and_kind(const std::string& method, const std::string& path) {
  if (path.starts_with("/api/serve/")) return "send Serve config";
  const auto parsed = parse_api_path(path);
  const auto* api = std::get_if<ApiPath>(&parsed);
  CHECK(api != nullptr);
  std::string text = verb_of(method) + " " + api->kind->kind;
  if (!api->subresource.empty()) text += " " + api->subresource;
  return text;
}

ApiWrites since(const ApiWrites& before, const ApiWrites& now) {
  ApiWrites writes;
  for (const auto& [what, count] : now) {
    const auto known = before.find(what);
    const std::uint64_t more = count - (known == before.end() ? 0 : known->second);
    if (more > 0) writes[what] = more;
  }
  return writes;
}

}  // namespace

ApiWrites by_verb_and_kind(const std::map<std::string, std::uint64_t>& by_path) {
  ApiWrites writes;
  for (const auto& [call, count] : by_path) {
    const auto space = call.find(' ');
    writes[verb_and_kind(call.substr(0, space), call.substr(space + 1))] += count;
  }
  return writes;
}

std::vector<WritesOfPhase> count_api_writes() {
  Sim sim(SimOptions{});
  std::vector<WritesOfPhase> phases;
  ApiWrites before;
  const auto end_phase = [&](const char* name) {
    ApiWrites now = by_verb_and_kind(sim.transport().writes());
    phases.push_back({name, since(before, now)});
    before = std::move(now);
  };
  nlohmann::json manifest = nlohmann::json::parse(sample_manifest());
  const auto apply = [&] { CHECK(static_cast<bool>(sim.apply(manifest.dump()))); };

  apply();
  sim.run_for(1min);
  end_phase("bootstrap");
  sim.run_for(10min);
  end_phase("ten minutes of steady state");
  std::string config = manifest["spec"]["serveConfigV2"];
  manifest["spec"]["serveConfigV2"] = config.replace(config.find("price: 3"), 8, "price: 4");
  apply();
  sim.run_for(1min);
  end_phase("in-place update");
  manifest["spec"]["rayClusterConfig"]["rayVersion"] = "2.60.0";
  apply();
  sim.run_for(3min);  // The old cluster goes after a minute.
  end_phase("upgrade");
  return phases;
}

}  // namespace raycord
