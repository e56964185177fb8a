// ray.io/serve on head pods: "true" while the head's Serve proxy answers, so that the serve Service
// sends traffic to it (rayservice-behaviour.md 5.6). Workers carry the label from the start; their
// readiness probe asks the proxy.

#include "core/roles.h"
#include "core/rules.h"

namespace raycord {

void rule_head_label(const View& view, Wishes& wishes) {
  if (!view.partition.service || view.partition.service->value.meta.deleting_since) return;
  const bool excluded = view.partition.service->value.exclude_head_from_serve;
  for (const auto& [name, cluster] : view.partition.clusters) {
    const Known<PodSlice>* head = head_pod_of(cluster);
    if (head == nullptr || !cluster.object || cluster.delete_accepted) continue;
    const Proxy& proxy = cluster.proxy;
    const bool asked = proxy.since && proxy.head_uid == head->value.meta.uid;
    if (!excluded && !asked) continue;
    const bool wanted = !excluded && proxy.healthy;
    if (head->value.serve_label == (wanted ? "true" : "false")) continue;
    const Meta& meta = head->value.meta;
    wishes.want(Rule::LabelHead,
                {head->since, excluded ? view.partition.service->since : proxy.since},
                LabelPod{meta.ns, meta.name, meta.uid, wanted});
  }
}

}  // namespace raycord
