// From a decision to the request that carries it out: fetches templates, calls the pure builders.
//
// Runs when the decision's frame is synced. The same decision, templates and
// options give the same bytes, but for the token in a Secret; the outcome carries their hash.

#pragma once

#include <functional>
#include <string>

#include "adapters/write_order.h"
#include "core/decision.h"
#include "core/options.h"
#include "core/result.h"
#include "core/state.h"

namespace raycord {

// What the way to a head needs beyond the decision, from the state at send time.
struct HeadHints {
  std::string head_pod;
  std::string head_service;
  std::int32_t agent_port = 52365;
};

// A decision that is to be sent now.
struct PendingWrite {
  Decision decision;
  Time decided_at{};
  HeadHints head;
};

// Adds the hints that a PUT of a Serve config needs.
PendingWrite pending_write(const State& state, Decision decision);

struct WriteSources {
  // The observed bytes of a template; NotFound if the log does not have them (any more).
  std::function<Result<std::string>(const Template&)> fetch;
  std::function<std::string()> new_token;  // Random text, another each time.
  std::string log_id;                      // Short form, for intents.
  Options options;
};

Result<WriteOrder> build_write(const PendingWrite& pending, const WriteSources& sources);

// "<log>:<seq>", as objects and people name an event.
std::string intent_of(const std::string& log_id, Seq seq);

}  // namespace raycord
