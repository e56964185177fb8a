// The engine: what observes and acts, what believes and decides, and all that passes between them.
//
//   Engine engine(options, log, transport, std::move(folded));
//   engine.begin(now);
//   for (;;) {
//     transport.poll(engine.next_wake() - now);   // callbacks
//     engine.step(now);
//   }
//
// That is how one thread drives it, in virtual time. The live operator gives each side a thread
// (operator/live.h) and calls no step() here; the code of both sides is the same.

#pragma once

#include "operator/crossing.h"
#include "operator/engine_options.h"
#include "operator/loop_side.h"
#include "operator/net_side.h"

namespace raycord {

class Engine {
 public:
  Engine(const EngineOptions& options, EventLog& log, HttpTransport& transport, FoldedLog folded);

  void begin(Time now);

  // One round of both sides.
  void step(Time now);

  // When step() is due though no callback came; Time::max(): never.
  Time next_wake() const;

  NetSide& net() { return net_; }
  LoopSide& loop() { return loop_; }
  Crossing& crossing() { return crossing_; }
  const State& state() const { return loop_.state(); }

 private:
  Crossing crossing_;
  LoopSide loop_;
  NetSide net_;
};

}  // namespace raycord
