#include "operator/flags.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <numeric>
#include <set>
#include <utility>

namespace raycord {
namespace {

// A misspelling is at most this many letters away from what was meant.
constexpr std::size_t kNearEnough = 3;
constexpr std::size_t kHelpColumn = 34;
constexpr std::size_t kHelpWidth = 100;
constexpr int kPortMax = 65535;

// What a flag does with its value; a switch gets "true" or "false".
using Setter = Outcome (*)(Flags& flags, const std::string& name, const std::string& value);

struct Flag {
  const char* name;
  const char* value;  // As --help names it; empty: a switch.
  const char* help;
  Setter set;
};

Outcome wrong(const std::string& name, const std::string& value, const std::string& allowed) {
  return fail(ErrorCode::InvalidInput,
              name + " is '" + value + "', but " + allowed + "; see --help");
}

std::optional<bool> read_switch(std::string value) {
  for (char& c : value) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (value == "true" || value == "1" || value == "t") return true;
  if (value == "false" || value == "0" || value == "f") return false;
  return std::nullopt;
}

std::optional<int> read_number(const std::string& value) {
  int number = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string part = text.substr(begin, end - begin);
    part.erase(0, part.find_first_not_of(" \t"));
    part.erase(part.find_last_not_of(" \t") + 1);
    if (!part.empty()) parts.push_back(std::move(part));
    begin = end + 1;
  }
  return parts;
}

template <std::string Flags::*field>
Outcome set_text(Flags& flags, const std::string& name, const std::string& value) {
  if (value.empty()) return wrong(name, value, "it must not be empty");
  flags.*field = value;
  return Done{};
}

template <bool Flags::*field>
Outcome set_switch(Flags& flags, const std::string& name, const std::string& value) {
  const auto on = read_switch(value);
  if (!on) return wrong(name, value, "it is true or false");
  flags.*field = *on;
  return Done{};
}

template <bool Options::*field>
Outcome set_rule_switch(Flags& flags, const std::string& name, const std::string& value) {
  const auto on = read_switch(value);
  if (!on) return wrong(name, value, "it is true or false");
  flags.rules.*field = *on;
  return Done{};
}

template <std::string Flags::*field>
Outcome set_address(Flags& flags, const std::string& name, const std::string& value) {
  const std::string allowed = "it is HOST:PORT, :PORT, or 0 for none";
  if (value != "0") {
    const std::size_t colon = value.rfind(':');
    if (colon == std::string::npos) return wrong(name, value, allowed);
    const auto port = read_number(value.substr(colon + 1));
    if (!port || *port < 0 || *port > kPortMax) return wrong(name, value, allowed);
  }
  flags.*field = value;
  return Done{};
}

Outcome set_namespaces(Flags& flags, const std::string& name, const std::string& value) {
  std::vector<std::string> namespaces = split_list(value);
  for (const std::string& ns : namespaces) {
    if (ns.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos)
      continue;
    return wrong(name, value, "'" + ns + "' is no name of a namespace");
  }
  std::sort(namespaces.begin(), namespaces.end());
  namespaces.erase(std::unique(namespaces.begin(), namespaces.end()), namespaces.end());
  flags.rules.namespaces = std::move(namespaces);
  return Done{};
}

Outcome set_webhook_names(Flags& flags, const std::string& name, const std::string& value) {
  constexpr const char* kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:";
  flags.webhook_names = split_list(value);
  for (const std::string& host : flags.webhook_names) {
    if (host.find_first_not_of(kAllowed) == std::string::npos) continue;
    return wrong(name, value, "'" + host + "' is neither a DNS name nor an IP address");
  }
  return Done{};
}

Outcome set_failover(Flags& flags, const std::string& name, const std::string& value) {
  if (value == "enforce") {
    flags.rules.failover = FailoverMode::Enforce;
  } else if (value == "shadow") {
    flags.rules.failover = FailoverMode::Shadow;
  } else if (value == "off") {
    flags.rules.failover = FailoverMode::Off;
  } else {
    return wrong(name, value, "it is enforce, shadow or off");
  }
  return Done{};
}

Outcome set_log_format(Flags& flags, const std::string& name, const std::string& value) {
  if (value != "text" && value != "json") return wrong(name, value, "it is text or json");
  flags.log_format = value == "json" ? LogFormat::Json : LogFormat::Text;
  return Done{};
}

Outcome set_log_encoder(Flags& flags, const std::string& name, const std::string& value) {
  if (value != "console" && value != "json") return wrong(name, value, "it is json or console");
  flags.log_format = value == "json" ? LogFormat::Json : LogFormat::Text;
  return Done{};
}

Outcome set_sandbox_port(Flags& flags, const std::string& name, const std::string& value) {
  const auto port = read_number(value);
  if (!port || *port < 0 || *port > kPortMax) return wrong(name, value, "it is 0 to 65535");
  flags.sandbox_port = *port;
  return Done{};
}

Outcome set_nothing(Flags& flags, const std::string& name, const std::string& value) {
  const bool number = value.find_first_not_of("0123456789.") == std::string::npos;
  if (value.empty() || !number) return wrong(name, value, "it is a number");
  flags.warnings.push_back(name + " has no effect: Raycord paces its own writes and works on all " +
                           "services at once");
  return Done{};
}

// Gates of KubeRay 1.7 that concern RayService and RayCluster.
const std::set<std::string>& known_gates() {
  static const std::set<std::string> kGates = {"RayServiceIncrementalUpgrade",
                                               "RayClusterStatusConditions",
                                               "RayMultiHostIndexing",
                                               "RayJobDeletionPolicy",
                                               "RayClusterNetworkPolicy",
                                               "RayClusterMTLS",
                                               "RayClusterHistoryServer",
                                               "RayCronJob",
                                               "KubernetesWAS",
                                               "GCSFaultToleranceEmbeddedStorage",
                                               "SidecarSubmitterRestart"};
  return kGates;
}

Outcome set_gates(Flags& flags, const std::string& name, const std::string& value) {
  for (const std::string& gate : split_list(value)) {
    const std::size_t equals = gate.find('=');
    const bool good = equals != std::string::npos && read_switch(gate.substr(equals + 1));
    if (!good) return wrong(name, value, "it is a list of GATE=true or GATE=false");
    const std::string title = gate.substr(0, equals);
    if (known_gates().count(title) == 0) {
      flags.warnings.push_back(name + ": the gate " + title + " is not known and has no effect");
    }
  }
  return Done{};
}

std::vector<Flag> webhook_flags() {
  return {
      {"enable-webhooks", "", "serve the admission webhook (default false)",
       set_switch<&Flags::enable_webhooks>},
      {"webhook-address", "ADDRESS", "serve it there (default :9443; 0: nowhere)",
       set_address<&Flags::webhook_address>},
      {"webhook-namespace", "NAME", "namespace of its Service and Secret; default: the pod's",
       set_text<&Flags::webhook_namespace>},
      {"webhook-service", "NAME", "its Service (default raycord-webhook)",
       set_text<&Flags::webhook_service>},
      {"webhook-secret", "NAME", "Secret with its keys (default raycord-webhook-cert)",
       set_text<&Flags::webhook_secret>},
      {"webhook-configuration", "NAME",
       "ValidatingWebhookConfiguration that is to trust it (default raycord-webhook)",
       set_text<&Flags::webhook_configuration>},
      {"webhook-names", "LIST", "more names and addresses that its certificate is for",
       set_webhook_names},
  };
}

const std::vector<Flag>& main_flags() {
  static const std::vector<Flag> kFlags = {
      {"kubeconfig", "FILE",
       "kubeconfig to use; default: $KUBECONFIG, the pod's service account, "
       "~/.kube/config",
       set_text<&Flags::kubeconfig>},
      {"context", "NAME", "context of the kubeconfig; default: its current one",
       set_text<&Flags::context>},
      {"watch-namespace", "LIST", "namespaces to watch, separated by commas; default: all",
       set_namespaces},
      {"enable-leader-election", "", "write only while holding the Lease (default true)",
       set_switch<&Flags::leader_election>},
      {"leader-election-namespace", "NAME", "namespace of the Lease; default: the pod's",
       set_text<&Flags::leader_election_namespace>},
      {"pod-uid", "UID", "who we are to the Lease; default: $POD_UID, or host and log",
       set_text<&Flags::pod_uid>},
      {"log-dir", "DIR",
       "the event log (default /var/lib/raycord/log; with --sandbox a new "
       "temporary one)",
       set_text<&Flags::log_directory>},
      {"failover", "MODE", "enforce (default), shadow or off: the most that any service may do",
       set_failover},
      {"use-kubernetes-proxy", "", "reach Ray through the API server's proxy (default false)",
       set_rule_switch<&Options::kubernetes_proxy>},
      {"headless-head-service", "", "make the head Services of RayClusters headless",
       set_rule_switch<&Options::headless_head_service>},
      {"http2", "", "speak HTTP/2 with the API server where it offers it",
       set_switch<&Flags::http2>},
      {"metrics-addr", "ADDRESS", "serve /metrics there (default :8080; 0: nowhere)",
       set_address<&Flags::metrics_address>},
      {"health-probe-bind-address", "ADDRESS",
       "serve /healthz and /readyz there (default :8082; 0: nowhere)",
       set_address<&Flags::probe_address>},
      {"log-format", "FORMAT", "lines on standard error as text (default) or json", set_log_format},
      {"log-stdout-encoder", "FORMAT", "the same, in KubeRay's words: json or console",
       set_log_encoder},
      {"sandbox", "", "run on an embedded cluster instead; nothing else is needed",
       set_switch<&Flags::sandbox>},
      {"sandbox-port", "PORT", "its port on 127.0.0.1 (default 0: any)", set_sandbox_port},
      {"sandbox-kubeconfig", "FILE", "write its kubeconfig there; default: a temporary file",
       set_text<&Flags::sandbox_kubeconfig>},
      {"feature-gates", "LIST", "accepted: what KubeRay gates is always on or not there",
       set_gates},
      {"reconcile-concurrency", "N", "accepted, without effect", set_nothing},
      {"qps", "N", "accepted, without effect", set_nothing},
      {"burst", "N", "accepted, without effect", set_nothing},
  };
  return kFlags;
}

const std::vector<Flag>& known_flags() {
  static const std::vector<Flag> kFlags = [] {
    std::vector<Flag> all = main_flags();
    const std::vector<Flag> more = webhook_flags();
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return kFlags;
}

// The number of letters to change, add or leave out to get from one to the other.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
      corner = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

Failure unknown(const std::string& name) {
  const Flag* nearest = nullptr;
  std::size_t best = kNearEnough + 1;
  for (const Flag& flag : known_flags()) {
    const std::size_t far = distance(name, flag.name);
    if (far >= best) continue;
    best = far;
    nearest = &flag;
  }
  std::string message = "unknown flag --" + name;
  if (nearest != nullptr) message += "; did you mean --" + std::string(nearest->name) + "?";
  return fail(ErrorCode::InvalidInput, message + (nearest == nullptr ? "; see --help" : ""));
}

void append_wrapped(std::string& text, const std::string& words) {
  std::size_t column = kHelpColumn;
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = std::min(words.find(' ', begin), words.size());
    if (column + end - begin + 1 > kHelpWidth) {
      text += "\n" + std::string(kHelpColumn, ' ');
      column = kHelpColumn;
    } else if (begin != 0) {
      text += ' ';
      ++column;
    }
    text += words.substr(begin, end - begin);
    column += end - begin;
    begin = end + 1;
  }
  text += '\n';
}

std::string help() {
  std::string text =
      "raycord-operator runs Ray Serve on Kubernetes: it watches RayServices and RayClusters, and\n"
      "writes everything it sees and decides into a log before acting on it.\n\n"
      "Usage:\n  raycord-operator [flags]\n  raycord-operator --sandbox\n"
      "  raycord-operator adopt --dry-run [flags]    what would happen to each object if it took\n"
      "                                              over from KubeRay now; changes nothing\n\n"
      "Flags:\n";
  for (const Flag& flag : known_flags()) {
    std::string left = "  --" + std::string(flag.name);
    if (*flag.value != '\0') left += " " + std::string(flag.value);
    if (left.size() + 2 > kHelpColumn) {
      text += left + "\n" + std::string(kHelpColumn, ' ');
    } else {
      text += left + std::string(kHelpColumn - left.size(), ' ');
    }
    append_wrapped(text, flag.help);
  }
  return text +
         "  --help, --version\n\n"
         "Environment (true or false, but for the first two):\n"
         "  CLUSTER_DOMAIN, POD_UID, ENABLE_ZERO_DOWNTIME, ENABLE_PROBES_INJECTION,\n"
         "  ENABLE_INIT_CONTAINER_INJECTION, ENABLE_LOGIN_SHELL, ENABLE_RANDOM_POD_DELETE,\n"
         "  ENABLE_RAY_HEAD_CLUSTER_IP_SERVICE, ENABLE_GCS_FT_REDIS_CLEANUP,\n"
         "  ENABLE_DETERMINISTIC_HEAD_POD_NAME, ENABLE_WEBHOOKS\n\n"
         "Exit codes: 0 ended by a signal, 1 could not start, 2 wrong flags, 3 the log could not\n"
         "be written, 4 the log cannot be used as it is.\n";
}

Outcome read_environment(Flags& flags, const Environment& environment) {
  if (const auto uid = environment("POD_UID")) flags.pod_uid = *uid;
  if (const auto domain = environment("CLUSTER_DOMAIN"); domain && !domain->empty()) {
    flags.rules.cluster_domain = *domain;
  }
  const std::vector<std::pair<const char*, bool*>> switches = {
      {"ENABLE_ZERO_DOWNTIME", &flags.rules.zero_downtime},
      {"ENABLE_PROBES_INJECTION", &flags.rules.inject_probes},
      {"ENABLE_INIT_CONTAINER_INJECTION", &flags.rules.inject_init_container},
      {"ENABLE_LOGIN_SHELL", &flags.rules.login_shell},
      {"ENABLE_RANDOM_POD_DELETE", &flags.rules.random_pod_delete},
      {"ENABLE_GCS_FT_REDIS_CLEANUP", &flags.rules.redis_cleanup},
      {"ENABLE_DETERMINISTIC_HEAD_POD_NAME", &flags.rules.fixed_head_name},
      {"ENABLE_WEBHOOKS", &flags.enable_webhooks},
  };
  const auto read = [&](const char* name, bool& into) -> Outcome {
    const auto value = environment(name);
    if (!value || value->empty()) return Done{};
    const auto on = read_switch(*value);
    if (!on)
      return wrong(std::string("environment variable ") + name, *value, "it is true or false");
    into = *on;
    return Done{};
  };
  for (const auto& [name, into] : switches) {
    if (Outcome outcome = read(name, *into); !outcome) return outcome;
  }
  bool cluster_ip = !flags.rules.headless_head_service;
  if (Outcome outcome = read("ENABLE_RAY_HEAD_CLUSTER_IP_SERVICE", cluster_ip); !outcome) {
    return outcome;
  }
  flags.rules.headless_head_service = !cluster_ip;
  return Done{};
}

// The sandbox forgets everything at its end and is reached through its proxy only; ports of its own
// would be in the way of whatever else runs on a laptop.
Outcome settle_sandbox(Flags& flags, const std::set<std::string>& given) {
  if (!flags.sandbox) {
    for (const char* name : {"sandbox-port", "sandbox-kubeconfig"}) {
      if (given.count(name) == 0) continue;
      return fail(ErrorCode::InvalidInput, "--" + std::string(name) + " needs --sandbox");
    }
    return Done{};
  }
  for (const char* name : {"kubeconfig", "context"}) {
    if (given.count(name) == 0) continue;
    return fail(ErrorCode::InvalidInput, "--" + std::string(name) +
                                             " and --sandbox exclude each other: the sandbox is a "
                                             "cluster of its own");
  }
  flags.rules.kubernetes_proxy = true;
  if (given.count("log-dir") == 0) flags.log_directory.clear();
  if (given.count("metrics-addr") == 0) flags.metrics_address = "127.0.0.1:0";
  if (given.count("health-probe-bind-address") == 0) flags.probe_address = "127.0.0.1:0";
  return Done{};
}

}  // namespace

