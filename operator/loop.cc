#include "operator/loop.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/check.h"
#include "core/route.h"
#include "core/still_wanted.h"
#include "core/turn.h"
#include "formats/frame_codec.h"
#include "operator/limits.h"

namespace raycord {

namespace {

// The object as it was before it went, by what came before in the same batch.
bool revives(const Report& report, const std::map<ObjectName, const ObjectGone*>& ended) {
  const auto* seen = std::get_if<ObjectSeen>(&report.fact);
  if (seen == nullptr || ended.empty()) return false;
  const auto found = ended.find(name_of(seen->object));
  if (found == ended.end()) return false;
  const Meta& meta = meta_of(seen->object);
  return meta.uid == found->second->uid && meta.version <= found->second->version;
}

// The watch may tell of an object's end before the answer to our last write of it arrives. Where
// both wait here together, each is news when held against the state before them.
std::vector<Report> without_revivals(std::vector<Report> reports) {
  std::vector<Report> kept;
  kept.reserve(reports.size());
  std::map<ObjectName, const ObjectGone*> ended;  // Points into `kept`, which does not grow.
  for (Report& report : reports) {
    if (revives(report, ended)) continue;
    kept.push_back(std::move(report));
    const Fact& fact = kept.back().fact;
    if (std::holds_alternative<WorldRestored>(fact)) ended.clear();
    if (const auto* gone = std::get_if<ObjectGone>(&fact)) ended[gone->name] = gone;
  }
  return kept;
}

}  // namespace

Loop::Loop(EventLog& log, FoldedLog folded)
    : log_(log),
      state_(std::move(folded.state)),
      lost_events_(log_.next_seq() > state_.last.value + 1),
      names_(std::move(folded.names)),
      checkpoints_(std::move(folded.checkpoints)) {
  CHECK(log_.next_seq() > state_.last.value);
  state_.last = {log_.next_seq() - 1};
}

std::optional<Gap> Loop::gap_before(Time now, const Absence& absence) const {
  std::optional<Time> from = absence.since;
  if (state_.fleet.started) from = state_.now;
  const GapCause cause =
      lost_events_ && absence.cause == GapCause::Restart ? GapCause::LogLost : absence.cause;
  if (!from && cause == GapCause::Restart) return std::nullopt;  // Nobody was here before.
  const Time to = std::max(now, state_.now);
  return Gap{std::min(from.value_or(to), to), to, cause};
}

void Loop::begin(Time now, const Started& started, const Absence& absence) {
  std::vector<Report> reports;
  if (const auto gap = gap_before(now, absence)) reports.push_back({*gap, ""});
  reports.push_back({started, ""});
  turn(now, reports.begin(), reports.end());
}

void Loop::keep_open(std::size_t partitions) {
  state_.partitions.keep_open(partitions);
  state_.partitions.rest();
}

void Loop::take(Time now, std::vector<Report> reports) {
  // What a restored world shows is not compared with what was believed before.
  const auto restored = std::find_if(reports.begin(), reports.end(), [](const Report& report) {
    return std::holds_alternative<WorldRestored>(report.fact);
  });
  reports.erase(std::remove_if(reports.begin(), restored,
                               [&](const Report& report) { return !is_news(state_, report.fact); }),
                restored);
  reports = without_revivals(std::move(reports));
  auto next = reports.begin();
  while (next != reports.end()) {
    const auto left = static_cast<std::size_t>(reports.end() - next);
    const auto end = next + static_cast<std::ptrdiff_t>(std::min(left, kReportsPerTurn));
    turn(now, next, end);
    next = end;
  }
  const auto due = next_deadline();
  if (!due || *due > now) return;
  std::vector<Report> fired = {{DeadlineFired{}, ""}};
  turn(now, fired.begin(), fired.end());
}

std::optional<Time> Loop::next_deadline() const { return raycord::next_deadline(state_); }

void Loop::turn(Time now, std::vector<Report>::iterator begin, std::vector<Report>::iterator end) {
  Turn turn(state_, now);
  const Time at = std::max(now, state_.now);
  encoder_.begin(at);
  std::map<Seq, std::string> raw;
  for (auto report = begin; report != end; ++report) {
    const Seq seq = turn.next();
    if (!report->raw.empty()) raw[seq] = std::move(report->raw);
    // What the fold is fed is what the log gives back, so that a lossy codec shows at once.
    auto logged = encoder_.add(seq, report->fact);
    CHECK(static_cast<bool>(logged));
    turn.add(std::move(*logged));
  }
  const Frame frame = turn.finish();
  write(frame, std::move(raw));
  unsynced_.insert(unsynced_.end(), frame.decisions.begin(), frame.decisions.end());
  refresh_wanted(turn.touched());
  if (frame_listener_) frame_listener_(frame, state_);
  if (checkpoints_.due(state_)) checkpoint();
}

void Loop::checkpoint() {
  if (checkpoints_.behind(state_) == 0) return;
  log_.put_checkpoints(checkpoints_.take(state_, names_));
}

void Loop::write(const Frame& frame, std::map<Seq, std::string> raw) {
  EncodedFrame encoded = encoder_.finish(frame);
  FrameToAppend append;
  append.first_seq = frame.first.value;
  append.count = encoded.count;
  append.touched = std::move(encoded.touched);
  append.payload = std::move(encoded.payload);
  for (std::size_t i = 0; i < frame.facts.size(); ++i) {
    const auto* seen = std::get_if<ObjectSeen>(&frame.facts[i].fact);
    const auto bytes = raw.find(frame.fact_seq(i));
    if (seen == nullptr || bytes == raw.end()) continue;
    append.raw.push_back(
        {names_.number_of(name_of(seen->object)), bytes->first.value, std::move(bytes->second)});
  }
  for (NumberedName& name : encoded.new_names) {
    append.new_names.push_back({name.number, std::move(name.name)});
  }
  log_.append(std::move(append));
}

Loop::Released Loop::release(std::uint64_t synced) {
  Released released;
  while (!unsynced_.empty() && unsynced_.front().seq.value <= synced) {
    Decision decision = std::move(unsynced_.front());
    unsynced_.pop_front();
    if (still_wanted(state_, decision)) {
      released.decisions.push_back(std::move(decision));
    } else {
      WriteDone withdrawn;
      withdrawn.decided = decision.seq;
      withdrawn.result = WriteResult::Withdrawn;
      released.withdrawn.push_back({withdrawn, ""});
    }
  }
  return released;
}

void Loop::refresh_wanted(const std::set<PartitionName>& touched) {
  bool changed = false;
  for (const PartitionName& name : touched) {
    Wanted now;
    add_wanted(state_, name, now);
    state_.partitions.rest();
    const bool empty = now.probes.empty() && now.barriers.empty() && now.kinds.empty();
    const auto known = wanted_.find(name);
    if (known == wanted_.end() ? empty : known->second == now) continue;
    changed = true;
    if (empty) {
      wanted_.erase(known);
    } else {
      wanted_[name] = std::move(now);
    }
  }
  Wanted fleet;
  add_wanted_of_fleet(state_, fleet);
  changed = changed || fleet.barriers != fleet_wanted_.barriers;
  fleet_wanted_ = std::move(fleet);
  if (changed) ++wanted_version_;
}

Wanted Loop::wanted() const {
  Wanted all = fleet_wanted_;
  for (const auto& [name, wanted] : wanted_) {
    all.kinds.insert(wanted.kinds.begin(), wanted.kinds.end());
    all.probes.insert(all.probes.end(), wanted.probes.begin(), wanted.probes.end());
    for (const WantedBarrier& barrier : wanted.barriers) {
      const auto known = std::find_if(all.barriers.begin(), all.barriers.end(),
                                      [&](const auto& b) { return b.kind == barrier.kind; });
      if (known == all.barriers.end()) {
        all.barriers.push_back(barrier);
      } else {
        known->asked = std::max(known->asked, barrier.asked);
      }
    }
  }
  return all;
}

}  // namespace raycord
