// Which of a RayService's clusters is active, which is pending, and which are leaving: derived.
//
//   active   traffic goes to it (ServiceMemory::active, as the Services' selectors showed it)
//   pending  made after the active one, and not on its way out
//   leaving  every other cluster that still counts
//
// A cluster counts until its DELETE is accepted (shared design, section 7, "two clusters").

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/rules.h"
#include "core/state.h"

namespace raycord {

struct Roles {
  const Cluster* active = nullptr;
  const Cluster* pending = nullptr;
  std::vector<const Cluster*> leaving;
  bool creating = false;    // A CreateCluster is in flight.
  std::size_t counted = 0;  // Clusters that count, those under way included.
};

Roles roles_of(const Partition& partition);

// The one head pod that is not being deleted; nullptr: none, or more than one.
const Known<PodSlice>* head_pod_of(const Cluster& cluster);

// The head pod is Running and Ready.
bool is_head_ready(const Cluster& cluster);

// The partition's Service for `role` (ServiceHead or Serve); nullptr: it does not exist.
const Known<ServiceSlice>* service_of(const Partition& partition, ServiceRole role);
std::string service_name_of(const RayServiceSlice& service, ServiceRole role);

// A Service of the RayService points to the cluster, the HTTPRoute sends it traffic or may do so in
// a moment, or it is the active one.
bool serves(const Partition& partition, const std::string& cluster);

// Distinct pods that the serve Service's EndpointSlices show ready; of `cluster` only, if given.
std::size_t ready_endpoints(const Partition& partition, const Cluster* cluster);

}  // namespace raycord
