// The controller of a Gateway implementation, without any traffic: it accepts and programs Gateways
// of every class, and accepts HTTPRoutes of Gateways that exist. A fault makes it say nothing.

#pragma once

#include <string>

#include "sandbox/agenda.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_server.h"

namespace raycord {

class GatewayController {
 public:
  GatewayController(ApiStore& store, ApiServer& api, Agenda& agenda, Millis delay);

  void look_again();
  void withhold(bool silent);  // Says nothing of what it has not judged yet; takes back the rest.

 private:
  void note(const ApiChange& change);
  void judge_soon(const ApiObject& object);
  void judge(Time now, const std::string& uid);
  Json gateway_status(Time now, const ApiObject& gateway) const;
  Json route_status(Time now, const ApiObject& route) const;
  bool has_backends(const ApiObject& route) const;

  ApiStore& store_;
  ApiServer& api_;
  Agenda& agenda_;
  Millis delay_;
  bool silent_ = false;
};

}  // namespace raycord
