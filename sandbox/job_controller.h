// The Job controller, without pods: a Job is complete a while after it was made, as if its pod had
// run well. One whose image does not exist fails at its deadline, or stays for ever.

#pragma once

#include <string>

#include "sandbox/agenda.h"
#include "sandbox/api_objects.h"
#include "sandbox/api_server.h"

namespace raycord {

class JobController {
 public:
  JobController(ApiStore& store, ApiServer& api, Agenda& agenda, Millis run_time);

  void look_again();  // After the store changed behind our back.

 private:
  void note(const ApiChange& change);
  void follow(const ApiObject& job);
  void finish(Time now, const std::string& uid, bool well);

  ApiStore& store_;
  ApiServer& api_;
  Agenda& agenda_;
  Millis run_time_;
};

}  // namespace raycord
