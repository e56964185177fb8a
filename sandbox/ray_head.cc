#include "sandbox/ray_head.h"

#include <algorithm>
#include <utility>

#include "sandbox/ray_config.h"
#include "sandbox/ray_kept.h"

namespace raycord {
namespace {

// FNV-1a, stretched to as many hex digits as an id of Ray has.
std::string hex_id(const std::string& seed, std::size_t digits) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : seed) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  std::string id;
  while (id.size() < digits) {
    hash = hash * 0x9e3779b97f4a7c15ULL + 1;
    id += kHex[hash >> 60];
  }
  return id;
}

double seconds_of(Time time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
}

Json actor(const RayNode& node, const std::string& name, const std::string& log) {
  return {{"node_id", hex_id(node.pod, 56)},
          {"node_ip", node.ip},
          {"node_instance_id", ""},
          {"actor_id", hex_id(name + node.pod, 24) + "01000000"},
          {"actor_name", name},
          {"worker_id", hex_id("worker " + name + node.pod, 56)},
          {"log_file_path", "/serve/" + log + ".log"}};
}

Json replica_of(const std::string& app, const std::string& deployment, const std::string& id,
                const RayNode* node, Time since) {
  const std::string name = "SERVE_REPLICA::" + app + "#" + deployment + "#" + id;
  Json replica;
  if (node != nullptr) {
    replica = actor(*node, name, "replica_" + app + "_" + deployment + "_" + id);
    replica["state"] = "RUNNING";
    replica["pid"] = 1000 + static_cast<int>(id[0]) * 32 + static_cast<int>(id[1]);
  } else {
    for (const char* field : {"node_id", "node_ip", "node_instance_id", "actor_id", "worker_id",
                              "log_file_path", "pid"}) {
      replica[field] = nullptr;
    }
    replica["actor_name"] = name;
    replica["state"] = "STARTING";
  }
  replica["replica_id"] = id;
  replica["start_time_s"] = seconds_of(since);
  return replica;
}

struct DeploymentState {
  const char* status;
  const char* trigger;
  const char* message;
};

DeploymentState deployment_state(const std::string& app_status, bool updating) {
  if (app_status == "UNHEALTHY") {
    return {"UNHEALTHY", "HEALTH_CHECK_FAILED",
            "A replica's health check failed. This deployment will be UNHEALTHY until the replica "
            "recovers or a new deploy happens."};
  }
  if (app_status == "DEPLOY_FAILED") {
    return {"DEPLOY_FAILED", "REPLICA_STARTUP_FAILED",
            "The deployment failed to start 3 times in a row. This may be due to a problem with "
            "its constructor or initial health check failing."};
  }
  if (app_status == "DEPLOYING" && updating) return {"UPDATING", "CONFIG_UPDATE_STARTED", ""};
  return {"HEALTHY", "CONFIG_UPDATE_COMPLETED", ""};
}

bool imports_from(const Json& app, const char* module) {
  const std::string path = text_at(app, {"import_path"});
  const std::string name = module;
  return path.starts_with(name + ".") || path.starts_with(name + ":");
}

bool has_same_code(const Json& before, const Json& after) {
  for (const char* key : {"import_path", "runtime_env", "args"}) {
    const Json* was = look(before, {key});
    const Json* is = look(after, {key});
    if ((was == nullptr) != (is == nullptr) || (was != nullptr && *was != *is)) return false;
  }
  return true;
}

// Why the application cannot be built; empty when it can.
std::string failure_text(const std::string& name, const Json& app) {
  const std::string prefix = ray_route_prefix(app);
  std::string why;
  if (imports_from(app, "fail")) {
    why = "ModuleNotFoundError: No module named 'fail'";
  } else if (!prefix.empty() && !prefix.starts_with('/')) {
    why =
        "ValueError: Invalid route_prefix '" + prefix + "', must start with a forward slash ('/').";
  } else if (prefix.size() > 1 && prefix.ends_with('/')) {
    why = "ValueError: Invalid route_prefix '" + prefix + "', may not end with a trailing '/'.";
  } else {
    return "";
  }
  const std::string trace = "Traceback (most recent call last):\n" + why + "\n";
  if (!imports_from(app, "fail")) return trace;
  return "Deploying app '" + name + "' failed with exception:\n" + trace;
}

}  // namespace

RayHead::RayHead(Time now, std::string session, std::string version, RayDelays delays, RayApps kept)
    : session_(std::move(session)),
      version_(std::move(version)),
      delays_(delays),
      apps_(std::move(kept)),
      ever_put_(!apps_.empty()),
      ever_served_(std::any_of(apps_.begin(), apps_.end(),
                               [](const auto& app) { return !app.second.live.is_null(); })) {
  advance(now);
}

