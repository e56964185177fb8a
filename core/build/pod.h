// Builders of Ray pods: the object that is sent to the API server, as JSON.
//
//   build_worker_pod(observed_cluster, {.name = "rc-small-group-worker-x2k4b",
//                                       .intent = "abcde:17", .group = "small-group"}, options);
//
// Pure: the same RayCluster, parameters and options give the same bytes.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/build/options.h"
#include "core/result.h"

namespace raycord {

struct PodParameters {
  std::string name;                // complete, as from head_pod_name and worker_pod_name
  std::string intent;              // <log>:<seq>
  std::string group;               // of a worker
  std::string spec_hash;           // what a change is compared with; empty leaves it out
  std::int32_t replica_index = 0;  // of a worker: the smallest that is free in its group
  std::string replica_name;        // of a worker in a group of several hosts
  std::int32_t host_index = 0;     // likewise
};

Result<std::string> build_head_pod(std::string_view ray_cluster, const PodParameters& parameters,
                                   const BuildOptions& options);
Result<std::string> build_worker_pod(std::string_view ray_cluster, const PodParameters& parameters,
                                     const BuildOptions& options);

}  // namespace raycord
