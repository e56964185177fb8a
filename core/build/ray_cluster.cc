#include "core/build/ray_cluster.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/build/labels.h"
#include "core/check.h"
#include "core/names.h"
#include "core/text.h"

namespace raycord {
namespace {

constexpr std::array kObjectFields = {
    Field{"metadata", Shape::Members},
    Field{"metadata.name", Shape::Text},
    Field{"metadata.namespace", Shape::Text},
    Field{"metadata.uid", Shape::Text},
    Field{"metadata.labels", Shape::TextMap},
    Field{"metadata.annotations", Shape::TextMap},
    Field{"spec", Shape::Members},
};

constexpr std::array kSpecFields = {
    Field{"rayVersion", Shape::Text},
    Field{"enableInTreeAutoscaling", Shape::Flag},
    Field{"headServiceAnnotations", Shape::TextMap},
    Field{"autoscalerOptions", Shape::Members},
    Field{"autoscalerOptions.version", Shape::Text},
    Field{"autoscalerOptions.image", Shape::Text},
    Field{"autoscalerOptions.imagePullPolicy", Shape::Text},
    Field{"autoscalerOptions.resources", Shape::Members},
    Field{"autoscalerOptions.securityContext", Shape::Members},
    Field{"autoscalerOptions.env", Shape::Objects},
    Field{"autoscalerOptions.envFrom", Shape::Objects},
    Field{"autoscalerOptions.volumeMounts", Shape::Objects},
    Field{"autoscalerOptions.command", Shape::Texts},
    Field{"autoscalerOptions.args", Shape::Texts},
    Field{"authOptions", Shape::Members},
    Field{"authOptions.mode", Shape::Text},
    Field{"authOptions.secretName", Shape::Text},
    Field{"authOptions.enableK8sTokenAuth", Shape::Flag},
    Field{"gcsFaultToleranceOptions", Shape::Members},
    Field{"gcsFaultToleranceOptions.backend", Shape::Text},
    Field{"gcsFaultToleranceOptions.redisAddress", Shape::Text},
    Field{"gcsFaultToleranceOptions.externalStorageNamespace", Shape::Text},
    Field{"gcsFaultToleranceOptions.redisUsername", Shape::Members},
    Field{"gcsFaultToleranceOptions.redisPassword", Shape::Members},
    Field{"tlsOptions", Shape::Members},
    Field{"tlsOptions.enabled", Shape::Flag},
    Field{"historyServerOptions", Shape::Members},
    Field{"upgradeStrategy", Shape::Members},
    Field{"upgradeStrategy.type", Shape::Text},
    Field{"headGroupSpec", Shape::Members},
    Field{"headGroupSpec.serviceType", Shape::Text},
    Field{"headGroupSpec.headService", Shape::Members},
    Field{"headGroupSpec.headService.metadata", Shape::Members},
    Field{"headGroupSpec.headService.metadata.name", Shape::Text},
    Field{"headGroupSpec.headService.metadata.labels", Shape::TextMap},
    Field{"headGroupSpec.headService.metadata.annotations", Shape::TextMap},
    Field{"headGroupSpec.headService.spec", Shape::Members},
    Field{"headGroupSpec.headService.spec.type", Shape::Text},
    Field{"headGroupSpec.headService.spec.ports", Shape::Objects},
    Field{"headGroupSpec.headService.spec.ports[].name", Shape::Text},
    Field{"headGroupSpec.headService.spec.ports[].port", Shape::Whole},
    Field{"headGroupSpec.headService.spec.ports[].protocol", Shape::Text},
    Field{"workerGroupSpecs", Shape::Objects},
    Field{"workerGroupSpecs[].groupName", Shape::Text},
    Field{"workerGroupSpecs[].replicas", Shape::Whole},
    Field{"workerGroupSpecs[].numOfHosts", Shape::Whole},
    Field{"workerGroupSpecs[].suspend", Shape::Flag},
};

constexpr std::array kGroupFields = {
    Field{"rayStartParams", Shape::TextMap},
    Field{"resources", Shape::QuantityMap},
    Field{"labels", Shape::TextMap},
    Field{"template", Shape::Members},
    Field{"template.metadata", Shape::Members},
    Field{"template.metadata.labels", Shape::TextMap},
    Field{"template.metadata.annotations", Shape::TextMap},
    Field{"template.spec", Shape::Members},
    Field{"template.spec.serviceAccountName", Shape::Text},
    Field{"template.spec.volumes", Shape::Objects},
    Field{"template.spec.volumes[].name", Shape::Text},
    Field{"template.spec.initContainers", Shape::Objects},
    Field{"template.spec.initContainers[].env", Shape::Objects},
    Field{"template.spec.containers", Shape::Objects},
    Field{"template.spec.containers[].image", Shape::Text},
    Field{"template.spec.containers[].command", Shape::Texts},
    Field{"template.spec.containers[].args", Shape::Texts},
    Field{"template.spec.containers[].env", Shape::Objects},
    Field{"template.spec.containers[].env[].name", Shape::Text},
    Field{"template.spec.containers[].env[].value", Shape::Text},
    Field{"template.spec.containers[].ports", Shape::Objects},
    Field{"template.spec.containers[].ports[].name", Shape::Text},
    Field{"template.spec.containers[].ports[].containerPort", Shape::Whole},
    Field{"template.spec.containers[].volumeMounts", Shape::Objects},
    Field{"template.spec.containers[].volumeMounts[].mountPath", Shape::Text},
    Field{"template.spec.containers[].resources", Shape::Members},
    Field{"template.spec.containers[].resources.limits", Shape::QuantityMap},
    Field{"template.spec.containers[].resources.requests", Shape::QuantityMap},
};

Outcome check_group(const Json& group, const std::string& where) {
  const Outcome fields = check_fields(group, where, kGroupFields);
  if (!fields) return fields;
  if (items_at(group, {"template", "spec", "containers"}).empty()) {
    return fail(ErrorCode::InvalidInput,
                where + ".template.spec.containers is empty; the first container runs Ray");
  }
  return Done{};
}

// Options that change what a pod must look like and are not spoken yet: better no pod than one
// without the encryption or the storage that its owner counts on.
Outcome check_spoken(const Json& spec, const std::string& where) {
  if (flag_at(spec, {"tlsOptions", "enabled"})) {
    return fail(ErrorCode::Unsupported, where + ".tlsOptions.enabled is not supported");
  }
  if (find(spec, {"historyServerOptions"})) {
    return fail(ErrorCode::Unsupported, where + ".historyServerOptions is not supported");
  }
  const std::string backend = text_at(spec, {"gcsFaultToleranceOptions", "backend"});
  if (!backend.empty() && backend != "redis") {
    return fail(ErrorCode::Unsupported, where + ".gcsFaultToleranceOptions.backend " + backend +
                                            " is not supported; redis is");
  }
  return Done{};
}

Outcome check_cluster(const Json& object, const std::string& where) {
  const Outcome fields = check_fields(object, where, kObjectFields);
  if (!fields) return fields;
  for (const std::string_view key : {"name", "namespace", "uid"}) {
    if (text_at(object, {"metadata", key}).empty()) {
      return fail(ErrorCode::InvalidInput, where + ".metadata." + std::string(key) + " is missing");
    }
  }
  const std::string spec_path = where + ".spec";
  const Json* spec = find(object, {"spec"});
  const Json* head = spec ? find(*spec, {"headGroupSpec"}) : nullptr;
  if (!head) return fail(ErrorCode::InvalidInput, spec_path + ".headGroupSpec is missing");
  const Outcome spec_fields = check_fields(*spec, spec_path, kSpecFields);
  if (!spec_fields) return spec_fields;
  const Outcome spoken = check_spoken(*spec, spec_path);
  if (!spoken) return spoken;
  const Outcome head_fields = check_group(*head, spec_path + ".headGroupSpec");
  if (!head_fields) return head_fields;
  const Json& groups = items_at(*spec, {"workerGroupSpecs"});
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::string path = spec_path + ".workerGroupSpecs[" + std::to_string(i) + "]";
    const Outcome group = check_group(groups[i], path);
    if (!group) return group;
    if (text_at(groups[i], {"groupName"}).empty()) {
      return fail(ErrorCode::InvalidInput, path + ".groupName is missing");
    }
  }
  return Done{};
}

}  // namespace

