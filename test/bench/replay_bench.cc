// How fast a log on disk is read, folded and replayed, and what one turn costs: on one core.

#include <cstdint>

#include <benchmark/benchmark.h>

#include "core/turn.h"
#include "store/fold_log.h"
#include "store/rocks_columns.h"
#include "test/bench/million_log.h"
#include "test/bench/sample_fleet.h"

namespace raycord {
namespace {

template <class Visit>
void over_the_log(benchmark::State& bench, const std::string& directory, Visit&& visit) {
  const auto columns = RocksColumns::open({.directory = directory}, false);
  if (!columns) return bench.SkipWithError(columns.error().message.c_str());
  const LogReader log(**columns);
  const auto names = read_names(log);
  if (!names) return bench.SkipWithError(names.error().message.c_str());
  std::int64_t events = 0;
  std::int64_t frames = 0;
  for (auto _ : bench) {
    State state;
    const auto done = visit_decoded(log, *names, 1, [&](const Frame& frame, const StoredFrame&) {
      events += static_cast<std::int64_t>(frame.count());
      ++frames;
      visit(state, frame);
      return true;
    });
    if (!done) bench.SkipWithError(done.error().message.c_str());
    benchmark::DoNotOptimize(state);
  }
  bench.SetItemsProcessed(events);
  const auto rounds = static_cast<double>(bench.iterations());
  bench.counters["events"] = static_cast<double>(events) / rounds;
  bench.counters["frames"] = static_cast<double>(frames) / rounds;
}

void decode(benchmark::State& bench, const std::string& (*log)()) {
  over_the_log(bench, log(), [](State&, const Frame& frame) { benchmark::DoNotOptimize(&frame); });
}

void fold(benchmark::State& bench, const std::string& (*log)()) {
  over_the_log(bench, log(), [](State& state, const Frame& frame) { fold_frame(state, frame); });
}

void replay_looking(benchmark::State& bench, const std::string& directory, ReplayTurn::Look look) {
  std::int64_t different = 0;
  over_the_log(bench, directory, [&](State& state, const Frame& frame) {
    const ReplayTurn turn = ReplayTurn::run(state, frame, look);
    const std::size_t decided = turn.decided.size();
    if (decided != frame.decisions.size()) {
      ++different;
      return;
    }
    for (std::size_t i = 0; i < decided; ++i) {
      if (!same_decision(turn.decided[i], frame.decisions[i])) ++different;
    }
  });
  if (different > 0) bench.SkipWithError("the replay decided otherwise");
}

void replay(benchmark::State& bench, const std::string& (*log)()) {
  replay_looking(bench, log(), ReplayTurn::Look::WhereNeeded);
}

// What it would cost to let all rules run at every fact.
void replay_everywhere(benchmark::State& bench, const std::string& (*log)()) {
  replay_looking(bench, log(), ReplayTurn::Look::Everywhere);
}

BENCHMARK_CAPTURE(decode, million, million_log)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fold, million, million_log)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(replay, million, million_log)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(replay_everywhere, million, million_log)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode, busy, busy_log)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fold, busy, busy_log)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(replay, busy, busy_log)->Unit(benchmark::kMillisecond);

// --- One turn with one event ---------------------------------------------------------------------

const State& steady_state() {
  static const std::unique_ptr<SampleFleet> fleet = std::make_unique<SampleFleet>(50);
  return fleet->sim().state();
}

template <class NextFact>
void turns(benchmark::State& bench, NextFact&& next_fact) {
  State state = steady_state();
  state.partitions.keep_open(SIZE_MAX);  // The simulator packs all after each turn.
  for (auto _ : bench) {
    Turn turn(state, state.now + Millis(60'000));
    turn.add(next_fact(state));
    benchmark::DoNotOptimize(turn.finish());
  }
  bench.SetItemsProcessed(bench.iterations());
}

void turn_with_an_unchanged_probe_run(benchmark::State& bench) {
  turns(bench, [](const State& state) {
    const auto first = state.partitions.begin();
    const Partition& partition = first->second;
    const Cluster& cluster = partition.clusters.begin()->second;
    ProbeRun run;
    run.ns = partition.ns;
    run.cluster = partition.clusters.begin()->first;
    run.head_uid = cluster.dashboard.head_uid;
    run.head_restarts = cluster.dashboard.head_restarts;
    run.first = state.now;
    run.last = state.now + Millis(60'000);
    run.count = 30;
    run.continued = true;
    return run;
  });
}
BENCHMARK(turn_with_an_unchanged_probe_run)->Unit(benchmark::kMicrosecond);

void turn_with_a_pod(benchmark::State& bench) {
  turns(bench, [](const State& state) {
    const auto first = state.partitions.begin();
    const Cluster& cluster = first->second.clusters.begin()->second;
    PodSlice pod = cluster.pods.begin()->second.value;
    ++pod.meta.version;
    return ObjectSeen{std::move(pod)};
  });
}
BENCHMARK(turn_with_a_pod)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace raycord
