#include "formats/codec_parts.h"
#include "formats/log_objects.pb.h"

namespace raycord {
namespace {

void encode(const WorkerGroup& group, Encoding& encoding, wire::WorkerGroup& out) {
  out.set_name(encoding.text(group.name));
  out.set_replicas(group.replicas);
  out.set_min_replicas(group.min_replicas);
  out.set_max_replicas(group.max_replicas);
  out.set_hosts(group.hosts);
  out.set_suspended(group.suspended);
  for (const std::string& worker : group.workers_to_delete) {
    out.add_workers_to_delete(encoding.text(worker));
  }
}

WorkerGroup decode(const wire::WorkerGroup& in) {
  WorkerGroup group;
  group.name = in.name();
  group.replicas = in.replicas();
  group.min_replicas = in.min_replicas();
  group.max_replicas = in.max_replicas();
  group.hosts = in.hosts();
  group.suspended = in.suspended();
  group.workers_to_delete.assign(in.workers_to_delete().begin(), in.workers_to_delete().end());
  return group;
}

void encode(const DesiredResources& desired, Encoding& encoding, wire::DesiredResources& out) {
  out.set_cpu(encoding.text(desired.cpu));
  out.set_memory(encoding.text(desired.memory));
  out.set_gpu(encoding.text(desired.gpu));
  out.set_tpu(encoding.text(desired.tpu));
}

DesiredResources decode(const wire::DesiredResources& in) {
  return {in.cpu(), in.memory(), in.gpu(), in.tpu()};
}

void encode(const HeadView& head, Encoding& encoding, wire::HeadView& out) {
  out.set_pod_name(encoding.text(head.pod_name));
  out.set_pod_ip(encoding.text(head.pod_ip));
  out.set_service_name(encoding.text(head.service_name));
  out.set_service_ip(encoding.text(head.service_ip));
}

HeadView decode(const wire::HeadView& in) {
  return {in.pod_name(), in.pod_ip(), in.service_name(), in.service_ip()};
}

void encode(const RayClusterStatus& status, Encoding& encoding, wire::RayClusterStatus& out) {
  out.set_state(encoding.text(status.state));
  out.set_reason(encoding.text(status.reason));
  out.set_desired_workers(status.desired_workers);
  out.set_min_workers(status.min_workers);
  out.set_max_workers(status.max_workers);
  out.set_available_workers(status.available_workers);
  out.set_ready_workers(status.ready_workers);
  encode(status.desired, encoding, *out.mutable_desired());
  if (status.head != HeadView{}) encode(status.head, encoding, *out.mutable_head());
  for (const auto& [name, text] : status.endpoints) {
    wire::NamedText& endpoint = *out.add_endpoints();
    endpoint.set_name(encoding.text(name));
    endpoint.set_text(encoding.text(text));
  }
  for (const auto& [name, time] : status.state_times) {
    wire::NamedTime& state = *out.add_state_times();
    state.set_name(encoding.text(name));
    state.set_time(to_millis(time));
  }
  for (const Condition& condition : status.conditions) {
    encode(condition, encoding, *out.add_conditions());
  }
  out.set_observed_generation(status.observed_generation);
}

void decode(const wire::RayClusterStatus& in, RayClusterStatus& status) {
  status.state = in.state();
  status.reason = in.reason();
  status.desired_workers = in.desired_workers();
  status.min_workers = in.min_workers();
  status.max_workers = in.max_workers();
  status.available_workers = in.available_workers();
  status.ready_workers = in.ready_workers();
  status.desired = decode(in.desired());
  status.head = decode(in.head());
  for (const wire::NamedText& endpoint : in.endpoints()) {
    status.endpoints.insert_or_assign(endpoint.name(), endpoint.text());
  }
  for (const wire::NamedTime& state : in.state_times()) {
    status.state_times.insert_or_assign(state.name(), from_millis(state.time()));
  }
  for (const wire::Condition& condition : in.conditions()) {
    status.conditions.push_back(decode_condition(condition));
  }
  status.observed_generation = in.observed_generation();
}

}  // namespace

void encode(const RayClusterSlice& cluster, Encoding& encoding, wire::RayClusterSlice& out) {
  encode(cluster.meta, Kind::RayCluster, encoding, *out.mutable_meta());
  out.set_managed_elsewhere(cluster.managed_elsewhere);
  out.set_from_ray_service(cluster.from_ray_service);
  if (cluster.invalid != Invalid{}) encode(cluster.invalid, encoding, *out.mutable_invalid());
  out.set_suspended(cluster.suspended);
  out.set_autoscaling(cluster.autoscaling);
  out.set_autoscaler_v2(cluster.autoscaler_v2);
  out.set_autoscaler_account(encoding.text(cluster.autoscaler_account));
  out.set_has_multi_host_group(cluster.has_multi_host_group);
  for (const WorkerGroup& group : cluster.groups) encode(group, encoding, *out.add_groups());
  encode(cluster.desired, encoding, *out.mutable_desired());
  out.set_head_service_name(encoding.text(cluster.head_service_name));
  out.set_head_service_type(encoding.text(cluster.head_service_type));
  out.set_dashboard_port(cluster.dashboard_port);
  out.set_agent_port(cluster.agent_port);
  out.set_serve_port(cluster.serve_port);
  out.set_token_auth(cluster.token_auth);
  out.set_token_secret(encoding.text(cluster.token_secret));
  out.set_spec_revision(cluster.spec_revision.value);
  for (const Hash hash : cluster.own_hashes) out.add_own_hashes(hash.value);
  out.set_stamped_groups_plus_1(plus_one(cluster.stamped_groups));
  out.set_purpose(static_cast<wire::Purpose>(cluster.purpose));
  out.set_counter(cluster.counter);
  out.set_attempt(cluster.attempt);
  out.set_accepted_config(cluster.accepted_config.value);
  if (cluster.delete_after) out.set_delete_after(to_millis(*cluster.delete_after));
  encode(cluster.status, encoding, *out.mutable_status());
  out.set_makes_token_secret(cluster.makes_token_secret);
  out.set_redis_tolerant(cluster.redis_tolerant);
  out.set_has_redis_finalizer(cluster.has_redis_finalizer);
  if (cluster.redis_deletion_timeout_s) {
    out.set_redis_deletion_timeout_s(*cluster.redis_deletion_timeout_s);
  }
  out.set_recreates(cluster.recreates);
  out.set_no_head_restart(cluster.no_head_restart);
  out.set_wants_serve_service(cluster.wants_serve_service);
  for (const Hash part : cluster.ingress) out.add_ingress(part.value);
  out.set_doubt(encoding.text(cluster.doubt));
  out.set_names_redis_space(cluster.names_redis_space);
}

void decode(const wire::RayClusterSlice& in, Decoding& decoding, RayClusterSlice& cluster) {
  decode(in.meta(), Kind::RayCluster, decoding, cluster.meta);
  cluster.managed_elsewhere = in.managed_elsewhere();
  cluster.from_ray_service = in.from_ray_service();
  cluster.invalid = decode_invalid(in.invalid());
  cluster.suspended = in.suspended();
  cluster.autoscaling = in.autoscaling();
  cluster.autoscaler_v2 = in.autoscaler_v2();
  cluster.autoscaler_account = in.autoscaler_account();
  cluster.has_multi_host_group = in.has_multi_host_group();
  for (const wire::WorkerGroup& group : in.groups()) cluster.groups.push_back(decode(group));
  cluster.desired = decode(in.desired());
  cluster.head_service_name = in.head_service_name();
  cluster.head_service_type = in.head_service_type();
  cluster.dashboard_port = in.dashboard_port();
  cluster.agent_port = in.agent_port();
  cluster.serve_port = in.serve_port();
  cluster.token_auth = in.token_auth();
  cluster.token_secret = in.token_secret();
  cluster.spec_revision = {in.spec_revision()};
  for (const std::uint64_t hash : in.own_hashes()) cluster.own_hashes.push_back({hash});
  cluster.stamped_groups = minus_one(in.stamped_groups_plus_1());
  cluster.purpose = decoding.value<Purpose>(in.purpose(), wire::Purpose_IsValid,
                                            "object_seen.ray_cluster.purpose");
  cluster.counter = in.counter();
  cluster.attempt = in.attempt();
  cluster.accepted_config = {in.accepted_config()};
  if (in.has_delete_after()) cluster.delete_after = from_millis(in.delete_after());
  decode(in.status(), cluster.status);
  cluster.makes_token_secret = in.makes_token_secret();
  cluster.redis_tolerant = in.redis_tolerant();
  cluster.has_redis_finalizer = in.has_redis_finalizer();
  if (in.has_redis_deletion_timeout_s()) {
    cluster.redis_deletion_timeout_s = in.redis_deletion_timeout_s();
  }
  cluster.recreates = in.recreates();
  cluster.no_head_restart = in.no_head_restart();
  cluster.wants_serve_service = in.wants_serve_service();
  for (const std::uint64_t part : in.ingress()) cluster.ingress.push_back({part});
  cluster.doubt = in.doubt();
  cluster.names_redis_space = in.names_redis_space();
}

}  // namespace raycord
