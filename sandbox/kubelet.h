// The scheduler and all kubelets in one: moves each pod from Pending to Ready and away, gives it an
// address, and runs a Ray head in head pods.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/agenda.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_server.h"
#include "sandbox/ip_pool.h"
#include "sandbox/pod_status.h"
#include "sandbox/ray_clusters.h"
#include "sandbox/ray_head.h"

namespace raycord {

struct KubeletDelays {
  Millis pod_start{200};     // Bound to containers running (or init containers).
  Millis head_ready{1000};   // Head running to Ready.
  Millis worker_ready{300};  // What a worker waits for holds, to Ready.
  Millis termination{200};   // Deletion to gone.
  Millis restart{1000};      // Containers killed to running again.
};

class Kubelet {
 public:
  struct Pod {
    std::string name_space;
    std::string name;
    std::string uid;
    std::string cluster;  // "namespace/raycluster"; empty for other pods.
    bool head = false;
    bool needs_serve = false;  // Ready only while an application serves.
    int node = 0;
    bool containers_run = false;
    std::optional<Time> ready_at;
    std::optional<Time> restart_at;  // Down until then.
    bool keeps_apps = false;         // Its Ray has fault-tolerant storage.
    bool stopped_for_good = false;   // Killed, and never restarted.
    Time bound{};
    PodSight sight;
    std::string written;  // Stage and restarts of the last status written.
    std::unique_ptr<RayHead> ray;
  };

  Kubelet(ApiStore& store, ApiServer& api, Agenda& agenda, RayClusters& clusters, IpPool pod_ips,
          KubeletDelays delays, RayDelays ray_delays, int nodes);

  void look_again();  // After the store changed behind our back.

  Pod* find(std::string_view name_space, std::string_view name);
  Pod* find_uid(const std::string& uid);
  Pod* find_ip(const std::string& ip);
  bool is_pod_address(const std::string& ip) const { return pod_ips_.contains(ip); }

  // The head of a cluster whose containers run, if any.
  Pod* live_head(const std::string& cluster);
  // The head first, then the workers whose containers run.
  std::vector<RayNode> ray_nodes(const std::string& cluster);

  void restart(const std::string& uid, const std::string& reason);
  void kick_cluster(const std::string& cluster);  // Something its pods wait for changed.
  void follow_ray(const std::string& cluster);    // Wakes its pods when its applications change.

 private:
  void note(const ApiChange& change);
  void adopt(const ApiObject& object);
  void forget(const std::string& uid);
  void stop_containers(Pod& pod);
  void start_ray(Pod& pod, const Json& object, Time now);
  void kick(const std::string& uid, Time when);
  void step(Time now, const std::string& uid);
  PodStage next_stage(Time now, Pod& pod, const Json& object, std::optional<Time>& again);
  PodStage head_stage(Time now, Pod& pod, const Json& object, std::optional<Time>& again);
  PodStage worker_stage(Time now, Pod& pod, const Json& object, std::optional<Time>& again);
  PodStage other_stage(Time now, Pod& pod, const Json& object, std::optional<Time>& again);
  void run_containers(Time now, Pod& pod);
  void bind(Time now, Pod& pod, const ApiObject& object);
  void end_pod(Time now, const std::string& uid);

  ApiStore& store_;
  ApiServer& api_;
  Agenda& agenda_;
  RayClusters& clusters_;
  IpPool pod_ips_;
  KubeletDelays delays_;
  RayDelays ray_delays_;
  int nodes_;
  int next_node_ = 0;
  std::map<std::string, Pod> pods_;           // By uid.
  std::map<std::string, std::string> by_ip_;  // Address to uid.
  std::uint64_t sessions_ = 0;
};

}  // namespace raycord
