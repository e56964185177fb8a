#include "test/sim/mutants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace raycord {
namespace {

constexpr std::uint64_t kFew = 60;  // `raycord-sim --mutants` runs many.

TEST(Mutants, NeitherCrashTheOperatorNorKeepItBusyNorLeaveAnything) {
  std::uint64_t accepted = 0;
  for (std::uint64_t seed = 1; seed <= kFew; ++seed) {
    const MutantResult result = run_mutant(seed);
    EXPECT_EQ(result.complaints, "") << "seed " << seed << ": " << result.manifest;
    if (result.accepted) ++accepted;
  }
  EXPECT_GT(accepted, kFew / 2);
}

}  // namespace
}  // namespace raycord
