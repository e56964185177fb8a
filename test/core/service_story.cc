#include "test/core/service_story.h"

#include "core/status.h"

namespace raycord {
namespace {

constexpr Millis kHeard = std::chrono::seconds(8);  // And 2 s until the next probe.

std::string name_of(const Cluster* cluster) {
  return cluster == nullptr ? "" : cluster->object->value.meta.name;
}

bool is_there(const History& history, const std::string& cluster) {
  return find_cluster(history.service(kSvc), cluster) != nullptr;
}

}  // namespace

Roles roles_in(const History& history) { return roles_of(history.service(kSvc)); }

std::string active_of(const History& history) { return name_of(roles_in(history).active); }

std::string pending_of(const History& history) { return name_of(roles_in(history).pending); }

std::vector<std::string> leaving_of(const History& history) {
  std::vector<std::string> names;
  for (const Cluster* cluster : roles_in(history).leaving) names.push_back(name_of(cluster));
  return names;
}

const RayServiceSlice& svc_of(const History& history) {
  return history.service(kSvc).service.value().value;
}

std::string begin(History& history, const RayServiceSlice& service) {
  history.see(service);
  history.settle();
  return pending_of(history);
}

void start_cluster(History& history, const std::string& cluster) {
  history.settle();
  history.start_pods(cluster);
  history.hear_proxy(cluster, true);
  history.settle();
}

void become_ready(History& history, const std::string& cluster) {
  start_cluster(history, cluster);
  history.hear(cluster, running(svc_of(history).serve_config));
}

std::string serve(History& history, const RayServiceSlice& service) {
  const std::string cluster = begin(history, service);
  become_ready(history, cluster);
  history.settle();
  history.fill_endpoints();
  history.settle();
  history.wait(std::chrono::seconds(2));
  history.settle();
  return active_of(history);
}

std::string upgrade(History& history, const std::string& spec) {
  history.edit_service(kSvc, [&](RayServiceSlice& slice) {
    slice.cluster_hashes = cluster_hashes(spec, slice.groups.size());
    ++slice.meta.generation;
  });
  history.settle();
  return pending_of(history);
}

std::string upgrade_and_switch(History& history, const std::string& spec) {
  const std::string pending = upgrade(history, spec);
  become_ready(history, pending);
  history.settle();
  history.fill_endpoints();
  history.settle();
  return active_of(history);
}

std::vector<Decision> live(History& history, Millis length, const std::function<void()>& hear) {
  const Time end = history.now() + length;
  std::vector<Decision> all;
  while (history.now() < end) {
    hear();
    for (Decision& decision : history.settle()) all.push_back(std::move(decision));
    history.wait(kProbePeriod);
  }
  return all;
}

std::vector<Decision> live_silent(History& history, const std::string& cluster, Millis length) {
  return live(history, length, [&] {
    if (!is_there(history, cluster)) return history.wait(kHeard);
    history.hear_silence(cluster, ProbeTrouble::Timeout, kHeard);
  });
}

std::vector<Decision> live_with(History& history, const std::string& cluster,
                                const std::string& status, Millis length) {
  return live(history, length, [&] {
    if (!is_there(history, cluster)) return history.wait(kHeard);
    history.hear(cluster, with_status(svc_of(history).serve_config, status), kHeard);
  });
}

std::string fail_over(History& history, const std::string& active) {
  live_silent(history, active, std::chrono::seconds(310));
  return pending_of(history);
}

CreateCluster creation_in(const std::vector<Decision>& decisions) {
  const std::vector<CreateCluster> created = effects_of<CreateCluster>(decisions);
  return created.empty() ? CreateCluster{} : created.front();
}

const Condition* condition_of(const History& history, const char* type) {
  return find_condition(svc_of(history).status.conditions, type);
}

std::string condition_text(const History& history, const char* type) {
  const Condition* condition = condition_of(history, type);
  return condition == nullptr ? "" : condition->status + " " + condition->reason;
}

}  // namespace raycord
