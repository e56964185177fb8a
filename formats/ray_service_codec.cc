#include "formats/codec_parts.h"
#include "formats/log_objects.pb.h"

namespace raycord {
namespace {

void encode(const ServeConfig& config, Encoding& encoding, wire::ServeConfig& out) {
  out.set_hash(config.hash.value);
  out.set_error(encoding.text(config.error));
  for (const auto& [name, hash] : config.apps) {
    wire::NamedHash& app = *out.add_apps();
    app.set_name(encoding.text(name));
    app.set_hash(hash.value);
  }
}

ServeConfig decode(const wire::ServeConfig& in) {
  ServeConfig config{{in.hash()}, in.error(), {}};
  for (const wire::NamedHash& app : in.apps()) {
    config.apps.insert_or_assign(app.name(), Hash{app.hash()});
  }
  return config;
}

void encode(const AppView& app, Encoding& encoding, wire::AppView& out) {
  out.set_name(encoding.text(app.name));
  out.set_status(encoding.text(app.status));
  out.set_message(encoding.text(app.message));
  for (const DeploymentView& deployment : app.deployments) {
    wire::DeploymentView& view = *out.add_deployments();
    view.set_name(encoding.text(deployment.name));
    view.set_status(encoding.text(deployment.status));
    view.set_message(encoding.text(deployment.message));
  }
}

AppView decode(const wire::AppView& in) {
  AppView app{in.name(), in.status(), in.message(), {}};
  for (const wire::DeploymentView& view : in.deployments()) {
    app.deployments.push_back({view.name(), view.status(), view.message()});
  }
  return app;
}

void encode(const ClusterView& view, Encoding& encoding, wire::ClusterView& out) {
  out.set_cluster(encoding.text(view.cluster));
  for (const AppView& app : view.apps) encode(app, encoding, *out.add_apps());
  if (view.target_capacity) out.set_target_capacity(*view.target_capacity);
  if (view.traffic_percent) out.set_traffic_percent(*view.traffic_percent);
  if (view.traffic_moved) out.set_traffic_moved(to_millis(*view.traffic_moved));
}

ClusterView decode(const wire::ClusterView& in) {
  ClusterView view;
  view.cluster = in.cluster();
  for (const wire::AppView& app : in.apps()) view.apps.push_back(decode(app));
  if (in.has_target_capacity()) view.target_capacity = in.target_capacity();
  if (in.has_traffic_percent()) view.traffic_percent = in.traffic_percent();
  if (in.has_traffic_moved()) view.traffic_moved = from_millis(in.traffic_moved());
  return view;
}

void encode(const IncrementalOptions& options, Encoding& encoding, wire::IncrementalOptions& out) {
  out.set_max_surge(options.max_surge);
  out.set_step(options.step);
  out.set_interval_s(options.interval_s);
  out.set_gateway_class(encoding.text(options.gateway_class));
}

IncrementalOptions decode(const wire::IncrementalOptions& in) {
  return {in.max_surge(), in.step(), in.interval_s(), in.gateway_class()};
}

void encode(const RayServiceStatus& status, Encoding& encoding, wire::RayServiceStatus& out) {
  for (const Condition& condition : status.conditions) {
    encode(condition, encoding, *out.add_conditions());
  }
  out.set_service_status(encoding.text(status.service_status));
  if (status.active != ClusterView{}) encode(status.active, encoding, *out.mutable_active());
  if (status.pending != ClusterView{}) encode(status.pending, encoding, *out.mutable_pending());
  out.set_endpoints(status.endpoints);
  out.set_observed_generation(status.observed_generation);
}

void decode(const wire::RayServiceStatus& in, RayServiceStatus& status) {
  for (const wire::Condition& condition : in.conditions()) {
    status.conditions.push_back(decode_condition(condition));
  }
  status.service_status = in.service_status();
  status.active = decode(in.active());
  status.pending = decode(in.pending());
  status.endpoints = in.endpoints();
  status.observed_generation = in.observed_generation();
}

}  // namespace

void encode(const RayServiceSlice& service, Encoding& encoding, wire::RayServiceSlice& out) {
  encode(service.meta, Kind::RayService, encoding, *out.mutable_meta());
  out.set_has_finalizer(service.has_finalizer);
  out.set_managed_elsewhere(service.managed_elsewhere);
  out.set_suspended(service.suspended);
  if (service.invalid != Invalid{}) encode(service.invalid, encoding, *out.mutable_invalid());
  for (const Hash hash : service.cluster_hashes) out.add_cluster_hashes(hash.value);
  out.set_muted_hash(service.muted_hash.value);
  for (const std::string& group : service.groups) out.add_groups(encoding.text(group));
  if (service.serve_config != ServeConfig{}) {
    encode(service.serve_config, encoding, *out.mutable_serve_config());
  }
  out.set_upgrade(static_cast<wire::UpgradeType>(service.upgrade));
  out.set_exclude_head_from_serve(service.exclude_head_from_serve);
  if (service.service_unhealthy_s) out.set_service_unhealthy_s(*service.service_unhealthy_s);
  if (service.deployment_unhealthy_s) {
    out.set_deployment_unhealthy_s(*service.deployment_unhealthy_s);
  }
  if (service.deletion_delay_s) out.set_deletion_delay_s(*service.deletion_delay_s);
  if (service.initializing_timeout_s) {
    out.set_initializing_timeout_s(*service.initializing_timeout_s);
  }
  out.set_serve_service_name(encoding.text(service.serve_service_name));
  out.set_has_serve_port(service.has_serve_port);
  out.set_failover(static_cast<wire::FailoverMode>(service.failover));
  out.set_end_drain(service.end_drain);
  out.set_name_counter(service.name_counter);
  out.set_attempts(service.attempts);
  if (service.back_off_until) out.set_back_off_until(to_millis(*service.back_off_until));
  if (service.incremental) encode(*service.incremental, encoding, *out.mutable_incremental());
  if (service.status != RayServiceStatus{}) {
    encode(service.status, encoding, *out.mutable_status());
  }
}

void decode(const wire::RayServiceSlice& in, Decoding& decoding, RayServiceSlice& service) {
  decode(in.meta(), Kind::RayService, decoding, service.meta);
  service.has_finalizer = in.has_finalizer();
  service.managed_elsewhere = in.managed_elsewhere();
  service.suspended = in.suspended();
  service.invalid = decode_invalid(in.invalid());
  for (const std::uint64_t hash : in.cluster_hashes()) service.cluster_hashes.push_back({hash});
  service.muted_hash = {in.muted_hash()};
  service.groups.assign(in.groups().begin(), in.groups().end());
  service.serve_config = decode(in.serve_config());
  service.upgrade = decoding.value<UpgradeType>(in.upgrade(), wire::UpgradeType_IsValid,
                                                "object_seen.ray_service.upgrade");
  service.exclude_head_from_serve = in.exclude_head_from_serve();
  if (in.has_service_unhealthy_s()) service.service_unhealthy_s = in.service_unhealthy_s();
  if (in.has_deployment_unhealthy_s()) {
    service.deployment_unhealthy_s = in.deployment_unhealthy_s();
  }
  if (in.has_deletion_delay_s()) service.deletion_delay_s = in.deletion_delay_s();
  if (in.has_initializing_timeout_s()) {
    service.initializing_timeout_s = in.initializing_timeout_s();
  }
  service.serve_service_name = in.serve_service_name();
  service.has_serve_port = in.has_serve_port();
  service.failover = decoding.value<FailoverMode>(in.failover(), wire::FailoverMode_IsValid,
                                                  "object_seen.ray_service.failover");
  service.end_drain = in.end_drain();
  service.name_counter = in.name_counter();
  service.attempts = in.attempts();
  if (in.has_back_off_until()) service.back_off_until = from_millis(in.back_off_until());
  if (in.has_incremental()) service.incremental = decode(in.incremental());
  decode(in.status(), service.status);
}

}  // namespace raycord