Result<RayClusterView> RayClusterView::read(std::string_view json) {
  Result<Json> object = parse_object(json, "RayCluster");
  if (!object) return fail(object.error());
  const std::string where = "RayCluster " + text_at(*object, {"metadata", "namespace"}) + "/" +
                            text_at(*object, {"metadata", "name"}) + ": ";
  const Outcome checked = check_cluster(*object, "");
  if (!checked) {
    Error error = checked.error();
    error.message = where + error.message.substr(1);  // the path begins with a dot
    return fail(std::move(error));
  }
  RayClusterView view;
  view.name = text_at(*object, {"metadata", "name"});
  view.name_space = text_at(*object, {"metadata", "namespace"});
  view.uid = text_at(*object, {"metadata", "uid"});
  view.object = std::move(*object);
  return view;
}

const Json* RayClusterView::worker_group(std::string_view group) const {
  for (const Json& candidate : items_at(spec(), {"workerGroupSpecs"})) {
    if (text_at(candidate, {"groupName"}) == group) return &candidate;
  }
  return nullptr;
}

std::string RayClusterView::annotation(std::string_view key) const {
  return text_at(object, {"metadata", "annotations", key});
}

std::string RayClusterView::origin_kind() const {
  const std::string kind = text_at(object, {"metadata", "labels", kOriginKindLabel});
  return kind == "RayService" || kind == "RayJob" ? kind : "RayCluster";
}