void RayHead::advance(Time now) {
  for (auto at = apps_.begin(); at != apps_.end();) {
    RayApp& app = at->second;
    if (!app.settles || now < *app.settles) {
      ++at;
      continue;
    }
    app.settles.reset();
    if (app.status == "DELETING") {
      at = apps_.erase(at);
      continue;
    }
    app.message = failure_text(at->first, app.wanted);
    if (!app.message.empty()) {
      app.status = "DEPLOY_FAILED";
    } else {
      app.status = "RUNNING";
      app.live = app.wanted;
      ever_served_ = true;
    }
    app.light = false;
    app.updating.clear();
    ++at;
  }
}

std::optional<Time> RayHead::next_change() const {
  std::optional<Time> next;
  for (const auto& [name, app] : apps_) {
    if (app.settles && (!next || *app.settles < *next)) next = app.settles;
  }
  return next;
}

// Returns whether the config is new to the application.
bool RayHead::take_app(Time now, const Json& wanted) {
  const std::string name = ray_app_name(wanted);
  RayApp& app = apps_[name];
  const bool alive = !app.status.empty() && app.status != "DELETING";
  if (alive && app.status != "DEPLOY_FAILED" && app.wanted == wanted) {
    if (!app.settles && !app.live.is_null()) {  // Serve applies it again, the replicas stay.
      app.status = "DEPLOYING";
      app.deployed = now;
      app.settles = now + delays_.app_update;
      app.light = true;
    }
    return false;
  }
  const auto deployments = ray_deployments(wanted);
  Millis delay = delays_.app_deploy * static_cast<int>(deployments.size());
  RayApp next;
  if (alive) next.live = app.live;
  if (alive && !app.live.is_null() && is_light_change(app.wanted, wanted)) {
    delay = delays_.app_update;
    next.light = true;
    const auto before = ray_deployments(app.wanted);
    for (const Json& deployment : deployments) {
      if (std::find(before.begin(), before.end(), deployment) == before.end()) {
        next.updating.insert(text_at(deployment, {"name"}));
      }
    }
  }
  next.rebuilt = !alive || !has_same_code(app.wanted, wanted);
  next.status = "DEPLOYING";
  next.wanted = wanted;
  next.deployed = now;
  next.built = now + delay / 3;
  if (!imports_from(wanted, "slow")) next.settles = now + delay;
  app = std::move(next);
  return true;
}

void RayHead::begin_removal(Time now, RayApp& app) {
  app.status = "DELETING";
  app.message.clear();
  app.live = nullptr;
  app.settles = now + delays_.app_delete;
}

HttpResponse RayHead::put(Time now, const std::string& body, RayDisplays& displays, bool& changed) {
  changed = false;
  Json config;
  if (const auto refusal = read_ray_config(body, config)) {
    return {refusal->code, {{"content-type", "text/plain; charset=utf-8"}}, refusal->text};
  }
  advance(now);
  capacity_ = config.value("target_capacity", Json());
  const std::string where = text_at(config, {"proxy_location"});
  if (!ever_put_ && !where.empty()) proxy_location_ = where;  // Fixed once Serve runs.
  ever_put_ = true;
  std::set<std::string> wanted;
  for (const Json& listed : config["applications"]) {
    Json app = kept_by_ray(listed, config);
    const std::string name = ray_app_name(app);
    app["name"] = name;
    wanted.insert(name);
    const auto display = displays.find(name);
    if (display != displays.end() && display->second.until_put) displays.erase(display);
    changed = take_app(now, app) || changed;
  }
  for (auto& [name, app] : apps_) {
    if (wanted.contains(name) || app.status == "DELETING") continue;
    begin_removal(now, app);
    changed = true;
  }
  return {200, {{"content-type", "text/plain; charset=utf-8"}}, ""};
}

void RayHead::remove_all(Time now) {
  advance(now);
  for (auto& [name, app] : apps_) begin_removal(now, app);
}

bool RayHead::serving(Time now) {
  advance(now);
  return ever_served_;
}

std::map<std::string, std::string> RayHead::statuses(Time now, const RayDisplays& displays) {
  advance(now);
  std::map<std::string, std::string> statuses;
  for (const auto& [name, app] : apps_) {
    const auto display = displays.find(name);
    statuses[name] = display == displays.end() ? app.status : display->second.status;
  }
  return statuses;
}

