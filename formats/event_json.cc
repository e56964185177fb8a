#include "formats/event_json.h"

#include <nlohmann/json.hpp>

namespace raycord {
namespace {

constexpr const char* kController = "raycord-operator";
constexpr std::size_t kInstanceMax = 128;  // Of events.k8s.io/v1.

const char* api_version_of(Kind kind) {
  switch (kind) {
    case Kind::RayService:
    case Kind::RayCluster:
      return "ray.io/v1";
    case Kind::Pod:
    case Kind::Service:
    case Kind::ServiceAccount:
    case Kind::Secret:
      return "v1";
    case Kind::EndpointSlice:
      return "discovery.k8s.io/v1";
    case Kind::Gateway:
    case Kind::HTTPRoute:
      return "gateway.networking.k8s.io/v1";
    case Kind::Role:
    case Kind::RoleBinding:
      return "rbac.authorization.k8s.io/v1";
    case Kind::Job:
      return "batch/v1";
    case Kind::Ingress:
      return "networking.k8s.io/v1";
  }
  return "";
}

// "2026-11-23T18:05:33.042000Z": metav1.MicroTime insists on six digits.
std::string to_micro_time(Time at) {
  std::string text = to_rfc3339_millis(at);
  return text.insert(text.size() - 1, "000");
}

}  // namespace

std::string event_json(const Announcement& announcement, Time at, const EventSource& source) {
  const ObjectName& object = announcement.regarding;
  nlohmann::ordered_json regarding = {{"apiVersion", api_version_of(object.kind)},
                                      {"kind", name_of(object.kind)},
                                      {"namespace", object.ns},
                                      {"name", object.name}};
  if (!announcement.uid.empty()) regarding["uid"] = announcement.uid;
  const nlohmann::ordered_json event = {
      {"apiVersion", "events.k8s.io/v1"},
      {"kind", "Event"},
      {"metadata",
       {{"name", announcement.name},
        {"namespace", object.ns},
        {"annotations",
         {{"raycord.io/event", source.log_id + ":" + std::to_string(announcement.seq.value)}}}}},
      {"eventTime", to_micro_time(at)},
      {"reportingController", kController},
      {"reportingInstance", source.instance.substr(0, kInstanceMax)},
      {"regarding", regarding},
      {"type", announcement.type},
      {"reason", announcement.reason},
      {"action", announcement.action},
      {"note", announcement.note}};
  return event.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace raycord
