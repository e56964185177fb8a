#include "test/conformance/stage.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "test/sim/sample.h"

namespace raycord {
namespace {

using Json = Stage::Json;

const char* const kCluster = R"({
  "apiVersion": "ray.io/v1", "kind": "RayCluster",
  "metadata": {"name": "rc"},
  "spec": {
    "rayVersion": "2.52.1",
    "headGroupSpec": {
      "rayStartParams": {},
      "template": {"spec": {"containers": [{"name": "ray-head", "image": "rayproject/ray:2.52.1"}]}}
    },
    "workerGroupSpecs": [{
      "groupName": "small-group", "replicas": 1, "minReplicas": 0, "maxReplicas": 5,
      "rayStartParams": {},
      "template": {"spec": {"containers": [{"name": "ray-worker", "image": "rayproject/ray:2.52.1"}]}}
    }]
  }
})";

std::string plural_of(const Json& manifest) {
  return manifest["kind"] == "RayService" ? "rayservices" : "rayclusters";
}

}  // namespace

Stage::Stage() : Stage(virtual_platform, "") {}

Stage::Stage(MakePlatform make, std::string space)
    : make_(std::move(make)), space_(std::move(space)), manifest_(Json::parse(sample_manifest())) {
  use_space("default");
}

Stage::~Stage() = default;

void Stage::use_space(const std::string& if_virtual) {
  manifest_["metadata"]["namespace"] = space_.empty() ? if_virtual : space_;
}

void Stage::use_cluster() {
  manifest_ = Json::parse(kCluster);
  use_space("ns1");
}

Platform& Stage::platform() {
  if (!platform_) platform_ = make_({options_, space()});
  return *platform_;
}

// --- The user -----------------------------------------------------------------------------------

Json& Stage::head_container() {
  Json& cluster = manifest_["kind"] == "RayService" ? spec()["rayClusterConfig"] : spec();
  return cluster["headGroupSpec"]["template"]["spec"]["containers"][0];
}

Json& Stage::group(std::size_t index) {
  Json& cluster = manifest_["kind"] == "RayService" ? spec()["rayClusterConfig"] : spec();
  return cluster["workerGroupSpecs"][index];
}

Json& Stage::worker_container() { return group()["template"]["spec"]["containers"][0]; }

Json Stage::another_group(const std::string& name) {
  Json copy = group();
  copy["groupName"] = name;
  return copy;
}

void Stage::annotate(const std::string& key, const std::string& value) {
  manifest_["metadata"]["annotations"][key] = value;
}

void Stage::replace_config(const std::string& old_text, const std::string& new_text) {
  std::string config = spec()["serveConfigV2"];
  const auto found = config.find(old_text);
  CHECK(found != std::string::npos);
  spec()["serveConfigV2"] = config.replace(found, old_text.size(), new_text);
}

bool Stage::apply() {
  const std::string text = manifest_.dump();
  const bool known = platform().request("GET", path()).status != 404;
  // In the version that the manifest names.
  const std::string collection = "/apis/" + Stage::text(manifest_, "/apiVersion") + "/namespaces/" +
                                 space() + "/" + plural_of(manifest_);
  const std::string name = Stage::text(manifest_, "/metadata/name");
  const HttpResponse response = known ? platform().request("PATCH", collection + "/" + name, text,
                                                           "application/merge-patch+json")
                                      : platform().request("POST", collection, text);
  return response.status < 300;
}

void Stage::apply_for(Millis duration) {
  holds(apply(), "the manifest is accepted by the API server");
  run(duration);
}

void Stage::run(Millis duration) {
  until([] { return false; }, duration);
}

bool Stage::until(const std::function<bool()>& done, Millis limit) {
  return platform().run_until(done, limit, [this] {
    for (const auto& look : watchers_) look();
  });
}

HttpResponse Stage::patch(const std::string& path, const Json& change) {
  return platform().request("PATCH", path, change.dump(), "application/merge-patch+json");
}

HttpResponse Stage::create(const std::string& collection, const Json& object) {
  return platform().request("POST", collection, object.dump());
}

void Stage::remove(const std::string& path) {
  platform().excuse(path.substr(path.rfind('/') + 1));
  const int status = platform().request("DELETE", path).status;
  holds(status < 300, path + " can be deleted");
}

void Stage::fault(const std::string& path, const Json& what) {
  holds(platform().control("POST", path, what.dump()).status == 200, "can be done: " + what.dump());
}

void Stage::show_app(const std::string& status, const std::string& app) {
  fault("apps", {{"cluster", space() + "/*"}, {"app", app}, {"status", status}});
}

void Stage::dashboard(const std::string& mode) {
  fault("faults", {{"cluster", space() + "/" + active()}, {"target", "dashboard"}, {"mode", mode}});
}

void Stage::run_service() {
  apply();
  within("the RayService is Ready", [this] {
    return condition("Ready").starts_with("True") && status()["numServeEndpoints"] == 2;
  });
  run(5s);
}

void Stage::run_cluster() {
  apply();
  within("the RayCluster is ready", [this] { return text(status(), "/state") == "ready"; });
  run(2s);
}

// --- What kubectl shows -------------------------------------------------------------------------

Json Stage::get(const std::string& path) {
  const HttpResponse response = platform().request("GET", path);
  return response.status == 200 ? Json::parse(response.body) : Json();
}

Json Stage::items(const std::string& collection) {
  const Json list = get(collection);
  return list.is_object() && list["items"].is_array() ? list["items"] : Json::array();
}

std::string Stage::space() const { return text(manifest_, "/metadata/namespace"); }

