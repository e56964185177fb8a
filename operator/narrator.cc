#include "operator/narrator.h"

#include <algorithm>
#include <optional>

#include "core/describe.h"
#include "core/overloaded.h"
#include "operator/limits.h"

namespace raycord {
namespace {

Level level_of(WriteResult result) {
  switch (result) {
    case WriteResult::Done:
    case WriteResult::Withdrawn:
    case WriteResult::Conflict:  // Somebody was faster; the next look decides anew.
      return Level::Info;
    case WriteResult::AlreadyExists:
    case WriteResult::NotFound:
    case WriteResult::Refused:
    case WriteResult::Failed:
    case WriteResult::Unknown:
    case WriteResult::Throttled:
      return Level::Warning;
  }
  return Level::Warning;
}

// Nothing: no line for facts of this kind.
std::optional<Level> level_of(const Fact& fact) {
  using Said = std::optional<Level>;
  return std::visit(Overloaded{
                        [](const Started&) -> Said { return Level::Info; },
                        [](const Gap&) -> Said { return Level::Warning; },
                        [](const LeadershipGained&) -> Said { return Level::Info; },
                        [](const LeadershipLost&) -> Said { return Level::Warning; },
                        [](const ObjectSeen&) -> Said { return std::nullopt; },
                        [](const ObjectGone&) -> Said { return std::nullopt; },
                        [](const KindListed&) -> Said { return std::nullopt; },
                        [](const KindCaughtUp&) -> Said { return std::nullopt; },
                        [](const LeftScope&) -> Said { return Level::Warning; },
                        [](const WorldRestored&) -> Said { return Level::Warning; },
                        [](const ProbeRun&) -> Said { return std::nullopt; },
                        [](const DeadlineFired&) -> Said { return std::nullopt; },
                        [](const WriteDone& done) -> Said { return level_of(done.result); },
                        [](const Unreadable&) -> Said { return Level::Warning; },
                        [](const Quarantined&) -> Said { return Level::Error; },
                        [](const FleetHoldChanged& hold) -> Said {
                          return hold.held ? Level::Warning : Level::Info;
                        },
                    },
                    fact);
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

void Narrator::tell(const Frame& frame) {
  for (std::size_t i = 0; i < frame.facts.size(); ++i) {
    tell(frame.facts[i].fact, frame.fact_seq(i));
  }
  for (const Decision& decision : frame.decisions) {
    asked_[decision.seq] = {decision.partition, decision.rule};
    lines_.say(Level::Info, "decided: " + describe(decision.effect),
               {{"event", log_id_ + ":" + std::to_string(decision.seq.value)},
                {"partition", to_text(decision.partition)},
                {"rule", name_of(decision.rule)}});
  }
}

void Narrator::tell(const Fact& fact, Seq seq) {
  const auto level = level_of(fact);
  if (!level) return;
  LogFields fields = {{"event", log_id_ + ":" + std::to_string(seq.value)}};
  if (const auto* done = std::get_if<WriteDone>(&fact)) {
    fields.emplace_back("decided", log_id_ + ":" + std::to_string(done->decided.value));
    if (const auto asked = asked_.find(done->decided); asked != asked_.end()) {
      fields.emplace_back("partition", to_text(asked->second.partition));
      fields.emplace_back("rule", name_of(asked->second.rule));
      asked_.erase(asked);
    }
  }
  lines_.say(*level, describe(fact), fields);
}

void Narrator::tell_troubles(Time now, const std::vector<std::string>& troubles) {
  for (const std::string& trouble : troubles) {
    Trouble& known = troubles_.try_emplace(trouble, Trouble{now, false}).first->second;
    if (known.said || now < known.since + kTroubleSaid) continue;
    known.said = true;
    lines_.say(Level::Warning, "trouble: " + trouble);
  }
  for (auto known = troubles_.begin(); known != troubles_.end();) {
    if (contains(troubles, known->first)) {
      ++known;
      continue;
    }
    if (known->second.said) lines_.say(Level::Info, "no longer: " + known->first);
    known = troubles_.erase(known);
  }
}

}  // namespace raycord
