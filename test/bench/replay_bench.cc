// How fast a log is read, folded and replayed: events per second on one core.

#include <benchmark/benchmark.h>

#include "core/turn.h"
#include "store/fold_log.h"
#include "test/bench/recorded_log.h"

namespace raycord {
namespace {

constexpr std::size_t kServices = 50;
constexpr int kMinutes = 30;

template <class Visit>
void over_the_log(benchmark::State& bench, Visit&& visit) {
  const LogReader& log = recorded(kServices, kMinutes).log().reader();
  const auto names = read_names(log);
  std::int64_t events = 0;
  for (auto _ : bench) {
    State state;
    const auto done = visit_decoded(log, *names, 1, [&](const Frame& frame, const StoredFrame&) {
      events += static_cast<std::int64_t>(frame.count());
      visit(state, frame);
      return true;
    });
    if (!done) bench.SkipWithError(done.error().message.c_str());
    benchmark::DoNotOptimize(state);
  }
  bench.SetItemsProcessed(events);
}

void decode_only(benchmark::State& bench) {
  over_the_log(bench, [](State&, const Frame& frame) { benchmark::DoNotOptimize(&frame); });
}

void fold(benchmark::State& bench) {
  over_the_log(bench, [](State& state, const Frame& frame) { fold_frame(state, frame); });
}

void replay(benchmark::State& bench) {
  over_the_log(bench, [](State& state, const Frame& frame) {
    benchmark::DoNotOptimize(ReplayTurn::run(state, frame));
  });
}

BENCHMARK(decode_only)->Unit(benchmark::kMillisecond);
BENCHMARK(fold)->Unit(benchmark::kMillisecond);
BENCHMARK(replay)->Unit(benchmark::kMillisecond);

// One turn that takes one unchanged probe run: what a quiet service costs.
void turn_with_a_probe_run(benchmark::State& bench) {
  State state = recorded(kServices, kMinutes).state();
  const Partition& partition = state.partitions.begin()->second;
  const Cluster& cluster = partition.clusters.begin()->second;
  ProbeRun run;
  run.ns = partition.ns;
  run.cluster = partition.clusters.begin()->first;
  run.head_uid = cluster.dashboard.head_uid;
  run.head_restarts = cluster.dashboard.head_restarts;
  run.count = 30;
  run.continued = true;
  for (auto _ : bench) {
    run.first = state.now;
    run.last = state.now + Millis(60'000);
    Turn turn(state, run.last);
    turn.add(run);
    benchmark::DoNotOptimize(turn.finish());
  }
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(turn_with_a_probe_run)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace raycord
