#include "formats/codec_parts.h"

#include <utility>

#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>
#include <simdjson.h>

namespace raycord {
namespace {

// The length of the UTF-8 sequence that `text` starts with; 0: none.
std::size_t sequence_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (simdjson::validate_utf8(text.data(), length)) return length;
  }
  return 0;
}

std::string repaired(std::string_view text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    valid.append(length == 0 ? kReplacement : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

}  // namespace

std::uint32_t Encoding::touch(const PartitionName& partition) {
  return touched_.emplace_back(names_.number_of(partition));
}

std::uint32_t Encoding::touch(const ObjectName& object) {
  return touched_.emplace_back(names_.number_of(object));
}

std::uint32_t Encoding::touch(Kind kind, const std::string& ns, const std::string& name) {
  return touch(ObjectName{kind, ns, name});
}

std::string Encoding::text(std::string_view text) const {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::string(text);
  return repaired(text);
}

// Distances are taken modulo 2^64, so that any number comes back; "none" is zero, for no event
// refers to itself.
std::uint64_t Encoding::back(Seq event) const {
  if (!event) return 0;
  CHECK(event != own_);
  return own_.value - event.value;
}

Seq Decoding::event(std::uint64_t back) const { return back == 0 ? Seq{} : Seq{own_.value - back}; }

void Decoding::fail_corrupt(const char* field, std::string_view what) {
  if (error_) return;
  error_ = Error{ErrorCode::Corrupt, std::string(field) + " " + std::string(what)};
}

void Decoding::fail_newer(const char* field, std::string_view what) {
  if (error_) return;
  error_ = Error{ErrorCode::Unsupported, std::string(field) + " has " + std::string(what) +
                                             ", unknown to this build: written by a newer build"};
}

void Decoding::fail_kind(const google::protobuf::Message& in, const char* field) {
  const google::protobuf::UnknownFieldSet& fields = in.GetReflection()->GetUnknownFields(in);
  for (int i = 0; i < fields.field_count(); ++i) {
    const google::protobuf::UnknownField& unknown = fields.field(i);
    if (unknown.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) continue;
    return fail_newer(field, "kind " + std::to_string(unknown.number()));
  }
  fail_corrupt(field, "has no kind");
}

void Decoding::fail_name(const char* field, std::uint32_t number, std::string_view wanted) {
  const std::string wish = std::string(wanted);
  if (number == 0) return fail_corrupt(field, "names no " + wish);
  const std::optional<std::string_view> text = names_.text_of(number);
  if (!text) {
    return fail_corrupt(field, "is name " + std::to_string(number) + ", but the log has " +
                                   std::to_string(names_.size()) + " names");
  }
  constexpr std::size_t kShown = 80;  // Enough to recognise it in a message.
  fail_corrupt(field, "is name " + std::to_string(number) + " '" +
                          std::string(text->substr(0, kShown)) + "', which is no " + wish);
}

PartitionName Decoding::partition(std::uint32_t number, const char* field) {
  PartitionName found;
  partition(number, field, found);
  return found;
}

void Decoding::partition(std::uint32_t number, const char* field, PartitionName& partition) {
  if (names_.read(number, partition)) return;
  partition = {};
  fail_name(field, number, "partition");
}

ObjectName Decoding::object(std::uint32_t number, const char* field) {
  std::optional<ObjectName> found = names_.object(number);
  if (!found) fail_name(field, number, "object");
  return std::move(found).value_or(ObjectName{});
}

void Decoding::object(std::uint32_t number, Kind kind, const char* field, std::string& ns,
                      std::string& name) {
  ObjectName found = object(number, field);
  if (found.kind != kind) fail_name(field, number, name_of(kind));
  ns = std::move(found.ns);
  name = std::move(found.name);
}

// Keeps the memory of the run's texts: most facts of a log are runs.
void Decoding::source(std::uint32_t number, const char* field, ProbeRun& run) {
  ProbeSource source;
  source.ns = std::move(run.ns);
  source.cluster = std::move(run.cluster);
  source.head_uid = std::move(run.head_uid);
  if (!names_.read(number, source)) {
    source = {};
    fail_name(field, number, "probe source");
  }
  run.ns = std::move(source.ns);
  run.cluster = std::move(source.cluster);
  run.head_uid = std::move(source.head_uid);
  run.head_restarts = source.head_restarts;
  run.target = source.target;
}

std::string Decoding::text(std::uint32_t number, const char* field) {
  if (number == 0) return {};
  const std::optional<std::string_view> found = names_.plain_text(number);
  if (!found) fail_name(field, number, "text");
  return std::string(found.value_or(""));
}

}  // namespace raycord
