// What a decision and its outcome change: writes in flight, retries, and what we asked for.

#include <algorithm>

#include "core/apply_parts.h"
#include "core/deployed.h"
#include "core/incremental.h"
#include "core/limits.h"
#include "core/overloaded.h"
#include "core/status.h"
#include "core/wish.h"

namespace raycord {
namespace {

Cluster* cluster_of(Partition& partition, const std::string& name) {
  const auto found = partition.clusters.find(name);
  return found == partition.clusters.end() ? nullptr : &found->second;
}

// Where an object below a RayCluster belongs; empty for those of the RayService.
std::string cluster_of_object(const Partition& partition, const ObjectName& object) {
  if (object.kind == Kind::RayCluster) return object.name;
  for (const auto& [name, cluster] : partition.clusters) {
    const bool pod = object.kind == Kind::Pod && cluster.pods.count(object.name) > 0;
    const bool service = object.kind == Kind::Service && cluster.services.count(object.name) > 0;
    if (pod || service) return name;
  }
  return "";
}

void describe_pod(InFlight& write, const CreatePod& pod) {
  write.cluster = pod.cluster.object.name;
  write.node_type = pod.node_type;
  write.group = pod.group;
  write.replica_index = pod.replica_index;
  write.replica_name = pod.replica_name;
}

InFlight in_flight_of(const Partition& partition, const Decision& decision, Time at) {
  const Effect& effect = decision.effect;
  InFlight write;
  write.decided = decision.seq;
  write.rule = decision.rule;
  write.at = at;
  write.object = object_of(effect);
  write.cluster = cluster_of_object(partition, write.object);
  write.content = content_of(effect);
  write.retry_key = retry_key_of(effect);
  write.deletes = std::holds_alternative<DeleteObject>(effect);
  write.creates = std::holds_alternative<CreateCluster>(effect) ||
                  std::holds_alternative<CreatePod>(effect) ||
                  std::holds_alternative<CreateService>(effect) ||
                  std::holds_alternative<CreateDependent>(effect);
  if (const auto* pod = std::get_if<CreatePod>(&effect)) describe_pod(write, *pod);
  if (const auto* service = std::get_if<CreateService>(&effect)) {
    write.cluster = service->cluster.object.name;
  }
  if (const auto* dependent = std::get_if<CreateDependent>(&effect)) {
    write.cluster = dependent->cluster.object.name;
  }
  if (const auto* routing = std::get_if<WriteRouting>(&effect)) {
    write.creates = routing->uid.empty();
  }
  if (const auto* ingress = std::get_if<UpdateIngress>(&effect)) {
    write.cluster = ingress->cluster.object.name;
  }
  return write;
}

// A pending cluster that failed raises the count for the wish it was made for.
void note_failed_attempt(Partition& partition, Seq seq, Time at) {
  ServiceMemory& memory = partition.memory;
  const Hash wish = wish_of(partition);
  memory.attempts = memory.attempted_for == wish || !memory.attempted_for ? memory.attempts + 1 : 1;
  memory.attempted_for = wish;
  Millis wait = kBackOffFirst;
  for (std::uint32_t i = 1; i < memory.attempts && wait < kBackOffMax; ++i) wait *= 2;
  // Whole seconds: the annotation that keeps it has no more.
  memory.back_off_until = std::chrono::ceil<std::chrono::seconds>(at + std::min(wait, kBackOffMax));
  memory.attempts_since = seq;
}

void note_cluster_made(Partition& partition, const Decision& decision,
                       const CreateCluster& create) {
  ServiceMemory& memory = partition.memory;
  memory.name_counter = std::max(memory.name_counter, create.counter);
  if (create.purpose != Purpose::Failover || !partition.service) return;
  const Cluster* active = find_cluster(partition, memory.active);
  const Hash config = partition.service->value.serve_config.hash;
  const bool never_ran = active != nullptr && active->config.ran != config;
  if (decision.rule == Rule::FailOverUnhealthyApp && never_ran) memory.replaced_config = config;
}

void note_put_decided(Partition& partition, const PutServeConfig& put, Seq seq, Time at) {
  Cluster* cluster = cluster_of(partition, put.cluster);
  if (cluster == nullptr) return;
  ConfigRecord& config = cluster->config;
  const bool same_head =
      config.head_uid == put.head_uid && config.head_restarts == cluster->dashboard.head_restarts;
  Share& share = cluster->share;
  const bool again = same_head && config.asked == put.config && config.accepted == put.config &&
                     share.capacity_asked == put.capacity;
  share.capacity_asked = put.capacity;
  share.config_from_asked = put.service.seq;
  config.repeats = again ? config.repeats + 1 : 0;
  // A config of before that may show yet would be taken for this one: what showed is not known.
  const bool blurred = same_head && config.asked && config.asked != put.config &&
                       config.asked != config.refused && config.asked != config.shown_for;
  const Hash shown = shown_in(cluster->dashboard.serve.value);
  config.stuck = again && shown == config.shown_before;
  config.shown_before = blurred ? Hash{} : shown;
  if (!same_head && !config.head_uid.empty()) config.shown_for = config.shown = {};
  config.asked = put.config;
  config.asked_by = seq;
  config.asked_at = at;
  config.head_uid = put.head_uid;
  config.head_restarts = cluster->dashboard.head_restarts;
  if (config.refused != put.config) {
    config.refused = {};
    config.refusal.clear();
    config.refused_by = {};
  }
}

void note_routing_decided(Partition& partition, const WriteRouting& write) {
  if (write.kind != Kind::HTTPRoute) return;
  for (auto& [name, cluster] : partition.clusters) {
    cluster.share.traffic_asked = weight_in(write.backends, name);
  }
}

void note_deletion(Partition& partition, const Decision& decision, const DeleteObject& deletion,
                   Time at) {
  if (deletion.object.kind != Kind::RayCluster) return;
  Cluster* cluster = cluster_of(partition, deletion.object.name);
  if (cluster == nullptr) return;
  cluster->delete_decided = decision.seq;
  // A DELETE that has to be repeated is not another attempt.
  if (decision.rule != Rule::DropIllPending || cluster->given_up) return;
  cluster->given_up = true;
  note_failed_attempt(partition, decision.seq, at);
}

// The text of a status write is not in the log; where nobody could project it again
// (restore_statuses in core/turn.h), what is believed stays.
template <class Status>
void note_status(StatusBelief<Status>& belief, const Status& given, Hash content, Time at) {
  belief.written_at = at;
  belief.in_flight = hash_of(given) == content ? given : belief.value;
}

void note_put_outcome(const Partition& partition, Cluster& cluster, const WriteDone& done,
                      const Event& event) {
  ConfigRecord& config = cluster.config;
  switch (done.result) {
    case WriteResult::Done:
      config.accepted = config.asked;
      config.accepted_by = event.seq;
      config.accepted_at = event.at;
      note_share_sent(cluster);
      if (partition.service) learn_shown(partition.service->value.serve_config, cluster);
      break;
    case WriteResult::Refused:
      config.refused = config.asked;
      config.refusal = done.message;
      config.refused_by = event.seq;
      break;
    case WriteResult::Unknown:
      config.in_doubt = true;
      config.doubt_at = event.at;
      break;
    case WriteResult::Conflict:
    case WriteResult::AlreadyExists:
    case WriteResult::NotFound:
    case WriteResult::Failed:
    case WriteResult::Withdrawn:
    case WriteResult::Throttled:
      break;
  }
}

void believe_version(Partition& partition, const ObjectName& object, std::uint64_t version) {
  if (version == 0) return;
  const auto raise = [&](Meta& meta) { meta.version = std::max(meta.version, version); };
  if (object.kind == Kind::RayService && partition.service) raise(partition.service->value.meta);
  if (object.kind != Kind::RayCluster) return;
  Cluster* cluster = cluster_of(partition, object.name);
  if (cluster != nullptr && cluster->object) raise(cluster->object->value.meta);
}

// Answered by Ray, not by the API server: looking at objects does not settle it.
bool is_put(const InFlight& write) {
  return write.rule == Rule::SendServeConfig || write.rule == Rule::RaiseCapacity ||
         write.rule == Rule::LowerCapacity || write.rule == Rule::RestoreCapacity ||
         write.rule == Rule::MendOldConfig;
}

// Secrets are not looked at: what became of one is known by the answers to creating it alone.
bool makes_secret(const InFlight& write) {
  return write.creates && write.object.kind == Kind::Secret;
}

void note_done(Partition& partition, const InFlight& write, const WriteDone& done) {
  believe_version(partition, write.object, done.version);
  Cluster* cluster = cluster_of(partition, write.cluster);
  if (write.rule == Rule::WriteServiceStatus && partition.status.in_flight) {
    partition.status.value = std::move(*partition.status.in_flight);
  }
  if (write.rule == Rule::WriteClusterStatus && cluster != nullptr && cluster->status.in_flight) {
    cluster->status.value = std::move(*cluster->status.in_flight);
    for (const Condition& condition : cluster->status.value.conditions) {
      if (condition.type == "RayClusterProvisioned" && condition.status == "True") {
        cluster->provisioned = true;
      }
    }
  }
  if (write.deletes && write.object.kind == Kind::RayCluster && cluster != nullptr) {
    cluster->delete_accepted = true;
  }
  if (makes_secret(write) && cluster != nullptr) {
    cluster->access.insert({Kind::Secret, write.object.name});
  }
}

// What was sent is believed by now, or never will be.
void forget_sent_status(Partition& partition, const InFlight& write) {
  if (write.rule == Rule::WriteServiceStatus) partition.status.in_flight.reset();
  if (write.rule != Rule::WriteClusterStatus) return;
  if (Cluster* cluster = cluster_of(partition, write.cluster)) cluster->status.in_flight.reset();
}

Millis wait_before_retry(const InFlight& write, const WriteDone& done, std::uint32_t failures) {
  // Somebody else's object is not about to go.
  const bool may_be_theirs = write.rule == Rule::CreateIngress ||
                             write.rule == Rule::CreateGateway || write.rule == Rule::CreateRoute;
  const bool in_the_way = may_be_theirs && done.result == WriteResult::AlreadyExists;
  if (in_the_way) return kRetryMax;
  Millis wait = kRetryFirst;
  for (std::uint32_t i = 1; i < failures && wait < kRetryMax; ++i) wait *= 2;
  return std::min(wait, kRetryMax);
}

void note_retry(Partition& partition, const InFlight& write, const WriteDone& done,
                const Event& event) {
  Retry& retry = partition.retries[write.retry_key];
  // Writes that were decided together fail once: a hundred refused pods wait no longer than one.
  const bool together = write.decided < retry.since;
  if (retry.content != write.content) {
    retry.failures = 1;
  } else if (!together) {
    ++retry.failures;
  }
  retry.content = write.content;
  retry.not_before =
      event.at + std::max(wait_before_retry(write, done, retry.failures), done.retry_after);
  retry.result = done.result;
  retry.message = done.message;
  retry.rule = write.rule;
  retry.cluster = write.cluster;
  retry.node_type = write.node_type;
  retry.creates = write.creates;
  retry.deletes = write.deletes;
  retry.since = event.seq;
}

// Of kinds that may not be installed any more: nobody tells that their objects went with them.
bool is_routing(const InFlight& write) {
  return write.object.kind == Kind::Gateway || write.object.kind == Kind::HTTPRoute;
}

// Writes that are wanted again as long as something else does not take them for done: somebody who
// changes an Ingress or a route back, stamps a head too, a pod that has not noticed its Secret.
// They must not go round and round.
bool is_repeated_slowly(const InFlight& write, const WriteDone& done) {
  return write.rule == Rule::UpdateIngress || write.rule == Rule::StampHead ||
         write.rule == Rule::UpdateGateway || write.rule == Rule::UpdateRoute ||
         (write.rule == Rule::CreateBackendService && !write.creates) ||
         (makes_secret(write) && done.result == WriteResult::AlreadyExists) ||
         (is_routing(write) && write.deletes && done.result == WriteResult::NotFound);
}

}  // namespace

void note_share_sent(Cluster& cluster) {
  Share& share = cluster.share;
  share.capacity = share.capacity_asked;
  share.capacity_known = true;
  share.config = cluster.config.asked;
  share.config_from = share.config_from_asked;
}

void note_decision(Partition& partition, const Decision& decision, Time at) {
  const Seq seq = decision.seq;
  partition.in_flight[target_of(decision.effect)] = in_flight_of(partition, decision, at);
  std::visit(
      Overloaded{
          [&](const CreateCluster& create) { note_cluster_made(partition, decision, create); },
          [](const UpdateClusterGroups&) {},
          [&](const CreatePod& pod) {
            Cluster* cluster = cluster_of(partition, pod.cluster.object.name);
            if (cluster != nullptr) ++cluster->pod_counter;
          },
          [](const CreateService&) {},
          [](const SwitchService&) {},
          [](const CreateDependent&) {},
          [&](const DeleteObject& deletion) { note_deletion(partition, decision, deletion, at); },
          [](const SetFinalizer&) {},
          [](const LabelPod&) {},
          [](const RememberOnService&) {},
          [](const RememberOnCluster&) {},
          [&](const PutServeConfig& put) { note_put_decided(partition, put, seq, at); },
          [&](const WriteServiceStatus& write) {
            note_status(partition.status, write.status, write.content, at);
          },
          [&](const WriteClusterStatus& write) {
            Cluster* cluster = cluster_of(partition, write.name);
            if (cluster != nullptr) note_status(cluster->status, write.status, write.content, at);
          },
          [](const UpdateIngress&) {},
          [](const StampHead&) {},
          [&](const WriteRouting& write) { note_routing_decided(partition, write); },
      },
      decision.effect);
}

void note_outcome(Partition& partition, const Event& event, const WriteDone& done) {
  const auto found =
      std::find_if(partition.in_flight.begin(), partition.in_flight.end(),
                   [&](const auto& entry) { return entry.second.decided == done.decided; });
  if (found == partition.in_flight.end()) return;
  const InFlight write = found->second;
  if (done.result == WriteResult::Unknown && !is_put(write) && !makes_secret(write)) {
    found->second.doubt = event.seq;
    return;
  }
  partition.in_flight.erase(found);
  if (is_put(write)) {
    if (Cluster* cluster = cluster_of(partition, write.cluster)) {
      note_put_outcome(partition, *cluster, done, event);
    }
  }
  // Who wants an object gone and is told that it is not there has what was asked for.
  const bool is_done = done.result == WriteResult::Done ||
                       (write.deletes && done.result == WriteResult::NotFound) ||
                       (makes_secret(write) && done.result == WriteResult::AlreadyExists);
  if (write.deletes && !is_done) {
    if (Cluster* cluster = cluster_of(partition, write.cluster);
        cluster != nullptr && write.object.kind == Kind::RayCluster) {
      cluster->delete_decided = {};
    }
  }
  if (is_done) note_done(partition, write, done);
  if (is_done && !is_repeated_slowly(write, done)) {
    partition.retries.erase(write.retry_key);
  } else if (done.result != WriteResult::Withdrawn) {
    note_retry(partition, write, done, event);
  }
  forget_sent_status(partition, write);
}

void doubt_all_writes(Partition& partition, const Event& started) {
  std::erase_if(partition.in_flight, [&](const auto& entry) {
    const InFlight& write = entry.second;
    if (!is_put(write)) return false;
    if (Cluster* cluster = cluster_of(partition, write.cluster)) {
      cluster->config.in_doubt = true;
      cluster->config.doubt_at = started.at;
    }
    return true;
  });
  std::erase_if(partition.in_flight, [](const auto& entry) { return makes_secret(entry.second); });
  for (auto& [target, write] : partition.in_flight) {
    if (!write.doubt) write.doubt = started.seq;
  }
}

void settle_doubts(Partition& partition, Kind kind, Seq asked) {
  std::erase_if(partition.in_flight, [&](const auto& entry) {
    const InFlight& write = entry.second;
    if (!write.doubt || write.object.kind != kind || asked < write.doubt) return false;
    if (write.deletes && kind == Kind::RayCluster) {
      if (Cluster* cluster = cluster_of(partition, write.cluster)) cluster->delete_decided = {};
    }
    return true;
  });
}

}  // namespace raycord
