// The exact number of writes: one more, by whichever rule, fails here and asks for a reason.

#include "test/sim/api_writes.h"

#include <gtest/gtest.h>

namespace raycord {
namespace {

std::string text_of(const WritesOfPhase& phase) {
  std::string text;
  for (const auto& [what, count] : phase.writes) {
    // Leases are renewed by time, and Events say what was done.
    if (what.ends_with(" Lease") || what.ends_with(" Event")) continue;
    text += what + ": " + std::to_string(count) + "\n";
  }
  return text;
}

TEST(ApiWrites, AreAsManyAsTheLifeOfAServiceNeeds) {
  const auto phases = count_api_writes();
  ASSERT_EQ(phases.size(), 4U);
  EXPECT_EQ(text_of(phases[0]),
            "create Pod: 2\n"
            "create RayCluster: 1\n"
            "create Service: 3\n"
            "send Serve config: 1\n"
            "update Pod: 1\n"         // The head's label ray.io/serve.
            "update RayCluster: 1\n"  // Which Serve config it accepted.
            "update RayCluster status: 4\n"
            "update RayService: 1\n"  // Finalizer.
            "update RayService status: 3\n");
  EXPECT_EQ(text_of(phases[1]), "") << "in " << phases[1].name;
  EXPECT_EQ(text_of(phases[2]),
            "send Serve config: 1\n"
            "update RayCluster: 1\n"
            "update RayService status: 1\n");
  EXPECT_EQ(text_of(phases[3]),
            "create Pod: 2\n"
            "create RayCluster: 1\n"
            "create Service: 1\n"
            "delete RayCluster: 1\n"
            "send Serve config: 1\n"
            "update Pod: 1\n"
            "update RayCluster: 2\n"  // Accepted config; when the old one goes.
            "update RayCluster status: 4\n"
            "update RayService status: 3\n"
            "update Service: 2\n");  // Head and serve Service are switched.
}

}  // namespace
}  // namespace raycord