std::string Stage::home(const std::string& plural) const {
  const std::string space = "/namespaces/" + this->space() + "/";
  if (plural.starts_with("ray")) return "/apis/ray.io/v1" + space + plural;
  if (plural == "events") return "/apis/events.k8s.io/v1" + space + plural;
  if (plural.starts_with("role")) return "/apis/rbac.authorization.k8s.io/v1" + space + plural;
  if (plural == "endpointslices") return "/apis/discovery.k8s.io/v1" + space + plural;
  if (plural == "jobs") return "/apis/batch/v1" + space + plural;
  if (plural == "ingresses") return "/apis/networking.k8s.io/v1" + space + plural;
  if (plural == "gateways" || plural == "httproutes") {
    return "/apis/gateway.networking.k8s.io/v1" + space + plural;
  }
  return "/api/v1" + space + plural;
}

std::string Stage::path() const {
  return home(plural_of(manifest_)) + "/" + text(manifest_, "/metadata/name");
}

Json Stage::object() { return get(path()); }

std::string Stage::condition(const std::string& type) {
  for (const Json& condition : at(status(), "/conditions")) {
    if (condition["type"] == type) {
      return text(condition, "/status") + ", " + text(condition, "/reason");
    }
  }
  return "";
}

std::vector<std::string> Stage::clusters() {
  std::vector<std::string> names;
  for (const Json& cluster : items(home("rayclusters"))) names.push_back(object_name(cluster));
  return names;
}

std::vector<Json> Stage::pods(const std::string& cluster, const std::string& type) {
  std::vector<Json> found;
  for (const Json& pod : items(home("pods"))) {
    if (label_of(pod, "ray.io/cluster") != cluster) continue;
    if (type.empty() || label_of(pod, "ray.io/node-type") == type) found.push_back(pod);
  }
  return found;
}

Json Stage::head(const std::string& cluster) {
  const std::vector<Json> heads = pods(cluster, "head");
  return heads.empty() ? Json() : heads.front();
}

std::string Stage::serve_service() const {
  const std::string custom = text(manifest_, "/spec/serveService/metadata/name");
  return custom.empty() ? text(manifest_, "/metadata/name") + "-serve-svc" : custom;
}

std::string Stage::traffic() {
  return text(service(serve_service()), "/spec/selector/ray.io~1cluster");
}

std::size_t Stage::events(const std::string& reason) {
  const Json all = items(home("events"));
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const Json& event) { return event["reason"] == reason; }));
}

std::string Stage::event_note(const std::string& reason) {
  std::string note;
  for (const Json& event : items(home("events"))) {
    if (event["reason"] == reason) note = text(event, "/note");
  }
  return note;
}

Json Stage::columns(const std::string& collection) {
  const HttpResponse response =
      platform().request("GET", collection, "", "", "application/json;as=Table;v=v1;g=meta.k8s.io");
  Json names = Json::array();
  const Json table = response.status == 200 ? Json::parse(response.body) : Json();
  for (const Json& column : at(table, "/columnDefinitions")) {
    if (column["priority"] == 0) names.push_back(column["name"]);
  }
  return names;
}

// --- What Ray saw -------------------------------------------------------------------------------

Json Stage::puts(const std::string& cluster) {
  const HttpResponse response = platform().control("GET", "puts");
  Json found = Json::array();
  if (response.status != 200) return found;
  for (const Json& put : Json::parse(response.body)) {
    const std::string of = text(put, "/cluster");
    if (of.starts_with(space() + "/") && (cluster.empty() || of == space() + "/" + cluster)) {
      found.push_back(put);
    }
  }
  return found;
}

std::uint64_t Stage::requests(const std::string& cluster, const std::string& kind) {
  const HttpResponse response = platform().control("GET", "clusters/" + space() + "/" + cluster);
  if (response.status != 200) return 0;
  return Json::parse(response.body)[kind]["n"].get<std::uint64_t>();
}

std::string Stage::ask(const std::string& path, const std::string& body) {
  return platform().ask(serve_service(), path, body);
}

// --- Then ---------------------------------------------------------------------------------------

void Stage::holds(bool condition, const std::string& what) {
  if (!condition) unmet_.push_back("not so: " + what);
}

void Stage::within(const std::string& what, const std::function<bool()>& done, Millis limit) {
  holds(until(done, limit), what);
}

std::vector<std::string> Stage::broken() {
  return platform_ ? platform_->broken() : std::vector<std::string>();
}

Json Stage::at(const Json& object, const std::string& pointer) {
  const Json::json_pointer path(pointer);
  return object.contains(path) ? object.at(path) : Json();
}

std::string Stage::text(const Json& object, const std::string& pointer) {
  const Json value = at(object, pointer);
  return value.is_string() ? value.get<std::string>() : "";
}

Json env_of(const Json& container, const std::string& name) {
  for (const Json& variable : Stage::at(container, "/env")) {
    if (variable["name"] == name) return variable;
  }
  return {};
}

Json container_of(const Json& pod, std::size_t index) {
  return Stage::at(pod, "/spec/containers/" + std::to_string(index));
}

namespace {

std::string entry(const Json& object, const char* map, const std::string& key) {
  const Json entries = Stage::at(object, std::string("/metadata/") + map);
  return entries.is_object() ? entries.value(key, "") : "";
}

}  // namespace

std::string label_of(const Json& object, const std::string& key) {
  return entry(object, "labels", key);
}

std::string annotation_of(const Json& object, const std::string& key) {
  return entry(object, "annotations", key);
}

std::string object_name(const Json& object) { return Stage::text(object, "/metadata/name"); }
std::string object_uid(const Json& object) { return Stage::text(object, "/metadata/uid"); }

}  // namespace raycord
