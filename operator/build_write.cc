#include "operator/build_write.h"

#include <utility>

#include "adapters/kube/kube_api.h"
#include "core/build/cluster.h"
#include "core/build/ingress.h"
#include "core/build/options.h"
#include "core/build/patch.h"
#include "core/build/pod.h"
#include "core/build/rbac.h"
#include "core/build/redis_cleanup.h"
#include "core/build/routing.h"
#include "core/build/service.h"
#include "core/build/token_secret.h"
#include "core/names.h"
#include "core/roles.h"
#include "formats/json_field.h"
#include "formats/patch_json.h"
#include "formats/serve_config.h"
#include "formats/spec_hash.h"
#include "formats/status_json.h"

namespace raycord {
namespace {

constexpr const char* kMergePatch = "application/merge-patch+json";
constexpr const char* kJsonPatch = "application/json-patch+json";

BuildOptions build_options(const Options& options) {
  BuildOptions build;
  build.version = options.version;
  build.cluster_domain = options.cluster_domain;
  build.headless_head_service = options.headless_head_service;
  build.inject_probes = options.inject_probes;
  build.inject_init_container = options.inject_init_container;
  build.login_shell = options.login_shell;
  return build;
}

KubeWrite create(const ObjectName& object, std::string body) {
  KubeWrite write;
  write.verb = KubeVerb::Create;
  write.method = "POST";
  write.path = api_path(object.kind, object.ns, "");
  write.body = std::move(body);
  write.object = object;
  return write;
}

KubeWrite change(const ObjectName& object, const std::string& uid, const char* type,
                 std::string body) {
  KubeWrite write;
  write.verb = KubeVerb::Change;
  write.method = "PATCH";
  write.path = api_path(object.kind, object.ns, object.name);
  write.content_type = type;
  write.body = std::move(body);
  write.object = object;
  write.uid = uid;
  return write;
}

KubeWrite change_status(const ObjectName& object, const std::string& uid, std::string body) {
  KubeWrite write = change(object, uid, kJsonPatch, std::move(body));
  write.verb = KubeVerb::Status;
  write.path += "/status";
  return write;
}

// Turns one decision into a request; every overload is one effect.
class Builder {
 public:
  Builder(const PendingWrite& pending, const WriteSources& sources)
      : pending_(pending),
        sources_(sources),
        intent_(intent_of(sources.log_id, pending.decision.seq)),
        options_(build_options(sources.options)),
        object_(object_of(pending.decision.effect)) {}

  using Built = Result<std::variant<KubeWrite, ServePut>>;

  Built operator()(const CreateCluster& effect) const {
    auto service = sources_.fetch(effect.service);
    if (!service) return fail(service.error());
    ClusterParameters parameters;
    parameters.name = effect.name;
    parameters.intent = intent_;
    parameters.spec_revision = to_hex(effect.spec_revision);
    parameters.purpose = name_of(effect.purpose);
    parameters.counter = effect.counter;
    parameters.attempt = effect.attempt;
    parameters.at_min_size = effect.at_min_size;
    parameters.spec_hash = parameters.spec_revision;
    return created(build_ray_cluster(*service, parameters, options_));
  }

  Built operator()(const UpdateClusterGroups& effect) const {
    auto service = sources_.fetch(effect.service);
    if (!service) return fail(service.error());
    auto cluster = sources_.fetch(effect.cluster);
    if (!cluster) return fail(cluster.error());
    GroupsParameters parameters;
    parameters.intent = intent_;
    parameters.spec_revision = to_hex(effect.spec_revision);
    parameters.spec_hash = parameters.spec_revision;
    parameters.resource_version = std::to_string(effect.version);
    auto body = build_cluster_groups_patch(*service, *cluster, parameters, options_);
    if (!body) return fail(body.error());
    return {change(object_, effect.uid, kMergePatch, std::move(*body))};
  }

  Built operator()(const CreatePod& effect) const {
    auto cluster = sources_.fetch(effect.cluster);
    if (!cluster) return fail(cluster.error());
    PodParameters parameters;
    parameters.name = effect.name;
    parameters.intent = intent_;
    const auto revision = spec_revision_of(*cluster);
    if (!revision) return fail(revision.error());
    parameters.spec_hash = to_hex(*revision);
    if (effect.node_type == NodeType::Head) {
      return created(build_head_pod(*cluster, parameters, options_));
    }
    parameters.group = effect.group;
    parameters.replica_index = effect.replica_index;
    parameters.replica_name = effect.replica_name;
    parameters.host_index = effect.host_index;
    return created(build_worker_pod(*cluster, parameters, options_));
  }

