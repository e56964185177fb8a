#include "core/apply.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/apply_parts.h"
#include "core/limits.h"
#include "core/overloaded.h"

namespace raycord {
namespace {

template <class F>
void for_all(State& state, F&& tell) {
  for (auto&& [name, partition] : state.partitions) {
    tell(partition);
    state.partitions.rest();
  }
}

Partition& partition_at(State& state, const PartitionName& name) {
  auto [found, is_new] = state.partitions.try_emplace(name);
  if (is_new) {
    found->second.root = name.root;
    found->second.ns = name.ns;
    found->second.name = name.name;
  }
  return found->second;
}

bool is_over(const Partition& partition) {
  return !partition.service && partition.clusters.empty() && partition.services.empty() &&
         partition.in_flight.empty() && partition.quarantine.empty();
}

void forget(State& state, const PartitionName& name) {
  state.partitions.erase(name);
  state.settled.erase(name);
  const auto deadline = state.deadline_of.find(name);
  if (deadline != state.deadline_of.end()) {
    state.deadlines.erase({deadline->second, name});
    state.deadline_of.erase(deadline);
  }
}

void begin_run(State& state, const Event& event, const Started& started) {
  Fleet& fleet = state.fleet;
  fleet.started = event.seq;
  fleet.build = started.build;
  fleet.log_id = started.log_id;
  fleet.cluster_uid = started.cluster_uid;
  fleet.options = started.options;
  fleet.leading = false;
  fleet.open_writes.clear();
  for (auto& [kind, view] : fleet.kinds) view.caught_up = false;
  for_all(state, [&](Partition& partition) {
    doubt_all_writes(partition, event);
    if (partition.quarantine.empty()) return;
    partition.quarantine.clear();  // Another run, perhaps another build: it may try again.
    partition.quarantined = {};
  });
}

void note_listed(State& state, Kind kind, std::uint64_t version, Seq asked, bool complete) {
  KindView& view = state.fleet.kinds[kind];
  view.listed = view.listed || complete;
  view.caught_up = true;
  view.version = std::max(view.version, version);
  view.left_scope.clear();
  for_all(state, [&](Partition& partition) { settle_doubts(partition, kind, asked); });
}

void note_gap(State& state, const Event& event, const Gap& gap) {
  if (gap.to - gap.from <= kObservationGap) return;
  for_all(state, [&](Partition& partition) { pause_clocks(partition, event.at); });
}

void note_restored(State& state, const Event& event, const WorldRestored& restored) {
  Fleet& fleet = state.fleet;
  fleet.calm_until = event.at + kRestoredCalm;
  fleet.restored = event.seq;
  fleet.kinds[restored.kind].version = restored.served;
  for_all(state, [&](Partition& partition) {
    partition.tombstones.clear();
    forget_versions(partition, restored.kind);
    pause_clocks(partition, event.at);
  });
}

void note_fleet_probe(Fleet& fleet, const ProbeRun& run) {
  if (run.target != ProbeTarget::Dashboard) return;
  const std::pair<std::string_view, std::string_view> key{run.ns, run.cluster};
  auto found = fleet.dashboards.find(key);
  if (found == fleet.dashboards.end()) {
    if (fleet.roots.count(key) == 0) return;  // An answer about what is gone.
    found = fleet.dashboards.emplace(ClusterKey(key), FleetDashboard{}).first;
  }
  FleetDashboard& dashboard = found->second;
  const bool silent =
      run.continued ? dashboard.silent_since != Time{} : run.answer.trouble != ProbeTrouble::None;
  if (!silent) {
    dashboard.armed = true;
    dashboard.silent_since = Time{};
  } else if (dashboard.silent_since == Time{}) {
    dashboard.silent_since = run.first;
  }
}

// Where objects live, so that later news of them finds the same partition.
void note_home(Fleet& fleet, const Object& object, const PartitionName& home) {
  const ObjectName name = name_of(object);
  if (name.kind == Kind::RayCluster) fleet.roots[{name.ns, name.name}] = home;
  if (name.kind != Kind::RayService && name.kind != Kind::RayCluster) fleet.homes[name] = home;
  fleet.unrooted.erase(name);
}

void forget_home(State& state, const ObjectName& name, const PartitionName& home) {
  Fleet& fleet = state.fleet;
  fleet.homes.erase(name);
  if (name.kind != Kind::RayCluster) return;
  fleet.dashboards.erase({name.ns, name.name});
  const auto found = state.partitions.find(home);
  const bool remains = found != state.partitions.end() && find_cluster(found->second, name.name);
  if (!remains) fleet.roots.erase({name.ns, name.name});
}

void park(Fleet& fleet, const Event& event, const Object& object) {
  if (fleet.unrooted.size() >= kUnrootedMax && !fleet.unrooted.count(name_of(object))) {
    ++fleet.unrooted_dropped;
    return;
  }
  fleet.unrooted[name_of(object)] = {object, event.seq};
}

void see(State& state, const Event& event, const ObjectSeen& seen,
         const std::optional<PartitionName>& home) {
  if (!home) return park(state.fleet, event, seen.object);
  note_home(state.fleet, seen.object, *home);
  see_object(partition_at(state, *home), event, seen.object);
}

void lose(State& state, const Event& event, const ObjectGone& gone,
          const std::optional<PartitionName>& home) {
  state.fleet.unrooted.erase(gone.name);
  if (!home) return;
  const auto found = state.partitions.find(*home);
  if (found != state.partitions.end()) lose_object(found->second, event, gone);
  forget_home(state, gone.name, *home);
}

// What is told to the fleet as a whole may concern any partition; these facts say nothing about it.
bool concerns_nobody(const Fact& fact) {
  return std::holds_alternative<DeadlineFired>(fact) || std::holds_alternative<ProbeRun>(fact) ||
         std::holds_alternative<WriteDone>(fact) || std::holds_alternative<Unreadable>(fact);
}

}  // namespace

void apply(State& state, const Event& event, const std::optional<PartitionName>& home) {
  state.last = event.seq;
  state.now = std::max(state.now, event.at);
  Fleet& fleet = state.fleet;
  Partition* at_home = nullptr;
  bool changed = true;  // Something that the rules of the home read.
  if (home) {
    const auto found = state.partitions.find(*home);
    if (found != state.partitions.end()) at_home = &found->second;
  }
  std::visit(Overloaded{
                 [&](const Started& started) { begin_run(state, event, started); },
                 [&](const Gap& gap) { note_gap(state, event, gap); },
                 [&](const LeadershipGained& gained) {
                   fleet.leading = true;
                   fleet.epoch = gained.epoch;
                 },
                 [&](const LeadershipLost&) { fleet.leading = false; },
                 [&](const ObjectSeen& seen) { see(state, event, seen, home); },
                 [&](const ObjectGone& gone) { lose(state, event, gone, home); },
                 [&](const KindListed& listed) {
                   note_listed(state, listed.kind, listed.version, listed.asked, true);
                 },
                 [&](const KindCaughtUp& caught) {
                   note_listed(state, caught.kind, caught.version, caught.asked, false);
                 },
                 [&](const LeftScope& left) {
                   fleet.kinds[left.kind].left_scope = left.why.empty() ? "out of scope" : left.why;
                 },
                 [&](const WorldRestored& restored) { note_restored(state, event, restored); },
                 [&](const ProbeRun& run) {
                   note_fleet_probe(fleet, run);
                   if (at_home) changed = note_probe(*at_home, event, run);
                 },
                 [](const DeadlineFired&) {},
                 [&](const WriteDone& done) {
                   fleet.open_writes.erase(done.decided);
                   if (at_home) note_outcome(*at_home, event, done);
                 },
                 [](const Unreadable&) {},
                 [&](const Quarantined& poison) {
                   Partition& partition = partition_at(state, poison.partition);
                   partition.quarantine = poison.check.empty() ? "unknown" : poison.check;
                   partition.quarantined = event.seq;
                 },
                 [&](const FleetHoldChanged& hold) {
                   fleet.held = hold.held;
                   fleet.held_why = hold.why;
                   fleet.held_since = event.seq;
                 },
             },
             event.fact);
  if (!home) {
    if (!concerns_nobody(event.fact)) state.settled.clear();
    return;
  }
  if (changed) state.settled.erase(*home);
  if (at_home == nullptr) {
    const auto found = state.partitions.find(*home);
    if (found == state.partitions.end()) return;
    at_home = &found->second;
  }
  at_home->last = event.seq;
  if (is_over(*at_home)) forget(state, *home);
}

void apply(State& state, const Decision& decision, Time at) {
  state.last = decision.seq;
  state.fleet.open_writes[decision.seq] = decision.partition;
  state.settled.erase(decision.partition);
  const auto found = state.partitions.find(decision.partition);
  if (found == state.partitions.end()) return;
  note_decision(found->second, decision, at);
  found->second.last = decision.seq;
}

}  // namespace raycord
