// What a partition believes. The state may grow from build to build, unlike what the log holds; so
// its members are listed here, and what nobody asks for may be missing.

#include <initializer_list>

#include "replay/json_fields.h"

namespace raycord {
namespace {

JsonTree object_of(std::initializer_list<std::pair<Name, JsonTree>> members) {
  JsonTree json = JsonTree::object();
  for (const auto& [name, value] : members) set(json, name, value);
  return json;
}

}  // namespace

// A known value, with the event that taught it in front.
template <class T>
JsonTree value_of(const Known<T>& known) {
  JsonTree json = object_of({{"sinceEvent", value_of(known.since)}});
  json.update(value_of(known.value));
  return json;
}

JsonTree value_of(const std::set<std::pair<Kind, std::string>>& access) {
  JsonTree list;
  for (const auto& [kind, name] : access) list.push_back(std::string(name_of(kind)) + " " + name);
  return list;
}

JsonTree value_of(const IllClock& clock) {
  if (!clock.first) return JsonTree();
  return object_of({{"firstEvent", value_of(clock.first)},
                    {"latestEvent", value_of(clock.latest)},
                    {"since", value_of(clock.since)},
                    {"until", value_of(clock.until)},
                    {"observedMillis", value_of(clock.counted)},
                    {"paused", clock.paused}});
}

JsonTree value_of(const Dashboard& dashboard) {
  return object_of({{"headUid", value_of(dashboard.head_uid)},
                    {"headRestarts", dashboard.head_restarts},
                    {"armed", dashboard.armed},
                    {"viaAgent", dashboard.via_agent},
                    {"latest", value_of(dashboard.latest)},
                    {"serve", value_of(dashboard.serve)},
                    {"serveAt", value_of(dashboard.serve_at)},
                    {"silent", value_of(dashboard.silent)},
                    {"illApps", value_of(dashboard.ill_apps)},
                    {"runningSince", value_of(dashboard.running_since)},
                    {"runningUntil", value_of(dashboard.running_until)}});
}

JsonTree value_of(const Proxy& proxy) {
  if (!proxy.since) return JsonTree();
  return object_of({{"headUid", value_of(proxy.head_uid)},
                    {"headRestarts", proxy.head_restarts},
                    {"healthy", proxy.healthy},
                    {"sinceEvent", value_of(proxy.since)}});
}

JsonTree value_of(const ConfigRecord& config) {
  return object_of({{"asked", value_of(config.asked)},
                    {"askedBy", value_of(config.asked_by)},
                    {"askedAt", value_of(config.asked_at)},
                    {"accepted", value_of(config.accepted)},
                    {"acceptedBy", value_of(config.accepted_by)},
                    {"refused", value_of(config.refused)},
                    {"refusal", value_of(config.refusal)},
                    {"refusedBy", value_of(config.refused_by)},
                    {"inDoubt", config.in_doubt},
                    {"shownFor", value_of(config.shown_for)},
                    {"shown", value_of(config.shown)},
                    {"headUid", value_of(config.head_uid)},
                    {"headRestarts", config.head_restarts},
                    {"ran", value_of(config.ran)},
                    {"ranSince", value_of(config.ran_since)}});
}

template <class Status>
JsonTree value_of(const StatusBelief<Status>& belief) {
  return object_of(
      {{"believed", value_of(belief.value)}, {"writtenAt", value_of(belief.written_at)}});
}

JsonTree value_of(const Cluster& cluster) {
  return object_of({{"object", value_of(cluster.object)},
                    {"pods", value_of(cluster.pods)},
                    {"services", value_of(cluster.services)},
                    {"access", value_of(cluster.access)},
                    {"jobs", value_of(cluster.jobs)},
                    {"ingresses", value_of(cluster.ingresses)},
                    {"dashboard", value_of(cluster.dashboard)},
                    {"proxy", value_of(cluster.proxy)},
                    {"config", value_of(cluster.config)},
                    {"status", value_of(cluster.status)},
                    {"podCounter", cluster.pod_counter},
                    {"headUnreadySince", value_of(cluster.head_unready_since)},
                    {"deleteDecided", value_of(cluster.delete_decided)},
                    {"deleteAccepted", cluster.delete_accepted},
                    {"provisioned", cluster.provisioned}});
}

JsonTree value_of(const InFlight& write) {
  return object_of({{"decided", value_of(write.decided)},
                    {"rule", value_of(write.rule)},
                    {"at", value_of(write.at)},
                    {"inDoubtSince", value_of(write.doubt)},
                    {"object", value_of(write.object)},
                    {"cluster", value_of(write.cluster)},
                    {"content", value_of(write.content)},
                    {"creates", write.creates},
                    {"deletes", write.deletes}});
}

JsonTree value_of(const Retry& retry) {
  return object_of({{"failures", retry.failures},
                    {"notBefore", value_of(retry.not_before)},
                    {"result", value_of(retry.result)},
                    {"message", value_of(retry.message)},
                    {"rule", value_of(retry.rule)},
                    {"cluster", value_of(retry.cluster)},
                    {"sinceEvent", value_of(retry.since)}});
}

JsonTree value_of(const Tombstone& tombstone) {
  return object_of({{"uid", value_of(tombstone.uid)}, {"resourceVersion", tombstone.version}});
}

JsonTree value_of(const ServiceMemory& memory) {
  return object_of({{"active", value_of(memory.active)},
                    {"activeSince", value_of(memory.active_since)},
                    {"nameCounter", memory.name_counter},
                    {"attempts", memory.attempts},
                    {"backOffUntil", value_of(memory.back_off_until)},
                    {"attemptsSince", value_of(memory.attempts_since)},
                    {"attemptedFor", value_of(memory.attempted_for)},
                    {"replacedConfig", value_of(memory.replaced_config)}});
}

JsonTree json_of(const Partition& partition) {
  return object_of({{"root", value_of(partition.root)},
                    {"namespace", value_of(partition.ns)},
                    {"name", value_of(partition.name)},
                    {"service", value_of(partition.service)},
                    {"status", value_of(partition.status)},
                    {"clusters", value_of(partition.clusters)},
                    {"services", value_of(partition.services)},
                    {"endpointSlices", value_of(partition.endpoint_slices)},
                    {"memory", value_of(partition.memory)},
                    {"inFlight", value_of(partition.in_flight)},
                    {"retries", value_of(partition.retries)},
                    {"tombstones", value_of(partition.tombstones)},
                    {"quarantine", value_of(partition.quarantine)},
                    {"quarantined", value_of(partition.quarantined)},
                    {"last", value_of(partition.last)}});
}

}  // namespace raycord
