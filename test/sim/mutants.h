// Manifests with something wrong in them: the samples, changed at random in up to three places.
//
// Whatever a mutant asks for, the operator does not crash, is quiet within a minute, has written no
// object more than ten times, and leaves nothing when the mutant is deleted.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace raycord {

struct MutantResult {
  std::string manifest;
  bool accepted = false;   // By the API server.
  std::string complaints;  // A line for each promise that was not kept.
};

// The same seed makes the same mutant.
MutantResult run_mutant(std::uint64_t seed);

}  // namespace raycord
