// One run of a Ray head: what its GCS and Serve controller remember, and what they answer.
//
// Statuses, messages and shapes follow answers recorded from Ray 2.52.1.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/time.h"
#include "formats/http.h"
#include "sandbox/json.h"

namespace raycord {

// What an application is made to show, whatever its true state.
struct RayDisplay {
  std::string status;  // "UNHEALTHY", "DEPLOY_FAILED", …
  std::string message;
  std::string deployment_status;  // Empty: as fits the application's.
  bool until_put = false;         // The next config ends it.
};
using RayDisplays = std::map<std::string, RayDisplay>;  // By application.

// A node of the Ray cluster whose raylet runs.
struct RayNode {
  std::string pod;
  std::string ip;
};

struct RayDelays {
  Millis app_deploy{200};  // Per deployment.
  Millis app_update{300};
  Millis app_delete{300};
};

struct RayApp {
  std::string status;
  std::string message;
  Json wanted;                     // As in the last config.
  Json live;                       // What answers requests; null before the first RUNNING.
  Time deployed{};                 // When the last config came.
  Time built{};                    // Before that, a rebuilt application shows no deployments.
  std::optional<Time> settles;     // End of the present transition.
  bool light = false;              // The transition keeps the replicas.
  bool rebuilt = false;            // It began with the code anew.
  std::set<std::string> updating;  // A light transition: the deployments it changes.
};
using RayApps = std::map<std::string, RayApp>;

class RayHead {
 public:
  // `kept` are the applications of an earlier run that fault-tolerant storage preserved.
  RayHead(Time now, std::string session, std::string version, RayDelays delays, RayApps kept);

  // PUT /api/serve/applications/. `changed` is set when the config was new to it.
  HttpResponse put(Time now, const std::string& body, RayDisplays& displays, bool& changed);
  void remove_all(Time now);  // DELETE /api/serve/applications/

  // GET /api/serve/applications/. The first node is the head.
  Json details(Time now, const RayDisplays& displays, const std::vector<RayNode>& nodes);

  // A request of an application's user; nothing when no route matches.
  std::optional<std::string> answer(Time now, const std::string& path, const std::string& body);
  Json routes(Time now);
  bool serving(Time now);  // Some application has come up once: the proxies run.

  std::map<std::string, std::string> statuses(Time now, const RayDisplays& displays);
  std::optional<Time> next_change() const;
  const RayApps& apps() const { return apps_; }
  const std::string& version() const { return version_; }
  const std::string& session() const { return session_; }

 private:
  void advance(Time now);
  bool take_app(Time now, const Json& wanted);
  void begin_removal(Time now, RayApp& app);
  Json app_details(const std::string& name, const RayApp& app, const RayDisplay* display, Time now,
                   const std::vector<RayNode>& nodes) const;
  Json deployment_details(const std::string& app_name, const RayApp& app, const Json& deployment,
                          const RayDisplay* display, const std::vector<RayNode>& nodes) const;

  std::string session_;
  std::string version_;
  RayDelays delays_;
  RayApps apps_;
  bool ever_put_ = false;
  bool ever_served_ = false;
  Json capacity_;
  std::string proxy_location_ = "EveryNode";
};

}  // namespace raycord
