#include "core/overloaded.h"
#include "formats/codec_parts.h"
#include "formats/log.pb.h"

namespace raycord {
namespace {

void encode(const Owner& owner, Encoding& encoding, wire::Owner& out) {
  out.set_kind_number(encoding.text_number(owner.kind));
  out.set_name_number(encoding.text_number(owner.name));
  out.set_uid_number(encoding.text_number(owner.uid));
}

void decode(const wire::Owner& in, Decoding& decoding, Owner& owner) {
  owner.kind = decoding.text(in.kind_number(), "meta.owner.kind_number");
  owner.name = decoding.text(in.name_number(), "meta.owner.name_number");
  owner.uid = decoding.text(in.uid_number(), "meta.owner.uid_number");
}

void encode(const PodSlice& pod, Encoding& encoding, wire::PodSlice& out) {
  encode(pod.meta, Kind::Pod, encoding, *out.mutable_meta());
  out.set_cluster_number(encoding.text_number(pod.cluster));
  out.set_node_type(static_cast<wire::NodeType>(pod.node_type));
  out.set_group_number(encoding.text_number(pod.group));
  out.set_replica_index_plus_1(plus_one(pod.replica_index));
  out.set_replica_name(encoding.text(pod.replica_name));
  out.set_host_index_plus_1(plus_one(pod.host_index));
  out.set_serve_label(encoding.text(pod.serve_label));
  out.set_phase(static_cast<wire::PodPhase>(pod.phase));
  out.set_restart_policy(static_cast<wire::RestartPolicy>(pod.restart_policy));
  out.set_ip(encoding.text(pod.ip));
  out.set_node_number(encoding.text_number(pod.node));
  out.set_has_ready_condition(pod.has_ready_condition);
  out.set_ready(pod.ready);
  out.set_ready_reason(encoding.text(pod.ready_reason));
  out.set_ready_message(encoding.text(pod.ready_message));
  out.set_ray_terminated(pod.ray_terminated);
  out.set_ray_restarts(pod.ray_restarts);
  if (pod.ray_started) out.set_ray_started(to_millis(*pod.ray_started));
  out.set_made_by(pod.made_by.value);
  out.set_made_for(pod.made_for.value);
}

void decode(const wire::PodSlice& in, Decoding& decoding, PodSlice& pod) {
  decode(in.meta(), Kind::Pod, decoding, pod.meta);
  pod.cluster = decoding.text(in.cluster_number(), "object_seen.pod.cluster_number");
  pod.node_type =
      decoding.value<NodeType>(in.node_type(), wire::NodeType_IsValid, "object_seen.pod.node_type");
  pod.group = decoding.text(in.group_number(), "object_seen.pod.group_number");
  pod.replica_index = minus_one(in.replica_index_plus_1());
  pod.replica_name = in.replica_name();
  pod.host_index = minus_one(in.host_index_plus_1());
  pod.serve_label = in.serve_label();
  pod.phase = decoding.value<PodPhase>(in.phase(), wire::PodPhase_IsValid, "object_seen.pod.phase");
  pod.restart_policy = decoding.value<RestartPolicy>(
      in.restart_policy(), wire::RestartPolicy_IsValid, "object_seen.pod.restart_policy");
  pod.ip = in.ip();
  pod.node = decoding.text(in.node_number(), "object_seen.pod.node_number");
  pod.has_ready_condition = in.has_ready_condition();
  pod.ready = in.ready();
  pod.ready_reason = in.ready_reason();
  pod.ready_message = in.ready_message();
  pod.ray_terminated = in.ray_terminated();
  pod.ray_restarts = in.ray_restarts();
  if (in.has_ray_started()) pod.ray_started = from_millis(in.ray_started());
  pod.made_by = {in.made_by()};
  pod.made_for = {in.made_for()};
}

void encode(const ServiceSlice& service, Encoding& encoding, wire::ServiceSlice& out) {
  encode(service.meta, Kind::Service, encoding, *out.mutable_meta());
  out.set_selected_cluster_number(encoding.text_number(service.selected_cluster));
  out.set_selects_serve(service.selects_serve);
  out.set_is_head_service(service.is_head_service);
  out.set_is_headless_workers(service.is_headless_workers);
  out.set_cluster_ip(encoding.text(service.cluster_ip));
  for (const ServicePort& port : service.ports) {
    wire::ServicePort& written = *out.add_ports();
    written.set_name(encoding.text(port.name));
    written.set_port(port.port);
    written.set_target(encoding.text(port.target));
    written.set_node_port(port.node_port);
  }
}

void decode(const wire::ServiceSlice& in, Decoding& decoding, ServiceSlice& service) {
  decode(in.meta(), Kind::Service, decoding, service.meta);
  service.selected_cluster =
      decoding.text(in.selected_cluster_number(), "object_seen.service.selected_cluster_number");
  service.selects_serve = in.selects_serve();
  service.is_head_service = in.is_head_service();
  service.is_headless_workers = in.is_headless_workers();
  service.cluster_ip = in.cluster_ip();
  for (const wire::ServicePort& port : in.ports()) {
    service.ports.push_back({port.name(), port.port(), port.target(), port.node_port()});
  }
}

void encode(const EndpointsSlice& endpoints, Encoding& encoding, wire::EndpointsSlice& out) {
  encode(endpoints.meta, Kind::EndpointSlice, encoding, *out.mutable_meta());
  out.set_service_number(encoding.text_number(endpoints.service));
  for (const std::string& uid : endpoints.ready_uids) {
    out.add_ready_uid_numbers(encoding.text_number(uid));
  }
}

void decode(const wire::EndpointsSlice& in, Decoding& decoding, EndpointsSlice& endpoints) {
  decode(in.meta(), Kind::EndpointSlice, decoding, endpoints.meta);
  endpoints.service = decoding.text(in.service_number(), "object_seen.endpoints.service_number");
  endpoints.ready_uids.reserve(static_cast<std::size_t>(in.ready_uid_numbers_size()));
  for (const std::uint32_t number : in.ready_uid_numbers()) {
    endpoints.ready_uids.push_back(
        decoding.text(number, "object_seen.endpoints.ready_uid_numbers"));
  }
}

void encode(const AccessSlice& access, Encoding& encoding, wire::AccessSlice& out) {
  encode(access.meta, access.kind, encoding, *out.mutable_meta());
  out.set_cluster_number(encoding.text_number(access.cluster));
}

void decode(const wire::AccessSlice& in, Decoding& decoding, AccessSlice& access) {
  access.kind =
      decoding.object(in.meta().object_number(), "object_seen.access.meta.object_number").kind;
  decode(in.meta(), access.kind, decoding, access.meta);
  access.cluster = decoding.text(in.cluster_number(), "object_seen.access.cluster_number");
}

void encode(const JobSlice& job, Encoding& encoding, wire::JobSlice& out) {
  encode(job.meta, Kind::Job, encoding, *out.mutable_meta());
  out.set_cluster_number(encoding.text_number(job.cluster));
  out.set_finished(job.finished);
  out.set_failed(job.failed);
}

void decode(const wire::JobSlice& in, Decoding& decoding, JobSlice& job) {
  decode(in.meta(), Kind::Job, decoding, job.meta);
  job.cluster = decoding.text(in.cluster_number(), "object_seen.job.cluster_number");
  job.finished = in.finished();
  job.failed = in.failed();
}

void encode(const IngressSlice& ingress, Encoding& encoding, wire::IngressSlice& out) {
  encode(ingress.meta, Kind::Ingress, encoding, *out.mutable_meta());
  out.set_cluster_number(encoding.text_number(ingress.cluster));
  for (const Hash part : ingress.parts) out.add_parts(part.value);
}

void decode(const wire::IngressSlice& in, Decoding& decoding, IngressSlice& ingress) {
  decode(in.meta(), Kind::Ingress, decoding, ingress.meta);
  ingress.cluster = decoding.text(in.cluster_number(), "object_seen.ingress.cluster_number");
  for (const std::uint64_t part : in.parts()) ingress.parts.push_back({part});
}

void encode(const GatewaySlice& gateway, Encoding& encoding, wire::GatewaySlice& out) {
  encode(gateway.meta, Kind::Gateway, encoding, *out.mutable_meta());
  out.set_gateway_class(encoding.text(gateway.gateway_class));
  for (const GatewayListener& listener : gateway.listeners) {
    wire::GatewayListener& written = *out.add_listeners();
    written.set_name(encoding.text(listener.name));
    written.set_protocol(encoding.text(listener.protocol));
    written.set_port(listener.port);
  }
  out.set_accepted(gateway.accepted);
  out.set_programmed(gateway.programmed);
  out.set_trouble(encoding.text(gateway.trouble));
}

void decode(const wire::GatewaySlice& in, Decoding& decoding, GatewaySlice& gateway) {
  decode(in.meta(), Kind::Gateway, decoding, gateway.meta);
  gateway.gateway_class = in.gateway_class();
  for (const wire::GatewayListener& listener : in.listeners()) {
    gateway.listeners.push_back({listener.name(), listener.protocol(), listener.port()});
  }
  gateway.accepted = in.accepted();
  gateway.programmed = in.programmed();
  gateway.trouble = in.trouble();
}

void encode(const RouteSlice& route, Encoding& encoding, wire::RouteSlice& out) {
  encode(route.meta, Kind::HTTPRoute, encoding, *out.mutable_meta());
  out.set_gateway(encoding.text(route.gateway));
  out.set_plain(route.plain);
  for (const RouteBackend& backend : route.backends) {
    encode(backend, encoding, *out.add_backends());
  }
  out.set_accepted(route.accepted);
  out.set_resolved(route.resolved);
  out.set_trouble(encoding.text(route.trouble));
}

void decode(const wire::RouteSlice& in, Decoding& decoding, RouteSlice& route) {
  decode(in.meta(), Kind::HTTPRoute, decoding, route.meta);
  route.gateway = in.gateway();
  route.plain = in.plain();
  for (const wire::RouteBackend& backend : in.backends()) {
    route.backends.push_back(decode_backend(backend));
  }
  route.accepted = in.accepted();
  route.resolved = in.resolved();
  route.trouble = in.trouble();
}

}  // namespace

void encode(const RouteBackend& backend, Encoding& encoding, wire::RouteBackend& out) {
  out.set_service(encoding.text(backend.service));
  out.set_ns(encoding.text(backend.ns));
  out.set_port(backend.port);
  out.set_weight(backend.weight);
}

RouteBackend decode_backend(const wire::RouteBackend& in) {
  return {in.service(), in.ns(), in.port(), in.weight()};
}

void encode(const Meta& meta, Kind kind, Encoding& encoding, wire::Meta& out) {
  out.set_object_number(encoding.touch(kind, meta.ns, meta.name));
  out.set_uid_number(encoding.text_number(meta.uid));
  out.set_version(meta.version);
  out.set_generation(meta.generation);
  out.set_created(to_millis(meta.created));
  if (meta.deleting_since) out.set_deleting_since(to_millis(*meta.deleting_since));
  if (meta.owner != Owner{}) encode(meta.owner, encoding, *out.mutable_owner());
  out.set_intent(encoding.text(meta.intent));
}

void decode(const wire::Meta& in, Kind kind, Decoding& decoding, Meta& meta) {
  decoding.object(in.object_number(), kind, "meta.object_number", meta.ns, meta.name);
  meta.uid = decoding.text(in.uid_number(), "meta.uid_number");
  meta.version = in.version();
  meta.generation = in.generation();
  meta.created = from_millis(in.created());
  if (in.has_deleting_since()) meta.deleting_since = from_millis(in.deleting_since());
  if (in.has_owner()) decode(in.owner(), decoding, meta.owner);
  meta.intent = in.intent();
}

void encode(const Condition& condition, Encoding& encoding, wire::Condition& out) {
  out.set_type(encoding.text(condition.type));
  out.set_status(encoding.text(condition.status));
  out.set_reason(encoding.text(condition.reason));
  out.set_message(encoding.text(condition.message));
  out.set_since(to_millis(condition.since));
  out.set_observed_generation(condition.observed_generation);
}

Condition decode_condition(const wire::Condition& in) {
  return {in.type(),
          in.status(),
          in.reason(),
          in.message(),
          from_millis(in.since()),
          in.observed_generation()};
}

void encode(const Invalid& invalid, Encoding& encoding, wire::Invalid& out) {
  out.set_reason(encoding.text(invalid.reason));
  out.set_message(encoding.text(invalid.message));
}

Invalid decode_invalid(const wire::Invalid& in) { return {in.reason(), in.message()}; }

void encode(const Object& object, Encoding& encoding, wire::ObjectSeen& out) {
  std::visit(
      Overloaded{
          [&](const RayServiceSlice& slice) {
            encode(slice, encoding, *out.mutable_ray_service());
          },
          [&](const RayClusterSlice& slice) {
            encode(slice, encoding, *out.mutable_ray_cluster());
          },
          [&](const PodSlice& slice) { encode(slice, encoding, *out.mutable_pod()); },
          [&](const ServiceSlice& slice) { encode(slice, encoding, *out.mutable_service()); },
          [&](const EndpointsSlice& slice) { encode(slice, encoding, *out.mutable_endpoints()); },
          [&](const AccessSlice& slice) { encode(slice, encoding, *out.mutable_access()); },
          [&](const JobSlice& slice) { encode(slice, encoding, *out.mutable_job()); },
          [&](const IngressSlice& slice) { encode(slice, encoding, *out.mutable_ingress()); },
          [&](const GatewaySlice& slice) { encode(slice, encoding, *out.mutable_gateway()); },
          [&](const RouteSlice& slice) { encode(slice, encoding, *out.mutable_route()); },
      },
      object);
}

void decode(const wire::ObjectSeen& in, Decoding& decoding, Object& object) {
  switch (in.object_case()) {
    case wire::ObjectSeen::kRayService:
      return decode(in.ray_service(), decoding, object.emplace<RayServiceSlice>());
    case wire::ObjectSeen::kRayCluster:
      return decode(in.ray_cluster(), decoding, object.emplace<RayClusterSlice>());
    case wire::ObjectSeen::kPod:
      return decode(in.pod(), decoding, object.emplace<PodSlice>());
    case wire::ObjectSeen::kService:
      return decode(in.service(), decoding, object.emplace<ServiceSlice>());
    case wire::ObjectSeen::kEndpoints:
      return decode(in.endpoints(), decoding, object.emplace<EndpointsSlice>());
    case wire::ObjectSeen::kAccess:
      return decode(in.access(), decoding, object.emplace<AccessSlice>());
    case wire::ObjectSeen::kJob:
      return decode(in.job(), decoding, object.emplace<JobSlice>());
    case wire::ObjectSeen::kIngress:
      return decode(in.ingress(), decoding, object.emplace<IngressSlice>());
    case wire::ObjectSeen::kGateway:
      return decode(in.gateway(), decoding, object.emplace<GatewaySlice>());
    case wire::ObjectSeen::kRoute:
      return decode(in.route(), decoding, object.emplace<RouteSlice>());
    case wire::ObjectSeen::OBJECT_NOT_SET:
      return decoding.fail_kind(in, "object_seen");
  }
}

}  // namespace raycord
