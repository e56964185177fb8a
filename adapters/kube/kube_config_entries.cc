#include "adapters/kube/kube_config_entries.h"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include "adapters/kube/kube_config_values.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kExecExtension = "client.authentication.k8s.io/exec";

std::string scalar_at(const YAML::Node& map, const std::string& key) {
  const YAML::Node value = map[key];
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

std::vector<std::string> strings_at(const YAML::Node& map, const std::string& key) {
  std::vector<std::string> strings;
  const YAML::Node list = map[key];
  if (!list || !list.IsSequence()) return strings;
  for (const YAML::Node& item : list) {
    if (item.IsScalar()) strings.push_back(item.Scalar());
  }
  return strings;
}

// Plain scalars that YAML and Go read as numbers, truth values or null; quoted ones are text.
Json json_of_scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "true" || text == "false") return text == "true";
  const Json number = Json::parse(text, nullptr, false);
  return number.is_number() ? number : Json(text);
}

// Anchors can make YAML endless.
constexpr int kMaxDepth = 32;

Json json_of(const YAML::Node& node, int depth = 0) {
  if (depth > kMaxDepth) return nullptr;
  if (node.IsScalar()) return json_of_scalar(node);
  if (node.IsSequence()) {
    Json list = Json::array();
    for (const YAML::Node& item : node) list.push_back(json_of(item, depth + 1));
    return list;
  }
  if (!node.IsMap()) return nullptr;
  Json object = Json::object();
  for (const auto& item : node)
    object[item.first.as<std::string>()] = json_of(item.second, depth + 1);
  return object;
}

ExecEntry exec_of(const YAML::Node& node) {
  ExecEntry exec{.api_version = scalar_at(node, "apiVersion"),
                 .command = scalar_at(node, "command"),
                 .args = strings_at(node, "args"),
                 .environment = {},
                 .interactive_mode = scalar_at(node, "interactiveMode"),
                 .install_hint = scalar_at(node, "installHint"),
                 .provide_cluster_info = scalar_at(node, "provideClusterInfo") == "true"};
  const YAML::Node environment = node["env"];
  if (environment && environment.IsSequence()) {
    for (const YAML::Node& item : environment) {
      if (item.IsMap()) {
        exec.environment.push_back(scalar_at(item, "name") + "=" + scalar_at(item, "value"));
      }
    }
  }
  return exec;
}

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);  // Else bad UTF-8 throws.
}

std::string exec_config_of(const YAML::Node& cluster) {
  const YAML::Node extensions = cluster["extensions"];
  if (!extensions || !extensions.IsSequence()) return {};
  for (const YAML::Node& item : extensions) {
    if (item.IsMap() && scalar_at(item, "name") == kExecExtension && item["extension"]) {
      return json_text(json_of(item["extension"]));
    }
  }
  return {};
}

// A value of the wrong shape is a mistake of the user's, to be named, not passed over.
Outcome check_shape(const YAML::Node& value, bool right, const std::string& key,
                    const KubeConfigEntry& entry, const char* wanted) {
  if (right || value.IsNull()) return Done{};
  return fail(ErrorCode::InvalidInput, key + " of " + entry.described() + " must be " + wanted +
                                           " (line " + std::to_string(value.Mark().line + 1) + ")");
}

Outcome read_value(const std::string& key, const YAML::Node& value, KubeConfigEntry& entry) {
  if (key == "extensions") return Done{};
  if (key == "exec" || key == "auth-provider" || key == "as-user-extra") {
    const Outcome shape = check_shape(value, value.IsMap(), key, entry, "a map");
    if (!shape || value.IsNull()) return shape;
    if (key == "exec") entry.exec = exec_of(value);
    if (key == "auth-provider") {
      const std::string name = scalar_at(value, "name");
      entry.auth_provider = name.empty() ? "unnamed" : name;
    }
    if (key == "as-user-extra") {
      for (const auto& item : value) {
        const auto field = item.first.as<std::string>();
        entry.extras["extra-" + field] = strings_at(value, field);
      }
    }
    return Done{};
  }
  if (key == "as-groups") {
    const Outcome shape = check_shape(value, value.IsSequence(), key, entry, "a list");
    if (!shape || value.IsNull()) return shape;
    for (const YAML::Node& item : value) {
      if (item.IsScalar()) entry.extras[key].push_back(item.Scalar());
    }
    return Done{};
  }
  const Outcome shape = check_shape(value, value.IsScalar(), key, entry, "text");
  if (shape && value.IsScalar()) entry.values[key] = value.Scalar();
  return shape;
}

