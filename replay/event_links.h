// What hangs together in a log: a decision and its outcome, an event and who cites it, an object
// and the decision that made it.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "replay/log_source.h"

namespace raycord {

struct FoundOutcome {
  Seq seq;
  Time at{};
  WriteDone done;
};

// Nothing: the outcome is not known (yet).
Result<std::optional<FoundOutcome>> outcome_of(const LogSource& log, const Decision& decision);

// Decisions that name the event among their causes, in order, at most `limit`. `proceed` is asked
// after each frame.
Result<std::vector<Decision>> citing(const LogSource& log, const FoundEvent& event,
                                     std::size_t limit, const std::function<bool(Seq)>& proceed);

// The decision behind an event: of an outcome the decided one, of an object the one that made it.
std::optional<Seq> decision_behind(const LogSource& log, const Fact& fact);

// "done after 210ms (k7xqd:124)", "refused after 2s (k7xqd:124): 403 forbidden"
std::string outcome_text(const LogSource& log, Time decided, const FoundOutcome& outcome);

}  // namespace raycord
