// The parts of the fold, one per kind of event; only core/apply*.cc and tests use them.

#pragma once

#include "core/fact.h"
#include "core/state.h"

namespace raycord {

// core/apply_object.cc
void see_object(Partition& partition, const Event& event, const Object& object);
void lose_object(Partition& partition, const Event& event, const ObjectGone& gone);
// The world went back: versions believed of this kind say nothing about what is newer.
void forget_versions(Partition& partition, Kind kind);

// core/apply_probe.cc
// False: the run goes on as before, and nothing that rules read has changed.
bool note_probe(Partition& partition, const Event& event, const ProbeRun& run);
void pause_clocks(Partition& partition, Time now);

// core/apply_write.cc
void note_decision(Partition& partition, const Decision& decision, Time at);
// What the head of the cluster was asked for last has arrived.
void note_share_sent(Cluster& cluster);
void note_outcome(Partition& partition, const Event& event, const WriteDone& done);
// The process that sent the writes in flight is gone: their outcomes are unknown.
void doubt_all_writes(Partition& partition, const Event& started);
// A complete look at `kind`, asked for after event `asked`, settles what was in doubt by then.
void settle_doubts(Partition& partition, Kind kind, Seq asked);

}  // namespace raycord
