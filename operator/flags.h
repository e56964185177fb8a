// What the operator was told at its start: flags and environment, checked.
//
//   auto parsed = parse_flags(arguments, environment);
//   if (!parsed) { say(parsed.error().message); return 2; }
//
// Names, defaults and spelling are KubeRay's where it has them, so that its manifests go on
// working: Go takes -flag and --flag, and a switch as --flag or --flag=false.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/options.h"
#include "core/result.h"
#include "operator/log_lines.h"

namespace raycord {

struct Flags {
  Options rules;  // What rules may read.

  std::string kubeconfig;
  std::string context;
  bool leader_election = true;
  std::string leader_election_namespace;  // Empty: the pod's, or the context's.
  std::string metrics_address = ":8080";
  std::string probe_address = ":8082";
  LogFormat log_format = LogFormat::Text;
  std::string log_directory = "/var/lib/raycord/log";
  std::string pod_uid;
  bool http2 = false;

  bool enable_webhooks = false;
  std::string webhook_address = ":9443";
  std::string webhook_namespace;  // Of Service and Secret. Empty: the pod's, or the context's.
  std::string webhook_service = "raycord-webhook";
  std::string webhook_secret = "raycord-webhook-cert";
  std::string webhook_configuration = "raycord-webhook";
  std::vector<std::string> webhook_names;  // More that the certificate is for.

  bool sandbox = false;
  int sandbox_port = 0;
  std::string sandbox_kubeconfig;

  std::vector<std::string> warnings;  // Sentences, to be said aloud.
};

struct ParsedFlags {
  Flags flags;
  std::string print;  // Not empty: --help or --version; print it and end.
};

using Environment = std::function<std::optional<std::string>(const char* name)>;

// `arguments` without the program's name.
Result<ParsedFlags> parse_flags(const std::vector<std::string>& arguments,
                                const Environment& environment);

std::optional<std::string> process_environment(const char* name);

}  // namespace raycord
