// Trial is the operator's loop on a copy of what a cluster holds: it believes and decides as the
// operator would in its first turns, on a log in memory, and nobody carries anything out.
//
//   Trial trial(started, now);
//   trial.see(reader.take_observations());
//   for (const Kind kind : trial.lacking()) reader.list(kind);    // … and see() again.
//   trial.decide();
//   for (const Decision& decision : trial.decisions()) …
//
// Finalizers are taken for written, for other decisions wait for them. What the operator learns
// only by asking Ray is not known here.

#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/observation.h"
#include "operator/loop.h"
#include "store/memory_event_log.h"

namespace raycord {

class Trial {
 public:
  // `started` as the operator would log it.
  Trial(Started started, Time now);

  void see(std::vector<Observation> observations);

  // Kinds that the operator would look at too, now that it knows of these objects.
  std::vector<Kind> lacking() const;

  // The operator begins to lead, and has seen everything.
  void decide();

  const State& state() const { return loop_.state(); }
  // In order, each with the number that it has in the log in memory.
  const std::vector<Decision>& decisions() const { return decisions_; }
  // Where an object could not be read, and why.
  const std::vector<Unreadable>& unreadable() const { return unreadable_; }
  // The bytes of a RayService or RayCluster; empty: not seen.
  const std::string& raw(const ObjectName& object) const;

 private:
  void take(std::vector<Report> reports);
  std::vector<Report> outcomes();

  Time now_;
  MemoryEventLog log_;
  Loop loop_;
  std::set<Kind> listed_;
  std::map<ObjectName, std::string> raw_;
  std::vector<Unreadable> unreadable_;
  std::vector<Decision> decisions_;
  std::size_t answered_ = 0;  // Of the decisions: those whose outcome was looked at.
};

}  // namespace raycord
