#include "replay/replay_command.h"

#include "core/turn.h"
#include "replay/json.h"
#include "replay/partition_frames.h"
#include "replay/progress.h"
#include "replay/replayer.h"
#include "replay/table.h"
#include "replay/yaml.h"

namespace raycord {
namespace {

constexpr std::size_t kDivergencesShown = 20;

JsonTree json_of(const LogSource& log, const Divergence& divergence) {
  return {
      {"event", log.event_text(divergence.seq)},
      {"time", to_rfc3339_millis(divergence.at)},
      {"partition", to_text(divergence.partition)},
      {"rule", divergence.field == "quarantine" ? JsonTree() : JsonTree(name_of(divergence.rule))},
      {"field", divergence.field},
      {"expected", divergence.expected},
      {"got", divergence.got},
      {"forks", divergence.forks}};
}

JsonTree json_of(const LogSource& log, const Replayer& replayer, const ReplayOptions& options) {
  const ReplayReport& report = replayer.report();
  JsonTree json = {{"log", log.identity().id.short_form()},
                   {"frames", report.frames},
                   {"events", report.events},
                   {"decisions", report.decisions},
                   {"compared", report.compared},
                   {"divergences", report.diverged}};
  json["first"] =
      report.divergences.empty() ? JsonTree() : json_of(log, report.divergences.front());
  JsonTree all = JsonTree::array();
  for (const Divergence& divergence : report.divergences) all.push_back(json_of(log, divergence));
  json["all"] = all;
  JsonTree changes = JsonTree::object();
  for (const auto& [rule, count] : report.expected_changes) changes[name_of(rule)] = count;
  json["expectedChanges"] = changes;
  if (!options.digests) return json;
  JsonTree digests = JsonTree::object();
  for (const auto& [name, partition] : replayer.state().partitions) {
    digests[to_text(name)] = to_hex(digest_of(partition));
  }
  json["digests"] = digests;
  return json;
}

void print(const Session& session, const LogSource& log, const Divergence& divergence) {
  std::ostream& out = session.out;
  out << "  event      " << log.event_text(divergence.seq) << "  "
      << to_rfc3339_millis(divergence.at) << "  " << to_text(divergence.partition) << "\n";
  if (divergence.field != "quarantine") out << "  rule       " << name_of(divergence.rule) << "\n";
  out << "  field      " << divergence.field << "\n";
  out << "  expected   " << divergence.expected << "\n";
  out << "  got        " << styled(divergence.got, Style::Bad, session.terminal.colors) << "\n";
}

void print_divergences(const Session& session, const LogSource& log, const ReplayReport& report) {
  if (report.divergences.empty()) return;
  session.out << "\nFirst divergence:\n";
  print(session, log, report.divergences.front());
  if (report.divergences.size() == 1) return;
  session.out << "\nFurther ones:\n";
  Table table(session.out, {"  EVENT", "PARTITION", "RULE", "FIELD"},
              {session.terminal.line_width(), session.terminal.colors, true});
  for (std::size_t i = 1; i < report.divergences.size() && i < kDivergencesShown; ++i) {
    const Divergence& divergence = report.divergences[i];
    table.add({{"  " + log.event_text(divergence.seq)},
               {to_text(divergence.partition)},
               {divergence.field == "quarantine" ? "" : name_of(divergence.rule)},
               {divergence.field}});
  }
  table.finish();
  if (report.diverged > kDivergencesShown) {
    session.out << "  and " << with_commas(report.diverged - kDivergencesShown) << " more\n";
  }
}

void print_digests(const Session& session, const Replayer& replayer) {
  session.out << "\n";
  Table table(session.out, {"PARTITION", "FACTS", "DECISIONS", "DIGEST"},
              {0, session.terminal.colors, true});
  for (const auto& [name, partition] : replayer.state().partitions) {
    const auto counts = replayer.report().partitions.find(name);
    const PartitionCounts count =
        counts == replayer.report().partitions.end() ? PartitionCounts{} : counts->second;
    table.add({{to_text(name)},
               {std::to_string(count.facts)},
               {std::to_string(count.decisions)},
               {to_hex(digest_of(partition))}});
  }
  table.finish();
}

void print(const Session& session, const LogSource& log, const Replayer& replayer,
           const ReplayOptions& options) {
  const ReplayReport& report = replayer.report();
  const bool same = report.diverged == 0;
  session.out << styled(same ? "same" : "diverged", same ? Style::Good : Style::Bad,
                        session.terminal.colors)
              << ": " << with_commas(report.events) << " events in " << with_commas(report.frames)
              << " frames, " << with_commas(report.compared) << " of "
              << with_commas(report.decisions) << " decisions compared, "
              << with_commas(report.diverged)
              << (report.diverged == 1 ? " divergence\n" : " divergences\n");
  for (const auto& [rule, count] : report.expected_changes) {
    session.out << "rule " << name_of(rule) << " has another revision: " << with_commas(count)
                << (count == 1 ? " decision differs\n" : " decisions differ\n");
  }
  print_divergences(session, log, report);
  if (options.digests) print_digests(session, replayer);
}

// The digest a partition has at the end; none: it is over by then.
std::string digest_text(const State& state, const PartitionName& name) {
  const auto found = state.partitions.find(name);
  return found == state.partitions.end() ? "none" : to_hex(digest_of(found->second));
}

Result<Exit> compare_alone(const Session& session, const LogSource& log,
                           const PartitionName& partition) {
  State whole;
  State alone;
  Progress progress(session, "folding twice", "events", log.last());
  auto visited = log.visit(log.first(), [&](const Frame& frame) {
    fold_frame(whole, frame);
    fold_frame(alone, frame_of_partition(frame, partition));
    progress.at(frame.first.value);
    return !session.must_stop();
  });
  if (!visited) return fail(visited.error());
  if (session.must_stop()) return Exit::Good;  // Half a log proves nothing.
  const std::string expected = digest_text(whole, partition);
  const std::string got = digest_text(alone, partition);
  const bool same = expected == got;
  session.out << to_text(partition) << (same ? " folds alone to what it is among all: " : ": ")
              << expected << (same ? "" : " among all, " + got + " alone") << "\n";
  return same ? Exit::Good : Exit::Bad;
}

}  // namespace

Result<Exit> replay_log(const Session& session, const LogSource& log,
                        const ReplayOptions& options) {
  if (options.alone && options.partition) return compare_alone(session, log, *options.partition);
  Replayer replayer(options.partition);
  {
    Progress progress(session, "replaying", "events", log.last());
    auto visited = log.visit(log.first(), [&](const Frame& frame) {
      replayer.take(frame);
      progress.at(frame.first.value);
      return !session.must_stop();
    });
    if (!visited) return fail(visited.error());
  }
  if (session.must_stop()) return Exit::Good;  // Half a log proves nothing.
  switch (options.format) {
    case Format::Json:
      session.out << json_of(log, replayer, options).dump(2) << "\n";
      break;
    case Format::Yaml:
      session.out << to_yaml(json_of(log, replayer, options));
      break;
    case Format::Table:
    case Format::Wide:
    case Format::Name:
      print(session, log, replayer, options);
      break;
  }
  return replayer.report().diverged == 0 ? Exit::Good : Exit::Bad;
}

}  // namespace raycord
