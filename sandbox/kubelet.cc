#include "sandbox/kubelet.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace raycord {
namespace {

constexpr const char* kNodePrefix = "sandbox-node-";

bool image_is_missing(const Json& pod) {
  const Json& containers = list_at(pod, {"spec", "containers"});
  return std::any_of(containers.begin(), containers.end(), [](const Json& container) {
    return text_at(container, {"image"}).find("no-such-image") != std::string::npos;
  });
}

// The tag of the Ray image: "rayproject/ray:2.52.0-py310" is Ray 2.52.0.
std::string ray_version(const Json& pod) {
  const Json& containers = list_at(pod, {"spec", "containers"});
  if (containers.empty()) return "2.52.0";
  const std::string image = text_at(containers[0], {"image"});
  const auto slash = image.rfind('/');
  const auto colon = image.find(':', slash == std::string::npos ? 0 : slash);
  if (colon == std::string::npos) return "2.52.0";
  return image.substr(colon + 1, image.find('-', colon) - colon - 1);
}

// Fault-tolerant storage keeps what the head knows.
bool storage_survives(const Json& pod) {
  const Json& containers = list_at(pod, {"spec", "containers"});
  if (containers.empty()) return false;
  const Json& env = list_at(containers[0], {"env"});
  return std::any_of(env.begin(), env.end(), [](const Json& variable) {
    const std::string name = text_at(variable, {"name"});
    return name == "RAY_REDIS_ADDRESS" || name == "RAY_gcs_storage";
  });
}

std::string restart_policy(const Json& pod) { return text_at(pod, {"spec", "restartPolicy"}); }

}  // namespace

Kubelet::Kubelet(ApiStore& store, ApiServer& api, Agenda& agenda, RayClusters& clusters,
                 IpPool pod_ips, KubeletDelays delays, RayDelays ray_delays, int nodes)
    : store_(store),
      api_(api),
      agenda_(agenda),
      clusters_(clusters),
      pod_ips_(std::move(pod_ips)),
      delays_(delays),
      ray_delays_(ray_delays),
      nodes_(nodes) {
  store_.observe([this](const ApiChange& change) { note(change); });
}

void Kubelet::note(const ApiChange& change) {
  const ApiObject& object = change.object();
  if (object.kind->id != ApiKindId::Pod) return;
  if (change.type == ApiChangeType::Deleted) {
    forget(object.uid);
    return;
  }
  if (!pods_.contains(object.uid)) {
    adopt(object);
    return;
  }
  if (object.deleting() && (change.before == nullptr || !change.before->deleting())) {
    const std::string uid = object.uid;
    agenda_.after(delays_.termination, [this, uid](Time now) { end_pod(now, uid); });
  }
}

void Kubelet::adopt(const ApiObject& object) {
  Pod& pod = pods_[object.uid];
  pod.name_space = object.name_space;
  pod.name = object.name;
  pod.uid = object.uid;
  const Json& labels = object_at(object.body, {"metadata", "labels"});
  const std::string type = text_at(labels, {"ray.io/node-type"});
  const std::string cluster = text_at(labels, {"ray.io/cluster"});
  if (!cluster.empty() && (type == "head" || type == "worker")) {
    pod.cluster = object.name_space + "/" + cluster;
    pod.head = type == "head";
    pod.needs_serve = !pod.head && labels.contains("ray.io/serve");
    RayClusterRecord& record = clusters_.at(pod.cluster);
    (pod.head ? record.heads : record.workers).insert(pod.uid);
  }
  if (object.deleting()) {
    const std::string uid = pod.uid;
    agenda_.after(delays_.termination, [this, uid](Time now) { end_pod(now, uid); });
  }
  kick(pod.uid, agenda_.now());
}

void Kubelet::forget(const std::string& uid) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) return;
  Pod& pod = found->second;
  stop_containers(pod);
  by_ip_.erase(pod.sight.ip);
  pod_ips_.release(pod.sight.ip);
  const std::string cluster = pod.cluster;
  pods_.erase(found);
  if (cluster.empty()) return;
  RayClusterRecord& record = clusters_.at(cluster);
  record.heads.erase(uid);
  record.workers.erase(uid);
  kick_cluster(cluster);
}

void Kubelet::look_again() {
  std::vector<std::string> gone;
  for (const auto& [uid, pod] : pods_) {
    if (store_.find_uid(uid) == nullptr) gone.push_back(uid);
  }
  for (const std::string& uid : gone) forget(uid);
  for (const auto& [key, object] : store_.all(ApiKindId::Pod)) {
    if (!pods_.contains(object->uid)) {
      adopt(*object);
    } else {
      pods_.at(object->uid).written.clear();
      kick(object->uid, agenda_.now());
    }
  }
}

