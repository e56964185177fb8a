#include "operator/build_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace raycord {
namespace {

// Without it every start would read the whole log.
TEST(BuildId, IsNotedByTheLinkerOfThisBuild) {
  EXPECT_THAT(build_id(), testing::MatchesRegex("[0-9a-f]{16,}"));
  EXPECT_EQ(build_id(), build_id());
}

}  // namespace
}  // namespace raycord
