#include "operator/cluster_lookup.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "adapters/http/http_status.h"
#include "formats/json_field.h"
#include "operator/limits.h"

namespace raycord {
namespace {

// Answers that stay as they are however often one asks.
bool is_settled(const HttpOutcome& outcome) {
  if (is_success(outcome)) return true;
  const int status = outcome.response.status;
  return !outcome.failure && (status == kForbidden || status == kNotFound);
}

}  // namespace

std::map<std::string, std::string> witness_annotations(const LogId& id, const LogMark& mark) {
  return {{kLogIdAnnotation, id.hex()},
          {kLogSyncedAnnotation, std::to_string(mark.seq)},
          {kLogChainAnnotation, mark.chain.hex()}};
}

std::optional<Witness> read_witness(const std::map<std::string, std::string>& annotations) {
  const auto id = annotations.find(kLogIdAnnotation);
  const auto synced = annotations.find(kLogSyncedAnnotation);
  const auto chain = annotations.find(kLogChainAnnotation);
  if (id == annotations.end() || synced == annotations.end() || chain == annotations.end()) {
    return std::nullopt;
  }
  Witness witness;
  witness.log_id = id->second;
  const std::string& digits = synced->second;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, witness.mark.seq);
  const auto hash = Chain::from_hex(chain->second);
  if (error != std::errc() || stop != end || !hash) return std::nullopt;
  witness.mark.chain = *hash;
  return witness;
}

ClusterLookup::ClusterLookup(Terms terms, const KubeApi& api, HttpTransport& transport)
    : terms_(std::move(terms)), api_(api), transport_(transport), wait_(kStartRetryFirst) {}

ClusterLookup::~ClusterLookup() {
  if (call_ != 0) transport_.cancel(call_);
}

void ClusterLookup::tick(Time now) {
  now_ = now;
  if (call_ != 0 || now < next_ || done()) return;
  std::string path = "/api/v1/namespaces/kube-system";
  if (step_ == Step::Lease) {
    path = "/apis/coordination.k8s.io/v1/namespaces/" + url_encode(terms_.lease_ns) + "/leases/" +
           url_encode(terms_.lease_name);
  }
  call_ = transport_.start(api_.request("GET", path, now), *this);
}

Time ClusterLookup::next_wake() const { return call_ != 0 || done() ? Time::max() : next_; }

void ClusterLookup::on_done(std::uint64_t id, HttpOutcome outcome) {
  if (id != call_) return;
  call_ = 0;
  api_.note_answer(outcome);
  if (!is_settled(outcome)) {
    retry(message_of(outcome));
  } else if (step_ == Step::Cluster) {
    take_cluster(outcome);
  } else {
    take_lease(outcome);
  }
}

void ClusterLookup::retry(const std::string& why) {
  trouble_ = "the API server does not answer as it should: " + why;
  next_ = now_ + wait_;
  wait_ = std::min(wait_ * 2, kStartRetryMax);
}

void ClusterLookup::take_cluster(const HttpOutcome& outcome) {
  if (is_success(outcome)) {
    auto uid = json_text_at(outcome.response.body, {"metadata", "uid"});
    if (!uid || uid->empty()) return retry("namespace kube-system has no UID");
    cluster_uid_ = std::move(*uid);
  } else {
    warnings_.push_back("the UID of namespace kube-system cannot be read (" + message_of(outcome) +
                        "): it is not checked whether the log belongs to this cluster");
  }
  trouble_.clear();
  wait_ = kStartRetryFirst;
  step_ = terms_.lease_ns.empty() ? Step::Done : Step::Lease;
}

void ClusterLookup::take_lease(const HttpOutcome& outcome) {
  if (is_success(outcome)) {
    auto lease = read_lease(outcome.response.body);
    if (!lease) return retry(lease.error().message);
    witness_ = read_witness(lease->annotations);
    lease_ = std::move(*lease);
  } else if (outcome.response.status == kForbidden) {
    warnings_.push_back("Lease " + terms_.lease_ns + "/" + terms_.lease_name + " cannot be read (" +
                        message_of(outcome) + "): it is not checked whether the log is complete");
  }
  trouble_.clear();
  step_ = Step::Done;
}

}  // namespace raycord
