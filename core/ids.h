// Strong types for the numbers and names that the log is made of.

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace raycord {

// The number of an event in its log, from 1. Zero means "no event".
struct Seq {
  std::uint64_t value = 0;
  auto operator<=>(const Seq&) const = default;
  explicit operator bool() const { return value != 0; }
};

// 64 bits that stand for a text or a structure; equal contents have equal hashes on any machine.
// Not a seal against forgery: that is the log's running hash.
struct Hash {
  std::uint64_t value = 0;
  auto operator<=>(const Hash&) const = default;
  explicit operator bool() const { return value != 0; }
};

// FNV-1a over the bytes, finished with a mixer so that short texts differ in all bits. Never zero.
Hash hash_of(std::string_view bytes);

// 16 lower-case hexadecimal digits, and back; a text of another form gives Hash{}.
std::string to_hex(Hash hash);
Hash hash_from_hex(std::string_view text);

// The kinds of Kubernetes objects that Raycord watches or writes. Numbers are part of the log.
enum class Kind : std::uint8_t {
  RayService = 1,
  RayCluster = 2,
  Pod = 3,
  Service = 4,
  EndpointSlice = 5,
  ServiceAccount = 6,
  Role = 7,
  RoleBinding = 8,
  Job = 9,
  Ingress = 10,
  Secret = 11,  // Written, never watched: what is in it must not get into the log.
  Gateway = 12,
  HTTPRoute = 13,
};

const char* name_of(Kind kind);

struct ObjectName {
  Kind kind = Kind::RayService;
  std::string ns;
  std::string name;
  auto operator<=>(const ObjectName&) const = default;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.kind, self.ns, self.name);
  }
};

std::string to_text(const ObjectName& name);  // "RayService default/llm"

// The root object whose events fold together: a RayService, or a RayCluster that no RayService
// owns.
struct PartitionName {
  Kind root = Kind::RayService;  // RayService or RayCluster.
  std::string ns;
  std::string name;
  auto operator<=>(const PartitionName&) const = default;

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.root, self.ns, self.name);
  }
};

std::string to_text(const PartitionName& name);  // "rayservice/default/llm"

}  // namespace raycord
