// World is everything outside the operator behind one object: Kubernetes, Ray, and leadership.
//
//   World world(options, transport);
//   world.start(now, resume, newest);
//   for (;;) {
//     transport.poll(...);                      // callbacks
//     world.tick(now, bytes_not_taken_yet);     // after callbacks, and at next_wake()
//     for (Observation& observation : world.take_observations()) …
//     world.want(now, wanted);                  // after each turn
//     if (world.may_write(now)) world.send(now, order);
//   }
//
// Single-threaded, without a clock: `now` is event time, which never steps back. It works alike
// over real sockets and over the embedded cluster in virtual time. Nothing waits and nothing is
// repeated here; what could not be done is reported as it was.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/transport.h"
#include "adapters/kube/credentials.h"
#include "adapters/kube/kube_api.h"
#include "adapters/kube/kube_events.h"
#include "adapters/kube/kube_kind.h"
#include "adapters/kube/kube_lease.h"
#include "adapters/kube/kube_writer.h"
#include "adapters/ray/ray_prober.h"
#include "adapters/ray/ray_writer.h"
#include "adapters/write_order.h"
#include "core/observation.h"
#include "core/wanted.h"

namespace raycord {

struct WorldOptions {
  std::string server;                        // Of the API server; see KubeApi.
  std::shared_ptr<Credentials> credentials;  // Never null.
  std::vector<std::string> namespaces;       // Watched; empty: all.
  std::string log_id;
  LeadershipTerms leadership;
  bool ray_through_api_server = false;  // --use-kubernetes-proxy
  RayWay::Token token;                  // Ray tokens; may be empty where none is used.
};

class World final : public HttpListener {
 public:
  World(WorldOptions options, HttpTransport& transport);
  ~World() override;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // `resume`: by kind, the version of the log's newest KindListed or KindCaughtUp; kinds without
  // one are listed. Each kind answers with KindListed or KindCaughtUp of at least `newest`.
  void start(Time now, const std::map<Kind, std::uint64_t>& resume, Seq newest);

  void want(Time now, const Wanted& wanted);

  // The outcome comes as WriteDone, right after the facts that the answer shows.
  void send(Time now, WriteOrder order);
  std::size_t writes_in_flight() const;

  // Runs of a cluster's probes that were not reported yet, because a decision will cite them.
  void flush_probes(const std::string& ns, const std::string& cluster);

  void announce(EventPost post) { events_.add(std::move(post)); }

  // A GET of the API server beside all this: a Secret, the UID of a namespace.
  void fetch(Time now, const std::string& path, std::function<void(const HttpOutcome&)> then);

  // Makes the calls that are due. Once after callbacks ran, and at next_wake(). `waiting_bytes`:
  // observations that were taken from here and that the loop has not seen yet. With too many of
  // them the watches are cut and make no calls.
  void tick(Time now, std::size_t waiting_bytes);
  Time next_wake() const;

  // In order of arrival for each conversation; facts that belong together are neighbours.
  std::vector<Observation> take_observations();

  // Leadership: to be asked immediately before each send.
  bool may_write(Time now) const { return lease_.may_write(now); }
  Time may_write_until() const { return lease_.may_write_until(); }
  // See KubeLease::rest().
  void rest_from_leading(std::string why) { lease_.rest(std::move(why)); }
  void release_leadership(Time now) { lease_.release(now); }
  bool released() const { return lease_.idle(); }

  // What does not get on at the moment, a line each, for health checks and metrics.
  std::vector<std::string> troubles() const;
  const KubeEvents& events() const { return events_; }

  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  KubeKind& add_kind(Kind kind);
  void begin(KubeKind& kind, Seq newest);
  void watch_too(Kind kind, Seq newest);
  void collect();

  HttpTransport& transport_;
  std::vector<std::string> namespaces_;
  std::map<Kind, std::uint64_t> resume_;
  KubeApi api_;
  RayWay way_;
  std::vector<std::unique_ptr<KubeKind>> kinds_;
  KubeLease lease_;
  KubeWriter writer_;
  KubeEvents events_;
  RayProber prober_;
  RayWriter ray_writer_;
  std::map<std::uint64_t, std::function<void(const HttpOutcome&)>> fetches_;
  std::vector<Observation> observations_;
  std::size_t observed_bytes_ = 0;
  bool crowded_ = false;
};

// The kinds that are watched from the start, in the order in which it wants them: owners first.
// Others follow when they are wanted, and are watched to the end.
const std::vector<Kind>& watched_kinds();

}  // namespace raycord