std::string RayClusterView::head_service() const {
  const std::string chosen = text_at(head_group(), {"headService", "metadata", "name"});
  return chosen.empty() ? head_service_name(name) : chosen;
}

std::string RayClusterView::head_domain(const BuildOptions& options) const {
  return head_service() + "." + name_space + ".svc." + options.cluster_domain;
}

std::string RayClusterView::head_port() const {
  return text_at(head_group(), {"rayStartParams", "port"}, kDefaultGcsPort);
}

std::string RayClusterView::head_address(const BuildOptions& options) const {
  return head_domain(options) + ":" + head_port();
}

bool RayClusterView::autoscaler_is_v2() const {
  if (!autoscaling()) return false;
  if (text_at(spec(), {"autoscalerOptions", "version"}) == "v2") return true;
  const Json& env = items_at(ray_container(head_group()), {"env"});
  return std::any_of(env.begin(), env.end(), [](const Json& variable) {
    const std::string value = text_at(variable, {"value"});
    return text_at(variable, {"name"}) == "RAY_enable_autoscaler_v2" &&
           (value == "1" || value == "true");
  });
}

bool RayClusterView::keeps_user_command() const {
  return equals_true(annotation(kKeepCommandAnnotation));
}

bool RayClusterView::fault_tolerant() const {
  return find(spec(), {"gcsFaultToleranceOptions"}) ||
         equals_true(annotation(kFaultToleranceAnnotation));
}

const Json& ray_container(const Json& group) {
  const Json& containers = items_at(group, {"template", "spec", "containers"});
  CHECK(!containers.empty());
  return containers.front();
}

std::int64_t port_of(const Json& container, std::string_view name, std::int64_t otherwise) {
  for (const Json& port : items_at(container, {"ports"})) {
    if (text_at(port, {"name"}) == name) {
      return whole_at(port, {"containerPort"}).value_or(otherwise);
    }
  }
  return otherwise;
}

Quantity checked_quantity(const Json& root, Keys keys) {
  const Json* value = find(root, keys);
  if (!value) return Quantity();
  const auto quantity = Quantity::parse(quantity_text(*value));
  CHECK(quantity);
  return *quantity;
}

}  // namespace raycord