Json RayHead::deployment_details(const std::string& app_name, const RayApp& app,
                                 const Json& deployment, const RayDisplay* display,
                                 const std::vector<RayNode>& nodes) const {
  const std::string name = text_at(deployment, {"name"});
  const bool updating = !app.light || app.updating.contains(name);
  DeploymentState state =
      deployment_state(display == nullptr ? app.status : display->status, updating);
  std::string status = state.status;
  if (display != nullptr && !display->deployment_status.empty()) {
    status = display->deployment_status;
  }
  const std::int64_t count = number_at(deployment, {"num_replicas"}, 1);
  const bool starting = app.status == "DEPLOYING" && app.live.is_null();
  Json replicas = Json::array();
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string id = hex_id(session_ + app_name + name + std::to_string(i), 8);
    const RayNode* node = starting ? nullptr : &nodes[static_cast<std::size_t>(i) % nodes.size()];
    replicas.push_back(replica_of(app_name, name, id, node, app.deployed));
  }
  const Json full = full_deployment_config(deployment);
  const Json* cpus = look(full, {"ray_actor_options", "num_cpus"});
  return {{"name", name},
          {"status", status},
          {"status_trigger", state.trigger},
          {"message", state.message},
          {"deployment_config", full},
          {"target_num_replicas", count},
          {"required_resources", {{"CPU", cpus == nullptr ? Json(1.0) : *cpus}}},
          {"replicas", replicas}};
}

Json RayHead::app_details(const std::string& name, const RayApp& app, const RayDisplay* display,
                          Time now, const std::vector<RayNode>& nodes) const {
  const std::string status = display == nullptr ? app.status : display->status;
  const bool deleting = app.status == "DELETING";
  const bool unbuilt = app.status == "DEPLOY_FAILED" || (app.rebuilt && now < app.built);
  Json deployments = Json::object();
  if (!deleting && !unbuilt) {
    for (const Json& deployment : ray_deployments(app.wanted)) {
      deployments[text_at(deployment, {"name"})] =
          deployment_details(name, app, deployment, display, nodes);
    }
  }
  std::string message = display == nullptr ? app.message : display->message;
  if (display != nullptr && message.empty() && status == "UNHEALTHY") {
    message = "The deployments ['" + text_at(ray_deployments(app.wanted)[0], {"name"}) +
              "'] are UNHEALTHY.";
  }
  const std::string prefix = ray_route_prefix(app.wanted);
  return {{"name", name},
          {"route_prefix", prefix.empty() || unbuilt ? Json() : Json(prefix)},
          {"docs_path", nullptr},
          {"status", status},
          {"message", message},
          {"last_deployed_time_s", seconds_of(app.deployed)},
          {"deployed_app_config", deleting ? Json() : app.wanted},
          {"source", "declarative"},
          {"deployments", deployments}};
}

Json RayHead::details(Time now, const RayDisplays& displays, const std::vector<RayNode>& nodes) {
  advance(now);
  Json body = {{"controller_info", Json::object()},
               {"proxies", Json::object()},
               {"applications", Json::object()},
               {"target_capacity", nullptr}};
  if (!ever_put_) {
    body["deploy_mode"] = "MULTI_APP";
    return body;
  }
  body["controller_info"] = actor(nodes[0], "SERVE_CONTROLLER_ACTOR", "controller_1000");
  body["proxy_location"] = proxy_location_;
  body["http_options"] = {{"host", "0.0.0.0"},
                          {"port", 8000},
                          {"root_path", ""},
                          {"request_timeout_s", nullptr},
                          {"keep_alive_timeout_s", 90},
                          {"ssl_keyfile", nullptr},
                          {"ssl_certfile", nullptr},
                          {"ssl_keyfile_password", nullptr},
                          {"ssl_ca_certs", nullptr}};
  body["grpc_options"] = {
      {"port", 9000}, {"grpc_servicer_functions", Json::array()}, {"request_timeout_s", nullptr}};
  body["target_capacity"] = capacity_;
  Json targets = Json::array();
  const bool up = serving(now);
  for (const RayNode& node : nodes) {
    const std::string id = hex_id(node.pod, 56);
    Json proxy = actor(node, "SERVE_PROXY_ACTOR-" + id, "proxy_" + node.ip);
    proxy["status"] = up ? "HEALTHY" : "STARTING";
    body["proxies"][id] = proxy;
    if (up) {
      targets.push_back({{"ip", node.ip},
                         {"port", 8000},
                         {"instance_id", ""},
                         {"name", "SERVE_PROXY_ACTOR-" + id}});
    }
  }
  body["target_groups"] =
      Json::array({{{"targets", targets}, {"route_prefix", "/"}, {"protocol", "HTTP"}}});
  for (const auto& [name, app] : apps_) {
    const auto display = displays.find(name);
    body["applications"][name] =
        app_details(name, app, display == displays.end() ? nullptr : &display->second, now, nodes);
  }
  return body;
}

}  // namespace raycord
