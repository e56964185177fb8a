// The parts the frame codec is made of: what encoding and decoding one event share, and the codecs
// of facts, objects, probes and decisions. For the codec's own files only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/frame.h"
#include "core/result.h"
#include "formats/name_table.h"

namespace google::protobuf {
class Message;
}

namespace raycord::log::v1 {
class Condition;
class Decision;
class Fact;
class Invalid;
class Meta;
class ObjectSeen;
class ProbeRun;
class RayClusterSlice;
class RayServiceSlice;
class RouteBackend;
}  // namespace raycord::log::v1

namespace raycord {

namespace wire = raycord::log::v1;

// What an event is encoded with: its number and time, the names, and who was touched.
class Encoding {
 public:
  Encoding(NameTable& names, std::vector<std::uint32_t>& touched, Seq own, Time at)
      : names_(names), touched_(touched), own_(own), at_(at) {}

  // What the event is about gets an entry in the index.
  std::uint32_t touch(const PartitionName& partition);
  std::uint32_t touch(const ObjectName& object);
  std::uint32_t touch(Kind kind, const std::string& ns, const std::string& name);

  // What it only mentions does not.
  std::uint32_t number(const ObjectName& object) { return names_.number_of(object); }
  std::uint32_t number(const ProbeSource& source) { return names_.number_of(source); }
  std::uint32_t text_number(std::string_view text) { return names_.number_of_text(text); }

  // Protocol Buffers refuse text that is not UTF-8 on reading, so it must not get into the log.
  std::string text(std::string_view text) const;

  // An event as its distance from this one.
  std::uint64_t back(Seq event) const;

  Time at() const { return at_; }

 private:
  NameTable& names_;
  std::vector<std::uint32_t>& touched_;
  Seq own_;
  Time at_;
};

// What an event is decoded with. The first thing that is wrong stays as the error; from then on the
// values given are empty ones.
class Decoding {
 public:
  Decoding(const NameTable& names, Seq own, Time at) : names_(names), own_(own), at_(at) {}

  bool failed() const { return error_.has_value(); }
  const std::optional<Error>& error() const { return error_; }
  void fail_corrupt(const char* field, std::string_view what);
  void fail_newer(const char* field, std::string_view what);
  // A message with none of the alternatives we know: it has a newer one, or none at all.
  void fail_kind(const google::protobuf::Message& in, const char* field);

  PartitionName partition(std::uint32_t number, const char* field);
  void partition(std::uint32_t number, const char* field, PartitionName& partition);
  ObjectName object(std::uint32_t number, const char* field);
  // Of a field that can be about one kind only.
  void object(std::uint32_t number, Kind kind, const char* field, std::string& ns,
              std::string& name);
  void source(std::uint32_t number, const char* field, ProbeRun& run);
  std::string text(std::uint32_t number, const char* field);  // 0: empty.

  Seq event(std::uint64_t back) const;
  Time at() const { return at_; }

  // An enum whose zero has a meaning, and one whose zero is never written.
  template <class Enum>
  Enum value(int number, bool (*is_valid)(int), const char* field) {
    if (is_valid(number)) return static_cast<Enum>(number);
    fail_newer(field, "value " + std::to_string(number));
    return Enum{};
  }
  template <class Enum>
  Enum value_not_zero(int number, bool (*is_valid)(int), const char* field) {
    if (number == 0) fail_corrupt(field, "has no value");
    return value<Enum>(number, is_valid, field);
  }

 private:
  void fail_name(const char* field, std::uint32_t number, std::string_view wanted);

  const NameTable& names_;
  Seq own_;
  Time at_;
  std::optional<Error> error_;
};

inline std::int64_t to_millis(Time time) { return time.time_since_epoch().count(); }
inline Time from_millis(std::int64_t millis) { return Time{Millis{millis}}; }

// Modulo 2^64: defined for whatever damaged bytes ask for.
inline std::int64_t millis_between(Time from, Time to) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to_millis(to)) -
                                   static_cast<std::uint64_t>(to_millis(from)));
}
inline Time earlier(Time time, std::int64_t millis) {
  return from_millis(static_cast<std::int64_t>(static_cast<std::uint64_t>(to_millis(time)) -
                                               static_cast<std::uint64_t>(millis)));
}

// Indexes from -1 are written plus one, so that "none" takes no room.
inline std::uint32_t plus_one(std::int32_t index) { return static_cast<std::uint32_t>(index) + 1U; }
inline std::int32_t minus_one(std::uint32_t number) {
  return static_cast<std::int32_t>(number - 1U);
}

// Without the partition it was placed in, which FrameEncoder adds.
void encode(const Fact& fact, Encoding& encoding, wire::Fact& out);
void decode(const wire::Fact& in, Decoding& decoding, PlacedFact& placed);

void encode(const Object& object, Encoding& encoding, wire::ObjectSeen& out);
void decode(const wire::ObjectSeen& in, Decoding& decoding, Object& object);

// Of any object; `kind` is what its slice says.
void encode(const Meta& meta, Kind kind, Encoding& encoding, wire::Meta& out);
void decode(const wire::Meta& in, Kind kind, Decoding& decoding, Meta& meta);
void encode(const RouteBackend& backend, Encoding& encoding, wire::RouteBackend& out);
RouteBackend decode_backend(const wire::RouteBackend& in);

void encode(const Condition& condition, Encoding& encoding, wire::Condition& out);
Condition decode_condition(const wire::Condition& in);
void encode(const Invalid& invalid, Encoding& encoding, wire::Invalid& out);
Invalid decode_invalid(const wire::Invalid& in);

void encode(const RayServiceSlice& service, Encoding& encoding, wire::RayServiceSlice& out);
void decode(const wire::RayServiceSlice& in, Decoding& decoding, RayServiceSlice& service);

void encode(const RayClusterSlice& cluster, Encoding& encoding, wire::RayClusterSlice& out);
void decode(const wire::RayClusterSlice& in, Decoding& decoding, RayClusterSlice& cluster);

void encode(const ProbeRun& run, Encoding& encoding, wire::ProbeRun& out);
void decode(const wire::ProbeRun& in, Decoding& decoding, ProbeRun& run);

// The decision's own number is the event's.
void encode(const Decision& decision, Encoding& encoding, wire::Decision& out);
void decode(const wire::Decision& in, Decoding& decoding, Decision& decision);

}  // namespace raycord
