#include "test/bench/quiet_fleet.h"

#include <utility>

#include "core/check.h"
#include "core/limits.h"
#include "test/sim/sim.h"

namespace raycord {
namespace {

constexpr Millis kMinute = std::chrono::minutes(1);

// Most answers take a few milliseconds, one in a hundred takes long.
Millis answer_time(std::uint64_t& chance) {
  chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
  const std::uint64_t draw = chance >> 33;
  return Millis(draw % 100 == 0 ? 20 + draw % 80 : 1 + draw % 6);
}

ProbeAnswer answer_before(const State& state, const WantedProbe& wanted) {
  if (wanted.target == ProbeTarget::Dashboard) {
    for (const auto& [name, partition] : state.partitions) {
      const Cluster* cluster = find_cluster(partition, wanted.cluster);
      if (cluster == nullptr) continue;
      ProbeAnswer answer = cluster->dashboard.latest.value;
      answer.serve = cluster->dashboard.serve.value;
      return answer;
    }
  }
  ProbeAnswer healthy;
  healthy.status = 200;
  return healthy;
}

}  // namespace

Result<std::unique_ptr<QuietFleet>> QuietFleet::open(const std::string& directory) {
  RocksEventLog::Options options;
  options.directory = directory;
  options.create_if_missing = false;
  options.ballast_bytes = 0;
  auto log = RocksEventLog::open(options);
  if (!log) return fail(log.error());
  auto folded = fold_log((*log)->reader());
  if (!folded) return fail(folded.error());
  std::unique_ptr<QuietFleet> quiet(new QuietFleet(std::move(*log), std::move(*folded)));
  quiet->start();
  return quiet;
}

QuietFleet::QuietFleet(std::unique_ptr<RocksEventLog> log, FoldedLog folded)
    : log_(std::move(log)), loop_(*log_, std::move(folded)), now_(loop_.state().now) {}

// A run of its own, as after a restart: leadership, the kinds, and a first answer of each probe.
void QuietFleet::start() {
  now_ = Time((now_.time_since_epoch() / kMinute + 1) * kMinute);
  loop_.begin(now_, sim_started(SimOptions{}, log_->identity().id.short_form()));
  std::vector<Report> reports = {{LeadershipGained{loop_.state().fleet.epoch + 1}, ""}};
  for (const auto& [kind, view] : loop_.state().fleet.kinds) {
    reports.push_back({KindCaughtUp{kind, view.version, loop_.state().last}, ""});
  }
  CHECK(static_cast<bool>(take(std::move(reports))));
  std::vector<ProbeRun> runs;
  for (const WantedProbe& wanted : loop_.wanted().probes) {
    Probe& probe = probes_.emplace_back();
    probe.chance =
        hash_of(wanted.cluster + (wanted.target == ProbeTarget::Proxy ? "p" : "d")).value;
    probe.next = now_ + Millis(static_cast<std::int64_t>(
                            probe.chance % static_cast<std::uint64_t>(kProbePeriod.count())));
    probe.runner.follow(wanted, runs);
    probe.runner.add(now_, answer_time(probe.chance), answer_before(loop_.state(), wanted), runs);
  }
  std::vector<Report> answers;
  for (ProbeRun& run : runs) answers.push_back({std::move(run), ""});
  CHECK(static_cast<bool>(take(std::move(answers))));
}

void QuietFleet::answer_until(Probe& probe, Time end, std::vector<ProbeRun>& runs) {
  for (; probe.next < end; probe.next += kProbePeriod) {
    const Millis elapsed = answer_time(probe.chance);
    if (probe.next + elapsed < end) probe.runner.add_equal(probe.next + elapsed, elapsed, runs);
  }
}

Outcome QuietFleet::take(std::vector<Report> reports) {
  loop_.take(now_, std::move(reports));
  auto synced = log_->wait_synced(log_->next_seq() - 1);
  const Loop::Released released = loop_.release(log_->synced());
  CHECK(released.decisions.empty() && released.withdrawn.empty());  // Nobody would carry them out.
  return synced;
}

Outcome QuietFleet::run(Millis length) {
  for (const Time end = now_ + length; now_ < end;) {
    const Time minute = now_ + kMinute;
    std::vector<ProbeRun> runs;
    for (Probe& probe : probes_) {
      answer_until(probe, minute, runs);
      probe.runner.tick(minute, runs);
    }
    run_minutes_ += runs.size();
    now_ = minute;
    std::vector<Report> reports;
    for (ProbeRun& run : runs) reports.push_back({std::move(run), ""});
    if (auto done = take(std::move(reports)); !done) return done;
  }
  return Done{};
}

}  // namespace raycord
