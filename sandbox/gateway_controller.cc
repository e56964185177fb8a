#include "sandbox/gateway_controller.h"

#include <algorithm>

namespace raycord {
namespace {

constexpr const char* kController = "sandbox.raycord.io/gateway-controller";

// As before where nothing but the time would differ.
Json condition(Time now, const ApiObject& object, const Json& before, const char* type, bool holds,
               const char* reason) {
  const Json* generation = look(object.body, {"metadata", "generation"});
  Json made = {{"type", type},
               {"status", holds ? "True" : "False"},
               {"reason", reason},
               {"message", ""},
               {"observedGeneration", generation == nullptr ? Json(1) : *generation},
               {"lastTransitionTime", to_rfc3339(now)}};
  for (const Json& known : before) {
    if (text_at(known, {"type"}) != type) continue;
    if (text_at(known, {"status"}) != text_at(made, {"status"})) continue;
    made["lastTransitionTime"] = text_at(known, {"lastTransitionTime"});
  }
  return made;
}

bool is_routing(const ApiObject& object) {
  return object.kind->id == ApiKindId::Gateway || object.kind->id == ApiKindId::HTTPRoute;
}

}  // namespace

GatewayController::GatewayController(ApiStore& store, ApiServer& api, Agenda& agenda, Millis delay)
    : store_(store), api_(api), agenda_(agenda), delay_(delay) {
  store_.observe([this](const ApiChange& change) { note(change); });
}

void GatewayController::look_again() {
  for (const auto id : {ApiKindId::Gateway, ApiKindId::HTTPRoute}) {
    for (const auto& [key, object] : store_.all(id)) judge_soon(*object);
  }
}

void GatewayController::withhold(bool silent) {
  silent_ = silent;
  look_again();
}

void GatewayController::note(const ApiChange& change) {
  const ApiObject& object = change.object();
  if (is_routing(object)) {
    if (change.type != ApiChangeType::Deleted) judge_soon(object);
  } else if (object.kind->id == ApiKindId::Service && change.type != ApiChangeType::Modified) {
    for (const auto& [key, route] : store_.all(ApiKindId::HTTPRoute)) judge_soon(*route);
  }
}

void GatewayController::judge_soon(const ApiObject& object) {
  agenda_.after(delay_, [this, uid = object.uid](Time now) { judge(now, uid); });
}

void GatewayController::judge(Time now, const std::string& uid) {
  const ApiObjectPtr object = store_.find_uid(uid);
  if (object == nullptr) return;
  Json body = object->body;
  if (silent_) {
    body["status"] = Json::object();
  } else {
    body["status"] = object->kind->id == ApiKindId::Gateway ? gateway_status(now, *object)
                                                            : route_status(now, *object);
  }
  const Json* before = look(object->body, {"status"});
  if (before != nullptr && *before == body["status"]) return;
  if (before == nullptr && silent_) return;
  api_.replace(*object, std::move(body));
}

Json GatewayController::gateway_status(Time now, const ApiObject& gateway) const {
  const Json& before = list_at(gateway.body, {"status", "conditions"});
  return {{"conditions",
           Json::array({condition(now, gateway, before, "Accepted", true, "Accepted"),
                        condition(now, gateway, before, "Programmed", true, "Programmed")})}};
}

bool GatewayController::has_backends(const ApiObject& route) const {
  for (const Json& rule : list_at(route.body, {"spec", "rules"})) {
    const Json& backends = list_at(rule, {"backendRefs"});
    const bool all = std::all_of(backends.begin(), backends.end(), [&](const Json& backend) {
      return store_.find(ApiKindId::Service, route.name_space, text_at(backend, {"name"})) !=
             nullptr;
    });
    if (!all) return false;
  }
  return true;
}

Json GatewayController::route_status(Time now, const ApiObject& route) const {
  Json parents = Json::array();
  const Json& known = list_at(route.body, {"status", "parents"});
  for (const Json& reference : list_at(route.body, {"spec", "parentRefs"})) {
    Json before = Json::array();
    for (const Json& parent : known) {
      const Json* same = look(parent, {"parentRef"});
      if (same != nullptr && *same == reference) before = list_at(parent, {"conditions"});
    }
    const bool there =
        store_.find(ApiKindId::Gateway, route.name_space, text_at(reference, {"name"})) != nullptr;
    const bool resolved = has_backends(route);
    parents.push_back(
        {{"parentRef", reference},
         {"controllerName", kController},
         {"conditions", Json::array({condition(now, route, before, "Accepted", there,
                                               there ? "Accepted" : "NoMatchingParent"),
                                     condition(now, route, before, "ResolvedRefs", resolved,
                                               resolved ? "ResolvedRefs" : "BackendNotFound")})}});
  }
  return {{"parents", parents}};
}

}  // namespace raycord
