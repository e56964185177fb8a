// NetSide is the engine's half that talks to the world: adapters, leadership, sends. It knows what
// the loop asked for and nothing of what the loop believes.
//
//   for (;;) {
//     transport.poll(net.next_wake() - now);   // callbacks
//     while (net.obey(clock.now())) {}         // what the loop asked for
//     net.tick(clock.now());                   // calls that are due, reports to the loop
//   }
//
// One thread, no clock. Leadership is asked in the moment of each send, and the Lease is renewed
// from here: neither waits for a turn or for the disk.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/world.h"
#include "operator/crossing.h"
#include "operator/mark_watch.h"
#include "store/event_log.h"

namespace raycord {

class NetSide {
 public:
  // Of the log only the mark is looked at.
  NetSide(WorldOptions options, const EventLog& log, HttpTransport& transport, Crossing& crossing);

  // See World::start().
  void begin(Time now, const std::map<Kind, std::uint64_t>& resume, Seq newest);

  // Carries out what waits longest; false: nothing does. A write goes out if we lead at `now`, else
  // it is withdrawn.
  bool obey(Time now);

  // Calls that are due, then everything observed since as one batch.
  void tick(Time now);
  // When tick() is due though no callback came; Time::max(): never.
  Time next_wake() const;

  // A fact that the world cannot know: a pause of this process, a step of its clock. Goes with the
  // next tick, before what was observed since.
  void report(Report report);

  // A GET of the API server besides; `then` runs during the transport's poll.
  void ask(Time now, const std::string& path, std::function<void(const HttpOutcome&)> then);

  bool may_write(Time now) const { return world_.may_write(now); }

 private:
  void send(Time now, WriteOrder order);
  void look_at_mark(Time now);
  void hand_over(Time now);
  void give_leadership_away(Time now);
  NetView view() const;

  const EventLog& log_;
  Crossing& crossing_;
  World world_;
  MarkWatch mark_;
  std::vector<Report> own_reports_;
  std::vector<Report> withdrawn_;    // Told after the loss of leadership that explains them.
  Time give_away_at_ = Time::max();  // At the latest; Time::max(): nobody asked us to stop.
  bool given_away_ = false;
};

}  // namespace raycord
