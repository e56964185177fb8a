// What the operator wants to be told by the world: which probes to run, which kinds to watch and to
// catch up.
//
// Derived from the state after each turn (wanted_probes, core/wanted.cc) and never logged. The
// adapters hold it against what they do already and start, change and stop accordingly.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/fact.h"
#include "core/ids.h"
#include "core/limits.h"
#include "core/time.h"

namespace raycord {

// One thing to ask every kProbePeriod: a head's dashboard, or its Serve proxy.
struct WantedProbe {
  std::string ns;
  std::string cluster;
  std::string head_uid;  // The incarnation that is asked; answers of another don't make one run.
  std::int32_t head_restarts = 0;
  ProbeTarget target = ProbeTarget::Dashboard;

  std::string address;       // IP of the head pod.
  std::int32_t port = 8265;  // Of the dashboard, or of the Serve proxy.
  std::int32_t agent_port = 52365;
  std::string head_pod;      // Their names, for the way through the API server.
  std::string head_service;  // RayCluster's own head Service, with a port named "dashboard".
  std::string token_secret;  // Secret that holds the token; empty: none is needed.

  Millis flush_every = kRunFlushWell;  // A run of equal answers is reported this often.
  Time urgent_at{};  // The first answer at or after it is reported at once; epoch: no hurry.

  template <class Self>
  static auto fields(Self& self) {
    return std::tie(self.ns, self.cluster, self.head_uid, self.head_restarts, self.target,
                    self.address, self.port, self.agent_port, self.head_pod, self.head_service,
                    self.token_secret, self.flush_every, self.urgent_at);
  }
  bool operator==(const WantedProbe&) const = default;
};

// The state of `kind` as of now, or later: answered by KindCaughtUp or KindListed with at least
// this `asked`.
struct WantedBarrier {
  Kind kind = Kind::RayService;
  Seq asked;  // Newest event when it was first wanted.

  bool operator==(const WantedBarrier&) const = default;
};

struct Wanted {
  Seq newest;  // Newest event folded when this was computed.
  // To be watched from now on, beside the kinds that always are: Jobs, Ingresses, Gateways and
  // HTTPRoutes concern few, and nobody else is to need the right to look at them.
  std::set<Kind> kinds;
  std::vector<WantedProbe> probes;
  std::vector<WantedBarrier> barriers;

  bool operator==(const Wanted&) const = default;
};

struct State;

// What one partition wants of the world, appended to `wanted`: probes of the heads of its clusters
// while we lead, and looks at the kinds of writes in doubt.
void add_wanted(const State& state, const PartitionName& partition, Wanted& wanted);

// What the fleet wants: kinds to catch up with after a start.
void add_wanted_of_fleet(const State& state, Wanted& wanted);

// Of the fleet and all partitions.
Wanted wanted_of(const State& state);

}  // namespace raycord
