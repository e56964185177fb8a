// Hashes of a RayCluster's spec by meaning: what asks for other pods changes them, nothing else.
//
// Not part of them are the fields that never start an upgrade (rayservice-behaviour.md 3.10): the
// cluster's suspend and upgradeStrategy, replicas and their bounds, workersToDelete, tolerations
// and schedulingGates. Fields that are empty or say the default are the same as absent ones, and
// 1000m of a resource is the same as 1. The spec of a RayCluster made from a RayService's
// rayClusterConfig therefore hashes equal to it, whoever made it and whatever defaults were filled
// in.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.h"
#include "core/result.h"

namespace simdjson::dom {
class element;
}

namespace raycord {

struct SpecHashes {
  // Entry n: of the spec with its first n worker groups; the last is the whole.
  std::vector<Hash> by_groups;
  Hash muted;  // Of the fields left out of the others.
};

// `spec` is spec.rayClusterConfig of a RayService or spec of a RayCluster.
SpecHashes hash_spec(const simdjson::dom::element& spec);
Result<SpecHashes> hash_spec(std::string_view json);

// Where what a RayService asks for and what a RayCluster was made for differ by this meaning, as
// paths in the RayService: "spec.rayClusterConfig.rayVersion". At most `most` of them.
Result<std::vector<std::string>> differing_fields(std::string_view ray_service,
                                                  std::string_view ray_cluster, std::size_t most);

// Of the whole spec of a RayCluster, given as the object that was observed.
Result<Hash> spec_revision_of(std::string_view ray_cluster);

}  // namespace raycord
