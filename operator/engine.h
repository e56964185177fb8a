// The engine: loop, log and world joined, without threads and clocks.
//
//   Engine engine(std::move(options), log, transport, std::move(folded));
//   engine.begin(now);
//   for (;;) {
//     transport.poll(engine.next_wake() - now);   // callbacks
//     engine.step(now);
//   }
//
// The live operator and the simulator drive the same engine; only transport, log and clock differ.
// A write leaves only when the frame of its decision is synced, it is still wanted, and we lead.

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapters/world.h"
#include "core/announce.h"
#include "core/frame.h"
#include "operator/build_write.h"
#include "operator/loop.h"
#include "store/event_log.h"
#include "store/fold_log.h"

namespace raycord {

struct EngineOptions {
  WorldOptions world;
  Started started;  // Log id in its short form.
  GapCause gap = GapCause::Restart;
  std::string instance = "raycord-operator";  // Who reports Kubernetes Events.
};

class Engine {
 public:
  Engine(EngineOptions options, EventLog& log, HttpTransport& transport, FoldedLog folded);

  void begin(Time now);

  // One round: calls that are due, turns for what arrived, writes that may go.
  void step(Time now);

  // When step() is due though no callback came; Time::max(): never.
  Time next_wake() const;

  // Told each frame after it was decided.
  void set_frame_listener(Loop::FrameListener listener);

  // A fact that the world cannot know: a pause of this process, a step of its clock. Taken with the
  // next step.
  void report(Report report);

  // A GET of the API server for the driver's own purposes; `then` runs during the transport's poll.
  void ask(Time now, const std::string& path, std::function<void(const HttpOutcome&)> then);

  // Stops new writes and gives leadership away; to be repeated until stopped(): nothing is under
  // way any more.
  void stop(Time now);
  bool stopped() const;
  // Keeps the state beside the log, for the next start.
  void checkpoint() { loop_.checkpoint(); }

  const State& state() const { return loop_.state(); }
  const World& world() const { return world_; }
  bool may_write(Time now) const { return !stopping_ && world_.may_write(now); }
  std::size_t writes_waiting() const { return waiting_.size(); }

 private:
  std::map<Kind, std::uint64_t> resume_versions() const;
  void take_reports(Time now);
  void release();
  void announce(const Frame& frame);
  void send_waiting(Time now);
  Result<std::string> fetch(const Template& wanted);

  EngineOptions options_;
  EventLog& log_;
  Loop loop_;
  World world_;
  WriteSources sources_;
  std::deque<PendingWrite> waiting_;  // Synced, not sent.
  Loop::FrameListener frame_listener_;
  Announcer announcer_;
  std::deque<std::pair<Seq, EventPost>> announcements_;  // Until their frame is synced.
  std::vector<Report> own_reports_;  // Outcomes that never went out: withdrawn, not buildable.
  std::uint64_t told_wanted_ = 0;
  bool stopping_ = false;
  bool given_up_ = false;  // Leadership, as asked.
};

}  // namespace raycord
