#include "replay/rule_sentences.h"

#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

namespace raycord {
namespace {

// Heading → the first line of its section.
std::map<std::string, std::string> sections() {
  std::ifstream in(std::string(SOURCE_ROOT) + "/docs/rules.md");
  std::map<std::string, std::string> found;
  std::string heading;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("### ")) {
      heading = line.substr(4);
      found[heading];
    } else if (!heading.empty() && !line.empty() && found[heading].empty()) {
      found[heading] = line;
    }
  }
  return found;
}

TEST(Rules, AreAllInTheDocumentWithTheirSentence) {
  const auto documented = sections();
  for (const Rule rule : all_rules()) {
    const std::string heading = std::to_string(static_cast<int>(rule)) + " " + name_of(rule);
    ASSERT_TRUE(documented.count(heading)) << "docs/rules.md lacks \"### " << heading << "\"";
    EXPECT_EQ(documented.at(heading), sentence_of(rule));
  }
  EXPECT_EQ(documented.size(), all_rules().size());
}

TEST(Rules, OfANewerBuildAreSaidToBeUnknown) {
  EXPECT_NE(std::string(sentence_of(static_cast<Rule>(99))).find("newer"), std::string::npos);
}

}  // namespace
}  // namespace raycord
