// NameTable: the log's numbers for names that come back in frame after frame.
//
//   names.number_of(ObjectName{Kind::Pod, "default", "llm-head"});  // 7, now and ever after
//   names.object(7);                                                // Pod default/llm-head
//
// Numbers are dense from 1 in the order the names were first written; 0 stands for "none". The log
// keeps each new name beside the frame that used it first. Four sorts share one space of numbers
// and differ by their text (docs/log_payload.md): objects, partitions, probe sources, plain texts.
// For one thread.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/fact.h"
#include "core/ids.h"
#include "core/result.h"

namespace raycord {

// Who answers a run of probes: a head pod's incarnation and which of its ports.
struct ProbeSource {
  ProbeTarget target = ProbeTarget::Dashboard;
  std::string ns;
  std::string cluster;
  std::int32_t head_restarts = 0;
  std::string head_uid;
  bool operator==(const ProbeSource&) const = default;
};

std::string to_text(const ProbeSource& source);  // "dashboard default/llm-raycluster-x1 0 6f1c…"

struct NumberedName {
  std::uint32_t number = 0;
  std::string name;
  bool operator==(const NumberedName&) const = default;
};

class NameTable {
 public:
  NameTable() = default;
  NameTable(NameTable&&) = default;
  NameTable& operator=(NameTable&&) = default;
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;

  // A name read from the log; numbers must come in order, without holes. Not "new".
  Outcome add(std::uint32_t number, std::string_view name);

  // The number of a name, a new one if it has none.
  std::uint32_t number_of(std::string_view name);
  std::uint32_t number_of(const ObjectName& object);
  std::uint32_t number_of(const PartitionName& partition);
  std::uint32_t number_of(const ProbeSource& source);
  std::uint32_t number_of_text(std::string_view text);  // Of a plain text; empty: 0.

  // The number of a name without giving one; 0: it has none.
  std::uint32_t find(std::string_view name) const;

  // The name of a number as the log has it; none: no such number.
  std::optional<std::string_view> text_of(std::uint32_t number) const;

  // None: no such number, or the name is of another sort.
  std::optional<ObjectName> object(std::uint32_t number) const;
  std::optional<PartitionName> partition(std::uint32_t number) const;
  std::optional<ProbeSource> probe_source(std::uint32_t number) const;
  std::optional<std::string_view> plain_text(std::uint32_t number) const;

  // The same into memory that is there already; false: nothing was written.
  bool read(std::uint32_t number, PartitionName& partition) const;
  bool read(std::uint32_t number, ProbeSource& source) const;

  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }

  // The names introduced since the last call: the log writes them with the frame.
  std::vector<NumberedName> take_new();

 private:
  enum class Sort : std::uint8_t { Other, ForObject, ForPartition, ForSource, PlainText };

  // The parts of the text are kept as offsets, for logs name millions of pods in their life.
  struct Entry {
    std::string_view text;    // In chunks_.
    Sort sort = Sort::Other;  // Other: a newer build's; only using it is an error.
    std::uint8_t kind = 0;    // Kind or ProbeTarget.
    std::uint16_t ns = 0;     // Where the namespace begins.
    std::uint16_t name = 0;   // Where the name begins, one past the '/'.
  };

  static Entry classify(std::string_view text);
  std::string_view keep(std::string_view text);
  const Entry* entry(std::uint32_t number, Sort sort) const;

  std::deque<std::string> chunks_;  // Texts, one behind the other; each stays where it is.
  std::deque<Entry> entries_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;  // Keys are in chunks_.
  std::uint32_t told_ = 0;  // Names up to this number were taken or came from the log.
  std::string buffer_;
};

}  // namespace raycord
