#include "core/ids.h"

namespace raycord {

Hash hash_of(std::string_view bytes) {
  std::uint64_t value = 0xcbf29ce484222325ULL;
  for (const char c : bytes) {
    value ^= static_cast<unsigned char>(c);
    value *= 0x100000001b3ULL;
  }
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  return {value == 0 ? 1 : value};
}

std::string to_hex(Hash hash) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[i] = kDigits[(hash.value >> (60 - 4 * i)) & 15];
  return text;
}

Hash hash_from_hex(std::string_view text) {
  if (text.size() != 16) return {};
  std::uint64_t value = 0;
  for (const char c : text) {
    value <<= 4;
    if (c >= '0' && c <= '9') {
      value |= static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value |= static_cast<std::uint64_t>(c - 'a' + 10);
    } else {
      return {};
    }
  }
  return {value};
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::RayService:
      return "RayService";
    case Kind::RayCluster:
      return "RayCluster";
    case Kind::Pod:
      return "Pod";
    case Kind::Service:
      return "Service";
    case Kind::EndpointSlice:
      return "EndpointSlice";
    case Kind::ServiceAccount:
      return "ServiceAccount";
    case Kind::Role:
      return "Role";
    case Kind::RoleBinding:
      return "RoleBinding";
    case Kind::Job:
      return "Job";
    case Kind::Ingress:
      return "Ingress";
    case Kind::Gateway:
      return "Gateway";
    case Kind::HTTPRoute:
      return "HTTPRoute";
    case Kind::Secret:
      return "Secret";
  }
  return "Unknown";
}

std::string to_text(const ObjectName& name) {
  return std::string(name_of(name.kind)) + " " + name.ns + "/" + name.name;
}

std::string to_text(const PartitionName& name) {
  const char* root = name.root == Kind::RayService ? "rayservice/" : "raycluster/";
  return root + name.ns + "/" + name.name;
}

}  // namespace raycord