Result<ParsedFlags> parse_flags(const std::vector<std::string>& arguments,
                                const Environment& environment) {
  ParsedFlags parsed;
  if (Outcome read = read_environment(parsed.flags, environment); !read) return fail(read.error());
  std::set<std::string> given;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.size() < 2 || argument[0] != '-') {
      return fail(ErrorCode::InvalidInput, "'" + argument + "' is no flag; see --help");
    }
    const std::size_t begin = argument[1] == '-' ? 2 : 1;
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(begin, equals - begin);
    if (name == "help" || name == "h") return ParsedFlags{{}, help()};
    if (name == "version") return ParsedFlags{{}, Options().version + "\n"};
    const auto flag = std::find_if(known_flags().begin(), known_flags().end(),
                                   [&](const Flag& known) { return name == known.name; });
    if (flag == known_flags().end()) return unknown(name);
    std::string value = "true";
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (*flag->value != '\0') {
      if (++i == arguments.size()) {
        return fail(ErrorCode::InvalidInput,
                    "--" + name + " needs a value: --" + name + " " + flag->value);
      }
      value = arguments[i];
    }
    if (Outcome set = flag->set(parsed.flags, "--" + name, value); !set) return fail(set.error());
    given.insert(name);
  }
  if (Outcome settled = settle_sandbox(parsed.flags, given); !settled) {
    return fail(settled.error());
  }
  return parsed;
}

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace raycord
