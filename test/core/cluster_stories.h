// Stories of one RayCluster "rc", for tests of its rules.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "test/core/history.h"

namespace raycord {

RayClusterSlice cluster_of(std::vector<WorkerGroup> groups);

// The cluster with its pods running and nothing left to decide.
History running_cluster(const RayClusterSlice& cluster);

// Workers that are not terminating, by name, and their replica indexes.
std::vector<std::string> workers_of(const History& history, const std::string& group);
std::vector<std::int32_t> indexes_of(const History& history, const std::string& group);

// Names of what was to be deleted.
std::vector<std::string> deleted(const std::vector<Decision>& decisions);

ObjectName pod_name(const std::string& name);

}  // namespace raycord
