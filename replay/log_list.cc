#include <algorithm>
#include <cctype>
#include <utility>

#include "core/describe.h"
#include "replay/documents.h"
#include "replay/log_commands.h"
#include "replay/table.h"
#include "replay/words.h"

namespace raycord {
namespace {

bool same_word(const std::string& a, const std::string& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

Outcome check_kind(const std::string& kind) {
  if (kind.empty() || same_word(kind, "fact") || same_word(kind, "decision")) return Done{};
  constexpr const char* kFacts[] = {
      "Started",    "Gap",           "LeadershipGained", "LeadershipLost",
      "ObjectSeen", "ObjectGone",    "KindListed",       "KindCaughtUp",
      "LeftScope",  "WorldRestored", "ProbeRun",         "DeadlineFired",
      "WriteDone",  "Unreadable",    "Quarantined",      "FleetHoldChanged"};
  std::vector<std::string> known(std::begin(kFacts), std::end(kFacts));
  for (const Rule rule : all_rules()) known.push_back(name_of(rule));
  for (const std::string& name : known) {
    if (same_word(kind, name)) return Done{};
  }
  std::string message = "\"" + kind +
                        "\" is no kind of event; say fact, decision, a kind such as "
                        "ProbeRun, or a rule such as start-upgrade";
  const auto near = near_names(kind, known);
  if (!near.empty()) message += "; did you mean " + near.front() + "?";
  return fail(ErrorCode::InvalidInput, message);
}

// One event as a row, or as JSON.
struct Line {
  Seq seq;
  Time at{};
  std::optional<PartitionName> partition;
  const Fact* fact = nullptr;
  const Decision* decision = nullptr;

  std::string kind() const { return fact ? kind_of(*fact) : name_of(decision->rule); }
  std::string what() const { return fact ? describe(*fact) : describe(decision->effect); }
};

Style style_of(const Line& line) {
  if (line.decision != nullptr) return Style::Action;
  if (const auto* done = std::get_if<WriteDone>(line.fact)) {
    const bool good = done->result == WriteResult::Done || done->result == WriteResult::Withdrawn;
    return good ? Style::Plain : Style::Bad;
  }
  if (const auto* run = std::get_if<ProbeRun>(line.fact)) {
    return run->answer.trouble == ProbeTrouble::None ? Style::Faint : Style::Bad;
  }
  const bool grave = std::holds_alternative<Quarantined>(*line.fact) ||
                     std::holds_alternative<Unreadable>(*line.fact) ||
                     std::holds_alternative<WorldRestored>(*line.fact);
  return grave ? Style::Bad : Style::Plain;
}

class Lister {
 public:
  Lister(const Session& session, const LogSource& log, const ListOptions& options)
      : session_(session),
        log_(log),
        options_(options),
        table_(session.out, headers(options.format),
               {options.format == Format::Table ? session.terminal.line_width() : 0,
                session.terminal.colors, true}),
        documents_(session.out, options.format, options.follow) {}

  bool take(const Frame& frame) {
    for (std::size_t i = 0; i < frame.facts.size(); ++i) {
      const PlacedFact& placed = frame.facts[i];
      add({frame.fact_seq(i), frame.at, placed.partition, &placed.fact, nullptr});
    }
    for (const Decision& decision : frame.decisions) {
      add({decision.seq, frame.at, decision.partition, nullptr, &decision});
    }
    return frame.first.value <= options_.to && !session_.must_stop();
  }

  void pause() {
    table_.finish();
    session_.out.flush();
  }

  void finish() {
    documents_.finish();
    pause();
    if (shown_ == 0 && is_table()) session_.err << "No events found.\n";
  }

 private:
  static std::vector<std::string> headers(Format format) {
    if (format == Format::Wide) return {"EVENT", "TIME", "AGE", "PARTITION", "KIND", "WHAT"};
    return {"SEQ", "TIME", "KIND", "WHAT"};
  }

  bool is_table() const {
    return options_.format == Format::Table || options_.format == Format::Wide;
  }

  bool is_wanted(const Line& line) const {
    if (line.seq.value < options_.from || line.seq.value > options_.to) return false;
    if (options_.since && line.at < *options_.since) return false;
    if (options_.partition && line.partition != options_.partition) return false;
    const std::string& kind = options_.kind;
    if (kind.empty()) return true;
    if (same_word(kind, "fact")) return line.fact != nullptr;
    if (same_word(kind, "decision")) return line.decision != nullptr;
    return same_word(kind, line.kind());
  }

  void add(const Line& line) {
    if (!is_wanted(line)) return;
    ++shown_;
    switch (options_.format) {
      case Format::Table:
        table_.add({{std::to_string(line.seq.value)},
                    {to_rfc3339_millis(line.at)},
                    {line.kind(), line.decision != nullptr ? Style::Action : Style::Plain},
                    {line.what(), style_of(line)}});
        break;
      case Format::Wide:
        table_.add({{log_.event_text(line.seq)},
                    {to_rfc3339_millis(line.at)},
                    {age_text(session_.now - line.at)},
                    {line.partition ? to_text(*line.partition) : "-"},
                    {line.kind()},
                    {line.fact ? describe(*line.fact) : describe(*line.decision), style_of(line)}});
        break;
      case Format::Name:
        session_.out << log_.event_text(line.seq) << "\n";
        break;
      case Format::Json:
      case Format::Yaml:
        add_json(line);
        break;
    }
  }

  void add_json(const Line& line) {
    JsonTree json = {{"event", log_.event_text(line.seq)}, {"time", to_rfc3339_millis(line.at)}};
    if (line.fact != nullptr) {
      if (line.partition) json["partition"] = to_text(*line.partition);
      json.update(raycord::json_of(*line.fact));
    } else {
      json["kind"] = "Decision";
      json.update(raycord::json_of(*line.decision));
    }
    documents_.add(std::move(json));
  }

  const Session& session_;
  const LogSource& log_;
  const ListOptions& options_;
  Table table_;
  Documents documents_;
  std::uint64_t shown_ = 0;
};

}  // namespace

Result<Exit> list_events(const Session& session, LogSource& log, const ListOptions& options) {
  if (auto checked = check_kind(options.kind); !checked) return fail(checked.error());
  if (options.from > log.last() && options.from > 0 && !options.follow) {
    if (auto found = log.event({options.from}); !found) return fail(found.error());
  }
  std::uint64_t next = std::max(options.from, log.first());
  if (options.since) {
    auto before = log.last_event_at(*options.since - Millis(1));
    if (!before) return fail(before.error());
    next = std::max(next, before->value + 1);
  }
  Lister lister(session, log, options);
  const auto take = [&](const Frame& frame) {
    next = frame.first.value + frame.count();
    return lister.take(frame);
  };
  while (true) {
    Outcome visited = Done{};
    const std::uint32_t number =
        options.partition ? log.names().find(to_text(*options.partition)) : 0;
    if (next <= log.last()) {
      visited = number == 0 ? log.visit(next, take) : log.visit_touching(number, next, take);
    }
    if (!visited) return fail(visited.error());
    if (!options.follow || next > options.to || session.must_stop()) break;
    lister.pause();
    session.pause();
    if (session.must_stop()) break;
    if (auto refreshed = log.refresh(); !refreshed) return fail(refreshed.error());
  }
  if (options.follow) {
    lister.pause();
  } else {
    lister.finish();
  }
  return Exit::Good;
}

}  // namespace raycord
