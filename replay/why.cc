#include "replay/why.h"

#include <set>
#include <utility>

#include "core/describe.h"
#include "replay/event_links.h"
#include "replay/json.h"
#include "replay/progress.h"
#include "replay/raw_versions.h"
#include "replay/rule_sentences.h"
#include "replay/table.h"
#include "replay/yaml.h"

namespace raycord {
namespace {

constexpr std::size_t kCitingMax = 100;

// One event of an explanation: a decision with its causes below, or a fact.
struct Node {
  Seq seq;
  Time at{};
  std::string text;
  bool is_decision = false;
  bool known_above = false;  // Explained elsewhere in the tree.
  // Of a decision:
  Rule rule = Rule::AddFinalizer;
  std::uint16_t revision = 0;
  std::string outcome;
  bool succeeded = true;
  // Of a fact:
  std::optional<RawEvidence> evidence;
  std::vector<Node> below;  // A decision's causes; a fact's decision behind it.
};

class Explainer {
 public:
  explicit Explainer(const LogSource& log) : log_(log) {}

  Result<Node> explain(Seq seq, int depth) {
    auto event = log_.event(seq);
    if (!event) return fail(event.error());
    return event->is_decision ? decision(*event, depth) : fact(*event, depth);
  }

 private:
  Result<Node> decision(const FoundEvent& event, int depth) {
    const Decision& decision = event.decision();
    Node node;
    node.seq = event.seq;
    node.at = event.frame.at;
    node.is_decision = true;
    node.text = describe(decision.effect);
    node.rule = decision.rule;
    node.revision = decision.revision;
    node.known_above = !seen_.insert(event.seq).second;
    auto outcome = outcome_of(log_, decision);
    if (!outcome) return fail(outcome.error());
    node.outcome = *outcome ? outcome_text(log_, event.frame.at, **outcome) : "not known yet";
    node.succeeded = *outcome && (*outcome)->done.result == WriteResult::Done;
    if (node.known_above || depth < 0) return node;
    for (const Seq cause : decision.causes) {
      auto below = explain(cause, depth - 1);
      if (below) {
        node.below.push_back(std::move(*below));
      } else if (below.error().code == ErrorCode::NotFound) {
        node.below.push_back(cut(cause));
      } else {
        return fail(below.error());
      }
    }
    return node;
  }

  Result<Node> fact(const FoundEvent& event, int depth) {
    Node node;
    node.seq = event.seq;
    node.at = event.frame.at;
    node.text = describe(event.fact().fact);
    node.known_above = !seen_.insert(event.seq).second;
    if (node.known_above) return node;
    auto evidence = evidence_of(log_, event);
    if (!evidence) return fail(evidence.error());
    node.evidence = std::move(*evidence);
    const auto behind = decision_behind(log_, event.fact().fact);
    if (!behind || depth < 0 || *behind >= event.seq) return node;
    auto below = explain(*behind, depth - 1);
    if (below) node.below.push_back(std::move(*below));
    return node;
  }

  static Node cut(Seq seq) {
    Node node;
    node.seq = seq;
    node.text = "no longer in the log: retention cut it";
    return node;
  }

  const LogSource& log_;
  std::set<Seq> seen_;
};

// --- For people ---------------------------------------------------------------------------------

class TreeWriter {
 public:
  TreeWriter(const Session& session, const LogSource& log)
      : session_(session), log_(log), width_(session.terminal.line_width()) {}

  void write(const Node& root) {
    line("", "", head(root), root.is_decision ? Style::Action : Style::Plain);
    if (root.is_decision) {
      line("", "  rule     ", rule_text(root), Style::Plain);
      line("", "           ", sentence_of(root.rule), Style::Plain);
      line("", "  outcome  ", root.outcome, root.succeeded ? Style::Good : Style::Warning);
      if (!root.below.empty()) line("", "  because", "", Style::Plain);
    }
    evidence(root, "  ");
    children(root, "  ");
  }

 private:
  static std::string rule_text(const Node& node) {
    return std::string(name_of(node.rule)) + " (rule " +
           std::to_string(static_cast<int>(node.rule)) + ", revision " +
           std::to_string(node.revision) + ")";
  }

  std::string head(const Node& node) const {
    const std::string when = node.at == Time{} ? "" : "  " + to_rfc3339_millis(node.at);
    return log_.event_text(node.seq) + when + "  " + (node.is_decision ? "decided: " : "") +
           node.text;
  }

  void line(const std::string& indent, const std::string& mark, const std::string& text,
            Style style) {
    const std::size_t used = width_of(indent) + width_of(mark);
    const std::size_t room = width_ > used ? width_ - used : 0;
    session_.out << indent << mark
                 << styled(width_ > 0 ? cut_to(text, room) : text, style, session_.terminal.colors)
                 << "\n";
  }

  void evidence(const Node& node, const std::string& indent) {
    if (!node.evidence) return;
    line(indent, "raw  ", text_of(*node.evidence), Style::Faint);
    if (node.evidence->edited) {
      line(indent, "     ", "its spec is that of " + log_.event_text(*node.evidence->edited),
           Style::Faint);
    }
    if (node.evidence->changed == 0) return;
    if (!told_edits_.insert(node.evidence->edited.value_or(node.seq)).second) {
      line(indent, "  ~  ", "its changes are told above", Style::Faint);
      return;
    }
    for (const std::string& change : node.evidence->changes) {
      line(indent, "  ~  ", change, Style::Warning);
    }
    if (node.evidence->changed > node.evidence->changes.size()) {
      const std::size_t more = node.evidence->changed - node.evidence->changes.size();
      line(indent, "  ~  ", "and " + std::to_string(more) + " more changes", Style::Faint);
    }
  }

