// Whether a RayCluster is ours to run, and where it is on its way into and out of suspension.
//
//   step        conditions on the object    spec.suspend   then
//   Running     none                        false          pods as asked for
//   Asked       none                        true           Suspending is written, pods stay
//   Suspending  Suspending                  any            pods are deleted; none left: Suspended
//   Suspended   Suspended                   true           nothing
//   Resuming    Suspended                   false          Suspended is taken back, then Running
//
// The step is read from conditions that the API server has accepted: it survives us and our log.

#pragma once

#include <cstdint>
#include <string>

#include "core/rules.h"
#include "core/state.h"

namespace raycord {

enum class SuspendStep : std::uint8_t { Running, Asked, Suspending, Suspended, Resuming };

SuspendStep suspend_step_of(const Cluster& cluster);

// Its state lies in Redis, and is to be removed from there when the cluster is deleted.
bool wants_redis_cleanup(const View& view, const RayClusterSlice& cluster);

// It does not have the finalizer yet that keeps it until then: nothing is made for it before.
bool lacks_redis_finalizer(const View& view, const RayClusterSlice& cluster);

// The cluster exists, is valid, is ours, and neither it nor its RayService is on its way out.
// Decisions of this turn count.
bool may_be_run(const View& view, const Wishes& wishes, const Cluster& cluster);

// And it has the finalizer that it needs.
bool is_to_be_run(const View& view, const Wishes& wishes, const Cluster& cluster);

// The RayCluster, at the event that showed it last: what its children are built from.
Template template_of(const Cluster& cluster);

// "<cluster>-head-svc", or the name that the user gave its headService.
std::string head_service_name_of(const RayClusterSlice& cluster);

// Its one head Service, or the one with the expected name among several; nullptr: none.
const Known<ServiceSlice>* cluster_head_service(const Cluster& cluster);

}  // namespace raycord
