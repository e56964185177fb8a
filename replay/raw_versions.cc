#include "replay/raw_versions.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "replay/json.h"
#include "replay/progress.h"
#include "replay/table.h"
#include "replay/words.h"
#include "replay/yaml.h"

namespace raycord {
namespace {

constexpr std::size_t kChangesShown = 5;
constexpr int kVersionsBack = 500;     // Further back nobody waits for the answer.
constexpr std::size_t kValueMax = 60;  // Longer values are cut in a list of changes.

std::string short_value(const JsonTree& json) {
  std::string text = json.is_string()
                         ? json.get<std::string>()
                         : json.dump(-1, ' ', false, JsonTree::error_handler_t::replace);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return cut_to(text, kValueMax);
}

// Changes with every write by anybody, or with the clock, and says nothing.
bool is_noise(const std::string& path) {
  constexpr std::string_view kNoise[] = {"metadata.managedFields", "metadata.resourceVersion",
                                         "metadata.generation", "status.lastUpdateTime"};
  return std::find(std::begin(kNoise), std::end(kNoise), path) != std::end(kNoise) ||
         path.ends_with(".lastTransitionTime") || path.ends_with(".lastProbeTime");
}

// Lists of named things are compared by name.
std::string key_of(const JsonTree& item) {
  for (const char* key : {"name", "type"}) {
    if (!item.is_object()) continue;
    const auto found = item.find(key);
    if (found != item.end() && found->is_string()) return found->get<std::string>();
  }
  return "";
}

std::optional<JsonTree> by_key(const JsonTree& list) {
  JsonTree named = JsonTree::object();
  for (const JsonTree& item : list) {
    const std::string key = key_of(item);
    if (key.empty() || named.contains(key)) return std::nullopt;
    named[key] = item;
  }
  return named;
}

class Changes {
 public:
  explicit Changes(RawEvidence& evidence) : evidence_(evidence) {}

  void compare(const std::string& path, const JsonTree& before, const JsonTree& after) {
    if (before == after || is_noise(path)) return;
    if (before.is_object() && after.is_object()) return compare_members(path, before, after);
    if (before.is_array() && after.is_array()) {
      const auto old_items = by_key(before);
      const auto new_items = by_key(after);
      if (old_items && new_items) return compare_members(path, *old_items, *new_items);
    }
    if (before.is_array() && after.is_array() && before.size() == after.size()) {
      for (std::size_t i = 0; i < before.size(); ++i) {
        compare(path + "[" + std::to_string(i) + "]", before[i], after[i]);
      }
      return;
    }
    note(path + ": " + short_value(before) + " → " + short_value(after));
  }

 private:
  void note(std::string change) {
    ++evidence_.changed;
    if (evidence_.changes.size() < kChangesShown) evidence_.changes.push_back(std::move(change));
  }

  void compare_members(const std::string& path, const JsonTree& before, const JsonTree& after) {
    const auto path_to = [&](const std::string& key) {
      return path.empty() ? key : path + "." + key;
    };
    for (const auto& [key, value] : before.items()) {
      const auto found = after.find(key);
      if (found != after.end()) {
        compare(path_to(key), value, *found);
      } else if (!is_noise(path_to(key))) {
        note(path_to(key) + ": " + short_value(value) + " → removed");
      }
    }
    for (const auto& [key, value] : after.items()) {
      if (before.contains(key) || is_noise(path_to(key))) continue;
      note(path_to(key) + ": added " + short_value(value));
    }
  }

