#include "core/decide.h"

#include <algorithm>

#include "core/check.h"
#include "core/roles.h"
#include "core/service_phase.h"

namespace raycord {
namespace {

// Kinds that rules read; without a complete view of them absence means nothing.
constexpr Kind kNeeded[] = {Kind::RayService, Kind::RayCluster, Kind::Pod, Kind::Service,
                            Kind::EndpointSlice};

bool is_managed_elsewhere(const View& view) {
  const Partition& partition = view.partition;
  if (partition.root == Kind::RayService) {
    return partition.service && partition.service->value.managed_elsewhere;
  }
  return std::any_of(partition.clusters.begin(), partition.clusters.end(), [](const auto& entry) {
    return entry.second.object && entry.second.object->value.managed_elsewhere;
  });
}

// Promises that no rule may break; a broken one quarantines the partition before anything is done.
void check_promises(const View& view, const Decision& decision) {
  CHECK(!decision.causes.empty());
  for (const Seq cause : decision.causes) CHECK(cause && cause <= view.partition.last);
  const auto* deletion = std::get_if<DeleteObject>(&decision.effect);
  if (deletion == nullptr) return;
  CHECK(!deletion->uid.empty());
  const bool wanted = may_have_clusters(view.partition, view.now);
  if (deletion->object.kind == Kind::RayCluster && wanted) {
    CHECK(!serves(view.partition, deletion->object.name));
  }
}

void remove_zero_causes(std::vector<Seq>& causes) {
  std::erase(causes, Seq{});
  std::sort(causes.begin(), causes.end());
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
}

}  // namespace

bool is_seen_whole(const Fleet& fleet, Kind kind) {
  const auto found = fleet.kinds.find(kind);
  if (found == fleet.kinds.end()) return false;
  const KindView& view = found->second;
  return view.listed && view.caught_up && view.left_scope.empty();
}

bool Wishes::may_write(const Effect& effect) {
  const Target target = target_of(effect);
  if (view_.partition.in_flight.count(target) > 0) return false;
  for (const Decision& decision : decisions_) {
    if (target_of(decision.effect) == target) return false;
  }
  const auto retry = view_.partition.retries.find(retry_key_of(effect));
  if (retry == view_.partition.retries.end()) return true;
  if (retry->second.content != content_of(effect)) return true;
  if (retry->second.not_before <= view_.now) return true;
  wake_at(retry->second.not_before);
  return false;
}

bool Wishes::want(Rule rule, std::vector<Seq> causes, Effect effect) {
  if (!may_write(effect)) return false;
  remove_zero_causes(causes);
  Decision decision;
  decision.rule = rule;
  decision.revision = revision_of(rule);
  decision.partition = name_of(view_.partition);
  decision.causes = std::move(causes);
  decision.effect = std::move(effect);
  check_promises(view_, decision);
  decisions_.push_back(std::move(decision));
  return true;
}

void Wishes::wake_at(Time time) {
  if (!wake_ || time < *wake_) wake_ = time;
}

bool may_decide(const View& view) {
  if (!view.fleet.leading || !view.partition.quarantine.empty()) return false;
  for (const Kind kind : kNeeded) {
    if (!is_seen_whole(view.fleet, kind)) return false;
  }
  return !is_managed_elsewhere(view);
}

Decided decide(const View& view) {
  if (!may_decide(view)) return {};
  Wishes wishes(view);
  if (view.partition.root == Kind::RayService) {
    rule_deletion(view, wishes);
    rule_clusters(view, wishes);
    rule_serve_config(view, wishes);
    rule_capacity(view, wishes);
    rule_routing(view, wishes);
    rule_traffic(view, wishes);
    rule_drain(view, wishes);
    rule_head_label(view, wishes);
    rule_memory(view, wishes);
    rule_service_status(view, wishes);
  }
  rule_cluster_deletion(view, wishes);
  rule_cluster_services(view, wishes);
  rule_cluster_access(view, wishes);
  rule_cluster_ingress(view, wishes);
  rule_cluster_pods(view, wishes);
  rule_cluster_status(view, wishes);
  std::optional<Time> wake = wishes.wake();
  return {wishes.take_decisions(), wake};
}

}  // namespace raycord
