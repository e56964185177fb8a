#include "core/build/routing.h"

#include <array>

#include "core/build/labels.h"
#include "core/build/metadata.h"
#include "core/build/ray_service.h"
#include "core/names.h"

namespace raycord {
namespace {

constexpr std::string_view kApiVersion = "gateway.networking.k8s.io/v1";
constexpr int kHttpPort = 80;

constexpr std::array kFields = {
    Field{"metadata", Shape::Members},
    Field{"metadata.uid", Shape::Text},
    Field{"spec", Shape::Members},
};

Json routing_object(const RayServiceView& service, std::string_view kind, const std::string& name,
                    const std::string& intent) {
  Json object = new_object(kApiVersion, kind, name, service.owner(), intent);
  set_label(object, kOriginNameLabel, service.name);
  set_label(object, kOriginKindLabel, "RayService");
  return object;
}

Json gateway_spec(const RayServiceView& service) {
  const std::string gateway_class = text_at(
      service.object, {"spec", "upgradeStrategy", "clusterUpgradeOptions", "gatewayClassName"});
  return {
      {"gatewayClassName", gateway_class},
      {"listeners", Json::array({{{"name", "http"}, {"protocol", "HTTP"}, {"port", kHttpPort}}})}};
}

Json route_spec(const RayServiceView& service, const std::vector<RouteBackend>& backends) {
  Json references = Json::array();
  for (const RouteBackend& backend : backends) {
    references.push_back({{"group", ""},
                          {"kind", "Service"},
                          {"name", backend.service},
                          {"namespace", service.name_space},
                          {"port", backend.port},
                          {"weight", backend.weight}});
  }
  const Json match = {{"path", {{"type", "PathPrefix"}, {"value", "/"}}}};
  const Json parent = {{"group", "gateway.networking.k8s.io"},
                       {"kind", "Gateway"},
                       {"name", gateway_name(service.name)},
                       {"namespace", service.name_space}};
  return {
      {"parentRefs", Json::array({parent})},
      {"rules", Json::array({{{"matches", Json::array({match})}, {"backendRefs", references}}})}};
}

Result<std::string> update(std::string_view existing, const char* what, Json spec, bool whole,
                           const std::string& intent, std::string_view resource_version) {
  const Result<Json> old = parse_object(existing, what);
  if (!old) return fail(old.error());
  const Outcome fields = check_fields(*old, what, kFields);
  if (!fields) return fail(fields.error());
  const Json before = object_at(*old, {"spec"});
  for (const auto& [key, value] : before.items()) {
    if (whole && !spec.contains(key)) spec[key] = nullptr;
  }
  Json patch = {
      {"metadata",
       {{"resourceVersion", resource_version}, {"uid", text_at(*old, {"metadata", "uid"})}}},
      {"spec", std::move(spec)}};
  set_annotation(patch, kIntentAnnotation, intent);
  return dump(patch);
}

}  // namespace

Result<std::string> build_gateway(std::string_view ray_service, const std::string& intent) {
  const Result<RayServiceView> service = RayServiceView::read(ray_service);
  if (!service) return fail(service.error());
  Json gateway = routing_object(*service, "Gateway", gateway_name(service->name), intent);
  gateway["spec"] = gateway_spec(*service);
  return dump(gateway);
}

Result<std::string> build_route(std::string_view ray_service,
                                const std::vector<RouteBackend>& backends,
                                const std::string& intent) {
  const Result<RayServiceView> service = RayServiceView::read(ray_service);
  if (!service) return fail(service.error());
  Json route = routing_object(*service, "HTTPRoute", route_name(service->name), intent);
  route["spec"] = route_spec(*service, backends);
  return dump(route);
}

Result<std::string> build_gateway_update(std::string_view existing, std::string_view ray_service,
                                         const std::string& intent,
                                         std::string_view resource_version) {
  const Result<RayServiceView> service = RayServiceView::read(ray_service);
  if (!service) return fail(service.error());
  return update(existing, "Gateway", gateway_spec(*service), false, intent, resource_version);
}

Result<std::string> build_route_update(std::string_view existing, std::string_view ray_service,
                                       const std::vector<RouteBackend>& backends,
                                       const std::string& intent,
                                       std::string_view resource_version) {
  const Result<RayServiceView> service = RayServiceView::read(ray_service);
  if (!service) return fail(service.error());
  return update(existing, "HTTPRoute", route_spec(*service, backends), true, intent,
                resource_version);
}

}  // namespace raycord