Kubelet::Pod* Kubelet::find_uid(const std::string& uid) {
  const auto found = pods_.find(uid);
  return found == pods_.end() ? nullptr : &found->second;
}

Kubelet::Pod* Kubelet::find(std::string_view name_space, std::string_view name) {
  const ApiObjectPtr object = store_.find(ApiKindId::Pod, name_space, name);
  return object == nullptr ? nullptr : find_uid(object->uid);
}

Kubelet::Pod* Kubelet::find_ip(const std::string& ip) {
  const auto found = by_ip_.find(ip);
  return found == by_ip_.end() ? nullptr : find_uid(found->second);
}

Kubelet::Pod* Kubelet::live_head(const std::string& cluster) {
  const RayClusterRecord* record = clusters_.find(cluster);
  if (record == nullptr) return nullptr;
  for (const std::string& uid : record->heads) {
    Pod* pod = find_uid(uid);
    if (pod != nullptr && pod->containers_run && pod->ray != nullptr) return pod;
  }
  return nullptr;
}

std::vector<RayNode> Kubelet::ray_nodes(const std::string& cluster) {
  std::vector<RayNode> nodes;
  const Pod* head = live_head(cluster);
  if (head == nullptr) return nodes;
  nodes.push_back({head->name, head->sight.ip});
  for (const std::string& uid : clusters_.at(cluster).workers) {
    const Pod* worker = find_uid(uid);
    if (worker != nullptr && worker->containers_run) {
      nodes.push_back({worker->name, worker->sight.ip});
    }
  }
  return nodes;
}

void Kubelet::kick(const std::string& uid, Time when) {
  agenda_.at(when, [this, uid](Time now) { step(now, uid); });
}

void Kubelet::kick_cluster(const std::string& cluster) {
  const RayClusterRecord& record = clusters_.at(cluster);
  for (const std::string& uid : record.heads) kick(uid, agenda_.now());
  for (const std::string& uid : record.workers) kick(uid, agenda_.now());
}

void Kubelet::follow_ray(const std::string& cluster) {
  const Pod* head = live_head(cluster);
  if (head == nullptr) return;
  const auto change = head->ray->next_change();
  if (!change) return;
  agenda_.at(*change, [this, cluster](Time now) {
    const Pod* alive = live_head(cluster);
    if (alive == nullptr) return;
    alive->ray->serving(now);
    kick_cluster(cluster);
    follow_ray(cluster);
  });
}

void Kubelet::stop_containers(Pod& pod) {
  pod.containers_run = false;
  pod.ready_at.reset();
  if (pod.ray == nullptr) return;
  if (pod.keeps_apps) clusters_.at(pod.cluster).kept = pod.ray->apps();
  pod.ray.reset();
}

void Kubelet::start_ray(Pod& pod, const Json& object, Time now) {
  pod.keeps_apps = storage_survives(object);
  RayApps kept;
  if (pod.keeps_apps) kept = clusters_.at(pod.cluster).kept;
  const std::string session = "session_" + std::to_string(++sessions_) + "_" + pod.name;
  pod.ray =
      std::make_unique<RayHead>(now, session, ray_version(object), ray_delays_, std::move(kept));
  follow_ray(pod.cluster);
}

void Kubelet::restart(const std::string& uid, const std::string& reason) {
  Pod* pod = find_uid(uid);
  if (pod == nullptr || pod->written.empty()) return;
  const ApiObjectPtr object = store_.find_uid(uid);
  const Time now = agenda_.now();
  stop_containers(*pod);
  pod->sight.killed = now;
  pod->sight.kill_reason = reason;
  if (object != nullptr && restart_policy(object->body) == "Never") {
    pod->stopped_for_good = true;
  } else {
    pod->restart_at = now + delays_.restart;
  }
  kick(uid, now);
  if (!pod->cluster.empty()) kick_cluster(pod->cluster);
}

void Kubelet::bind(Time now, Pod& pod, const ApiObject& object) {
  const std::string node = text_at(object.body, {"spec", "nodeName"});
  if (node.starts_with(kNodePrefix)) {
    pod.node = std::atoi(node.c_str() + std::string_view(kNodePrefix).size());
  } else {
    pod.node = next_node_++ % nodes_;
  }
  const std::string known = text_at(object.body, {"status", "podIP"});
  if (!known.empty() && !by_ip_.contains(known)) {  // Seen before the world went back in time.
    pod.sight.ip = known;
    pod_ips_.reserve(known);
  } else {
    pod.sight.ip = pod_ips_.take();
  }
  by_ip_[pod.sight.ip] = pod.uid;
  pod.sight.host_ip = "10.200.0." + std::to_string(pod.node + 1);
  pod.bound = now;
  pod.sight.bound = now;
  Json body = object.body;
  body["spec"]["nodeName"] = kNodePrefix + std::to_string(pod.node);
  body["status"] = pod_status(object.body, pod.sight, now);
  pod.written = "starting";
  api_.replace(object, std::move(body));
  kick(pod.uid, now + delays_.pod_start);
}

