// What the operator writes to Kubernetes and Ray in the life of the sample RayService, counted in
// virtual time: bootstrap, ten minutes of nothing, a change in place, an upgrade.
//
//   for (const WritesOfPhase& phase : count_api_writes()) print(phase.name, phase.writes);

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace raycord {

// By verb and kind: "create Pod", "update RayService status", "send Serve config".
using ApiWrites = std::map<std::string, std::uint64_t>;

struct WritesOfPhase {
  std::string name;
  ApiWrites writes;  // Events and Leases are among them.
};

// Writes by method and path, as VirtualTransport counts them, by verb and kind.
ApiWrites by_verb_and_kind(const std::map<std::string, std::uint64_t>& by_path);

std::vector<WritesOfPhase> count_api_writes();

}  // namespace raycord
