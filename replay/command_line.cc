#include "replay/command_line.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

#include "replay/completion.h"
#include "replay/log_commands.h"
#include "replay/log_source.h"
#include "replay/raw_versions.h"
#include "replay/replay_command.h"
#include "replay/state_command.h"
#include "replay/timeline.h"
#include "replay/why.h"

#ifndef RAYCORD_VERSION
#define RAYCORD_VERSION "0.1.0"
#endif

namespace raycord {
namespace {

constexpr int kExitError = 2;
constexpr int kDepthMax = 20;

// What the flags said. One for all commands: each reads its own.
struct Flags {
  std::string log = kDefaultLog;
  std::string ns = "default";
  std::string output;
  std::string name;
  std::string event;
  std::string partition;
  std::string alone;
  std::string kind;
  std::string since;
  std::string at;
  std::string at_time;
  std::string from;
  std::string to;
  std::string witness;
  std::string shell;
  int depth = 3;
  bool all_namespaces = false;
  bool follow = false;
  bool raw = false;
  bool everything = false;
  bool digests = false;
  bool yes = false;
};

class Commands {
 public:
  Commands(const Session& session, const std::string& called_as, const std::string& log);

  int run(std::vector<std::string> arguments);

 private:
  using Command = std::function<Result<Exit>()>;

  CLI::App* add(CLI::App& parent, const char* name, const char* what, Command command);
  void add_log_commands();
  void add_story_commands();
  void add_state_commands();
  void add_completion();

  CLI::App* with_output(CLI::App* command, const char* formats);
  CLI::App* with_name(CLI::App* command, bool required);
  CLI::App* with_moment(CLI::App* command);

  Result<LogSource*> open();
  Result<Format> format() const;
  Result<PartitionName> partition(const std::string& name);
  Result<Seq> moment();

  Result<Exit> run_list();
  Result<Exit> run_show();
  Result<Exit> run_replay();
  Result<Exit> run_timeline();
  Result<Exit> run_why();
  Result<Exit> run_state();
  Result<Exit> run_get();
  Result<Exit> run_completion();
  std::string usage_error(const std::vector<std::string>& typed,
                          const CLI::ParseError& error) const;
  int fail_with(const Error& error);