  Built operator()(const CreateService& effect) const {
    auto body = service_body(effect.role, effect.service, effect.cluster);
    return created(std::move(body));
  }

  Built operator()(const SwitchService& effect) const {
    auto current = sources_.fetch(effect.current);
    if (!current) return fail(current.error());
    auto desired = service_body(effect.role, effect.service, effect.cluster);
    if (!desired) return fail(desired.error());
    auto body = build_service_switch(*current, *desired, std::to_string(effect.version));
    if (!body) return fail(body.error());
    return {change(object_, effect.uid, kMergePatch, std::move(*body))};
  }

  Built operator()(const CreateDependent& effect) const {
    auto cluster = sources_.fetch(effect.cluster);
    if (!cluster) return fail(cluster.error());
    return created(dependent_body(effect.kind, *cluster));
  }

  Built operator()(const UpdateIngress& effect) const {
    auto cluster = sources_.fetch(effect.cluster);
    if (!cluster) return fail(cluster.error());
    auto current = sources_.fetch(effect.current);
    if (!current) return fail(current.error());
    auto body = build_ingress_update(*current, *cluster, intent_, std::to_string(effect.version));
    if (!body) return fail(body.error());
    return {change(object_, effect.uid, kMergePatch, std::move(*body))};
  }

  Built operator()(const WriteRouting& effect) const {
    auto service = sources_.fetch(effect.service);
    if (!service) return fail(service.error());
    const bool gateway = effect.kind == Kind::Gateway;
    if (effect.uid.empty()) {
      return created(gateway ? build_gateway(*service, intent_)
                             : build_route(*service, effect.backends, intent_));
    }
    auto current = sources_.fetch(effect.current);
    if (!current) return fail(current.error());
    const std::string version = std::to_string(effect.version);
    auto body = gateway ? build_gateway_update(*current, *service, intent_, version)
                        : build_route_update(*current, *service, effect.backends, intent_, version);
    if (!body) return fail(body.error());
    return {change(object_, effect.uid, kMergePatch, std::move(*body))};
  }

  Built operator()(const StampHead& effect) const {
    return {change(object_, effect.uid, kMergePatch, stamp_patch(effect, options_.version))};
  }

  Built operator()(const DeleteObject& effect) const {
    KubeWrite write;
    write.verb = KubeVerb::Delete;
    write.method = "DELETE";
    write.path = api_path(object_.kind, object_.ns, object_.name);
    write.body = delete_options(effect.uid);
    write.object = object_;
    write.uid = effect.uid;
    return {write};
  }

  Built operator()(const SetFinalizer& effect) const {
    auto owner = sources_.fetch(effect.owner);
    if (!owner) return fail(owner.error());
    auto body = finalizer_patch(effect, *owner);
    if (!body) return fail(body.error());
    return {change(object_, effect.uid, kJsonPatch, std::move(*body))};
  }

  Built operator()(const LabelPod& effect) const {
    return {change(object_, effect.uid, kMergePatch, label_patch(effect))};
  }

  Built operator()(const RememberOnService& effect) const {
    return {change(object_, effect.uid, kMergePatch, annotation_patch(effect))};
  }

  Built operator()(const RememberOnCluster& effect) const {
    return {change(object_, effect.uid, kMergePatch, annotation_patch(effect))};
  }

  Built operator()(const PutServeConfig& effect) const {
    auto service = sources_.fetch(effect.service);
    if (!service) return fail(service.error());
    auto yaml = json_text_at(*service, {"spec", "serveConfigV2"});
    if (!yaml) return fail(yaml.error());
    auto body =
        effect.capacity ? serve_config_json(*yaml, *effect.capacity) : serve_config_json(*yaml);
    if (!body) return fail(body.error());
    ServePut put;
    put.ns = effect.ns;
    put.cluster = effect.cluster;
    put.address = effect.address;
    put.port = effect.port;
    put.agent_port = pending_.head.agent_port;
    put.to_agent = effect.to_agent;
    put.head_pod = pending_.head.head_pod;
    put.head_service = pending_.head.head_service;
    put.token_secret = effect.token_secret;
    put.body = std::move(*body);
    return {put};
  }

