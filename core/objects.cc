#include "core/objects.h"

#include "core/overloaded.h"

namespace raycord {
const Meta& meta_of(const Object& object) {
  return std::visit([](const auto& slice) -> const Meta& { return slice.meta; }, object);
}

ObjectName name_of(const Object& object) {
  const Meta& meta = meta_of(object);
  const Kind kind = std::visit(Overloaded{
                                   [](const RayServiceSlice&) { return Kind::RayService; },
                                   [](const RayClusterSlice&) { return Kind::RayCluster; },
                                   [](const PodSlice&) { return Kind::Pod; },
                                   [](const ServiceSlice&) { return Kind::Service; },
                                   [](const EndpointsSlice&) { return Kind::EndpointSlice; },
                                   [](const AccessSlice& access) { return access.kind; },
                               },
                               object);
  return {kind, meta.ns, meta.name};
}

}  // namespace raycord