  const Session& session_;
  std::string program_;
  Flags flags_;
  CLI::App app_;
  Command chosen_;
  std::unique_ptr<LogSource> log_;
};

// --- The tree of commands -----------------------------------------------------------------------

std::string program_name(const std::string& called_as) {
  const std::string name = called_as.substr(called_as.rfind('/') + 1);
  return name == "kubectl-raycord" ? "kubectl raycord" : "raycord";
}

Commands::Commands(const Session& session, const std::string& called_as, const std::string& log)
    : session_(session), program_(program_name(called_as)) {
  if (!log.empty()) flags_.log = log;
  app_.name(program_);
  app_.description(
      "Asks a log of the Raycord operator what happened, why, and whether it would again.\n"
      "A running operator's log may be read at any time; nothing is written to it.");
  app_.get_formatter()->column_width(30);
  app_.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app_.set_version_flag("--version", std::string("raycord ") + RAYCORD_VERSION);
  app_.add_option("--log,--log-dir", flags_.log, "Directory of the log (RAYCORD_LOG)")
      ->type_name("DIR");
  app_.require_subcommand(1);
  app_.fallthrough();
  app_.footer(
      "An event is a number, or <log>:<number> as Kubernetes Events show it.\n"
      "Exit codes: 0 good; 1 divergence or damage found; 2 the question has no answer.");
  add_story_commands();
  add_state_commands();
  add_log_commands();
  add_completion();
}

CLI::App* Commands::add(CLI::App& parent, const char* name, const char* what, Command command) {
  CLI::App* added = parent.add_subcommand(name, what);
  added->fallthrough();
  added->footer("");
  added->callback([this, command = std::move(command)] { chosen_ = command; });
  return added;
}

CLI::App* Commands::with_output(CLI::App* command, const char* formats) {
  command->add_option("-o,--output", flags_.output, formats)->type_name("FORMAT");
  return command;
}

CLI::App* Commands::with_name(CLI::App* command, bool required) {
  command->add_option("NAME", flags_.name, "NAME, NAMESPACE/NAME or rayservice/NAME")
      ->required(required);
  command->add_option("-n,--namespace", flags_.ns, "Namespace (default)")->type_name("NS");
  command->add_flag("-A,--all-namespaces", flags_.all_namespaces, "In all namespaces");
  return command;
}

CLI::App* Commands::with_moment(CLI::App* command) {
  command->add_option("--at", flags_.at, "After this event (the last one)")->type_name("EVENT");
  command->add_option("--at-time", flags_.at_time, "At a time: RFC 3339, or 15m for so long ago")
      ->type_name("TIME");
  return command;
}

void Commands::add_story_commands() {
  CLI::App* timeline = with_output(with_name(add(app_, "timeline", "The story of a RayService",
                                                 [this] { return run_timeline(); }),
                                             false),
                                   "table, wide, name, json or yaml");
  timeline->add_option("--since", flags_.since, "From a time on: RFC 3339, or 2h")
      ->type_name("TIME");
  timeline->add_flag("--all", flags_.everything, "With statuses, labels and other housekeeping");
  timeline->add_flag("-w,--watch,-f,--follow", flags_.follow, "Go on with what happens");

  CLI::App* why = with_output(
      add(app_, "why", "Which rule decided, because of which events", [this] { return run_why(); }),
      "table, name, json or yaml");
  why->add_option("EVENT", flags_.event, "A decision, its outcome, or any event")->required();
  why->add_option("--depth", flags_.depth, "Decisions behind causes are followed so far (3)")
      ->check(CLI::Range(0, kDepthMax))
      ->type_name("N");

  CLI::App* replay = with_output(add(app_, "replay", "Does this build decide what was decided?",
                                     [this] { return run_replay(); }),
                                 "table, json or yaml");
  replay->add_option("--partition", flags_.partition, "Only this one: NAMESPACE/NAME")
      ->type_name("NAME");
  replay->add_option("--alone", flags_.alone, "Fold one partition alone and among all, and compare")
      ->type_name("NAME");
  replay->add_flag("--digests", flags_.digests, "Say the checksum of each partition's state");
}

void Commands::add_state_commands() {
  with_moment(with_output(
      with_name(add(app_, "state", "What was believed at a moment", [this] { return run_state(); }),
                true),
      "table, json or yaml"));
  CLI::App* get = with_moment(
      with_output(add(app_, "get", "An object as it was observed", [this] { return run_get(); }),
                  "table, name, json or yaml"));
  get->add_option("OBJECT", flags_.name, "KIND/NAME, or the NAME of a RayService")->required();
  get->add_option("-n,--namespace", flags_.ns, "Namespace (default)")->type_name("NS");
}

void Commands::add_log_commands() {
  CLI::App* log = app_.add_subcommand("log", "The log itself: ls, show, stat, verify, accept-loss");
  log->require_subcommand(1);
  log->fallthrough();
  log->footer("");
  CLI::App* list = with_output(add(*log, "ls", "Lists events", [this] { return run_list(); }),
                               "table, wide, name, json or yaml");
  list->add_option("--from", flags_.from, "First event")->type_name("EVENT");
  list->add_option("--to", flags_.to, "Last event")->type_name("EVENT");
  list->add_option("--since", flags_.since, "From a time on: RFC 3339, or 2h")->type_name("TIME");
  list->add_option("--partition", flags_.partition, "Only of this one: NAMESPACE/NAME")
      ->type_name("NAME");
  list->add_option("--kind", flags_.kind, "Only fact, decision, a kind or a rule")
      ->type_name("KIND");
  list->add_flag("-w,--watch,-f,--follow", flags_.follow, "Go on with what is appended");

  CLI::App* show =
      with_output(add(*log, "show", "One event with all its fields", [this] { return run_show(); }),
                  "yaml, name or json");
  show->add_option("EVENT", flags_.event, "Number, or <log>:<number>")->required();
  show->add_flag("--raw", flags_.raw, "The object's bytes as they were observed");

  with_output(add(*log, "stat", "Figures: events, time, bytes, kinds, partitions",
                  [this]() -> Result<Exit> {
                    auto how = format();
                    if (!how) return fail(how.error());
                    auto source = open();
                    if (!source) return fail(source.error());
                    return show_statistics(session_, **source, *how);
                  }),
              "table, name, json or yaml");
  with_output(add(*log, "verify", "Is every frame intact and in its place?",
                  [this]() -> Result<Exit> {
                    auto how = format();
                    if (!how) return fail(how.error());
                    auto source = open();
                    if (!source) return fail(source.error());
                    return verify(session_, **source, *how);
                  }),
              "table, json or yaml");
  CLI::App* loss = add(*log, "accept-loss",
                       "Goes on with a log whose end is lost (the operator must not run)", [this] {
                         return accept_loss(session_, {flags_.log, flags_.yes, flags_.witness});
                       });
  loss->add_flag("--yes", flags_.yes, "Do it: what is damaged is cut for ever");
  loss->add_option("--witness", flags_.witness, "What was synced, as the Lease's annotation says")
      ->type_name("SEQ:CHAIN");
}

void Commands::add_completion() {
  add(app_, "completion", "Prints a script that completes commands and flags",
      [this] { return run_completion(); })
      ->add_option("SHELL", flags_.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

// --- What all commands do -----------------------------------------------------------------------

Result<LogSource*> Commands::open() {
  auto log = LogSource::open(flags_.log);
  if (!log) return fail(log.error());
  log_ = std::move(*log);
  return log_.get();
}

Result<Format> Commands::format() const {
  if (flags_.output.empty() || flags_.output == "table") return Format::Table;
  if (flags_.output == "wide") return Format::Wide;
  if (flags_.output == "name") return Format::Name;
  if (flags_.output == "json") return Format::Json;
  if (flags_.output == "yaml") return Format::Yaml;
  return fail(ErrorCode::InvalidInput, "there is no output format \"" + flags_.output +
                                           "\"; say table, wide, name, json or yaml");
}

Result<PartitionName> Commands::partition(const std::string& name) {
  return find_partition(*log_, {name, flags_.ns, flags_.all_namespaces});
}

Result<Seq> Commands::moment() {
  if (!flags_.at.empty() && !flags_.at_time.empty()) {
    return fail(ErrorCode::InvalidInput, "--at and --at-time name two moments; say one");
  }
  if (!flags_.at.empty()) {
    auto seq = log_->parse_event(flags_.at);
    if (!seq) return fail(seq.error());
    if (auto event = log_->event(*seq); !event) return fail(event.error());
    return *seq;
  }
  if (flags_.at_time.empty()) return Seq{log_->last()};
  auto time = parse_time(flags_.at_time, session_.now);
  if (!time) return fail(time.error());
  auto seq = log_->last_event_at(*time);
  if (!seq) return fail(seq.error());
  if (*seq) return *seq;
  return fail(ErrorCode::NotFound,
              "the log holds nothing as old as " + to_rfc3339(*time) + "; it begins after that");
}

// --- Commands -----------------------------------------------------------------------------------

Result<Exit> Commands::run_list() {
  ListOptions options;
  auto how = format();
  if (!how) return fail(how.error());
  options.format = *how;
  options.kind = flags_.kind;
  options.follow = flags_.follow;
  auto log = open();
  if (!log) return fail(log.error());
  if (!flags_.from.empty()) {
    auto seq = log_->parse_event(flags_.from);
    if (!seq) return fail(seq.error());
    options.from = seq->value;
  }
  if (!flags_.to.empty()) {
    auto seq = log_->parse_event(flags_.to);
    if (!seq) return fail(seq.error());
    options.to = seq->value;
  }
  if (options.from > options.to) {
    return fail(ErrorCode::InvalidInput, "--from is behind --to; nothing lies between");
  }
  if (!flags_.since.empty()) {
    auto since = parse_time(flags_.since, session_.now);
    if (!since) return fail(since.error());
    options.since = *since;
  }
  if (!flags_.partition.empty()) {
    auto found = partition(flags_.partition);
    if (!found) return fail(found.error());
    options.partition = *found;
  }
  return list_events(session_, **log, options);
}

Result<Exit> Commands::run_show() {
  auto how = format();
  if (!how) return fail(how.error());
  auto log = open();
  if (!log) return fail(log.error());
  auto seq = log_->parse_event(flags_.event);
  if (!seq) return fail(seq.error());
  return show_event(session_, **log, {*seq, flags_.raw, *how});
}

Result<Exit> Commands::run_replay() {
  ReplayOptions options;
  auto how = format();
  if (!how) return fail(how.error());
  options.format = *how;
  options.digests = flags_.digests;
  options.alone = !flags_.alone.empty();
  auto log = open();
  if (!log) return fail(log.error());
  const std::string& name = options.alone ? flags_.alone : flags_.partition;
  if (!name.empty()) {
    auto found = partition(name);
    if (!found) return fail(found.error());
    options.partition = *found;
  }
  return replay_log(session_, **log, options);
}

// The one root object of a namespace, so that its name need not be typed.
std::optional<PartitionName> only_one_in(const LogSource& log, const std::string& ns) {
  std::optional<PartitionName> only;
  for (const PartitionName& name : log.partitions()) {
    if (name.ns != ns) continue;
    if (only) return std::nullopt;
    only = name;
  }
  return only;
}

Result<Exit> Commands::run_timeline() {
  TimelineOptions options;
  auto how = format();
  if (!how) return fail(how.error());
  options.format = *how;
  options.follow = flags_.follow;
  options.everything = flags_.everything;
  if (!flags_.since.empty()) {
    auto since = parse_time(flags_.since, session_.now);
    if (!since) return fail(since.error());
    options.since = *since;
  }
  auto log = open();
  if (!log) return fail(log.error());
  if (!flags_.name.empty()) {
    auto found = partition(flags_.name);
    if (!found) return fail(found.error());
    options.partition = *found;
  } else if (!flags_.all_namespaces) {
    options.ns = flags_.ns;
    options.partition = only_one_in(**log, flags_.ns);
  }
  return show_timeline(session_, **log, options);
}

Result<Exit> Commands::run_why() {
  auto how = format();
  if (!how) return fail(how.error());
  auto log = open();
  if (!log) return fail(log.error());
  auto seq = log_->parse_event(flags_.event);
  if (!seq) return fail(seq.error());
  return explain(session_, **log, {*seq, flags_.depth, *how});
}

Result<Exit> Commands::run_state() {
  auto how = format();
  if (!how) return fail(how.error());
  auto log = open();
  if (!log) return fail(log.error());
  auto found = partition(flags_.name);
  if (!found) return fail(found.error());
  auto at = moment();
  if (!at) return fail(at.error());
  return show_state(session_, **log, {*found, *at, *how});
}

Result<Exit> Commands::run_get() {
  auto how = format();
  if (!how) return fail(how.error());
  auto log = open();
  if (!log) return fail(log.error());
  auto at = moment();
  if (!at) return fail(at.error());
  return get_object(session_, **log, {flags_.name, flags_.ns, *at, *how});
}

// --- Completion and running ---------------------------------------------------------------------

// What can follow each command: its subcommands and flags.
CompletionNode node_of(const CLI::App& app) {
  CompletionNode node;
  node.name = app.get_name();
  node.what = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) node.flags.push_back("--" + name);
    for (const std::string& name : option->get_snames()) node.flags.push_back("-" + name);
  }
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    node.children.push_back(node_of(*child));
  }
  return node;
}

Result<Exit> Commands::run_completion() {
  session_.out << completion_script(flags_.shell, node_of(app_));
  return Exit::Good;
}

std::string with_near(std::string message, const std::string& wanted,
                      const std::vector<std::string>& known) {
  const auto near = near_names(wanted, known);
  if (!near.empty()) message += "; did you mean " + near.front() + "?";
  return message;
}

// What CLI11 says of a mistyped word is less than we know.
std::string Commands::usage_error(const std::vector<std::string>& typed,
                                  const CLI::ParseError& error) const {
  const CLI::App* at = &app_;
  CompletionNode known = node_of(*at);
  const std::vector<std::string> for_all = known.flags;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const std::string word = typed[i].substr(0, typed[i].find('='));
    if (word.starts_with("--")) {
      std::vector<std::string> flags = known.flags;
      flags.insert(flags.end(), for_all.begin(), for_all.end());
      if (std::find(flags.begin(), flags.end(), word) == flags.end()) {
        return with_near("there is no flag " + word, word, flags);
      }
      if (word.starts_with("--log") && word == typed[i]) ++i;  // Its value is no command.
      continue;
    }
    if (word.starts_with("-") || known.children.empty()) continue;
    std::vector<std::string> names;
    for (const CompletionNode& child : known.children) names.push_back(child.name);
    if (std::find(names.begin(), names.end(), word) == names.end()) {
      return with_near("there is no command \"" + word + "\"", word, names);
    }
    at = at->get_subcommand(word);
    known = node_of(*at);
  }
  if (known.children.empty()) return error.what();
  std::string names;
  for (const CompletionNode& child : known.children) {
    names += (names.empty() ? "" : ", ") + child.name;
  }
  return "say which command: " + names;
}

int Commands::fail_with(const Error& error) {
  session_.out.flush();
  session_.err << "error: " << error.message << "\n";
  return kExitError;
}

int Commands::run(std::vector<std::string> arguments) {
  const std::vector<std::string> typed = arguments;
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back.
  try {
    app_.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    session_.out << app_.help();
    return 0;
  } catch (const CLI::CallForVersion& version) {
    session_.out << version.what() << "\n";
    return 0;
  } catch (const CLI::ParseError& error) {
    session_.err << "error: " << usage_error(typed, error) << "\n"
                 << "See '" << program_ << " --help' for usage.\n";
    return kExitError;
  }
  auto exit = chosen_();
  if (!exit) return fail_with(exit.error());
  return static_cast<int>(*exit);
}

}  // namespace

int run_command_line(const Session& session, const std::string& called_as,
                     std::vector<std::string> arguments, const std::string& log) {
  return Commands(session, called_as, log).run(std::move(arguments));
}

}  // namespace raycord