  Built operator()(const WriteServiceStatus& effect) const {
    std::string body = ray_service_status_json(effect, pending_.decided_at);
    return {change_status(object_, effect.uid, std::move(body))};
  }

  Built operator()(const WriteClusterStatus& effect) const {
    std::string body = ray_cluster_status_json(effect, pending_.decided_at);
    return {change_status(object_, effect.uid, std::move(body))};
  }

 private:
  Built created(Result<std::string> body) const {
    if (!body) return fail(body.error());
    return {create(object_, std::move(*body))};
  }

  Result<std::string> dependent_body(Kind kind, const std::string& cluster) const {
    switch (kind) {
      case Kind::ServiceAccount:
        return build_autoscaler_service_account(cluster, intent_);
      case Kind::Role:
        return build_autoscaler_role(cluster, intent_);
      case Kind::RoleBinding:
        return build_autoscaler_role_binding(cluster, intent_);
      case Kind::Job:
        return build_redis_cleanup(cluster, intent_, options_);
      case Kind::Ingress:
        return build_ingress(cluster, intent_);
      case Kind::Secret:
        return build_token_secret(cluster, intent_, sources_.new_token());
      case Kind::RayService:
      case Kind::RayCluster:
      case Kind::Pod:
      case Kind::Service:
      case Kind::EndpointSlice:
      case Kind::Gateway:
      case Kind::HTTPRoute:
        break;
    }
    return fail(ErrorCode::Unsupported,
                std::string(name_of(kind)) + " is nothing that a RayCluster has one of");
  }

  Result<std::string> service_body(ServiceRole role, const Template& service,
                                   const Template& cluster) const {
    auto cluster_json = sources_.fetch(cluster);
    if (!cluster_json) return fail(cluster_json.error());
    if (role == ServiceRole::ClusterHead) {
      return build_cluster_head_service(*cluster_json, intent_, options_);
    }
    if (role == ServiceRole::HeadlessWorkers) {
      return build_headless_worker_service(*cluster_json, intent_);
    }
    if (role == ServiceRole::ClusterServe) {
      return build_cluster_serve_service(*cluster_json, intent_);
    }
    auto service_json = sources_.fetch(service);
    if (!service_json) return fail(service_json.error());
    if (role == ServiceRole::Backend) {
      return build_backend_service(*service_json, *cluster_json, intent_);
    }
    if (role == ServiceRole::Serve) {
      return build_serve_service(*service_json, *cluster_json, intent_);
    }
    return build_service_head_service(*service_json, *cluster_json, intent_, options_);
  }

  const PendingWrite& pending_;
  const WriteSources& sources_;
  std::string intent_;
  BuildOptions options_;
  ObjectName object_;
};

}  // namespace

std::string intent_of(const std::string& log_id, Seq seq) {
  return log_id + ":" + std::to_string(seq.value);
}

PendingWrite pending_write(const State& state, Decision decision) {
  PendingWrite pending;
  pending.decided_at = state.now;
  if (const auto* put = std::get_if<PutServeConfig>(&decision.effect)) {
    const auto home = state.partitions.find(decision.partition);
    const Cluster* cluster =
        home == state.partitions.end() ? nullptr : find_cluster(home->second, put->cluster);
    if (cluster != nullptr && cluster->object) {
      const RayClusterSlice& slice = cluster->object->value;
      pending.head.agent_port = slice.agent_port;
      pending.head.head_service = slice.head_service_name.empty()
                                      ? head_service_name(slice.meta.name)
                                      : slice.head_service_name;
      if (const auto* head = head_pod_of(*cluster)) pending.head.head_pod = head->value.meta.name;
    }
  }
  pending.decision = std::move(decision);
  return pending;
}

Result<WriteOrder> build_write(const PendingWrite& pending, const WriteSources& sources) {
  auto built = std::visit(Builder(pending, sources), pending.decision.effect);
  if (!built) return fail(built.error());
  return WriteOrder{pending.decision.seq, std::move(*built)};
}

}  // namespace raycord
