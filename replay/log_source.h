// LogSource = a log opened for reading, with its names, and questions in the words of the user.
//
//   auto log = LogSource::open("/var/lib/raycord/log");
//   auto seq = (*log)->parse_event("k7xqd:120");
//   auto event = (*log)->event(*seq);

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/frame.h"
#include "core/result.h"
#include "formats/name_table.h"
#include "store/fold_log.h"
#include "store/log_follower.h"

namespace raycord {

// One event with the frame it stands in.
struct FoundEvent {
  Frame frame;
  Seq seq;
  std::size_t index = 0;  // Among the frame's facts, or its decisions.
  bool is_decision = false;

  const PlacedFact& fact() const { return frame.facts[index]; }
  const Decision& decision() const { return frame.decisions[index]; }
};

class LogSource {
 public:
  static Result<std::unique_ptr<LogSource>> open(const std::string& directory);

  // Takes in what was appended since.
  Outcome refresh();

  const LogReader& reader() const { return follower_->reader(); }
  const Columns& columns() const { return follower_->columns(); }
  const NameTable& names() const { return names_; }
  const std::string& directory() const { return directory_; }
  const LogIdentity& identity() const { return identity_; }

  std::uint64_t first() const { return first_; }  // Of the events that are kept.
  std::uint64_t last() const { return last_; }    // 0: the log is empty.

  // "k7xqd:120"
  std::string event_text(Seq seq) const;
  // An intent or event of this log, or a bare number. No check that it exists.
  Result<Seq> parse_event(const std::string& text) const;
  // The event's number if `text` is one of this log; nothing for others.
  std::optional<Seq> own_event(const std::string& text) const;

  // The event must exist; the error says what range there is.
  Result<FoundEvent> event(Seq seq) const;
  // Decoded frames from the one that holds `from`, until `visit` says false.
  Outcome visit(std::uint64_t from, const std::function<bool(const Frame&)>& visit) const;
  // The same, but only frames that touched this partition or object, found by the index.
  Outcome visit_touching(std::uint32_t number, std::uint64_t from,
                         const std::function<bool(const Frame&)>& visit) const;

  // The last event at or before a time; 0: there is none.
  Result<Seq> last_event_at(Time time) const;

  std::vector<PartitionName> partitions() const;  // All that the log names, sorted.

 private:
  LogSource() = default;
  Outcome read_edges();
  Result<Frame> decode(const StoredFrame& stored) const;

  std::string directory_;
  std::unique_ptr<LogFollower> follower_;
  NameTable names_;
  LogIdentity identity_;
  std::uint64_t first_ = 1;
  std::uint64_t last_ = 0;
};

// "120", "k7xqd:120": which event the user means by -at; or a time in RFC 3339, or "15m": ago.
Result<Time> parse_time(const std::string& text, Time now);

// The root object a user names: "llm", "rayservice/llm", "rayservice/default/llm". With `all`, in
// any namespace. The error says which names are near.
struct PartitionQuery {
  std::string name;
  std::string ns = "default";
  bool all_namespaces = false;
};
Result<PartitionName> find_partition(const LogSource& log, const PartitionQuery& query);

// The names most like a mistyped one, the nearest first; none if nothing is like it.
std::vector<std::string> near_names(const std::string& wanted, std::vector<std::string> known);

}  // namespace raycord
