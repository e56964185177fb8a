#include "operator/log_lines.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

constexpr Time kNoon{std::chrono::seconds(1'772'452'800)};

TEST(LogLines, AreReadableAsText) {
  EXPECT_EQ(format_line(LogFormat::Text, kNoon, Level::Info, "decided: create Pod default/x",
                        {{"event", "k7xqd:12"}, {"rule", "create-head-pod"}, {"empty", ""}}),
            "2026-03-02T12:00:00.000Z info    decided: create Pod default/x event=k7xqd:12 "
            "rule=create-head-pod");
}

TEST(LogLines, QuoteWhatHasBlanks) {
  EXPECT_EQ(format_line(LogFormat::Text, kNoon, Level::Warning, "m", {{"why", "it says \"no\""}}),
            R"(2026-03-02T12:00:00.000Z warning m why="it says \"no\"")");
}

TEST(LogLines, StayOnOneLine) {
  EXPECT_EQ(format_line(LogFormat::Text, kNoon, Level::Error, "two\nlines", {{"a", "b\nc"}}),
            "2026-03-02T12:00:00.000Z error   two lines a=\"b c\"");
  EXPECT_EQ(format_line(LogFormat::Json, kNoon, Level::Error, "two\nlines", {}).find('\n'),
            std::string::npos);
}

TEST(LogLines, AreReadableByMachines) {
  EXPECT_EQ(format_line(LogFormat::Json, kNoon, Level::Error, "a \"b\"", {{"event", "k7xqd:1"}}),
            R"({"time":"2026-03-02T12:00:00.000Z","level":"error","message":"a \"b\"",)"
            R"("event":"k7xqd:1"})");
}

TEST(LogLines, SurviveBytesThatAreNoText) {
  const std::string line = format_line(LogFormat::Json, kNoon, Level::Info, "bad \xff byte", {});
  EXPECT_NE(line.find("bad"), std::string::npos);
}

}  // namespace
}  // namespace raycord
