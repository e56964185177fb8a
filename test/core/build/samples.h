// Objects for the tests of the builders, and a comparison of JSON that names what differs.

#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/build/options.h"
#include "core/build/pod.h"
#include "core/result.h"

namespace raycord::test {

using Json = nlohmann::json;

// Cluster rc in ns1: head 2 CPU and 5Gi, group small-group with 1 CPU and 2Gi, no container ports.
Json sample_cluster();
Json sample_cluster_of_service();  // the same, made by a RayService

// RayService llm in ns1 whose rayClusterConfig is the spec of sample_cluster.
Json sample_service();

Json& head_container(Json& cluster);
Json& worker_container(Json& cluster);

Json parsed(const Result<std::string>& built);  // a failure becomes {"failure": message}

Json head_pod(const Json& cluster, const BuildOptions& options = {});
Json worker_pod(const Json& cluster, const BuildOptions& options = {});

Json env_of(const Json& container, const std::string& name);  // the last of that name, or null
std::string argument_of(const Json& pod);                     // args[0] of the first container
Json named(const Json& list, const std::string& name);

// "/spec/x: built 1, recorded 2", each difference once, sorted. What an API server fills in or
// keeps on every object is left out.
std::vector<std::string> differences(const Json& built, const Json& recorded);

// Every value of an object by its path: "/spec/containers/ray-head/env/RAY_PORT/value" to
// "\"6379\"". Elements of lists go by their names where they have some, else by their numbers.
std::map<std::string, std::string> values_of(const Json& object);

// The values that `other` has and `plain` has not, or has otherwise; what is missing is "gone".
std::map<std::string, std::string> changes(const Json& plain, const Json& other);

}  // namespace raycord::test