  void children(const Node& node, const std::string& indent) {
    for (std::size_t i = 0; i < node.below.size(); ++i) {
      const Node& child = node.below[i];
      const bool last = i + 1 == node.below.size();
      line(indent, last ? "└─ " : "├─ ", head(child),
           child.is_decision ? Style::Action : Style::Plain);
      const std::string deeper = indent + (last ? "   " : "│  ");
      if (child.known_above) {
        line(deeper, "", child.is_decision || child.evidence ? "explained above" : "as above",
             Style::Faint);
        continue;
      }
      if (child.is_decision) {
        line(deeper, "", rule_text(child) + "; " + child.outcome, Style::Faint);
      }
      evidence(child, deeper);
      children(child, deeper);
    }
  }

  const Session& session_;
  const LogSource& log_;
  std::size_t width_;
  std::set<Seq> told_edits_;  // By the event that showed them.
};

// --- For scripts --------------------------------------------------------------------------------

JsonTree json_of(const LogSource& log, const Node& node) {
  JsonTree json = {{"event", log.event_text(node.seq)}};
  if (node.at != Time{}) json["time"] = to_rfc3339_millis(node.at);
  json["text"] = node.text;
  if (node.is_decision) {
    json["rule"] = name_of(node.rule);
    json["ruleNumber"] = static_cast<int>(node.rule);
    json["revision"] = node.revision;
    json["sentence"] = sentence_of(node.rule);
    json["outcome"] = node.outcome;
  }
  if (node.evidence) {
    const RawEvidence& evidence = *node.evidence;
    JsonTree raw = {{"bytes", evidence.bytes}, {"resourceVersion", evidence.resource_version}};
    if (!evidence.manager.empty()) raw["manager"] = evidence.manager;
    if (!evidence.managed_at.empty()) raw["managedAt"] = evidence.managed_at;
    if (evidence.edited) raw["edited"] = log.event_text(*evidence.edited);
    raw["changed"] = evidence.changed;
    raw["changes"] = evidence.changes;
    json["raw"] = std::move(raw);
  }
  if (node.known_above) return json;
  JsonTree below = JsonTree::array();
  for (const Node& child : node.below) below.push_back(json_of(log, child));
  if (!below.empty()) json[node.is_decision ? "causes" : "decidedBy"] = std::move(below);
  return json;
}

Result<std::vector<Decision>> who_cites(const Session& session, const LogSource& log,
                                        const FoundEvent& event) {
  Progress progress(session, "looking for decisions", "events", log.last());
  return citing(log, event, kCitingMax, [&](Seq seq) {
    progress.at(seq.value);
    return !session.must_stop();
  });
}

void print_citing(const Session& session, const LogSource& log,
                  const std::vector<Decision>& decisions) {
  if (decisions.empty()) {
    session.out << "  no decision cites it\n";
    return;
  }
  session.out << "  cited by\n";
  Table table(session.out, {"", "", ""},
              {session.terminal.line_width(), session.terminal.colors, false});
  for (const Decision& decision : decisions) {
    table.add({{"  " + log.event_text(decision.seq)},
               {name_of(decision.rule), Style::Action},
               {describe(decision.effect)}});
  }
  table.finish();
  if (decisions.size() == kCitingMax) session.out << "  and perhaps more\n";
}

}  // namespace

Result<Exit> explain(const Session& session, const LogSource& log, const WhyOptions& options) {
  auto event = log.event(options.seq);
  if (!event) return fail(event.error());
  // An outcome is asked about for the sake of what was decided.
  Seq seq = options.seq;
  if (!event->is_decision) {
    if (const auto* done = std::get_if<WriteDone>(&event->fact().fact)) seq = done->decided;
  }
  auto root = Explainer(log).explain(seq, options.depth);
  if (!root) return fail(root.error());
  std::vector<Decision> cited_by;
  if (!root->is_decision) {
    auto decisions = who_cites(session, log, *event);
    if (!decisions) return fail(decisions.error());
    cited_by = std::move(*decisions);
  }
  if (options.format == Format::Table || options.format == Format::Wide) {
    TreeWriter(session, log).write(*root);
    if (!root->is_decision) print_citing(session, log, cited_by);
    return Exit::Good;
  }
  if (options.format == Format::Name) {
    session.out << log.event_text(seq) << "\n";
    return Exit::Good;
  }
  JsonTree json = json_of(log, *root);
  if (!root->is_decision) {
    json["citedBy"] = JsonTree::array();
    for (const Decision& decision : cited_by) {
      json["citedBy"].push_back({{"event", log.event_text(decision.seq)},
                                 {"rule", name_of(decision.rule)},
                                 {"text", describe(decision.effect)}});
    }
  }
  session.out << (options.format == Format::Json ? json.dump(2) + "\n" : to_yaml(json));
  return Exit::Good;
}

}  // namespace raycord
