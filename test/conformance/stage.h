// The stage of one conformance scenario: a cluster, the operator, and a user who sees what kubectl
// would show.
//
//   Stage stage;
//   stage.run_service();                          // Given: the sample RayService is Ready.
//   stage.spec()["suspend"] = true;               // When
//   stage.apply_for(10s);
//   stage.is(stage.clusters().size(), 0U, "RayClusters");   // Then
//
// What is not as expected is collected, never thrown: a scenario ends by itself.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "test/conformance/platform.h"

namespace raycord {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class Stage {
 public:
  using Json = nlohmann::json;

  // In virtual time.
  Stage();
  // Elsewhere; all objects are in the namespace `space`.
  Stage(MakePlatform make, std::string space);
  ~Stage();

  // --- Given: before the first look at the world ---
  SimOptions& options() { return options_; }
  void use_cluster();  // From here on the manifest is the RayCluster "rc".

  // --- The user ---
  Json& manifest() { return manifest_; }
  Json& spec() { return manifest_["spec"]; }
  Json& head_container();                       // Of the manifest.
  Json& worker_container();                     // Of its first group.
  Json& group(std::size_t index = 0);           // A worker group of the manifest.
  Json another_group(const std::string& name);  // Like the first one.
  void annotate(const std::string& key, const std::string& value);
  void replace_config(const std::string& old_text, const std::string& new_text);
  bool apply();                     // False when the API server refused it.
  void apply_for(Millis duration);  // Then time passes.
  void run(Millis duration);
  bool until(const std::function<bool()>& done, Millis limit = 60s);
  HttpResponse patch(const std::string& path, const Json& change);
  HttpResponse create(const std::string& collection, const Json& object);
  void remove(const std::string& path);
  void fault(const std::string& path, const Json& what);
  void show_app(const std::string& status, const std::string& app = "fruit_app");  // Of all heads.
  void dashboard(const std::string& mode);  // Of the active cluster: "hang", "clear", …
  void at_each_step(std::function<void()> look) { watchers_.push_back(std::move(look)); }

  // --- The operator's process ---
  Platform& platform();
  void crash() { platform().crash(); }
  void stop() { platform().stop(); }
  void start() { platform().start(); }

  // The sample RayService, or "rc", until it is Ready.
  void run_service();
  void run_cluster();

  // --- What kubectl shows ---
  Json get(const std::string& path);  // null: not found.
  Json items(const std::string& collection);
  std::string space() const;                          // The manifest's namespace.
  std::string home(const std::string& plural) const;  // The path of that namespace.
  Json object();                                      // The manifest's object as it is.
  std::string path() const;                           // Its path.
  Json status() { return at(object(), "/status"); }
  std::string condition(const std::string& type);  // "True, NonZeroServeEndpoints"; empty: none.
  std::vector<std::string> clusters();             // Names, those being deleted too.
  std::string active() { return text(status(), "/activeServiceStatus/rayClusterName"); }
  std::string pending() { return text(status(), "/pendingServiceStatus/rayClusterName"); }
  Json cluster(const std::string& name) { return get(home("rayclusters") + "/" + name); }
  std::vector<Json> pods(const std::string& cluster, const std::string& type = "");
  Json head(const std::string& cluster = "rc");  // null: there is none.
  std::vector<Json> workers(const std::string& cluster = "rc") { return pods(cluster, "worker"); }
  Json service(const std::string& name) { return get(home("services") + "/" + name); }
  std::string serve_service() const;                  // Its name.
  std::string traffic();                              // The cluster that the serve Service selects.
  std::size_t events(const std::string& reason);      // So many Events have that reason.
  std::string event_note(const std::string& reason);  // Of the newest.
  Json columns(const std::string& collection);        // Names of those that are always shown.

  // --- What Ray saw ---
  Json puts(const std::string& cluster = "");  // To all clusters if empty.
  std::uint64_t requests(const std::string& cluster, const std::string& kind);  // gets, puts, …
  std::string ask(const std::string& path, const std::string& body);

  // --- Then ---
  void holds(bool condition, const std::string& what);
  template <class Actual, class Expected>
  void is(const Actual& actual, const Expected& expected, const std::string& what) {
    if (actual == expected) return;
    unmet_.push_back(what + " is " + Json(actual).dump() + ", not " + Json(expected).dump());
  }
  void within(const std::string& what, const std::function<bool()>& done, Millis limit = 60s);

  const std::vector<std::string>& unmet() const { return unmet_; }
  std::vector<std::string> broken();  // Promises, and differences found by replay.
  Millis elapsed() const { return platform_ ? platform_->elapsed() : Millis(0); }

  // Members of an object that may be absent: null, and "".
  static Json at(const Json& object, const std::string& pointer);
  static std::string text(const Json& object, const std::string& pointer);

 private:
  void use_space(const std::string& if_virtual);

  MakePlatform make_;
  std::string space_;  // Of all scenarios' objects; empty: each resource has its own.
  SimOptions options_;
  Json manifest_;
  std::unique_ptr<Platform> platform_;
  std::vector<std::function<void()>> watchers_;
  std::vector<std::string> unmet_;
};

// Of a pod: its environment variable, null if it has none of that name; and its first container.
Stage::Json env_of(const Stage::Json& container, const std::string& name);
Stage::Json container_of(const Stage::Json& pod, std::size_t index = 0);
std::string label_of(const Stage::Json& object, const std::string& key);
std::string annotation_of(const Stage::Json& object, const std::string& key);
std::string object_name(const Stage::Json& object);
std::string object_uid(const Stage::Json& object);

}  // namespace raycord
