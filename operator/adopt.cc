#include "operator/adopt.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include "adapters/http/curl_transport.h"
#include "adapters/kube/kube_config.h"
#include "operator/adopt_findings.h"
#include "operator/adopt_text.h"
#include "operator/clock.h"
#include "operator/limits.h"
#include "operator/waker.h"

namespace raycord {
namespace {

constexpr const char* kCommand = "adopt";
enum class AdoptExit : int { NothingRestarts = 0, CannotRead = 1, WrongFlags = 2, Breaks = 3 };

std::string help() {
  return "raycord-operator adopt --dry-run says what would happen to each object if the operator\n"
         "took over this cluster from KubeRay now. It only reads.\n\n"
         "Usage:\n  raycord-operator adopt --dry-run [-o table|json] [flags]\n\n"
         "Flags:\n"
         "  --dry-run                       needed: without it nothing is done, for the operator\n"
         "                                  adopts when it starts\n"
         "  -o, --output FORMAT             table (default) or json\n"
         "  --kubeconfig, --context, --watch-namespace, --leader-election-namespace and the "
         "others\n"
         "                                  as the operator will get them; see raycord-operator\n"
         "                                  --help\n\n"
         "Exit codes: 0 nothing restarts, 1 the cluster cannot be read, 2 wrong flags, 3 "
         "something\n"
         "would restart, end or stop being looked after, or stands in the way.\n";
}

Started started_as(const Flags& flags) {
  Started started;
  started.build = flags.rules.version;
  started.log_id = "dry";
  for (const Rule rule : all_rules()) {
    started.revisions.push_back({static_cast<std::uint16_t>(rule), revision_of(rule)});
  }
  started.options = flags.rules;
  return started;
}

std::size_t terminal_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0) return 0;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

std::optional<Error> read_all(ClusterReader& reader, const AdoptMeans& means) {
  for (reader.tick(means.now()); !reader.done(); reader.tick(means.now())) {
    means.poll(reader.next_wake());
  }
  return reader.failure();
}

Result<AdoptReport> run(AdoptFlags& asked) {
  Flags& flags = asked.flags;
  auto endpoint = find_kube_endpoint(search_from_environment(flags.kubeconfig, flags.context));
  if (!endpoint) return fail(endpoint.error());
  const EventClock clock;
  if (Outcome ready = endpoint->credentials->prepare(clock.now()); !ready) {
    return fail(ready.error());
  }
  CurlTransport transport({.user_agent = "raycord-operator/" + flags.rules.version});
  transport.set_profile(
      endpoint->server,
      {.tls = endpoint->credentials->with_identity(endpoint->tls), .http2 = flags.http2});
  if (flags.leader_election_namespace.empty()) {
    flags.leader_election_namespace = endpoint->default_namespace;
  }
  const KubeApi api(endpoint->server, endpoint->credentials);
  const AdoptMeans means{api, transport,
                         [&](Time until) { transport.poll(wait_until(until, clock.now())); },
                         [&] { return clock.now(); }};
  auto report = look_and_report(flags, means);
  if (!report) {
    return fail(report.error().code, "the cluster at " + endpoint->server + " (" +
                                         endpoint->described +
                                         ") cannot be read: " + report.error().message);
  }
  report->cluster = endpoint->server + " (" + endpoint->described + ")";
  return report;
}

}  // namespace

bool is_adopt(const std::vector<std::string>& arguments) {
  return !arguments.empty() && arguments.front() == kCommand;
}

Result<AdoptFlags> parse_adopt_flags(const std::vector<std::string>& arguments,
                                     const Environment& environment) {
  AdoptFlags asked;
  bool dry = false;
  std::vector<std::string> rest;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    std::string argument = arguments[i];
    if (argument == "--help" || argument == "-h" || argument == "-help") {
      asked.print = help();
      return asked;
    }
    if (argument == "--dry-run" || argument == "-dry-run" || argument == "--dry-run=true") {
      dry = true;
      continue;
    }
    const bool output = argument == "-o" || argument == "--output";
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    if (!output && name != "--output" && name != "-o") {
      rest.push_back(std::move(argument));
      continue;
    }
    if (output && ++i == arguments.size()) {
      return fail(ErrorCode::InvalidInput, name + " needs a value: table or json");
    }
    const std::string format = output ? arguments[i] : argument.substr(equals + 1);
    if (format != "table" && format != "json") {
      return fail(ErrorCode::InvalidInput,
                  name + " is '" + format + "', but it is table or json; see adopt --help");
    }
    asked.json = format == "json";
  }
  auto parsed = parse_flags(rest, environment);
  if (!parsed) return fail(parsed.error());
  if (!dry) {
    return fail(ErrorCode::InvalidInput,
                "adopt does nothing by itself: the operator adopts what is there when it starts. "
                "adopt --dry-run says beforehand what it would do");
  }
  if (parsed->flags.sandbox) {
    return fail(ErrorCode::InvalidInput, "adopt has nothing to do with --sandbox");
  }
  asked.flags = std::move(parsed->flags);
  asked.print = std::move(parsed->print);
  return asked;
}

Result<AdoptReport> look_and_report(const Flags& flags, const AdoptMeans& means) {
  ClusterReader reader(flags.rules.namespaces, means.api, means.transport);
  Trial trial(started_as(flags), means.now());
  for (std::vector<Kind> kinds = trial.lacking(); !kinds.empty(); kinds = trial.lacking()) {
    for (const Kind kind : kinds) reader.list(kind);
    if (const auto failure = read_all(reader, means)) return fail(*failure);
    trial.see(reader.take_observations());
  }
  Findings findings({flags.rules.namespaces, flags.leader_election_namespace}, reader, means.now());
  findings.ask();
  if (const auto failure = read_all(reader, means)) return fail(*failure);
  trial.decide();
  AdoptReport report = report_of(trial);
  for (Finding& finding : findings.take()) report.findings.push_back(std::move(finding));
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.weight > b.weight; });
  return report;
}

int adopt(const std::vector<std::string>& arguments, const Environment& environment,
          std::ostream& out, std::ostream& errors) {
  auto asked = parse_adopt_flags(arguments, environment);
  if (!asked) {
    errors << "raycord-operator: " << asked.error().message << "\n";
    return static_cast<int>(AdoptExit::WrongFlags);
  }
  if (!asked->print.empty()) {
    out << asked->print;
    return 0;
  }
  const auto report = run(*asked);
  if (!report) {
    errors << "raycord-operator: " << report.error().message << "\n";
    return static_cast<int>(AdoptExit::CannotRead);
  }
  out << (asked->json ? adopt_json(*report) : adopt_text(*report, terminal_width()));
  return static_cast<int>(report->breaks() ? AdoptExit::Breaks : AdoptExit::NothingRestarts);
}

}  // namespace raycord
