// Builders of RayClusters: the object that a RayService asks for, and the patch that appends worker
// groups to one that exists.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/build/options.h"
#include "core/result.h"

namespace raycord {

struct ClusterParameters {
  std::string name;           // <rayservice>-raycluster-<5>
  std::string intent;         // <log>:<seq>
  std::string spec_revision;  // which spec it is of; survives the log
  std::string purpose;        // first, upgrade or failover; likewise
  std::uint32_t counter = 1;  // of names; likewise
  std::uint32_t attempt = 0;  // likewise
  bool at_min_size = false;   // without replicas: the autoscaler makes it grow
  std::string spec_hash;      // for an operator that compares it; empty leaves it out
};

// Labels of the RayService, those of its annotations that mean something to a cluster, its
// rayClusterConfig as it is.
Result<std::string> build_ray_cluster(std::string_view ray_service,
                                      const ClusterParameters& parameters,
                                      const BuildOptions& options);

struct GroupsParameters {
  std::string intent;
  std::string spec_revision;
  std::string spec_hash;         // as above
  std::string resource_version;  // of the RayCluster that was looked at
};

// A merge patch that appends the groups which the RayService has more. Groups that exist stay as
// they are on the RayCluster: their sizes belong to the autoscaler.
Result<std::string> build_cluster_groups_patch(std::string_view ray_service,
                                               std::string_view ray_cluster,
                                               const GroupsParameters& parameters,
                                               const BuildOptions& options);

// True for annotations of a RayService that its clusters get, too.
bool is_inherited_annotation(std::string_view key);

}  // namespace raycord
