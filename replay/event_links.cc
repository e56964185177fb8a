#include "replay/event_links.h"

#include <algorithm>

#include "replay/words.h"

namespace raycord {

Result<std::optional<FoundOutcome>> outcome_of(const LogSource& log, const Decision& decision) {
  std::optional<FoundOutcome> found;
  const auto look = [&](const Frame& frame) {
    for (std::size_t i = 0; i < frame.facts.size() && !found; ++i) {
      const auto* done = std::get_if<WriteDone>(&frame.facts[i].fact);
      if (done != nullptr && done->decided == decision.seq) {
        found = FoundOutcome{frame.fact_seq(i), frame.at, *done};
      }
    }
    return !found;
  };
  const std::uint32_t number = log.names().find(to_text(decision.partition));
  auto visited = log.visit_touching(number, decision.seq.value, look);
  if (!visited) return fail(visited.error());
  return found;
}

Result<std::vector<Decision>> citing(const LogSource& log, const FoundEvent& event,
                                     std::size_t limit, const std::function<bool(Seq)>& proceed) {
  std::vector<Decision> found;
  const auto look = [&](const Frame& frame) {
    for (const Decision& decision : frame.decisions) {
      const bool cites =
          std::binary_search(decision.causes.begin(), decision.causes.end(), event.seq);
      if (cites && found.size() < limit) found.push_back(decision);
    }
    return found.size() < limit && proceed(frame.first);
  };
  const std::optional<PartitionName> partition =
      event.is_decision ? event.decision().partition : event.fact().partition;
  const std::uint32_t number = partition ? log.names().find(to_text(*partition)) : 0;
  auto visited = number != 0 ? log.visit_touching(number, event.seq.value, look)
                             : log.visit(event.seq.value, look);
  if (!visited) return fail(visited.error());
  return found;
}

std::optional<Seq> decision_behind(const LogSource& log, const Fact& fact) {
  if (const auto* done = std::get_if<WriteDone>(&fact)) return done->decided;
  const auto* seen = std::get_if<ObjectSeen>(&fact);
  if (seen == nullptr) return std::nullopt;
  return log.own_event(meta_of(seen->object).intent);
}

std::string outcome_text(const LogSource& log, Time decided, const FoundOutcome& outcome) {
  std::string text = std::string(name_of(outcome.done.result)) + " after " +
                     duration_text(outcome.at - decided) + " (" + log.event_text(outcome.seq) + ")";
  if (outcome.done.result == WriteResult::Done) return text;
  if (outcome.done.status != 0) text += ": " + std::to_string(outcome.done.status);
  if (!outcome.done.message.empty()) {
    text += (outcome.done.status != 0 ? " " : ": ") + outcome.done.message;
  }
  return text;
}

}  // namespace raycord
