// One seed = one simulated world: services come, are edited and go, heads die, dashboards hang, the
// API server stumbles, and the operator is killed, while the promises are checked.
//
// A third of the kinds of trouble is switched off per seed, so that the others meet more often. At
// the end all trouble stops, and every service must be Ready with what its user asked for.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "test/sim/promises.h"
#include "test/sim/sim.h"

namespace raycord {

// SplitMix64: small, and the same on every machine.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

struct RandomWorldOptions {
  std::uint64_t seed = 1;
  Millis length{std::chrono::minutes(60)};
  std::size_t services = 3;
  bool tell = false;  // Print what happens.
};

struct RandomWorldResult {
  std::vector<std::string> complaints;
  Hash digest;  // Of the final state: equal for equal seeds.
  std::uint64_t events = 0;
  std::uint64_t decisions = 0;
  std::uint64_t crashes = 0;
};

RandomWorldResult run_random_world(const RandomWorldOptions& options);

}  // namespace raycord
