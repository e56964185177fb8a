#include "core/describe.h"
#include "replay/event_links.h"
#include "replay/json.h"
#include "replay/log_commands.h"
#include "replay/raw_versions.h"
#include "replay/table.h"
#include "replay/yaml.h"

namespace raycord {
namespace {

// Everything the log knows about one event.
Result<JsonTree> whole(const LogSource& log, const FoundEvent& event) {
  JsonTree json = {
      {"event", log.event_text(event.seq)},
      {"time", to_rfc3339_millis(event.frame.at)},
      {"epoch", event.frame.epoch},
      {"frame", {{"first", event.frame.first.value}, {"events", event.frame.count()}}}};
  if (!event.is_decision) {
    const PlacedFact& placed = event.fact();
    if (placed.partition) json["partition"] = to_text(*placed.partition);
    json["text"] = describe(placed.fact);
    json["fact"] = json_of(placed.fact);
    auto raw = raw_of(log, event);
    if (!raw) return fail(raw.error());
    if (*raw) json["rawBytes"] = (*raw)->size();
    return json;
  }
  const Decision& decision = event.decision();
  json["partition"] = to_text(decision.partition);
  json["text"] = describe(decision);
  json["decision"] = json_of(decision);
  JsonTree causes = JsonTree::array();
  for (const Seq cause : decision.causes) {
    JsonTree entry = {{"event", log.event_text(cause)}};
    if (auto found = log.event(cause)) {
      entry["text"] =
          found->is_decision ? describe(found->decision()) : describe(found->fact().fact);
    }
    causes.push_back(std::move(entry));
  }
  json["causes"] = std::move(causes);
  auto outcome = outcome_of(log, decision);
  if (!outcome) return fail(outcome.error());
  json["outcome"] =
      *outcome ? outcome_text(log, event.frame.at, **outcome) : std::string("not known yet");
  return json;
}

}  // namespace

Result<Exit> show_event(const Session& session, const LogSource& log, const ShowOptions& options) {
  auto event = log.event(options.seq);
  if (!event) return fail(event.error());
  if (options.raw) {
    auto raw = raw_of(log, *event);
    if (!raw) return fail(raw.error());
    if (!*raw) {
      return fail(ErrorCode::NotFound, "event " + log.event_text(options.seq) +
                                           " brought no raw object; only objects seen have one");
    }
    session.out << **raw << "\n";
    return Exit::Good;
  }
  auto json = whole(log, *event);
  if (!json) return fail(json.error());
  switch (options.format) {
    case Format::Json:
      session.out << json->dump(2) << "\n";
      break;
    case Format::Name:
      session.out << log.event_text(options.seq) << "\n";
      break;
    case Format::Table:
    case Format::Wide:
    case Format::Yaml:
      session.out << to_yaml(*json);
      break;
  }
  return Exit::Good;
}

}  // namespace raycord
