// Fixed seeds of the random world; each runs twice and must come to the same state.

#include "test/sim/random_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace raycord {
namespace {

class RandomWorldSeeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomWorldSeeds, KeepsThePromisesAndIsDeterministic) {
  RandomWorldOptions options;
  options.seed = GetParam();
  options.length = std::chrono::minutes(12);
  options.services = 2;
  const RandomWorldResult first = run_random_world(options);
  EXPECT_THAT(first.complaints, testing::IsEmpty());
  const RandomWorldResult second = run_random_world(options);
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_EQ(first.events, second.events);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomWorldSeeds, testing::Range<std::uint64_t>(1, 5));

}  // namespace
}  // namespace raycord
