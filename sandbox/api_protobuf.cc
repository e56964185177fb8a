#include "sandbox/api_protobuf.h"

#include <cstdint>
#include <functional>
#include <string>

#include "sandbox/api_defaults.h"

namespace raycord {
namespace {

constexpr std::string_view kMagic("k8s\0", 4);

// One field of a message; numbers and fixed-width values have no bytes.
struct Field {
  std::uint64_t number = 0;
  std::string_view bytes;
};

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 127) << shift;
    if (byte < 128) return value;
  }
  return {};
}

std::optional<Field> take_field(std::string_view& bytes) {
  const auto tag = take_varint(bytes);
  if (!tag) return {};
  Field field{*tag >> 3, {}};
  std::size_t size = 0;
  switch (*tag & 7) {
    case 0:
      if (!take_varint(bytes)) return {};
      return field;
    case 1:
      size = 8;
      break;
    case 2: {
      const auto length = take_varint(bytes);
      if (!length || *length > bytes.size()) return {};
      field.bytes = bytes.substr(0, *length);
      size = *length;
      break;
    }
    case 5:
      size = 4;
      break;
    default:
      return {};
  }
  if (size > bytes.size()) return {};
  bytes.remove_prefix(size);
  return field;
}

// Calls `visit` for each field; false when the bytes are damaged.
bool each_field(std::string_view bytes, const std::function<void(const Field&)>& visit) {
  while (!bytes.empty()) {
    const auto field = take_field(bytes);
    if (!field) return false;
    visit(*field);
  }
  return true;
}

// An entry of a map<string, …>.
void add_entry(Json& map, std::string_view entry, bool binary) {
  std::string key;
  std::string value;
  each_field(entry, [&](const Field& field) {
    if (field.number == 1) key = field.bytes;
    if (field.number == 2) value = field.bytes;
  });
  map[key] = binary ? base64(value) : value;
}

Json read_metadata(std::string_view bytes) {
  Json metadata = Json::object();
  each_field(bytes, [&metadata](const Field& field) {
    const std::string text(field.bytes);
    if (field.number == 1 && !text.empty()) metadata["name"] = text;
    if (field.number == 2 && !text.empty()) metadata["generateName"] = text;
    if (field.number == 3 && !text.empty()) metadata["namespace"] = text;
    if (field.number == 11) add_entry(metadata["labels"], field.bytes, false);
    if (field.number == 12) add_entry(metadata["annotations"], field.bytes, false);
  });
  return metadata;
}

bool is_simple(const std::string& kind) {
  return kind == "Namespace" || kind == "ConfigMap" || kind == "Secret" || kind == "ServiceAccount";
}

void read_field(const std::string& kind, const Field& field, Json& object) {
  if (field.number == 1) object["metadata"] = read_metadata(field.bytes);
  if (kind == "ConfigMap") {
    if (field.number == 2) add_entry(object["data"], field.bytes, false);
    if (field.number == 3) add_entry(object["binaryData"], field.bytes, true);
  } else if (kind == "Secret") {
    if (field.number == 2) add_entry(object["data"], field.bytes, true);
    if (field.number == 3 && !field.bytes.empty()) object["type"] = std::string(field.bytes);
    if (field.number == 4) add_entry(object["stringData"], field.bytes, false);
  }
}

}  // namespace

std::optional<Json> read_protobuf_object(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return {};
  bytes.remove_prefix(kMagic.size());
  std::string version;
  std::string kind;
  std::string_view raw;
  const bool whole = each_field(bytes, [&](const Field& field) {
    if (field.number == 2) raw = field.bytes;
    if (field.number != 1) return;
    each_field(field.bytes, [&](const Field& type) {
      if (type.number == 1) version = type.bytes;
      if (type.number == 2) kind = type.bytes;
    });
  });
  const bool review = kind.starts_with("SelfSubject") && kind.ends_with("Review");
  if (!whole || !(is_simple(kind) || review)) return {};
  Json object = {{"apiVersion", version}, {"kind", kind}, {"metadata", Json::object()}};
  if (review) return object;
  if (!each_field(raw, [&](const Field& field) { read_field(kind, field, object); })) return {};
  // What is no UTF-8 cannot be shown as JSON.
  return parse_json(object.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace raycord