Result<KubeConfigEntry> entry_of(const YAML::Node& item, const std::string& kind,
                                 const std::string& file) {
  KubeConfigEntry entry{.kind = kind, .name = scalar_at(item, "name"), .file = file};
  const YAML::Node content = item[kind];
  if (!content || content.IsNull()) return entry;
  if (!content.IsMap()) {
    return fail(ErrorCode::InvalidInput, entry.described() + " must hold a map");
  }
  for (const auto& pair : content) {
    const Outcome read = read_value(pair.first.as<std::string>(), pair.second, entry);
    if (!read) return fail(read.error());
  }
  if (kind == "cluster") entry.exec_cluster_config = exec_config_of(content);
  return entry;
}

Outcome merge_list(const YAML::Node& root, const std::string& kind, const std::string& file,
                   std::map<std::string, KubeConfigEntry>& known) {
  const YAML::Node list = root[kind + "s"];
  if (!list || list.IsNull()) return Done{};
  if (!list.IsSequence()) {
    return fail(ErrorCode::InvalidInput, kind + "s in " + file + " must be a list");
  }
  std::map<std::string, KubeConfigEntry> fresh;
  for (const YAML::Node& item : list) {
    if (!item.IsMap() || scalar_at(item, "name").empty()) {
      return fail(ErrorCode::InvalidInput, kind + "s in " + file + " has an entry without name");
    }
    auto entry = entry_of(item, kind, file);
    if (!entry) return fail(entry.error());
    const std::string described = entry->described();
    if (!fresh.emplace(entry->name, std::move(*entry)).second) {
      return fail(ErrorCode::InvalidInput, described + " is given twice; remove one");
    }
  }
  known.merge(fresh);  // Keeps what was there.
  return Done{};
}

Outcome merge_document(const YAML::Node& root, const std::string& file,
                       KubeConfigEntries& entries) {
  if (root.IsNull()) return Done{};  // An empty file, as kubectl takes it.
  if (!root.IsMap()) {
    return fail(ErrorCode::InvalidInput, "kubeconfig " + file + " is not a map of keys and values");
  }
  const std::string kind = scalar_at(root, "kind");
  if (!kind.empty() && kind != "Config") {
    return fail(ErrorCode::InvalidInput,
                "kubeconfig " + file + " is of kind " + kind + ", not Config");
  }
  const std::pair<const char*, std::map<std::string, KubeConfigEntry>*> lists[] = {
      {"cluster", &entries.clusters}, {"user", &entries.users}, {"context", &entries.contexts}};
  for (const auto& [name, known] : lists) {
    const Outcome merged = merge_list(root, name, file, *known);
    if (!merged) return merged;
  }
  if (entries.current_context.empty()) {
    entries.current_context = scalar_at(root, "current-context");
  }
  return Done{};
}

}  // namespace

std::string KubeConfigEntry::value(const std::string& key) const {
  const auto found = values.find(key);
  return found == values.end() ? std::string() : found->second;
}

Outcome merge_kube_config(const std::string& file, KubeConfigEntries& entries) {
  const auto text = read_small_file(file, "kubeconfig " + file);
  if (!text) return fail(text.error());
  entries.files.push_back(file);
  try {
    return merge_document(YAML::Load(*text), file, entries);
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::InvalidInput, "kubeconfig " + file + " is not YAML: line " +
                                             std::to_string(error.mark.line + 1) + ": " +
                                             error.msg);
  }
}

}  // namespace raycord
