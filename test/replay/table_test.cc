#include "replay/table.h"

#include <sstream>

#include <gtest/gtest.h>

namespace raycord {
namespace {

TEST(Table, MakesColumnsAsWideAsTheirWidestCell) {
  std::ostringstream out;
  Table table(out, {"NAME", "WHAT"}, {});
  table.add({{"llm"}, {"is well"}});
  table.add({{"a-longer-name"}, {"is ill"}});
  table.finish();
  EXPECT_EQ(out.str(),
            "NAME           WHAT\n"
            "llm            is well\n"
            "a-longer-name  is ill\n");
}

TEST(Table, CutsTheLastCellAtTheEndOfTheTerminal) {
  std::ostringstream out;
  Table table(out, {"NAME", "WHAT"}, {.width = 24});
  table.add({{"llm"}, {"an explanation that goes on"}});
  table.finish();
  EXPECT_EQ(out.str(),
            "NAME  WHAT\n"
            "llm   an explanation th…\n");
}

TEST(Table, SaysNothingWithoutRows) {
  std::ostringstream out;
  Table table(out, {"NAME"}, {});
  table.finish();
  EXPECT_EQ(out.str(), "");
}

TEST(Table, ColoursCellsOnlyWhereColoursAreWanted) {
  for (const bool colors : {false, true}) {
    std::ostringstream out;
    Table table(out, {"A", "B"}, {.colors = colors});
    table.add({{"x", Style::Bad}, {"y"}});
    table.finish();
    EXPECT_EQ(out.str().find('\033') != std::string::npos, colors);
  }
}

TEST(Table, PrintsRowsThatComeLaterUnderTheSameColumns) {
  std::ostringstream out;
  Table table(out, {"SEQ", "WHAT"}, {});
  table.add({{"1000"}, {"one"}});
  table.finish();
  table.add({{"2"}, {"two"}});
  table.finish();
  EXPECT_EQ(out.str(), "SEQ   WHAT\n1000  one\n2     two\n");
}

TEST(Text, IsCutBetweenCharactersNotInThem) {
  EXPECT_EQ(cut_to("äöüß", 4), "äöüß");
  EXPECT_EQ(cut_to("äöüß", 3), "äö…");
  EXPECT_EQ(cut_to("ab cd", 4), "ab…");
  EXPECT_EQ(width_of("a→b"), 3U);
}

}  // namespace
}  // namespace raycord
