// Incremental upgrades: two clusters share capacity (Serve's target_capacity) and traffic (weights
// of an HTTPRoute), and both move by steps (rayservice-behaviour.md 7).
//
//   capacity   100,0 → 100,50   →   50,50 → 50,100   →   0,100    at most max_surge at a time
//   traffic    100,0   →  75,25 → 50,50     →    25,75 → 0,100    step, and interval_s between two
//
// The giver gives up capacity when the receiver has all traffic that its own capacity allows. Going
// back, the two change places. What has been reached is in Share of each cluster.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/roles.h"
#include "core/rules.h"
#include "core/state.h"

namespace raycord {

// --- The steps, as numbers ---

enum class Heading : std::uint8_t { Forward, Back };

struct Shares {
  std::int32_t active_capacity = 100;
  std::int32_t pending_capacity = 0;
  std::int32_t active_traffic = 100;
  std::int32_t pending_traffic = 0;

  bool operator==(const Shares&) const = default;
};

struct CapacityStep {
  bool of_pending = false;
  std::int32_t to = 0;

  bool operator==(const CapacityStep&) const = default;
};

// `giver_fixed`: the giver's capacity cannot be changed, and nobody waits for it.
std::optional<CapacityStep> next_capacity(const Shares& shares, const IncrementalOptions& options,
                                          Heading heading, bool giver_fixed);

// The same shares with the traffic after the next step; nothing: none is to be made.
std::optional<Shares> next_traffic(const Shares& shares, const IncrementalOptions& options,
                                   Heading heading);

bool is_complete(const Shares& shares, Heading heading, bool giver_fixed);

// --- What is believed ---

// The RayService asks for incremental upgrades.
bool is_incremental(const Partition& partition);

// Percent of the traffic that goes to the cluster.
std::int32_t weight_in(const std::vector<RouteBackend>& backends, const std::string& cluster);

// A write of the HTTPRoute, or of the head Service that a promotion switches, has no outcome.
bool is_routing_moving(const Partition& partition);

const Known<GatewaySlice>* gateway_of(const Partition& partition);
const Known<RouteSlice>* route_of(const Partition& partition);

// The API server serves these kinds, and we may look at them: absence says something.
bool knows_routing(const Fleet& fleet);

// Gateway and HTTPRoute are as we wrote them, and their controller has taken both.
bool is_routing_ready(const Partition& partition);

// An upgrade under way: both clusters are there.
struct Increment {
  const Cluster* active = nullptr;
  const Cluster* pending = nullptr;
  Shares shares;
  Heading heading = Heading::Forward;
  bool ill = false;      // Going back because the pending cluster is ill, not because of an edit.
  bool at_once = false;  // A failover: all capacity, then all traffic.
  bool giver_fixed = false;
};
std::optional<Increment> increment_of(const View& view, const Roles& roles, Wishes& wishes);

std::int32_t capacity_of(const Cluster& cluster, std::int32_t otherwise);

// The config that a cluster runs, as the RayService showed it; nothing: the log does not have it.
struct SentConfig {
  Hash config;
  Seq from;
};
std::optional<SentConfig> config_sent_to(const View& view, const Cluster& cluster);

// The pending cluster takes traffic well: it runs as asked, and pods of it are behind its Service.
bool is_ready_for_traffic(const View& view, const Cluster& pending);

// Its active cluster is gone, and the pending one carries traffic or could.
bool takes_over(const View& view, const Roles& roles);

// All traffic has arrived at the pending cluster.
bool is_to_be_promoted(const View& view, const Roles& roles, Wishes& wishes);

}  // namespace raycord
