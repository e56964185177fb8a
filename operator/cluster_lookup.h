// What is asked of the API server before the log is used: which cluster this is, and what the Lease
// remembers of the log.
//
//   ClusterLookup lookup(api, {.lease_ns = "raycord-system"}, transport);
//   while (!lookup.done()) { transport.poll(…); lookup.tick(clock.now()); show(lookup.trouble()); }
//
// It goes on asking for as long as it takes; an operator may well be there before its API server.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/transport.h"
#include "adapters/kube/kube_api.h"
#include "core/time.h"
#include "formats/lease.h"
#include "store/log_mark.h"

namespace raycord {

inline constexpr const char* kLogIdAnnotation = "raycord.io/log-id";
inline constexpr const char* kLogSyncedAnnotation = "raycord.io/log-synced";
inline constexpr const char* kLogChainAnnotation = "raycord.io/log-chain";

// What the Lease says at each renewal, and what a start reads there: the witness outside the
// volume.
std::map<std::string, std::string> witness_annotations(const LogId& id, const LogMark& mark);

struct Witness {
  std::string log_id;  // In hexadecimal digits.
  LogMark mark;
};
std::optional<Witness> read_witness(const std::map<std::string, std::string>& annotations);

class ClusterLookup final : public HttpListener {
 public:
  struct Terms {
    std::string lease_ns;  // Empty: no Lease is kept.
    std::string lease_name = "raycord-operator";
  };

  ClusterLookup(Terms terms, const KubeApi& api, HttpTransport& transport);
  ~ClusterLookup() override;
  ClusterLookup(const ClusterLookup&) = delete;
  ClusterLookup& operator=(const ClusterLookup&) = delete;

  void tick(Time now);
  Time next_wake() const;
  bool done() const { return step_ == Step::Done; }

  const std::string& cluster_uid() const { return cluster_uid_; }  // Empty: we may not know.
  const std::optional<Witness>& witness() const { return witness_; }
  const std::optional<LeaseRecord>& lease() const { return lease_; }  // As others left it.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // Why it takes so long; empty: it does not yet.
  const std::string& trouble() const { return trouble_; }

  void on_chunk(std::uint64_t, std::string_view) override {}
  void on_done(std::uint64_t id, HttpOutcome outcome) override;

 private:
  enum class Step : std::uint8_t { Cluster, Lease, Done };

  void take_cluster(const HttpOutcome& outcome);
  void take_lease(const HttpOutcome& outcome);
  void retry(const std::string& why);

  Terms terms_;
  const KubeApi& api_;
  HttpTransport& transport_;
  Step step_ = Step::Cluster;
  std::uint64_t call_ = 0;  // Under way; 0: none.
  Time now_{};
  Time next_{};
  Millis wait_{0};
  std::string cluster_uid_;
  std::optional<Witness> witness_;
  std::optional<LeaseRecord> lease_;
  std::vector<std::string> warnings_;
  std::string trouble_;
};

}  // namespace raycord
