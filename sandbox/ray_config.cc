#include "sandbox/ray_config.h"

#include <algorithm>
#include <array>
#include <set>

namespace raycord {
namespace {

constexpr std::array<std::string_view, 6> kTopLevel = {"applications",   "proxy_location",
                                                       "http_options",   "grpc_options",
                                                       "logging_config", "target_capacity"};

// Collects what the schema has against a config, in the form of Ray's text.
class Complaints {
 public:
  // `location` as Python prints the members of a tuple: "'applications', 0, 'name'".
  void add(const std::string& location, const std::string& message, const std::string& type) {
    const char quote = message.find('\'') == std::string::npos ? '\'' : '"';
    if (!text_.empty()) text_ += ", ";
    const bool single = location.find(", ") == std::string::npos;
    text_ += "{'loc': (" + location + (single ? ",)" : ")") + ", 'msg': " + quote + message +
             quote + ", 'type': '" + type + "'}";
  }
  void missing(const std::string& location) {
    add(location, "field required", "value_error.missing");
  }

  std::optional<RayRefusal> refusal() const {
    if (text_.empty()) return std::nullopt;
    return RayRefusal{400, "ValidationError(model='ServeDeploySchema', errors=[" + text_ + "])"};
  }

 private:
  std::string text_;
};

RayRefusal not_json() {
  return {500,
          "Traceback (most recent call last):\n"
          "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n"};
}

void check_deployments(const Json& app, const std::string& at, Complaints& complaints) {
  const auto found = app.find("deployments");
  if (found == app.end()) return;
  if (!found->is_array()) {
    complaints.add(at + ", 'deployments'", "value is not a valid list", "type_error.list");
    return;
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    const Json& deployment = (*found)[i];
    const std::string here = at + ", 'deployments', " + std::to_string(i);
    if (text_at(deployment, {"name"}).empty()) complaints.missing(here + ", 'name'");
    const Json* replicas = look(deployment, {"num_replicas"});
    if (replicas == nullptr || replicas->is_null() || *replicas == Json("auto")) continue;
    if (!replicas->is_number_integer()) {
      complaints.add(here + ", 'num_replicas'", "value is not a valid integer",
                     "type_error.integer");
    } else if (replicas->get<std::int64_t>() < 0) {
      complaints.add(here + ", 'num_replicas'", "ensure this value is greater than or equal to 0",
                     "value_error.number.not_ge");
    }
  }
}

void check_app(const Json& app, const std::string& at, Complaints& complaints) {
  if (!app.is_object()) {
    complaints.add(at, "value is not a valid dict", "type_error.dict");
    return;
  }
  const Json* path = look(app, {"import_path"});
  if (path == nullptr || !path->is_string()) {
    complaints.missing(at + ", 'import_path'");
  } else if (path->get_ref<const std::string&>().find_first_of(".:") == std::string::npos) {
    complaints.add(at + ", 'import_path'",
                   "Got invalid import path \\\"" + path->get<std::string>() +
                       "\\\". An import path may have one or more '.' or ':'",
                   "value_error");
  }
  const Json* prefix = look(app, {"route_prefix"});
  if (prefix != nullptr && !prefix->is_null() &&
      (!prefix->is_string() || !prefix->get_ref<const std::string&>().starts_with("/"))) {
    complaints.add(at + ", 'route_prefix'", "The route_prefix must start with a forward slash",
                   "value_error");
  }
  check_deployments(app, at, complaints);
}

void check_apps(const Json& apps, Complaints& complaints) {
  std::set<std::string> names;
  std::set<std::string> prefixes;
  for (std::size_t i = 0; i < apps.size(); ++i) {
    check_app(apps[i], "'applications', " + std::to_string(i), complaints);
    if (!apps[i].is_object()) continue;
    const std::string name = ray_app_name(apps[i]);
    if (!names.insert(name).second) {
      complaints.add("'applications'", "Found multiple configs for application(s) '" + name + "'",
                     "value_error");
    }
    const std::string prefix = ray_route_prefix(apps[i]);
    if (!prefix.empty() && !prefixes.insert(prefix).second) {
      complaints.add("'applications'", "Found duplicate route prefix '" + prefix + "'",
                     "value_error");
    }
  }
}

Json without_light_fields(const Json& app) {
  Json heavy = app;
  if (!heavy.contains("deployments") || !heavy["deployments"].is_array()) return heavy;
  for (Json& deployment : heavy["deployments"]) {
    for (const char* field : {"user_config", "num_replicas", "autoscaling_config"}) {
      deployment.erase(field);
    }
  }
  return heavy;
}

}  // namespace

std::optional<RayRefusal> read_ray_config(std::string_view body, Json& config) {
  auto parsed = parse_json(body);
  if (!parsed) return not_json();
  Complaints complaints;
  if (!parsed->is_object()) {
    complaints.add("'__root__'",
                   "ServeDeploySchema expected dict not " + std::string(parsed->type_name()),
                   "type_error");
    return complaints.refusal();
  }
  const auto apps = parsed->find("applications");
  if (apps == parsed->end()) {
    complaints.missing("'applications'");
  } else if (!apps->is_array()) {
    complaints.add("'applications'", "value is not a valid list", "type_error.list");
  } else {
    check_apps(*apps, complaints);
  }
  for (const auto& [key, value] : parsed->items()) {
    if (std::find(kTopLevel.begin(), kTopLevel.end(), key) == kTopLevel.end()) {
      complaints.add("'" + key + "'", "extra fields not permitted", "value_error.extra");
    }
  }
  const Json* capacity = look(*parsed, {"target_capacity"});
  if (capacity != nullptr && !capacity->is_null() &&
      (!capacity->is_number() || *capacity < 0 || *capacity > 100)) {
    complaints.add("'target_capacity'", "ensure this value is between 0 and 100",
                   "value_error.number");
  }
  if (auto refusal = complaints.refusal()) return refusal;
  config = std::move(*parsed);
  return std::nullopt;
}

std::string ray_app_name(const Json& app) {
  const std::string name = text_at(app, {"name"});
  return name.empty() ? "default" : name;
}

std::string ray_route_prefix(const Json& app) {
  const Json* prefix = look(app, {"route_prefix"});
  if (prefix == nullptr) return "/";
  return prefix->is_string() ? prefix->get<std::string>() : "";
}

std::vector<Json> ray_deployments(const Json& app) {
  std::vector<Json> deployments;
  for (const Json& deployment : list_at(app, {"deployments"})) deployments.push_back(deployment);
  if (deployments.empty()) {
    const std::string path = text_at(app, {"import_path"});
    const auto mark = path.find_last_of(".:");
    deployments.push_back({{"name", mark == std::string::npos ? path : path.substr(mark + 1)}});
  }
  return deployments;
}

bool is_light_change(const Json& before, const Json& after) {
  return without_light_fields(before) == without_light_fields(after);
}

Json full_deployment_config(const Json& deployment) {
  Json full = {{"num_replicas", 1},
               {"max_ongoing_requests", 5},
               {"max_queued_requests", -1},
               {"user_config", nullptr},
               {"graceful_shutdown_wait_loop_s", 2.0},
               {"graceful_shutdown_timeout_s", 20.0},
               {"health_check_period_s", 10.0},
               {"health_check_timeout_s", 30.0},
               {"ray_actor_options", {{"num_cpus", 1.0}}},
               {"request_router_config",
                {{"request_router_class",
                  "ray.serve._private.request_router:PowerOfTwoChoicesRequestRouter"},
                 {"request_router_kwargs", Json::object()},
                 {"request_routing_stats_period_s", 10.0},
                 {"request_routing_stats_timeout_s", 30.0}}}};
  full.update(deployment);
  if (full["ray_actor_options"].is_object()) {
    set_default(full["ray_actor_options"], "runtime_env", {{"env_vars", Json::object()}});
  }
  return full;
}

}  // namespace raycord
