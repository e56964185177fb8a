// The objects as they were observed, byte for byte: evidence beside the facts.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "replay/log_source.h"
#include "replay/session.h"

namespace raycord {

// The bytes an event brought; nothing: it brought none.
Result<std::optional<std::string>> raw_of(const LogSource& log, const FoundEvent& event);

// What a person wants to know of an observed object beside its slice.
struct RawEvidence {
  std::size_t bytes = 0;
  std::string resource_version;
  std::string manager;     // Who changed it last, by managedFields; empty: unknown.
  std::string managed_at;  // When that was.
  // What has a spec that people edit is told by its newest edit, not by status writes since then.
  std::optional<Seq> edited;         // The event that showed the edit, if it is an older one.
  std::vector<std::string> changes;  // "spec.suspend: false → true", the first ones.
  std::size_t changed = 0;           // Fields changed in all.
};

// Nothing: the event brought no raw object.
Result<std::optional<RawEvidence>> evidence_of(const LogSource& log, const FoundEvent& event);

// "3.1 KB at resourceVersion 4711, last changed by kubectl-edit"
std::string text_of(const RawEvidence& evidence);

struct GetOptions {
  std::string object;  // "llm", "pod/llm-head".
  std::string ns = "default";
  std::optional<Seq> at;  // Nothing: the newest.
  Format format = Format::Table;
};
// `raycord get`: the raw object as of then.
Result<Exit> get_object(const Session& session, const LogSource& log, const GetOptions& options);

}  // namespace raycord
