// LoopSide is the engine's half that owns the state: it takes in what net observed, decides, has
// the log keep it, and orders what is synced and still wanted. It never waits for net or disk.
//
//   for (;;) {
//     wait(loop.next_wake() - now);   // or for news: observations, the log's mark, room for orders
//     loop.step(clock.now());
//   }
//
// One thread, no clock. A write is ordered only when the frame of its decision is synced and it is
// still wanted; that is asked as late as possible, so of many writes most wait here and not in the
// queue to net.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/announce.h"
#include "core/frame.h"
#include "operator/build_write.h"
#include "operator/crossing.h"
#include "operator/engine_options.h"
#include "operator/loop.h"
#include "store/event_log.h"
#include "store/fold_log.h"

namespace raycord {

class LoopSide {
 public:
  LoopSide(const EngineOptions& options, EventLog& log, Crossing& crossing, FoldedLog folded);

  // Where net goes on: the version at which the log ended for each kind that was listed whole, and
  // the newest event.
  struct Resume {
    std::map<Kind, std::uint64_t> versions;
    Seq newest;
  };
  // The first frame of a run. Before it nothing else.
  Resume begin(Time now);

  // One round: turns for what arrived, orders for what is synced.
  void step(Time now);

  // When step() is due though there is no news; Time::max(): never.
  Time next_wake() const;

  // Told each frame after it was decided.
  void set_frame_listener(Loop::FrameListener listener);

  // Keeps the state beside the log, for the next start.
  void checkpoint() { loop_.checkpoint(); }

  // Orders no more writes, and net to give leadership away. Facts go on.
  void stop();

  const State& state() const { return loop_.state(); }
  std::size_t writes_waiting() const { return waiting_.size(); }
  bool stopping() const { return stopping_; }
  // For want of room on the way to net.
  std::uint64_t unannounced() const { return unannounced_; }

 private:
  std::map<Kind, std::uint64_t> resume_versions() const;
  bool is_behind() const;
  void take(Time now);
  void note_outcome(const Fact& fact);
  void release();
  void announce(const Frame& frame);
  void send_waiting();
  Result<std::string> fetch(const Template& wanted);

  Started started_;
  Absence absence_;
  std::string instance_;
  EventLog& log_;
  Crossing& crossing_;
  Loop loop_;
  WriteSources sources_;
  std::deque<PendingWrite> waiting_;  // Synced, not ordered.
  std::set<Seq> ordered_;             // Without an outcome yet.
  Loop::FrameListener frame_listener_;
  Announcer announcer_;
  std::deque<std::pair<Seq, EventPost>> announcements_;  // Until their frame is synced.
  std::uint64_t unannounced_ = 0;
  std::vector<Report> own_reports_;  // Outcomes that never went out: withdrawn, not buildable.
  std::uint64_t told_wanted_ = 0;
  bool stopping_ = false;
};

}  // namespace raycord
