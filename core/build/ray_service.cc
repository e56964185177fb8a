#include "core/build/ray_service.h"

#include <array>

namespace raycord {
namespace {

constexpr std::array kFields = {
    Field{"metadata", Shape::Members},
    Field{"metadata.name", Shape::Text},
    Field{"metadata.namespace", Shape::Text},
    Field{"metadata.uid", Shape::Text},
    Field{"metadata.labels", Shape::TextMap},
    Field{"metadata.annotations", Shape::TextMap},
    Field{"spec", Shape::Members},
    Field{"spec.serveService", Shape::Members},
    Field{"spec.serveService.metadata", Shape::Members},
    Field{"spec.serveService.metadata.name", Shape::Text},
    Field{"spec.serveService.metadata.labels", Shape::TextMap},
    Field{"spec.serveService.metadata.annotations", Shape::TextMap},
    Field{"spec.serveService.spec", Shape::Members},
    Field{"spec.serveService.spec.type", Shape::Text},
    Field{"spec.serveService.spec.ports", Shape::Objects},
    Field{"spec.serveService.spec.ports[].name", Shape::Text},
    Field{"spec.upgradeStrategy", Shape::Members},
    Field{"spec.upgradeStrategy.clusterUpgradeOptions", Shape::Members},
    Field{"spec.upgradeStrategy.clusterUpgradeOptions.gatewayClassName", Shape::Text},
    Field{"spec.rayClusterConfig", Shape::Members},
    Field{"spec.rayClusterConfig.headGroupSpec", Shape::Members},
    Field{"spec.rayClusterConfig.headGroupSpec.serviceType", Shape::Text},
    Field{"spec.rayClusterConfig.workerGroupSpecs", Shape::Objects},
    Field{"spec.rayClusterConfig.workerGroupSpecs[].groupName", Shape::Text},
};

Outcome check(const Json& object) {
  const Outcome fields = check_fields(object, "", kFields);
  if (!fields) return fields;
  for (const std::string_view key : {"name", "namespace", "uid"}) {
    if (text_at(object, {"metadata", key}).empty()) {
      return fail(ErrorCode::InvalidInput, ".metadata." + std::string(key) + " is missing");
    }
  }
  if (!find(object, {"spec", "rayClusterConfig", "headGroupSpec"})) {
    return fail(ErrorCode::InvalidInput, ".spec.rayClusterConfig.headGroupSpec is missing");
  }
  return Done{};
}

}  // namespace

Result<RayServiceView> RayServiceView::read(std::string_view json) {
  Result<Json> object = parse_object(json, "RayService");
  if (!object) return fail(object.error());
  const Outcome checked = check(*object);
  RayServiceView view;
  view.name = text_at(*object, {"metadata", "name"});
  view.name_space = text_at(*object, {"metadata", "namespace"});
  view.uid = text_at(*object, {"metadata", "uid"});
  if (!checked) {
    Error error = checked.error();
    error.message =
        "RayService " + view.name_space + "/" + view.name + ": " + error.message.substr(1);
    return fail(std::move(error));
  }
  view.object = std::move(*object);
  return view;
}

}  // namespace raycord
