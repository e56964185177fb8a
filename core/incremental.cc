#include "core/incremental.h"

#include <algorithm>

#include "core/illness.h"
#include "core/names.h"
#include "core/readiness.h"
#include "core/wish.h"

namespace raycord {
namespace {

constexpr std::int32_t kWhole = 100;

// The shares as giver and receiver have them.
struct Sides {
  std::int32_t giver_capacity;
  std::int32_t receiver_capacity;
  std::int32_t receiver_traffic;
};

Sides sides_of(const Shares& shares, Heading heading) {
  if (heading == Heading::Forward) {
    return {shares.active_capacity, shares.pending_capacity, shares.pending_traffic};
  }
  return {shares.pending_capacity, shares.active_capacity, shares.active_traffic};
}

template <class Slice>
const Known<Slice>* find_own(const std::map<std::string, Known<Slice>>& objects,
                             const std::string& name) {
  const auto found = objects.find(name);
  return found == objects.end() ? nullptr : &found->second;
}

bool is_known(const Fleet& fleet, Kind kind) { return is_seen_whole(fleet, kind); }

std::size_t endpoints_of_own_service(const Partition& partition, const Cluster& cluster) {
  const std::string service = serve_service_name(cluster.object->value.meta.name);
  std::size_t ready = 0;
  for (const auto& [name, slice] : partition.endpoint_slices) {
    if (slice.value.service == service) ready += slice.value.ready_uids.size();
  }
  return ready;
}

bool may_replace(const View& view) {
  return failover_mode(view) == FailoverMode::Enforce && !view.fleet.held;
}

bool may_be_sent_to(const Cluster& cluster) {
  return is_head_ready(cluster) && is_answering(cluster);
}

// Forward, a giver that is away for a moment is waited for: it may carry most of the traffic.
bool is_giver_fixed(const View& view, const Increment& it) {
  const Cluster& giver = it.heading == Heading::Forward ? *it.active : *it.pending;
  if (!config_sent_to(view, giver)) return true;
  return it.heading == Heading::Back && !may_be_sent_to(giver);
}

}  // namespace

std::optional<CapacityStep> next_capacity(const Shares& shares, const IncrementalOptions& options,
                                          Heading heading, bool giver_fixed) {
  if (is_complete(shares, heading, giver_fixed)) return std::nullopt;
  const Sides sides = sides_of(shares, heading);
  if (sides.receiver_capacity != sides.receiver_traffic) return std::nullopt;
  const bool receiver_is_pending = heading == Heading::Forward;
  if (!giver_fixed && sides.giver_capacity + sides.receiver_capacity > kWhole) {
    return CapacityStep{!receiver_is_pending,
                        std::max(0, sides.giver_capacity - options.max_surge)};
  }
  if (sides.receiver_capacity >= kWhole || options.max_surge == 0) return std::nullopt;
  return CapacityStep{receiver_is_pending,
                      std::min(kWhole, sides.receiver_capacity + options.max_surge)};
}

std::optional<Shares> next_traffic(const Shares& shares, const IncrementalOptions& options,
                                   Heading heading) {
  const Sides sides = sides_of(shares, heading);
  const std::int32_t to =
      std::min({kWhole, sides.receiver_traffic + options.step, sides.receiver_capacity});
  if (to <= sides.receiver_traffic) return std::nullopt;
  Shares moved = shares;
  moved.active_traffic = heading == Heading::Forward ? kWhole - to : to;
  moved.pending_traffic = kWhole - moved.active_traffic;
  return moved;
}

bool is_complete(const Shares& shares, Heading heading, bool giver_fixed) {
  if (heading == Heading::Back) {
    return shares.active_capacity == kWhole && shares.active_traffic == kWhole;
  }
  return shares.pending_traffic == kWhole && shares.pending_capacity == kWhole &&
         (giver_fixed || shares.active_capacity == 0);
}

bool is_incremental(const Partition& partition) {
  return partition.service && partition.service->value.incremental.has_value();
}

std::int32_t weight_in(const std::vector<RouteBackend>& backends, const std::string& cluster) {
  std::int32_t weight = 0;
  for (const RouteBackend& backend : backends) {
    if (backend.service == serve_service_name(cluster)) weight += backend.weight;
  }
  return weight;
}

bool is_routing_moving(const Partition& partition) {
  const std::string head = head_service_name(partition.name);
  return std::any_of(partition.in_flight.begin(), partition.in_flight.end(), [&](const auto& it) {
    const ObjectName& object = it.second.object;
    return object.kind == Kind::HTTPRoute || (object.kind == Kind::Service && object.name == head);
  });
}

const Known<GatewaySlice>* gateway_of(const Partition& partition) {
  return find_own(partition.gateways, gateway_name(partition.name));
}

const Known<RouteSlice>* route_of(const Partition& partition) {
  return find_own(partition.routes, route_name(partition.name));
}

bool knows_routing(const Fleet& fleet) {
  return is_known(fleet, Kind::Gateway) && is_known(fleet, Kind::HTTPRoute);
}

bool is_routing_ready(const Partition& partition) {
  const Known<GatewaySlice>* gateway = gateway_of(partition);
  const Known<RouteSlice>* route = route_of(partition);
  return gateway != nullptr && route != nullptr && gateway->value.accepted &&
         gateway->value.programmed && route->value.accepted && route->value.resolved;
}

std::int32_t capacity_of(const Cluster& cluster, std::int32_t otherwise) {
  return cluster.share.capacity.value_or(otherwise);
}

std::optional<Increment> increment_of(const View& view, const Roles& roles, Wishes& wishes) {
  if (!is_incremental(view.partition) || roles.active == nullptr || roles.pending == nullptr) {
    return std::nullopt;
  }
  Increment it;
  it.active = roles.active;
  it.pending = roles.pending;
  const RayClusterSlice& pending = it.pending->object->value;
  const bool for_failover = pending.purpose == Purpose::Failover;
  it.shares.active_capacity = capacity_of(*it.active, kWhole);
  it.shares.pending_capacity = capacity_of(*it.pending, for_failover ? kWhole : 0);
  it.shares.pending_traffic = it.pending->share.traffic.value_or(0);
  it.shares.active_traffic = it.active->share.traffic.value_or(kWhole - it.shares.pending_traffic);
  it.ill = !view.fleet.held && illness_of(view, *it.pending, wishes).has_value();
  const bool reverted = !fits(view.partition.service->value, pending);
  if (reverted || it.ill) it.heading = Heading::Back;
  it.ill = it.ill && !reverted;
  it.at_once =
      it.heading == Heading::Forward &&
      (for_failover || (may_replace(view) && illness_of(view, *it.active, wishes).has_value()));
  it.giver_fixed = it.at_once || is_giver_fixed(view, it);
  return it;
}

std::optional<SentConfig> config_sent_to(const View& view, const Cluster& cluster) {
  const Known<RayServiceSlice>& service = *view.partition.service;
  const Hash wanted = service.value.serve_config.hash;
  const Hash sent = cluster.share.config ? cluster.share.config : cluster.config.accepted;
  if (!sent) return std::nullopt;
  if (sent == wanted) return SentConfig{wanted, service.since};
  if (!cluster.share.config_from) return std::nullopt;
  return SentConfig{sent, cluster.share.config_from};
}

bool is_ready_for_traffic(const View& view, const Cluster& pending) {
  if (pending.delete_decided || !is_head_ready(pending) || !runs_as_asked(view, pending)) {
    return false;
  }
  return endpoints_of_own_service(view.partition, pending) > 0;
}

bool takes_over(const View& view, const Roles& roles) {
  const Partition& partition = view.partition;
  if (roles.active != nullptr || roles.pending == nullptr || partition.memory.active.empty()) {
    return false;
  }
  if (roles.pending->delete_decided) return false;
  if (roles.pending->share.traffic.value_or(0) > 0) return true;
  return fits(partition.service->value, roles.pending->object->value) &&
         is_head_ready(*roles.pending) && runs_as_asked(view, *roles.pending);
}

bool is_to_be_promoted(const View& view, const Roles& roles, Wishes& wishes) {
  if (takes_over(view, roles)) return true;
  const auto it = increment_of(view, roles, wishes);
  if (!it || it->heading == Heading::Back || it->pending->delete_decided) return false;
  return is_complete(it->shares, it->heading, it->giver_fixed);
}

}  // namespace raycord
