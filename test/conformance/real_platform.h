// A real API server with simulated nodes and Ray heads, and the operator as people run it.
//
// Each scenario has a namespace and an operator of its own, which watches nothing else; so many can
// be played side by side, and each may ask for other flags.

#pragma once

#include <string>

#include "test/conformance/platform.h"

namespace raycord {

struct RealCluster {
  std::string api;         // http://host:port of a `kubectl proxy` to it.
  std::string control;     // http://host:port of rayworld's control.
  std::string kubeconfig;  // The operator's.
  std::string folder;      // For logs.
};

// StageSetting::options: what the operator is told; seed and sandbox have no meaning here.
std::unique_ptr<Platform> real_platform(const RealCluster& cluster, const StageSetting& setting);

}  // namespace raycord
