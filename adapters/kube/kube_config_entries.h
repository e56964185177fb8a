// The named entries of one or several kubeconfig files, as text: what YAML is left behind here.
//
// Several files are merged as kubectl does it: for each name the first file that has it wins with
// its whole entry, and the first current-context that is not empty.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace raycord {

struct ExecEntry {
  std::string api_version;
  std::string command;
  std::vector<std::string> args;
  std::vector<std::string> environment;  // "NAME=value"
  std::string interactive_mode;
  std::string install_hint;
  bool provide_cluster_info = false;
};

struct KubeConfigEntry {
  std::string kind;  // "cluster", "user" or "context".
  std::string name;
  std::string file;
  std::map<std::string, std::string> values = {};  // "server", "client-key-data", …
  std::map<std::string, std::vector<std::string>> extras =
      {};                          // Impersonation: as-groups, extra fields.
  std::string auth_provider = {};  // Its name; empty without one.
  std::optional<ExecEntry> exec = {};
  std::string exec_cluster_config = {};  // JSON that a cluster holds for exec plugins; empty: none.

  std::string value(const std::string& key) const;  // Empty when there is none.
  bool has(const std::string& key) const { return !value(key).empty(); }
  std::string described() const { return kind + " '" + name + "' in " + file; }
};

struct KubeConfigEntries {
  std::map<std::string, KubeConfigEntry> clusters;
  std::map<std::string, KubeConfigEntry> users;
  std::map<std::string, KubeConfigEntry> contexts;
  std::string current_context;
  std::vector<std::string> files;  // Read so far, in order.
};

// Adds what `file` has and `entries` has not. NotFound when there is no such file.
Outcome merge_kube_config(const std::string& file, KubeConfigEntries& entries);

}  // namespace raycord
