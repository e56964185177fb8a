// Plays every scenario and holds what came of it against its row in docs/conformance.md.

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/conformance/scenario.h"

namespace raycord {

// For gtest's lists and messages.
void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.resource << " " << scenario.number;
}

namespace {

const char* const kPage = SOURCE_ROOT "/docs/conformance.md";

class Conformance : public testing::TestWithParam<Scenario> {};

TEST_P(Conformance, IsAsItsRowSays) {
  const Scenario& scenario = GetParam();
  Stage stage;
  const Finding finding = play(scenario, stage);
  const RealStand real = real_row(scenario).stand;
  if (real != RealStand::NotPlayed) {
    EXPECT_EQ(stage.elapsed() > kShortScenario, real == RealStand::Long)
        << "it takes " << stage.elapsed().count() << " ms";
  }
  EXPECT_THAT(finding.broken, testing::IsEmpty());
  std::string unmet;
  for (const std::string& line : finding.unmet) unmet += "\n  " + line;
  EXPECT_EQ(finding.stand, claimed(scenario).stand)
      << scenario.title << ": " << name_of(finding.stand) << ", but the row says "
      << name_of(claimed(scenario).stand) << unmet;
}

std::string test_name(const testing::TestParamInfo<Scenario>& info) {
  const std::string number = std::to_string(info.param.number);
  return info.param.resource + (number.size() == 1 ? "_0" : "_") + number;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Conformance, testing::ValuesIn(all_scenarios()), test_name);

// Together with the scenarios' own tests: the page is what a run finds.
TEST(ConformancePage, IsWhatARunWrites) {
  const bool update = std::getenv("RAYCORD_UPDATE_GOLDEN") != nullptr;
  std::vector<Finding> findings;
  for (const Scenario& scenario : all_scenarios()) {
    Stage stage;
    findings.push_back(update ? play(scenario, stage) : claimed(scenario));
  }
  const std::string page = conformance_page(findings);
  if (update) {
    std::ofstream(kPage) << page;
    return;
  }
  std::ifstream in(kPage);
  std::stringstream written;
  written << in.rdbuf();
  EXPECT_EQ(page, written.str()) << "write it anew: see the page's head";
}

}  // namespace

}  // namespace raycord
