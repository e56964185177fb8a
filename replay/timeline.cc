#include "replay/timeline.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/describe.h"
#include "replay/chronicle.h"
#include "replay/documents.h"
#include "replay/progress.h"
#include "replay/table.h"
#include "replay/words.h"

namespace raycord {
namespace {

Style style_of(Mood mood) {
  switch (mood) {
    case Mood::Plain:
      return Style::Plain;
    case Mood::Action:
      return Style::Action;
    case Mood::Good:
      return Style::Good;
    case Mood::Bad:
      return Style::Bad;
    case Mood::Aside:
      return Style::Faint;
  }
  return Style::Plain;
}

TextCell whole_text(const ChronicleLine& line) {
  return {line.text + (line.outcome.empty() ? "" : ": " + line.outcome), style_of(line.mood)};
}

// A success is a mark in front, for the end of a line is cut first; a failure is said.
TextCell short_text(const ChronicleLine& line) {
  const bool succeeded = line.outcome.starts_with("done");
  std::string text = succeeded ? "✓ " + line.short_text : line.short_text;
  if (!line.outcome.empty() && !succeeded) text = "✗ " + line.outcome + ": " + line.short_text;
  return {std::move(text), style_of(line.mood)};
}

class Printer {
 public:
  Printer(const Session& session, const LogSource& log, const TimelineOptions& options)
      : session_(session),
        log_(log),
        options_(options),
        table_(new_table()),
        documents_(session.out, options.format, options.follow) {}

  void print(const ChronicleLine& line) {
    switch (options_.format) {
      case Format::Json:
      case Format::Yaml:
        add_json(line);
        break;
      case Format::Name:
        session_.out << log_.event_text(line.seq) << "\n";
        break;
      case Format::Table:
      case Format::Wide:
        add_row(line);
        break;
    }
    ++printed_;
    before_ = line.at;
  }

  void finish() {
    documents_.finish();
    table_.finish();
    session_.out.flush();
  }

  std::uint64_t printed() const { return printed_; }

 private:
  bool is_wide() const { return options_.format == Format::Wide; }
  bool is_of_many() const { return !options_.partition; }

  Table new_table() const {
    std::vector<std::string> headers = {"TIME", "AFTER", "EVENT"};
    if (is_of_many() && !options_.ns) headers.push_back("NAMESPACE");
    if (is_of_many()) headers.push_back("NAME");
    headers.push_back("WHAT");
    return Table(session_.out, headers,
                 {is_wide() ? 0 : session_.terminal.line_width(), session_.terminal.colors, true});
  }

  void add_row(const ChronicleLine& line) {
    // A new day is said once; a table of times alone fits.
    if (!is_wide() && date_text(line.at) != day_) {
      day_ = date_text(line.at);
      table_.add({{day_, Style::Faint}});
    }
    const std::string time = is_wide() ? to_rfc3339_millis(line.at) : clock_text(line.at);
    std::string after = before_ ? "+" + duration_text(line.at - *before_) : "";
    std::vector<TextCell> row = {
        {time}, {std::move(after), Style::Faint}, {log_.event_text(line.seq), Style::Faint}};
    if (is_of_many()) {
      if (!options_.ns) row.push_back({line.partition ? line.partition->ns : "-"});
      row.push_back({line.partition ? line.partition->name : "-"});
    }
    row.push_back(is_wide() ? whole_text(line) : short_text(line));
    table_.add(std::move(row));
  }

  void add_json(const ChronicleLine& line) {
    JsonTree json = {{"event", log_.event_text(line.seq)}, {"time", to_rfc3339_millis(line.at)}};
    if (line.partition) json["partition"] = to_text(*line.partition);
    if (!line.rule.empty()) json["rule"] = line.rule;
    json["text"] = line.text;
    if (!line.outcome.empty()) json["outcome"] = line.outcome;
    documents_.add(std::move(json));
  }

  const Session& session_;
  const LogSource& log_;
  const TimelineOptions& options_;
  Table table_;
  Documents documents_;
  std::string day_;
  std::optional<Time> before_;
  std::uint64_t printed_ = 0;
};

// Follows all partitions asked for; facts for all are told once.
class Stories {
 public:
  explicit Stories(const TimelineOptions& options) : options_(options) {}

  void take(const Frame& frame) {
    if (options_.partition) {
      tell(*options_.partition, frame);
    } else {
      for (const PartitionName& name : touched(frame)) tell(name, frame);
    }
    fleet_.take_fleet(frame);
  }

  // Lines so far, in the order of the log; each is given once.
  std::vector<ChronicleLine> take_lines() {
    std::vector<ChronicleLine> lines = fleet_.take_lines();
    for (auto& [name, story] : stories_) {
      std::vector<ChronicleLine> own = story.take_lines();
      std::move(own.begin(), own.end(), std::back_inserter(lines));
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const ChronicleLine& a, const ChronicleLine& b) { return a.seq < b.seq; });
    if (options_.since) {
      std::erase_if(lines, [&](const ChronicleLine& line) { return line.at < *options_.since; });
    }
    return lines;
  }

 private:
  bool is_wanted(const PartitionName& name) const {
    return !options_.ns || name.ns == *options_.ns;
  }

  std::vector<PartitionName> touched(const Frame& frame) const {
    std::vector<PartitionName> names;
    for (const PlacedFact& placed : frame.facts) {
      if (placed.partition && is_wanted(*placed.partition)) names.push_back(*placed.partition);
    }
    for (const Decision& decision : frame.decisions) {
      if (is_wanted(decision.partition)) names.push_back(decision.partition);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  void tell(const PartitionName& name, const Frame& frame) {
    stories_.try_emplace(name, name, options_.everything).first->second.take(frame);
  }

  const TimelineOptions& options_;
  Chronicle fleet_{{}, false};
  std::map<PartitionName, Chronicle> stories_;
};

}  // namespace

Result<Exit> show_timeline(const Session& session, LogSource& log, const TimelineOptions& options) {
  Printer printer(session, log, options);
  Stories stories(options);
  std::uint64_t next = log.first();
  while (true) {
    {
      Progress progress(session, "reading", "events", log.last());
      auto visited = log.visit(next, [&](const Frame& frame) {
        stories.take(frame);
        next = frame.first.value + frame.count();
        progress.at(frame.first.value);
        return !session.must_stop();
      });
      if (!visited) return fail(visited.error());
    }
    for (const ChronicleLine& line : stories.take_lines()) printer.print(line);
    if (!options.follow) break;
    printer.finish();
    session.pause();
    if (session.must_stop()) return Exit::Good;
    if (auto refreshed = log.refresh(); !refreshed) return fail(refreshed.error());
  }
  printer.finish();
  if (printer.printed() == 0) session.err << "No events found.\n";
  return Exit::Good;
}

}  // namespace raycord
