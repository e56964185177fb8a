#include "core/serve_put.h"

#include "core/readiness.h"
#include "core/roles.h"

namespace raycord {

bool may_be_put_to(const Cluster& cluster) {
  return is_head_ready(cluster) && is_answering(cluster) && !cluster.config.in_doubt;
}

PutServeConfig put_to(const View& view, const Cluster& cluster, Hash config, Seq from,
                      std::optional<std::int32_t> capacity) {
  const Meta& service = view.partition.service->value.meta;
  const RayClusterSlice& slice = cluster.object->value;
  const Known<PodSlice>& head = *head_pod_of(cluster);
  PutServeConfig put;
  put.ns = slice.meta.ns;
  put.cluster = slice.meta.name;
  put.head_uid = head.value.meta.uid;
  put.address = head.value.ip;
  put.to_agent = cluster.dashboard.via_agent;
  put.port = put.to_agent ? slice.agent_port : slice.dashboard_port;
  put.token_secret = slice.token_auth ? slice.token_secret : "";
  put.service = {{Kind::RayService, service.ns, service.name}, from};
  put.config = config;
  put.capacity = capacity;
  return put;
}

std::vector<Seq> causes_of_put(const View& view, const Cluster& cluster) {
  return {view.partition.service->since, cluster.dashboard.serve.since, head_pod_of(cluster)->since,
          cluster.object->since};
}

}  // namespace raycord
