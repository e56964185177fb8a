// Plays every story of test/golden and compares what happened with what the file says.
//
// RAYCORD_UPDATE_GOLDEN=1 rewrites the files; the diff is the review.

#include "test/sim/story.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace raycord {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> story_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(STORIES)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path().stem().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Story story_named(const std::string& name) {
  const auto story = read_story(read_text(fs::path(STORIES) / (name + ".txt")));
  EXPECT_TRUE(static_cast<bool>(story)) << name;
  return *story;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, HappensAsWritten) {
  const fs::path path = fs::path(STORIES) / (GetParam() + ".txt");
  const Played played = play(story_named(GetParam()));
  EXPECT_THAT(played.complaints, testing::IsEmpty());
  if (std::getenv("RAYCORD_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << write_story(played.story);
    return;
  }
  EXPECT_EQ(write_story(played.story), read_text(path));
}

// Longer stories are played once only: each is hours of virtual time.
constexpr Millis kLoseLogIn = std::chrono::minutes(30);

Millis length_of(const Story& story) {
  Millis length{0};
  for (const StoryStep& step : story.steps) {
    for (const std::string& command : step.commands) {
      if (command.rfind("run ", 0) == 0) length += read_duration(command.substr(4));
    }
  }
  return length;
}

// Wherever the log is lost, the promises hold.
TEST_P(Golden, KeepsItsPromisesWhereverTheLogIsLost) {
  const Story story = story_named(GetParam());
  if (length_of(story) > kLoseLogIn) {
    GTEST_SKIP() << GetParam() << " takes " << to_short_text(length_of(story))
                 << " of virtual time";
  }
  std::size_t commands = 0;
  for (const StoryStep& step : story.steps) commands += step.commands.size();
  for (std::size_t lost = 0; lost < commands; ++lost) {
    StoryPlayer player;
    std::size_t played = 0;
    for (const StoryStep& step : story.steps) {
      for (const std::string& command : step.commands) {
        player.play(command);
        const bool world = command.rfind("options", 0) != 0 && command.rfind("set", 0) != 0 &&
                           command.rfind("replace", 0) != 0 && command.rfind("service", 0) != 0;
        if (played++ == lost && world) player.play("wipe");
      }
    }
    for (const std::string& complaint : player.complaints()) {
      ADD_FAILURE() << "log lost after command " << lost + 1 << ": " << complaint;
    }
    const auto differences = replay_differences(player.sim());
    EXPECT_THAT(differences, testing::IsEmpty()) << "log lost after command " << lost + 1;
  }
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Stories, Golden, testing::ValuesIn(story_files()), test_name);

TEST(Stories, AreMany) { EXPECT_GE(story_files().size(), 20U); }

}  // namespace
}  // namespace raycord
