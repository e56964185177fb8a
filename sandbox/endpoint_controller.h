// Keeps one EndpointSlice per Service with a selector: the pods it selects and whether they serve.

#pragma once

#include <map>
#include <set>
#include <string>

#include "sandbox/agenda.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_server.h"

namespace raycord {

class EndpointController {
 public:
  EndpointController(ApiStore& store, ApiServer& api, Agenda& agenda, Millis delay);

  void look_again();  // After the store changed behind our back.

 private:
  using Index = std::map<std::string, std::set<std::string>>;  // "ns label=value" to object keys.

  void note(const ApiChange& change);
  void note_pod(const ApiObject& pod, bool gone);
  void note_service(const ApiObject& service, bool gone);
  void mark(const std::string& service);
  void work(Time now);
  void update(Time now, const ApiObject& service);
  Json endpoints_of(const ApiObject& service) const;
  std::set<std::string> selected_pods(const ApiObject& service) const;

  ApiStore& store_;
  ApiServer& api_;
  Agenda& agenda_;
  Millis delay_;
  Index pods_;                                 // By each of their labels.
  Index services_;                             // By one term of their selector.
  std::map<std::string, std::string> slices_;  // Service's uid to its slice's name.
  std::set<std::string> marked_;               // Services to look at, "namespace/name".
  bool work_due_ = false;
};

// True when the Ready condition of a pod is.
bool pod_is_ready(const Json& pod);

}  // namespace raycord
