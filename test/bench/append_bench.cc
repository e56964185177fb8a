// How fast frames reach the disk: one by one, each awaited, and in groups as the live loop makes
// them.

#include <filesystem>

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include "store/rocks_event_log.h"

namespace raycord {
namespace {

constexpr std::size_t kFrameBytes = 200;

struct Folder {
  Folder() {
    char name[] = "build/bench-XXXXXX";
    std::filesystem::create_directories("build");
    path = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

void append(benchmark::State& bench) {
  const auto group = static_cast<std::size_t>(bench.range(0));
  Folder folder;
  RocksEventLog::Options options;
  options.directory = folder.path + "/log";
  auto log = RocksEventLog::open(options);
  if (!log) return bench.SkipWithError(log.error().message.c_str());
  for (auto _ : bench) {
    for (std::size_t i = 0; i < group; ++i) {
      FrameToAppend frame;
      frame.first_seq = (*log)->next_seq();
      frame.count = 1;
      frame.payload.assign(kFrameBytes, 'x');
      (*log)->append(std::move(frame));
    }
    const auto synced = (*log)->wait_synced((*log)->next_seq() - 1);
    if (!synced) return bench.SkipWithError(synced.error().message.c_str());
  }
  bench.SetItemsProcessed(bench.iterations() * bench.range(0));
}
BENCHMARK(append)->Arg(1)->Arg(16)->Arg(256)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace raycord

BENCHMARK_MAIN();
