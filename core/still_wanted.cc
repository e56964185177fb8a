#include "core/still_wanted.h"

#include <algorithm>

#include "core/names.h"
#include "core/overloaded.h"
#include "core/roles.h"
#include "core/service_phase.h"
#include "core/wish.h"

namespace raycord {
namespace {

bool exists(const Partition& partition, const std::string& name) {
  const Cluster* cluster = find_cluster(partition, name);
  return cluster != nullptr && cluster->object.has_value();
}

bool is_staying(const Partition& partition, const std::string& name) {
  const Cluster* cluster = find_cluster(partition, name);
  return cluster != nullptr && cluster->object && !cluster->delete_decided &&
         !cluster->delete_accepted;
}

bool is_service_staying(const Partition& partition) {
  return partition.service && !partition.service->value.meta.deleting_since;
}

bool is_same_head(const Partition& partition, const PutServeConfig& put) {
  const Cluster* cluster = find_cluster(partition, put.cluster);
  const Known<PodSlice>* head = cluster != nullptr ? head_pod_of(*cluster) : nullptr;
  return head != nullptr && head->value.meta.uid == put.head_uid;
}

// An old cluster is sent its own config again, with another capacity.
bool is_config_wanted(const Partition& partition, const PutServeConfig& put) {
  if (partition.service->value.serve_config.hash == put.config) return true;
  const Cluster* cluster = find_cluster(partition, put.cluster);
  return cluster != nullptr && cluster->share.config_from == put.service.seq;
}

// Every cluster that it sends traffic to stays.
bool is_routing_wanted(const Partition& partition, Time now, const WriteRouting& write) {
  if (!may_have_clusters(partition, now)) return false;
  return std::all_of(write.backends.begin(), write.backends.end(), [&](const RouteBackend& to) {
    if (to.weight == 0) return true;
    return std::any_of(partition.clusters.begin(), partition.clusters.end(),
                       [&](const auto& entry) {
                         return serve_service_name(entry.first) == to.service &&
                                is_staying(partition, entry.first);
                       });
  });
}

}  // namespace

bool still_wanted(const State& state, const Decision& decision) {
  if (!state.fleet.leading) return false;
  const auto found = state.partitions.find(decision.partition);
  if (found == state.partitions.end() || !found->second.quarantine.empty()) return false;
  const Partition& partition = found->second;
  return std::visit(
      Overloaded{
          [&](const CreateCluster& create) {
            return may_have_clusters(partition, state.now) &&
                   wanted_revision(partition.service->value) == create.spec_revision;
          },
          [&](const UpdateClusterGroups& update) {
            return is_service_staying(partition) && is_staying(partition, update.name) &&
                   wanted_revision(partition.service->value) == update.spec_revision;
          },
          [&](const CreatePod& pod) { return is_staying(partition, pod.cluster.object.name); },
          [&](const CreateService& create) {
            return is_staying(partition, create.cluster.object.name);
          },
          [&](const SwitchService& change) { return is_staying(partition, change.selects); },
          [&](const CreateDependent& create) {
            // The Job that cleans up is for a cluster that is going.
            if (create.kind == Kind::Job) return exists(partition, create.cluster.object.name);
            return is_staying(partition, create.cluster.object.name);
          },
          [&](const DeleteObject& deletion) {
            if (state.fleet.calm_until > state.now) return false;
            if (deletion.object.kind != Kind::RayCluster) return true;
            return !may_have_clusters(partition, state.now) ||
                   !serves(partition, deletion.object.name);
          },
          [](const SetFinalizer&) { return true; },
          [](const LabelPod&) { return true; },
          [&](const RememberOnService&) { return is_service_staying(partition); },
          [&](const RememberOnCluster& remember) { return is_staying(partition, remember.name); },
          [&](const PutServeConfig& put) {
            return is_service_staying(partition) && is_staying(partition, put.cluster) &&
                   is_same_head(partition, put) && is_config_wanted(partition, put);
          },
          [&](const WriteServiceStatus&) { return is_service_staying(partition); },
          [&](const WriteClusterStatus& write) { return exists(partition, write.name); },
          [&](const UpdateIngress& update) {
            return is_staying(partition, update.cluster.object.name);
          },
          [](const StampHead&) { return true; },
          [&](const WriteRouting& write) { return is_routing_wanted(partition, state.now, write); },
      },
      decision.effect);
}

}  // namespace raycord
