// Slices of objects with sensible defaults, in namespace "default", for histories.
//
//   RayClusterSlice cluster = cluster_slice("rc");
//   cluster.groups = {worker_group("workers", 3)};

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/objects.h"

namespace raycord {

// When histories begin: 2026-03-01T12:00:00Z.
inline constexpr Time kHistoryStart{std::chrono::seconds(1'772'366'400)};

// Generation 1, UID "uid-<name>".
Meta meta_named(const std::string& name);

// One worker group "workers"; Serve config with the app "app"; a serve port. UID "uid-<name>".
RayServiceSlice service_slice(const std::string& name);

// A Serve config with these apps; `revision` makes another config of the same apps.
ServeConfig serve_config(const std::vector<std::string>& apps, int revision = 1);

// The spec revisions of a cluster config with `groups` worker groups.
std::vector<Hash> cluster_hashes(const std::string& spec, std::size_t groups = 1);

// One worker group "workers" of one replica, 0 to 5. UID "uid-<name>", no owner.
RayClusterSlice cluster_slice(const std::string& name);

WorkerGroup worker_group(const std::string& name, std::int32_t replicas,
                         std::int32_t min_replicas = 0, std::int32_t max_replicas = 5);

// Running and Ready; `index` is the replica index.
PodSlice head_slice(const std::string& cluster, const std::string& name);
PodSlice worker_slice(const std::string& cluster, const std::string& group, const std::string& name,
                      std::int32_t index);

// All apps of `config` RUNNING with it, and one healthy proxy.
ServeAnswer running(const ServeConfig& config);
// The same with every app in `status`.
ServeAnswer with_status(const ServeConfig& config, const std::string& status);

}  // namespace raycord