  RawEvidence& evidence_;
};

std::string text_at(const JsonTree& json, const char* key) {
  if (!json.is_object()) return "";
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

const JsonTree& metadata_of(const JsonTree& object) {
  static const JsonTree kNone = JsonTree::object();
  const auto found = object.find("metadata");
  return found != object.end() && found->is_object() ? *found : kNone;
}

// managedFields says who wrote last. Writes to the status are the operator's and say nothing.
void note_manager(const JsonTree& metadata, RawEvidence& evidence) {
  const auto fields = metadata.find("managedFields");
  if (fields == metadata.end() || !fields->is_array()) return;
  for (const JsonTree& entry : *fields) {
    const std::string at = text_at(entry, "time");
    if (at < evidence.managed_at || text_at(entry, "manager").empty()) continue;
    if (text_at(entry, "subresource") == "status") continue;
    evidence.manager = text_at(entry, "manager");
    evidence.managed_at = at;
  }
}

JsonTree parse(const std::string& bytes) { return JsonTree::parse(bytes, nullptr, false); }

std::uint32_t number_of(const LogSource& log, const FoundEvent& event) {
  if (event.is_decision) return 0;
  const auto* seen = std::get_if<ObjectSeen>(&event.fact().fact);
  return seen == nullptr ? 0 : log.names().find(to_text(name_of(seen->object)));
}

struct Version {
  Seq seq;
  JsonTree object;
};

// Pods have no spec that is edited: their status is what changes.
bool has_edits(const JsonTree& object) {
  const std::string kind = text_at(object, "kind");
  return kind == "RayService" || kind == "RayCluster";
}

JsonTree generation_of(const JsonTree& object) {
  const auto found = metadata_of(object).find("generation");
  return found == metadata_of(object).end() ? JsonTree() : *found;
}

// Goes back to the version that showed this generation first, and says what it changed.
Outcome find_edit(const LogSource& log, std::uint32_t number, Version version,
                  RawEvidence& evidence) {
  const Seq asked = version.seq;
  for (int steps = 0; steps < kVersionsBack; ++steps) {
    auto before = log.reader().raw_at(number, version.seq.value - 1);
    if (!before) return fail(before.error());
    std::optional<Version> previous;
    if (*before) previous = Version{{(*before)->seq}, parse((*before)->bytes)};
    const bool same_spec = previous && previous->object.is_object() && has_edits(version.object) &&
                           generation_of(previous->object) == generation_of(version.object);
    if (same_spec) {
      version = std::move(*previous);
      continue;
    }
    note_manager(metadata_of(version.object), evidence);
    if (version.seq != asked) evidence.edited = version.seq;
    if (previous && previous->object.is_object()) {
      Changes(evidence).compare("", previous->object, version.object);
    }
    break;
  }
  return Done{};
}

}  // namespace

Result<std::optional<std::string>> raw_of(const LogSource& log, const FoundEvent& event) {
  const std::uint32_t number = number_of(log, event);
  if (number == 0) return std::optional<std::string>();
  return log.reader().raw(number, event.seq.value);
}

Result<std::optional<RawEvidence>> evidence_of(const LogSource& log, const FoundEvent& event) {
  auto raw = raw_of(log, event);
  if (!raw) return fail(raw.error());
  if (!*raw) return std::optional<RawEvidence>();
  RawEvidence evidence;
  evidence.bytes = (*raw)->size();
  const JsonTree object = parse(**raw);
  if (!object.is_object()) return std::optional(evidence);
  evidence.resource_version = text_at(metadata_of(object), "resourceVersion");
  if (auto found = find_edit(log, number_of(log, event), {event.seq, object}, evidence); !found) {
    return fail(found.error());
  }
  return std::optional(evidence);
}

std::string text_of(const RawEvidence& evidence) {
  std::string text = size_text(evidence.bytes);
  if (!evidence.resource_version.empty()) {
    text += " at resourceVersion " + evidence.resource_version;
  }
  if (!evidence.manager.empty()) text += ", last changed by " + evidence.manager;
  if (!evidence.manager.empty() && !evidence.managed_at.empty()) text += " " + evidence.managed_at;
  return text;
}

// --- raycord get --------------------------------------------------------------------------------

namespace {

struct KindWord {
  const char* word;
  Kind kind;
};

constexpr KindWord kKindWords[] = {
    {"rayservice", Kind::RayService},
    {"raycluster", Kind::RayCluster},
    {"pod", Kind::Pod},
    {"po", Kind::Pod},
    {"service", Kind::Service},
    {"svc", Kind::Service},
    {"endpointslice", Kind::EndpointSlice},
    {"serviceaccount", Kind::ServiceAccount},
    {"sa", Kind::ServiceAccount},
    {"role", Kind::Role},
    {"rolebinding", Kind::RoleBinding},
    {"job", Kind::Job},
    {"ingress", Kind::Ingress},
    {"ing", Kind::Ingress},
    {"gateway", Kind::Gateway},
    {"httproute", Kind::HTTPRoute},
};

std::optional<Kind> kind_named(std::string word) {
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  word = word.substr(0, word.find('.'));  // rayservices.ray.io
  for (const KindWord& known : kKindWords) {
    if (word == known.word || word == std::string(known.word) + "s") return known.kind;
  }
  return std::nullopt;
}

Result<ObjectName> object_named(const GetOptions& options) {
  const std::size_t slash = options.object.find('/');
  if (slash == std::string::npos) return ObjectName{Kind::RayService, options.ns, options.object};
  const auto kind = kind_named(options.object.substr(0, slash));
  if (!kind) {
    return fail(ErrorCode::InvalidInput, "the log holds no objects of kind \"" +
                                             options.object.substr(0, slash) +
                                             "\"; say rayservice, raycluster, pod, service, "
                                             "endpointslice, serviceaccount, role or rolebinding");
  }
  return ObjectName{*kind, options.ns, options.object.substr(slash + 1)};
}

Failure never_seen(const LogSource& log, const ObjectName& object) {
  std::vector<std::string> known;
  std::string elsewhere;
  for (std::uint32_t number = 1; number <= log.names().size(); ++number) {
    const auto name = log.names().object(number);
    if (!name || name->kind != object.kind) continue;
    if (name->ns == object.ns) known.push_back(name->name);
    if (name->name == object.name) elsewhere = name->ns;
  }
  std::string message = "the log has not seen " + to_text(object);
  if (!elsewhere.empty()) {
    message += "; there is one in namespace " + elsewhere + ": say -n " + elsewhere;
  } else if (const auto near = near_names(object.name, known); !near.empty()) {
    message += "; did you mean " + near.front() + "?";
  }
  return fail(ErrorCode::NotFound, message);
}

// The event that showed the object gone after `seen`, and not after `until`.
Result<std::optional<Seq>> gone_between(const LogSource& log, const ObjectName& object,
                                        std::uint64_t seen, Seq until) {
  std::optional<Seq> gone;
  auto visited =
      log.visit_touching(log.names().find(to_text(object)), seen, [&](const Frame& frame) {
        for (std::size_t i = 0; i < frame.facts.size(); ++i) {
          const auto* fact = std::get_if<ObjectGone>(&frame.facts[i].fact);
          const Seq seq = frame.fact_seq(i);
          if (fact == nullptr || fact->name != object) continue;
          if (seq.value > seen && seq <= until) gone = seq;
        }
        return frame.first <= until;
      });
  if (!visited) return fail(visited.error());
  return gone;
}

Result<Exit> print_object(const Session& session, const LogSource& log, const ObjectName& object,
                          const RawVersion& version, Format format) {
  if (format == Format::Name) {
    std::string kind = name_of(object.kind);
    for (char& c : kind) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    session.out << kind << "/" << object.name << "\n";
    return Exit::Good;
  }
  const JsonTree json = parse(version.bytes);
  if (json.is_discarded()) {
    return fail(ErrorCode::Corrupt, "the raw bytes of event " + log.event_text({version.seq}) +
                                        " are not JSON; raycord log show " +
                                        std::to_string(version.seq) + " --raw prints them");
  }
  if (format == Format::Json) {
    session.out << json.dump(4, ' ', false, JsonTree::error_handler_t::replace) << "\n";
    return Exit::Good;
  }
  if (format == Format::Yaml) {
    session.out << to_yaml(json);
    return Exit::Good;
  }
  auto event = log.event({version.seq});
  if (!event) return fail(event.error());
  auto evidence = evidence_of(log, *event);
  if (!evidence) return fail(evidence.error());
  Table table(session.out, {"OBJECT", "SEEN", "AGE", "RESOURCEVERSION", "SIZE", "LAST CHANGED BY"},
              {0, session.terminal.colors, true});
  table.add({{to_text(object)},
             {log.event_text({version.seq})},
             {age_text(session.now - event->frame.at)},
             {*evidence ? (*evidence)->resource_version : ""},
             {size_text(version.bytes.size())},
             {*evidence && !(*evidence)->manager.empty() ? (*evidence)->manager : "unknown"}});
  table.finish();
  return Exit::Good;
}

}  // namespace

Result<Exit> get_object(const Session& session, const LogSource& log, const GetOptions& options) {
  auto object = object_named(options);
  if (!object) return fail(object.error());
  const std::uint32_t number = log.names().find(to_text(*object));
  if (number == 0) return never_seen(log, *object);
  const Seq at = options.at.value_or(Seq{log.last()});
  if (options.at) {
    if (auto event = log.event(at); !event) return fail(event.error());
  }
  auto version = log.reader().raw_at(number, at.value);
  if (!version) return fail(version.error());
  if (!*version) {
    auto versions = log.reader().raw_versions(number);
    if (!versions) return fail(versions.error());
    std::string message = to_text(*object) + " was not seen up to event " + log.event_text(at);
    if (!versions->empty()) {
      message += "; it was first seen at " + log.event_text({versions->front()});
    } else {
      message = "the log holds no raw bytes of " + to_text(*object);
    }
    return fail(ErrorCode::NotFound, message);
  }
  auto gone = gone_between(log, *object, (*version)->seq, at);
  if (!gone) return fail(gone.error());
  if (*gone) {
    return fail(ErrorCode::NotFound, to_text(*object) + " is gone since event " +
                                         log.event_text(**gone) + "; --at " +
                                         std::to_string((*gone)->value - 1) + " shows its end");
  }
  return print_object(session, log, *object, **version, options.format);
}

}  // namespace raycord
