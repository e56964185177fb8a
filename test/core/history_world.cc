// What a patient API server makes of a decision.

#include "core/names.h"
#include "core/overloaded.h"
#include "test/core/history.h"

namespace raycord {
namespace {

std::vector<ServicePort> default_ports() {
  return {{"client", 10001, "10001", 0},
          {"dashboard", 8265, "8265", 0},
          {"gcs-server", 6379, "6379", 0},
          {"metrics", 8080, "8080", 0},
          {"serve", 8000, "8000", 0}};
}

}  // namespace

void History::make(const CreateCluster& create, const std::string& intent) {
  const RayServiceSlice& owner = service(create.service.object.name).service.value().value;
  RayClusterSlice cluster = cluster_slice(create.name);
  cluster.meta.uid += "-" + std::to_string(++made_);
  cluster.meta.created = now_;
  cluster.meta.owner = {"RayService", owner.meta.name, owner.meta.uid};
  cluster.meta.intent = intent;
  cluster.from_ray_service = true;
  cluster.groups.clear();
  for (const std::string& group : owner.groups) cluster.groups.push_back(worker_group(group, 1));
  cluster.own_hashes = owner.cluster_hashes;
  cluster.spec_revision = create.spec_revision;
  cluster.stamped_groups = static_cast<std::int32_t>(owner.groups.size());
  cluster.purpose = create.purpose;
  cluster.counter = create.counter;
  cluster.attempt = create.attempt;
  see(cluster);
}

void History::make(const CreatePod& create, const std::string& intent) {
  const RayClusterSlice& owner = cluster(create.cluster.object.name).object.value().value;
  const std::string group = create.node_type == NodeType::Head ? "headgroup" : create.group;
  PodSlice pod;
  pod.meta = meta_named(create.name);
  pod.meta.uid += "-" + std::to_string(++made_);
  pod.meta.created = now_;
  pod.meta.owner = {"RayCluster", owner.meta.name, owner.meta.uid};
  pod.cluster = owner.meta.name;
  pod.group = group;
  pod.meta.intent = intent;
  pod.node_type = create.node_type;
  pod.replica_index = create.replica_index;
  pod.replica_name = create.replica_name;
  pod.host_index = create.host_index;
  if (create.node_type == NodeType::Head) pod.made_by = hash_of(options_.version);
  if (create.node_type == NodeType::Head || owner.recreates) {
    pod.made_for = owner.own_hashes.empty() ? Hash{} : owner.own_hashes.back();
  }
  if (owner.from_ray_service) {
    pod.serve_label = create.node_type == NodeType::Worker ? "true" : "false";
  }
  see(pod);
}

void History::make(const CreateService& create, const std::string& intent) {
  ServiceSlice made;
  made.meta = meta_named(create.name);
  made.meta.created = now_;
  made.meta.intent = intent;
  const bool of_service = !create.service.object.name.empty();
  const Meta& owner = of_service ? service(create.service.object.name).service.value().value.meta
                                 : cluster(create.cluster.object.name).object.value().value.meta;
  made.meta.owner = {of_service ? "RayService" : "RayCluster", owner.name, owner.uid};
  made.selected_cluster = create.selects;
  if (create.role == ServiceRole::Backend) {
    const Meta& cluster_meta = cluster(create.cluster.object.name).object.value().value.meta;
    made.meta.owner = {"RayCluster", cluster_meta.name, cluster_meta.uid};
  }
  made.selects_serve = create.role == ServiceRole::Serve || create.role == ServiceRole::Backend;
  made.is_head_service =
      create.role == ServiceRole::ClusterHead || create.role == ServiceRole::ServiceHead;
  made.is_headless_workers = create.role == ServiceRole::HeadlessWorkers;
  made.cluster_ip = made.is_headless_workers ? "None" : "10.96.0." + std::to_string(++made_ % 250);
  if (made.selects_serve) {
    made.ports = {{"serve", 8000, "8000", 0}};
  } else if (made.is_head_service) {
    made.ports = default_ports();
  }
  see(made);
}

// Nobody shows a Secret to those who may not read it.
void History::make(const CreateDependent& create, const std::string& intent) {
  if (create.kind == Kind::Secret) return;
  const RayClusterSlice& owner = cluster(create.cluster.object.name).object.value().value;
  Meta meta = meta_named(create.name);
  meta.uid += "-" + std::to_string(++made_);
  meta.created = now_;
  meta.owner = {"RayCluster", owner.meta.name, owner.meta.uid};
  meta.intent = intent;
  if (create.kind == Kind::Job) {
    see(JobSlice{meta, owner.meta.name, false, false});
  } else if (create.kind == Kind::Ingress) {
    see(IngressSlice{meta, owner.meta.name, owner.ingress});
  } else {
    see(AccessSlice{create.kind, meta, owner.meta.name});
  }
}

// Pods go at once, or stay terminating.
void History::remove(const DeleteObject& deletion) {
  const ObjectName& object = deletion.object;
  if (object.kind == Kind::RayCluster) return remove_cluster(object);
  if (object.kind == Kind::Pod && pods_linger_) {
    edit_pod(object.name, [&](PodSlice& slice) { slice.meta.deleting_since = now_; });
    return;
  }
  gone(object, GoneHow::Answered);
}

// Unless a finalizer holds it; what the RayCluster owned goes with it.
void History::remove_cluster(const ObjectName& object) {
  const Cluster& owner = cluster(object.name);
  if (owner.object.value().value.has_redis_finalizer) {
    edit_cluster(object.name, [&](RayClusterSlice& slice) {
      if (!slice.meta.deleting_since) slice.meta.deleting_since = now_;
    });
    return;
  }
  std::vector<ObjectName> below;
  for (const auto& [name, pod] : owner.pods) below.push_back({Kind::Pod, object.ns, name});
  for (const auto& [name, service] : owner.services) {
    below.push_back({Kind::Service, object.ns, name});
  }
  for (const auto& [kind, name] : owner.access) below.push_back({kind, object.ns, name});
  for (const auto& [name, job] : owner.jobs) below.push_back({Kind::Job, object.ns, name});
  for (const auto& [name, way] : owner.ingresses) below.push_back({Kind::Ingress, object.ns, name});
  gone(object, GoneHow::Answered);
  for (const ObjectName& name : below) gone(name);
}

void History::delete_cluster(const std::string& name) {
  remove_cluster({Kind::RayCluster, "default", name});
}

void History::set_cluster_finalizer(const SetFinalizer& change) {
  edit_cluster(change.name,
               [&](RayClusterSlice& slice) { slice.has_redis_finalizer = change.present; });
  const bool leaving = cluster(change.name).object.value().value.meta.deleting_since.has_value();
  if (!change.present && leaving) delete_cluster(change.name);
}

// A RayService that is being deleted goes with its last finalizer, and its Services with it.
void History::set_finalizer(const SetFinalizer& change) {
  if (change.kind == Kind::RayCluster) return set_cluster_finalizer(change);
  edit_service(change.name, [&](RayServiceSlice& slice) { slice.has_finalizer = change.present; });
  const Partition& part = service(change.name);
  if (change.present || !part.service.value().value.meta.deleting_since) return;
  std::vector<ObjectName> below;
  for (const auto& [name, known] : part.services) below.push_back({Kind::Service, change.ns, name});
  gone({Kind::RayService, change.ns, change.name});
  for (const ObjectName& name : below) gone(name);
}

void History::point_service(const SwitchService& change) {
  for (const auto& [root, part] : state_.partitions) {
    const auto found = part.services.find(change.name);
    if (found == part.services.end()) continue;
    ServiceSlice slice = found->second.value;
    slice.selected_cluster = change.selects;
    slice.meta.version = ++version_;
    see(slice);
    return;
  }
}

// Gateways and their routes are taken by their controller at once, unless it is silent.
void History::route(const WriteRouting& write, const std::string& intent) {
  const RayServiceSlice& owner = service(write.service.object.name).service.value().value;
  Meta meta = meta_named(write.name);
  meta.intent = intent;
  meta.owner = {"RayService", owner.meta.name, owner.meta.uid};
  if (write.kind == Kind::Gateway) {
    see(GatewaySlice{meta,
                     owner.incremental.value().gateway_class,
                     {{"http", "HTTP", 80}},
                     gateways_answer_,
                     gateways_answer_,
                     ""});
  } else {
    see(RouteSlice{meta, "default/" + gateway_name(owner.meta.name), true, write.backends,
                   gateways_answer_, gateways_answer_, ""});
  }
}

void History::append_groups(const UpdateClusterGroups& update) {
  const RayServiceSlice owner = service(update.service.object.name).service.value().value;
  respec_cluster(update.name, [&](RayClusterSlice& slice) {
    for (std::size_t i = slice.groups.size(); i < owner.groups.size(); ++i) {
      slice.groups.push_back(worker_group(owner.groups[i], 1));
    }
    slice.own_hashes = owner.cluster_hashes;
    slice.spec_revision = update.spec_revision;
    slice.stamped_groups = static_cast<std::int32_t>(owner.groups.size());
  });
}

void History::carry_out(const Decision& decision) {
  const std::string intent = state_.fleet.log_id + ":" + std::to_string(decision.seq.value);
  std::visit(
      Overloaded{
          [&](const CreateCluster& create) { make(create, intent); },
          [&](const UpdateClusterGroups& update) { append_groups(update); },
          [&](const CreatePod& create) { make(create, intent); },
          [&](const CreateService& create) { make(create, intent); },
          [&](const SwitchService& change) { point_service(change); },
          [&](const CreateDependent& create) { make(create, intent); },
          [&](const DeleteObject& deletion) { remove(deletion); },
          [&](const SetFinalizer& change) { set_finalizer(change); },
          [&](const LabelPod& label) {
            edit_pod(label.name,
                     [&](PodSlice& slice) { slice.serve_label = label.serve ? "true" : "false"; });
          },
          [&](const RememberOnService& remember) {
            edit_service(remember.name, [&](RayServiceSlice& slice) {
              slice.name_counter = remember.name_counter;
              slice.attempts = remember.attempts;
              slice.back_off_until = remember.back_off_until;
            });
          },
          [&](const RememberOnCluster& remember) {
            edit_cluster(remember.name, [&](RayClusterSlice& slice) {
              slice.delete_after = remember.delete_after;
              slice.accepted_config = remember.accepted_config;
            });
          },
          [&](const UpdateIngress& update) {
            const RayClusterSlice& owner = cluster(update.cluster.object.name).object.value().value;
            edit_ingress(update.name,
                         [&](IngressSlice& ingress) { ingress.parts = owner.ingress; });
          },
          [&](const StampHead& stamp) {
            edit_pod(stamp.name, [&](PodSlice& slice) {
              slice.made_by = hash_of(options_.version);
              slice.made_for = stamp.revision;
            });
          },
          [](const PutServeConfig&) {},
          [&](const WriteRouting& write) { route(write, intent); },
          [&](const WriteServiceStatus& write) {
            edit_service(write.name, [&](RayServiceSlice& slice) { slice.status = write.status; });
          },
          [&](const WriteClusterStatus& write) {
            edit_cluster(write.name, [&](RayClusterSlice& slice) { slice.status = write.status; });
          },
      },
      decision.effect);
  answer(decision, WriteResult::Done);
}

}  // namespace raycord
