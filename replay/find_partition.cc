// Which root object a user means by a name.

#include <algorithm>
#include <cctype>

#include "replay/log_source.h"

namespace raycord {
namespace {

struct Wanted {
  std::optional<Kind> root;
  std::optional<std::string> ns;
  std::string name;
};

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::optional<Kind> root_named(const std::string& text) {
  const std::string lower = lower_case(text);
  const auto is = [&](const std::string& kind) {
    return lower == kind || lower == kind + "s" || lower == kind + ".ray.io" ||
           lower == kind + "s.ray.io";
  };
  if (is("rayservice")) return Kind::RayService;
  if (is("raycluster")) return Kind::RayCluster;
  return std::nullopt;
}

// "llm", "default/llm", "rayservice/llm", "rayservice/default/llm".
Result<Wanted> parse(const PartitionQuery& query) {
  Wanted wanted;
  wanted.name = query.name;
  if (!query.all_namespaces) wanted.ns = query.ns;
  const std::size_t slash = query.name.find('/');
  if (slash == std::string::npos) return wanted;
  const std::string first = query.name.substr(0, slash);
  const std::string rest = query.name.substr(slash + 1);
  wanted.root = root_named(first);
  const std::size_t second = rest.find('/');
  if (wanted.root && second == std::string::npos) {
    wanted.name = rest;
  } else if (wanted.root) {
    wanted.ns = rest.substr(0, second);
    wanted.name = rest.substr(second + 1);
  } else {
    wanted.ns = first;
    wanted.name = rest;
  }
  if (wanted.name.empty() || wanted.name.find('/') != std::string::npos) {
    return fail(ErrorCode::InvalidInput, "\"" + query.name +
                                             "\" is not a name; say NAME, NAMESPACE/NAME or "
                                             "rayservice/NAMESPACE/NAME");
  }
  return wanted;
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
  return list;
}

Failure unknown(const LogSource& log, const Wanted& wanted) {
  std::vector<std::string> elsewhere;
  std::vector<std::string> known;
  for (const PartitionName& name : log.partitions()) {
    if (name.name == wanted.name && wanted.ns && name.ns != *wanted.ns) {
      elsewhere.push_back(name.ns);
    }
    if (!wanted.ns || name.ns == *wanted.ns) known.push_back(name.name);
  }
  std::string message = "the log knows no RayService or RayCluster \"" + wanted.name + "\"";
  if (wanted.ns) message += " in namespace " + *wanted.ns;
  if (!elsewhere.empty()) {
    message += "; there is one in namespace " + list_of(elsewhere) + ": say -n " + elsewhere[0];
  } else if (const auto near = near_names(wanted.name, known); !near.empty()) {
    message += "; did you mean " + list_of(near) + "?";
  } else if (known.empty() && wanted.ns && !log.partitions().empty()) {
    message += ", nor any other there; -A looks in all namespaces";
  }
  return fail(ErrorCode::NotFound, message);
}

}  // namespace

Result<PartitionName> find_partition(const LogSource& log, const PartitionQuery& query) {
  auto wanted = parse(query);
  if (!wanted) return fail(wanted.error());
  std::vector<PartitionName> fitting;
  for (const PartitionName& name : log.partitions()) {
    if (name.name != wanted->name || (wanted->ns && name.ns != *wanted->ns)) continue;
    if (wanted->root && name.root != *wanted->root) continue;
    fitting.push_back(name);
  }
  if (fitting.empty()) return unknown(log, *wanted);
  // A RayService before a RayCluster of its own of the same name: they sort so.
  if (fitting.size() == 1 || (fitting[0].ns == fitting[1].ns && fitting.size() == 2)) {
    return fitting[0];
  }
  std::vector<std::string> texts;
  for (const PartitionName& name : fitting) texts.push_back(to_text(name));
  return fail(ErrorCode::InvalidInput,
              "\"" + wanted->name + "\" may be any of " + list_of(texts) + "; say -n NAMESPACE");
}

}  // namespace raycord
