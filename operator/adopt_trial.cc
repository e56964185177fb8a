#include "operator/adopt_trial.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/world.h"
#include "core/roles.h"

namespace raycord {
namespace {

// A finalizer leads to decisions, and those to none that would need another.
constexpr int kRounds = 4;

template <class Slice>
Report seen_with(Slice slice, bool Slice::*flag, bool present) {
  slice.*flag = present;
  ++slice.meta.version;
  return {ObjectSeen{std::move(slice)}, ""};
}

// The object as it is once the finalizer is written; nothing: it is not believed.
std::optional<Report> after(const State& state, const PartitionName& home,
                            const SetFinalizer& change) {
  const auto found = state.partitions.find(home);
  if (found == state.partitions.end()) return std::nullopt;
  const Partition& partition = found->second;
  if (change.kind == Kind::RayService) {
    if (!partition.service) return std::nullopt;
    RayServiceSlice slice = partition.service->value;
    slice.status = partition.status.value;
    return seen_with(std::move(slice), &RayServiceSlice::has_finalizer, change.present);
  }
  const Cluster* cluster = find_cluster(partition, change.name);
  if (cluster == nullptr || !cluster->object) return std::nullopt;
  RayClusterSlice slice = cluster->object->value;
  slice.status = cluster->status.value;
  return seen_with(std::move(slice), &RayClusterSlice::has_redis_finalizer, change.present);
}

}  // namespace

Trial::Trial(Started started, Time now)
    : now_(now), log_({.created = now}), loop_(log_, FoldedLog{}) {
  loop_.set_frame_listener([this](const Frame& frame, const State&) {
    decisions_.insert(decisions_.end(), frame.decisions.begin(), frame.decisions.end());
  });
  loop_.begin(now, started);
}

void Trial::see(std::vector<Observation> observations) {
  take(reports_of(loop_.state(), std::move(observations)));
}

void Trial::take(std::vector<Report> reports) {
  for (const Report& report : reports) {
    if (const auto* unreadable = std::get_if<Unreadable>(&report.fact)) {
      unreadable_.push_back(*unreadable);
    } else if (const auto* listed = std::get_if<KindListed>(&report.fact)) {
      listed_.insert(listed->kind);
    } else if (const auto* seen = std::get_if<ObjectSeen>(&report.fact)) {
      const ObjectName name = name_of(seen->object);
      const bool wanted = name.kind == Kind::RayService || name.kind == Kind::RayCluster;
      if (wanted && !report.raw.empty()) raw_[name] = report.raw;
    }
  }
  loop_.take(now_, std::move(reports));
}

std::vector<Kind> Trial::lacking() const {
  std::set<Kind> wanted = loop_.wanted().kinds;
  wanted.insert(watched_kinds().begin(), watched_kinds().end());
  std::vector<Kind> lacking;
  std::set_difference(wanted.begin(), wanted.end(), listed_.begin(), listed_.end(),
                      std::back_inserter(lacking));
  return lacking;
}

void Trial::decide() {
  take({{LeadershipGained{1}, ""}});
  for (int round = 0; round < kRounds && answered_ < decisions_.size(); ++round) {
    std::vector<Report> reports = outcomes();
    if (reports.empty()) return;
    take(std::move(reports));
  }
}

std::vector<Report> Trial::outcomes() {
  std::vector<Report> reports;
  for (; answered_ < decisions_.size(); ++answered_) {
    const Decision& decision = decisions_[answered_];
    const auto* change = std::get_if<SetFinalizer>(&decision.effect);
    if (change == nullptr) continue;
    auto seen = after(loop_.state(), decision.partition, *change);
    if (!seen) continue;
    reports.push_back(std::move(*seen));
    WriteDone done;
    done.decided = decision.seq;
    reports.push_back({done, ""});
  }
  return reports;
}

const std::string& Trial::raw(const ObjectName& object) const {
  static const std::string kNone;
  const auto found = raw_.find(object);
  return found == raw_.end() ? kNone : found->second;
}

}  // namespace raycord
