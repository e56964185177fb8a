#include "operator/engine.h"

#include <algorithm>
#include <utility>

namespace raycord {

Engine::Engine(const EngineOptions& options, EventLog& log, HttpTransport& transport,
               FoldedLog folded)
    : loop_(options, log, crossing_, std::move(folded)),
      net_(options.world, log, transport, crossing_) {}

void Engine::begin(Time now) {
  const LoopSide::Resume resume = loop_.begin(now);
  net_.begin(now, resume.versions, resume.newest);
  step(now);
}

void Engine::step(Time now) {
  net_.tick(now);
  loop_.step(now);
  while (net_.obey(now)) {
  }
}

Time Engine::next_wake() const { return std::min(net_.next_wake(), loop_.next_wake()); }

}  // namespace raycord
