#include "test/conformance/scenario.h"

#include <exception>
#include <map>
#include <utility>

#include "core/check.h"

namespace raycord {
namespace {

using Section = std::vector<Scenario> (*)();

constexpr int kPerResource = 80;

void add(std::vector<Scenario>& all, const char* resource,
         std::initializer_list<Section> sections) {
  std::map<int, Scenario> by_number;
  for (const Section section : sections) {
    for (Scenario& scenario : section()) {
      scenario.resource = resource;
      const int number = scenario.number;
      CHECK(by_number.emplace(number, std::move(scenario)).second);
    }
  }
  for (int number = 1; number <= kPerResource; ++number) {
    CHECK(by_number.count(number) == 1);  // None is left out silently.
    all.push_back(std::move(by_number.at(number)));
  }
}

std::string counts(const std::vector<Finding>& findings) {
  const auto& all = all_scenarios();
  std::map<std::pair<std::string, Tag>, std::map<Stand, int>> sums;
  int different = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ++sums[{all[i].resource, all[i].tag}][findings[i].stand];
    if (findings[i].stand == Stand::Passes && all[i].ours.text != same().text) ++different;
  }
  std::string text = "| resource | tag | passed | not implemented | failed | left out |\n";
  text += "|---|---|---|---|---|---|\n";
  for (const auto& [key, sum] : sums) {
    text += "| " + key.first + " | " + name_of(key.second);
    for (const Stand stand : {Stand::Passes, Stand::Missing, Stand::Fails, Stand::LeftOut}) {
      const auto found = sum.find(stand);
      text += " | " + std::to_string(found == sum.end() ? 0 : found->second);
    }
    text += " |\n";
  }
  return text + "\nOf those passed, " + std::to_string(different) +
         " are different from KubeRay by design and check our way.\n";
}

std::string real_cell(const Scenario& scenario) {
  const RealRow row = real_row(scenario);
  if (row.stand == RealStand::NotPlayed) return "no: " + row.reason;
  return row.stand == RealStand::Long ? "long" : "yes";
}

const char* const kHead =
    "# Conformance\n\n"
    "What KubeRay v1.7 does with a RayService or RayCluster, scenario by scenario, and whether "
    "Raycord does it too.\n\n"
    "Written by a run of `conformance_test` (`test/conformance`), which plays every scenario with "
    "the whole operator on the\nembedded cluster in virtual time, and afterwards replays its log: "
    "no decision may differ. To write it anew:\n\n"
    "```sh\n"
    "RAYCORD_UPDATE_GOLDEN=1 build/dev/bin/conformance_test --gtest_filter='*Page*'\n"
    "```\n\n"
    "*seed* and *core* scenarios are those of the RayService guide's flow, *plus* all others. "
    "*not implemented* names the feature\nthat is missing; a scenario that passes all the same "
    "fails the test, until its row says so.\n\n"
    "*API server*: `scripts/conformance.sh` plays the same scenario on a real API server in real "
    "time, with the same result: *yes* in\neach `make test`, *long* in `make test-long` only, "
    "since it takes more than 100 s.\n\n";

}  // namespace

const char* name_of(Stand stand) {
  switch (stand) {
    case Stand::Passes:
      return "passed";
    case Stand::Missing:
      return "**not implemented**";
    case Stand::Fails:
      return "**failed**";
    case Stand::LeftOut:
      return "left out";
  }
  return "";
}

const char* name_of(Tag tag) {
  switch (tag) {
    case Tag::Seed:
      return "seed";
    case Tag::Core:
      return "core";
    case Tag::Plus:
      return "plus";
  }
  return "";
}

const std::vector<Scenario>& all_scenarios() {
  static const std::vector<Scenario> all = [] {
    std::vector<Scenario> made;
    add(made, "RayService",
        {service_bootstrap, service_upgrade, service_exceptions, service_failover, service_services,
         service_cleanup, service_validation, service_suspension, service_incremental});
    add(made, "RayCluster",
        {cluster_creation, cluster_templates, cluster_status, cluster_lifecycle,
         cluster_autoscaling, cluster_deletion, cluster_extras});
    return made;
  }();
  return all;
}

Finding play(const Scenario& scenario, Stage& stage) {
  if (scenario.play == nullptr) return claimed(scenario);
  std::string thrown;
  try {
    scenario.play(stage);
  } catch (const std::exception& error) {
    // An object that should be there is not.
    thrown = std::string("it ended early: ") + error.what();
  }
  Finding finding{Stand::Passes, stage.unmet(), stage.broken()};
  if (!thrown.empty()) finding.unmet.push_back(thrown);
  const bool excused = scenario.ours.stand == Stand::Missing;
  if (!finding.unmet.empty()) finding.stand = excused ? Stand::Missing : Stand::Fails;
  if (!finding.broken.empty()) finding.stand = Stand::Fails;
  return finding;
}

Finding claimed(const Scenario& scenario) { return {scenario.ours.stand, {}, {}}; }

std::string conformance_page(const std::vector<Finding>& findings) {
  const auto& all = all_scenarios();
  CHECK(findings.size() == all.size());
  std::string page = kHead + counts(findings);
  std::string resource;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Scenario& scenario = all[i];
    if (scenario.resource != resource) {
      resource = scenario.resource;
      page +=
          "\n## " + resource +
          "\n\n| # | tag | scenario | result | API server | ours |\n|---|---|---|---|---|---|\n";
    }
    page += "| " + std::to_string(scenario.number) + " | " + name_of(scenario.tag) + " | " +
            scenario.title + " | " + name_of(findings[i].stand) + " | " + real_cell(scenario) +
            " | " + scenario.ours.text + " |\n";
  }
  return page;
}

}  // namespace raycord
