// How fast frames reach the disk. scripts/bench.sh puts RocksDB's own db_bench beside it, with the
// same bytes per frame and frames per batch.

#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include "store/layout.h"
#include "store/rocks_event_log.h"

namespace raycord {
namespace {

constexpr std::size_t kFrameBytes = 200;

struct Folder {
  Folder() {
    char name[] = "build/bench/append-XXXXXX";
    std::filesystem::create_directories("build/bench");
    path = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

FrameToAppend next_frame(std::uint64_t seq) {
  FrameToAppend frame;
  frame.first_seq = seq;
  frame.count = 1;
  frame.payload.assign(kFrameBytes, 'x');
  return frame;
}

// As the operator appends: handed to the log's thread, which writes what waits as one batch with
// one sync; each group is awaited.
void append_synced(benchmark::State& bench) {
  Folder folder;
  RocksEventLog::Options options;
  options.directory = folder.path + "/log";
  options.ballast_bytes = 0;
  auto log = RocksEventLog::open(options);
  if (!log) return bench.SkipWithError(log.error().message.c_str());
  for (auto _ : bench) {
    for (std::int64_t i = 0; i < bench.range(0); ++i) {
      (*log)->append(next_frame((*log)->next_seq()));
    }
    const auto synced = (*log)->wait_synced((*log)->next_seq() - 1);
    if (!synced) return bench.SkipWithError(synced.error().message.c_str());
  }
  bench.SetItemsProcessed(bench.iterations() * bench.range(0));
  bench.counters["syncs"] = static_cast<double>((*log)->syncs());
}
BENCHMARK(append_synced)->Arg(1)->Arg(16)->Arg(256)->Unit(benchmark::kMicrosecond)->UseRealTime();

// What the log's thread does for a group, without the sync and without a thread.
void append_unsynced(benchmark::State& bench) {
  Folder folder;
  auto columns = RocksColumns::open({.directory = folder.path + "/log"}, true);
  if (!columns) return bench.SkipWithError(columns.error().message.c_str());
  LogMark mark{0, first_chain(LogId{})};
  for (auto _ : bench) {
    std::vector<Cell> cells;
    for (std::int64_t i = 0; i < bench.range(0); ++i) {
      const FrameToAppend frame = next_frame(mark.seq + 1);
      mark = {frame.first_seq, chain_after(mark.chain, frame)};
      for (Cell& cell : cells_of(frame, mark.chain)) cells.push_back(std::move(cell));
    }
    const auto done = (*columns)->put(cells, RocksColumns::Sync::No);
    if (!done) return bench.SkipWithError(done.error().message.c_str());
  }
  bench.SetItemsProcessed(bench.iterations() * bench.range(0));
}
BENCHMARK(append_unsynced)->Arg(1)->Arg(16)->Arg(256)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace raycord

BENCHMARK_MAIN();
