// A log recorded by the simulator, for benchmarks: services come up, prices and versions change,
// and between that nothing happens but probes, as in a real day.

#pragma once

#include <memory>

#include "test/sim/sim.h"

namespace raycord {

// `services` RayServices over `minutes` of virtual time; made once per size, then kept.
Sim& recorded(std::size_t services, int minutes);

}  // namespace raycord
