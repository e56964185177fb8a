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
                                   [](const JobSlice&) { return Kind::Job; },
                                   [](const IngressSlice&) { return Kind::Ingress; },
                                   [](const GatewaySlice&) { return Kind::Gateway; },
                                   [](const RouteSlice&) { return Kind::HTTPRoute; },
                               },
                               object);
  return {kind, meta.ns, meta.name};
}

const char* name_of(UpgradeType type) {
  switch (type) {
    case UpgradeType::Unset:
      return "unset";
    case UpgradeType::NewCluster:
      return "NewCluster";
    case UpgradeType::None:
      return "None";
    case UpgradeType::Incremental:
      return "Incremental";
  }
  return "unknown";
}

const char* name_of(FailoverMode mode) {
  switch (mode) {
    case FailoverMode::Unset:
      return "unset";
    case FailoverMode::Enforce:
      return "enforce";
    case FailoverMode::Shadow:
      return "shadow";
    case FailoverMode::Off:
      return "off";
  }
  return "unknown";
}

const char* name_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::Unknown:
      return "adopted";
    case Purpose::First:
      return "first";
    case Purpose::Upgrade:
      return "upgrade";
    case Purpose::Failover:
      return "failover";
  }
  return "unknown";
}

const char* name_of(PodPhase phase) {
  switch (phase) {
    case PodPhase::Pending:
      return "Pending";
    case PodPhase::Running:
      return "Running";
    case PodPhase::Succeeded:
      return "Succeeded";
    case PodPhase::Failed:
      return "Failed";
    case PodPhase::Unknown:
      return "Unknown";
  }
  return "unknown";
}

const char* name_of(NodeType type) {
  switch (type) {
    case NodeType::None:
      return "none";
    case NodeType::Head:
      return "head";
    case NodeType::Worker:
      return "worker";
  }
  return "unknown";
}

const char* name_of(RestartPolicy policy) {
  switch (policy) {
    case RestartPolicy::Always:
      return "Always";
    case RestartPolicy::OnFailure:
      return "OnFailure";
    case RestartPolicy::Never:
      return "Never";
  }
  return "unknown";
}

}  // namespace raycord
