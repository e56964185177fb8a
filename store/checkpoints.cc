#include "store/checkpoints.h"

#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "core/archive.h"
#include "core/check.h"

namespace raycord {
namespace {

constexpr std::uint32_t kFleetNumber = 0;  // No name has it.

// What number 0 holds.
struct Head {
  Seq last;
  Time now{};
  Fleet fleet;
  std::map<std::uint32_t, Seq> partitions;  // When they were packed.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.last, self.now, self.fleet, self.partitions);
  }
};

}  // namespace

// Only what this very build wrote; a damaged one is as good as none.
std::optional<Checkpoint> Checkpoints::read(const LogReader& log, std::uint32_t number) const {
  auto kept = log.checkpoint(number);
  if (!kept || !*kept) return std::nullopt;
  if ((*kept)->build != build_ || (*kept)->layout != kStateLayout) return std::nullopt;
  return std::move(*kept);
}

bool Checkpoints::read_partition(const LogReader& log, std::uint32_t number, Seq at, State& state) {
  const auto kept = read(log, number);
  Partition partition;
  if (!kept || kept->seq != at.value || !unpack(kept->bytes, partition)) return false;
  written_[number] = {at, hash_of(kept->bytes)};
  PartitionName name = name_of(partition);
  return state.partitions.emplace(std::move(name), std::move(partition)).second;
}

Result<std::optional<State>> Checkpoints::restore(const LogReader& log) {
  const std::optional<State> nothing;
  if (build_.empty()) return nothing;
  auto end = log.last();
  if (!end) return fail(end.error());
  const auto kept = read(log, kFleetNumber);
  Head head;
  if (!kept || !unpack(kept->bytes, head)) return nothing;
  if (head.last.value != kept->seq || kept->seq > end->seq) return nothing;
  State state;
  for (const auto& [number, at] : head.partitions) {
    if (read_partition(log, number, at, state)) continue;
    written_.clear();
    return nothing;
  }
  state.last = head.last;
  state.now = head.now;
  state.fleet = std::move(head.fleet);
  taken_at_ = state.last.value;
  return std::optional<State>(std::move(state));
}

std::uint64_t Checkpoints::behind(const State& state) const {
  return build_.empty() ? 0 : state.last.value - taken_at_;
}

CheckpointSet Checkpoints::take(const State& state, const NameTable& names) {
  CheckpointSet set{build_, kStateLayout, state.last.value, {}, {}};
  Head head{state.last, state.now, state.fleet, {}};
  std::set<PartitionName> all;
  state.partitions.add_names(all);
  for (const PartitionName& name : all) {
    const std::uint32_t number = names.find(to_text(name));
    CHECK(number != kFleetNumber);  // Its first event gave it one.
    std::string bytes = state.partitions.packed(name);
    const Hash content = hash_of(bytes);
    auto [known, is_new] = written_.try_emplace(number);
    if (is_new || known->second.content != content) {
      known->second = {state.last, content};
      set.states[number] = std::move(bytes);
    }
    head.partitions[number] = known->second.at;
  }
  std::erase_if(written_, [&](const auto& entry) {
    if (head.partitions.count(entry.first) > 0) return false;
    set.gone.push_back(entry.first);
    return true;
  });
  set.states[kFleetNumber] = pack(head);
  taken_at_ = state.last.value;
  return set;
}

}  // namespace raycord
