// What a run of probes changes: the view of a dashboard or proxy, and its clocks of ill health.

#include <algorithm>
#include <tuple>

#include "core/apply_parts.h"
#include "core/deployed.h"
#include "core/ill_clock.h"

namespace raycord {
namespace {

bool is_ill(const AppAnswer& app) {
  return app.status == "UNHEALTHY" || app.status == "DEPLOY_FAILED";
}

bool all_running(const ServeAnswer& answer) {
  bool any = false;
  for (const AppAnswer& app : answer.apps) {
    if (app.status == "DELETING") continue;
    if (app.status != "RUNNING") return false;
    any = true;
  }
  return any;
}

void feed_apps(Dashboard& dashboard, const ServeAnswer& answer, const ProbeRun& run, Seq seq) {
  std::erase_if(dashboard.ill_apps, [&](const auto& entry) {
    return std::none_of(answer.apps.begin(), answer.apps.end(), [&](const AppAnswer& app) {
      return app.name == entry.first && is_ill(app);
    });
  });
  for (const AppAnswer& app : answer.apps) {
    if (is_ill(app)) feed(dashboard.ill_apps[app.name], run.first, run.last, run.count, seq);
  }
}

void hear(Dashboard& dashboard, const ProbeRun& run, Seq seq) {
  dashboard.armed = true;
  if (!run.continued) dashboard.serve = {run.answer.serve, seq};
  dashboard.serve_at = run.last;
  reset(dashboard.silent);
  feed_apps(dashboard, dashboard.serve.value, run, seq);
  if (!all_running(dashboard.serve.value)) {
    dashboard.running_since = Time{};
    return;
  }
  if (dashboard.running_since == Time{}) dashboard.running_since = run.first;
  dashboard.running_until = run.last;
}

// What a head shows settles whether a PUT without an outcome arrived. As long as no PUT of ours was
// answered, it also says more than what was recalled.
void note_capacity(const Partition& partition, Cluster& cluster, bool is_after_doubt) {
  Share& share = cluster.share;
  const std::optional<std::int32_t>& shown = cluster.dashboard.serve.value.target_capacity;
  if (cluster.config.in_doubt && is_after_doubt) {
    const bool moved = cluster.config.shown_before &&
                       cluster.config.shown_before != shown_in(cluster.dashboard.serve.value);
    if (moved || (share.capacity_asked && shown == share.capacity_asked)) note_share_sent(cluster);
  }
  const bool divides = partition.service && partition.service->value.incremental;
  if (!share.capacity_known && shown && (divides || share.capacity)) share.capacity = shown;
}

// A good answer after doubt settles it: what is deployed is seen, whatever became of the request.
void note_config(Partition& partition, Cluster& cluster, const ProbeRun& run, Seq seq) {
  ConfigRecord& config = cluster.config;
  note_capacity(partition, cluster, run.last >= config.doubt_at);
  if (run.last >= config.doubt_at) config.in_doubt = false;
  if (!partition.service) return;
  const ServeConfig& wanted = partition.service->value.serve_config;
  learn_shown(wanted, cluster);
  if (cluster.dashboard.running_since == Time{}) return;
  if (!wanted.error.empty() || config.ran == wanted.hash) return;
  if (!is_deployed(wanted, cluster)) return;
  config.ran = wanted.hash;
  config.ran_since = seq;
}

// The head pod that was asked is the present one, or we know of none yet.
bool is_present_head(const Cluster& cluster, const ProbeRun& run) {
  bool any = false;
  for (const auto& [name, pod] : cluster.pods) {
    if (pod.value.node_type != NodeType::Head || pod.value.meta.deleting_since) continue;
    if (pod.value.meta.uid == run.head_uid) return pod.value.ray_restarts <= run.head_restarts;
    any = true;
  }
  return !any;
}

// What rules read of a dashboard, but for the times up to which an unchanged answer was seen: only
// where a cluster is being replaced is it asked how long the other one has been well.
auto gist_of(const Cluster& cluster) {
  const Dashboard& dashboard = cluster.dashboard;
  return std::tuple(dashboard.armed, dashboard.via_agent, dashboard.silent.latest,
                    dashboard.running_since, cluster.config.in_doubt, cluster.config.ran,
                    cluster.config.shown_for, cluster.config.shown);
}

bool note_dashboard(Partition& partition, Cluster& cluster, const Event& event,
                    const ProbeRun& run) {
  Dashboard& dashboard = cluster.dashboard;
  const bool same_head =
      dashboard.head_uid == run.head_uid && dashboard.head_restarts == run.head_restarts;
  // Goes on with a run that began before we knew the cluster: what was answered is not known here.
  if (run.continued && (!same_head || !dashboard.latest.since)) return false;
  if (!same_head) {
    dashboard = Dashboard{};
    dashboard.head_uid = run.head_uid;
    dashboard.head_restarts = run.head_restarts;
  }
  if (!run.continued) {
    dashboard.latest = {run.answer, event.seq};
    dashboard.latest.value.serve = {};
  }
  const ProbeAnswer& answer = dashboard.latest.value;
  if (answer.trouble == ProbeTrouble::None) {
    const auto before = gist_of(cluster);
    dashboard.via_agent = answer.from_agent;
    hear(dashboard, run, event.seq);
    note_config(partition, cluster, run, event.seq);
    return !run.continued || !dashboard.ill_apps.empty() || partition.clusters.size() > 1 ||
           gist_of(cluster) != before;
  }
  dashboard.running_since = Time{};
  if (dashboard.armed) feed(dashboard.silent, run.first, run.last, run.count, event.seq);
  return true;
}

bool note_proxy(Cluster& cluster, const Event& event, const ProbeRun& run) {
  if (run.continued) return false;
  Proxy& proxy = cluster.proxy;
  if (proxy.head_uid != run.head_uid || proxy.head_restarts != run.head_restarts) proxy = Proxy{};
  proxy.head_uid = run.head_uid;
  proxy.head_restarts = run.head_restarts;
  const bool healthy = run.answer.trouble == ProbeTrouble::None && run.answer.status == 200;
  if (proxy.since && proxy.healthy == healthy) return true;
  proxy.healthy = healthy;
  proxy.since = event.seq;
  return true;
}

}  // namespace

bool note_probe(Partition& partition, const Event& event, const ProbeRun& run) {
  const auto found = partition.clusters.find(run.cluster);
  if (found == partition.clusters.end() || !is_present_head(found->second, run)) return true;
  switch (run.target) {
    case ProbeTarget::Dashboard:
      return note_dashboard(partition, found->second, event, run);
    case ProbeTarget::Proxy:
      return note_proxy(found->second, event, run);
  }
  return true;
}

void pause_clocks(Partition& partition, Time now) {
  for (auto& [name, cluster] : partition.clusters) {
    Dashboard& dashboard = cluster.dashboard;
    if (is_running(dashboard.silent)) pause(dashboard.silent);
    for (auto& [app, clock] : dashboard.ill_apps) pause(clock);
    dashboard.running_since = Time{};
    if (cluster.head_unready_since != Time{}) cluster.head_unready_since = now;
  }
}

}  // namespace raycord
