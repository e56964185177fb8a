#include "replay/progress.h"

#include <sstream>

#include <gtest/gtest.h>

#include "replay/words.h"

namespace raycord {
namespace {

using std::chrono::milliseconds;

struct Screen {
  std::ostringstream out;
  std::ostringstream err;
  Session session{out, err};
  milliseconds now{0};

  void count_until(std::uint64_t end, milliseconds each) {
    session.terminal.errors_to_terminal = true;
    Progress progress(session, "replaying", "events", 10'000, [this] { return now; });
    for (std::uint64_t done = 0; done < end; ++done) {
      now += each;
      progress.at(done);
    }
  }
};

TEST(Progress, IsSilentForASecond) {
  Screen screen;
  screen.count_until(999, milliseconds(1));
  EXPECT_EQ(screen.err.str(), "");
}

TEST(Progress, ShowsShareAndRateAndGoesAwayAtTheEnd) {
  Screen screen;
  screen.count_until(5001, milliseconds(1));
  EXPECT_NE(screen.err.str().find("replaying [====="), std::string::npos);
  EXPECT_NE(screen.err.str().find("/10,000 events"), std::string::npos);
  EXPECT_TRUE(screen.err.str().ends_with("\r\033[K"));
  EXPECT_EQ(screen.out.str(), "");
}

TEST(Progress, IsOnlyForTerminals) {
  Screen screen;
  Progress progress(screen.session, "replaying", "events", 10, [&] { return screen.now; });
  screen.now = milliseconds(5000);
  progress.at(5);
  EXPECT_EQ(screen.err.str(), "");
}

TEST(Words, SayNumbersAsPeopleReadThem) {
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(size_text(1023), "1023 B");
  EXPECT_EQ(size_text(3174), "3.0 KB");
  EXPECT_EQ(size_text(5 << 20), "5.0 MB");
}

TEST(Words, SayDurationsAsKubectlDoes) {
  EXPECT_EQ(age_text(std::chrono::seconds(45)), "45s");
  EXPECT_EQ(age_text(std::chrono::minutes(12)), "12m");
  EXPECT_EQ(age_text(std::chrono::minutes(200)), "3h20m");
  EXPECT_EQ(age_text(std::chrono::hours(24 * 20)), "20d");
  EXPECT_EQ(duration_text(milliseconds(230)), "230ms");
  EXPECT_EQ(duration_text(milliseconds(2500)), "2.5s");
  EXPECT_EQ(duration_text(std::chrono::seconds(90)), "1m30s");
  EXPECT_EQ(duration_text(std::chrono::minutes(185)), "3h5m");
}

}  // namespace
}  // namespace raycord