void Kubelet::step(Time now, const std::string& uid) {
  Pod* pod = find_uid(uid);
  const ApiObjectPtr object = store_.find_uid(uid);
  if (pod == nullptr || object == nullptr || object->deleting()) return;
  if (pod->sight.ip.empty()) {
    if (list_at(object->body, {"spec", "schedulingGates"}).empty()) bind(now, *pod, *object);
    return;
  }
  if (now < pod->bound + delays_.pod_start) return;
  std::optional<Time> again;
  pod->sight.stage = next_stage(now, *pod, object->body, again);
  if (again) kick(uid, *again);
  const std::string shown =
      std::string(name_of(pod->sight.stage)) + "/" + std::to_string(pod->sight.restarts);
  if (shown == pod->written) return;
  pod->written = shown;
  Json body = object->body;
  body["status"] = pod_status(object->body, pod->sight, now);
  const std::string cluster = pod->head ? pod->cluster : "";
  api_.replace(*object, std::move(body));
  if (!cluster.empty()) kick_cluster(cluster);
}

PodStage Kubelet::next_stage(Time now, Pod& pod, const Json& object, std::optional<Time>& again) {
  if (image_is_missing(object)) return PodStage::ImageMissing;
  if (pod.stopped_for_good) return PodStage::Failed;
  if (pod.restart_at) {
    if (now < *pod.restart_at) {
      again = pod.restart_at;
      return PodStage::Crashed;
    }
    pod.restart_at.reset();
    ++pod.sight.restarts;
  }
  if (pod.cluster.empty()) return other_stage(now, pod, object, again);
  return pod.head ? head_stage(now, pod, object, again) : worker_stage(now, pod, object, again);
}

void Kubelet::run_containers(Time now, Pod& pod) {
  if (pod.containers_run) return;
  pod.containers_run = true;
  pod.sight.running = now;
}

PodStage Kubelet::head_stage(Time now, Pod& pod, const Json& object, std::optional<Time>& again) {
  run_containers(now, pod);
  if (pod.ray == nullptr) start_ray(pod, object, now);
  if (!pod.ready_at) pod.ready_at = now + delays_.head_ready;
  if (now < *pod.ready_at) {
    again = pod.ready_at;
    return PodStage::Running;
  }
  const auto& disturbances = clusters_.at(pod.cluster).disturbances;
  const auto found = disturbances.find("dashboard");
  if (found == disturbances.end() || found->second.unready_after <= Millis(0) ||
      found->second.mode == DisturbanceMode::Latency) {
    return PodStage::Ready;
  }
  const Time fails = found->second.since + found->second.unready_after;
  if (now >= fails) return PodStage::Running;
  again = fails;
  return PodStage::Ready;
}

PodStage Kubelet::worker_stage(Time now, Pod& pod, const Json&, std::optional<Time>& again) {
  const Pod* head = live_head(pod.cluster);
  const bool head_ready = head != nullptr && head->sight.stage == PodStage::Ready;
  if (!pod.containers_run) {
    if (!head_ready) return PodStage::Init;  // Its init container waits for the head.
    run_containers(now, pod);
  }
  if (!head_ready || (pod.needs_serve && !head->ray->serving(now))) {
    pod.ready_at.reset();
    return PodStage::Running;
  }
  if (!pod.ready_at) pod.ready_at = now + delays_.worker_ready;
  if (now >= *pod.ready_at) return PodStage::Ready;
  again = pod.ready_at;
  return PodStage::Running;
}

PodStage Kubelet::other_stage(Time now, Pod& pod, const Json&, std::optional<Time>& again) {
  run_containers(now, pod);
  if (!pod.ready_at) pod.ready_at = now + delays_.worker_ready;
  if (now >= *pod.ready_at) return PodStage::Ready;
  again = pod.ready_at;
  return PodStage::Running;
}

void Kubelet::end_pod(Time, const std::string& uid) {
  const ApiObjectPtr object = store_.find_uid(uid);
  if (object == nullptr || !object->deleting()) return;
  if (Pod* pod = find_uid(uid); pod != nullptr) {
    const std::string cluster = pod->cluster;
    stop_containers(*pod);
    if (!cluster.empty()) kick_cluster(cluster);
  }
  api_.finish_removal(*object);
}

}  // namespace raycord
