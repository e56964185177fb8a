#include "sandbox/ray_config.h"

#include <algorithm>
#include <map>

#include "sandbox/ray_kept.h"

namespace raycord {
namespace {

// Collects what the schema has against a config, in the form of Ray's text.
class Complaints {
 public:
  // `location` as Python prints the members of a tuple: "'applications', 0, 'name'".
  void add(const std::string& location, const std::string& message, const std::string& type,
           const std::string& more = "") {
    if (!text_.empty()) text_ += ", ";
    const bool single = location.find(", ") == std::string::npos;
    text_ += "{'loc': (" + location + (single ? ",)" : ")") + ", 'msg': " + in_python(message) +
             ", 'type': '" + type + "'" + more + "}";
  }
  void missing(const std::string& location) {
    add(location, "field required", "value_error.missing");
  }
  void is_null(const std::string& location) {
    add(location, "none is not an allowed value", "type_error.none.not_allowed");
  }
  bool empty() const { return text_.empty(); }

  std::optional<RayRefusal> refusal() const {
    if (text_.empty()) return std::nullopt;
    return RayRefusal{400, "ValidationError(model='ServeDeploySchema', errors=[" + text_ + "])"};
  }

 private:
  // Python writes a text in single quotes unless only those are in it.
  static std::string in_python(const std::string& text) {
    const bool doubled =
        text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
    std::string quoted(1, doubled ? '"' : '\'');
    for (const char c : text) {
      if (c == '\'' && !doubled) quoted += '\\';
      quoted += c;
    }
    return quoted + (doubled ? '"' : '\'');
  }

  std::string text_;
};

RayRefusal not_json() {
  return {500,
          "Traceback (most recent call last):\n"
          "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n"};
}

void check_deployments(const Json& app, const std::string& at, Complaints& complaints) {
  const auto found = app.find("deployments");
  if (found == app.end() || found->is_null()) return;
  if (!found->is_array()) {
    complaints.add(at + ", 'deployments'", "value is not a valid list", "type_error.list");
    return;
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    const Json& deployment = (*found)[i];
    const std::string here = at + ", 'deployments', " + std::to_string(i);
    if (text_at(deployment, {"name"}).empty()) complaints.missing(here + ", 'name'");
    const Json kept = kept_by_ray({{"deployments", Json::array({deployment})}}, Json::object());
    const Json* requests = look(kept["deployments"][0], {"max_ongoing_requests"});
    if (requests != nullptr && !requests->is_number()) {
      complaints.add(here + ", 'max_ongoing_requests'", "value is not a valid integer",
                     "type_error.integer");
    }
    const Json* replicas = look(kept["deployments"][0], {"num_replicas"});
    if (replicas == nullptr || replicas->is_null() || *replicas == Json("auto")) continue;
    if (!replicas->is_number() || *replicas < 1) {
      const std::string given =
          replicas->is_string() ? replicas->get<std::string>() : replicas->dump();
      complaints.add(here + ", '__root__'",
                     "`num_replicas` must be an int or \"auto\", but got: " + given, "value_error");
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
                   "Got invalid import path \"" + path->get<std::string>() +
                       "\". An import path must contain at least on dot or colon separating the "
                       "module (and potentially submodules) from the deployment graph. E.g.: "
                       "\"module.deployment_graph\".",
                   "value_error");
  }
  for (const char* key : {"runtime_env", "deployments", "args"}) {
    const Json* value = look(app, {key});
    if (value != nullptr && value->is_null()) {
      complaints.is_null(at + ", '" + std::string(key) + "'");
    }
  }
  check_deployments(app, at, complaints);
}

// "application "a"" or "applications "a", "b"": what stands more than once.
std::string doubles(const std::map<std::string, int>& counts, const std::string& what) {
  std::string text;
  int found = 0;
  for (const auto& [name, count] : counts) {
    if (count < 2) continue;
    text += (found++ > 0 ? ", \"" : "\"") + name + "\"";
  }
  if (found == 0) return "";
  return what + (found == 1 ? " " : what.ends_with('x') ? "es " : "s ") + text;
}

void check_apps(const Json& apps, Complaints& complaints) {
  std::map<std::string, int> names;
  std::map<std::string, int> prefixes;
  for (std::size_t i = 0; i < apps.size(); ++i) {
    check_app(apps[i], "'applications', " + std::to_string(i), complaints);
    if (!apps[i].is_object()) continue;
    ++names[ray_app_name(apps[i])];
    const std::string prefix = ray_route_prefix(apps[i]);
    if (!prefix.empty()) ++prefixes[prefix];
  }
  if (!complaints.empty()) return;
  if (const std::string twice = doubles(names, "application"); !twice.empty()) {
    complaints.add("'applications'",
                   "Found multiple configs for " + twice + ". Please remove all duplicates.",
                   "value_error");
  } else if (const std::string routes = doubles(prefixes, "route prefix"); !routes.empty()) {
    complaints.add("'applications'",
                   "Found duplicate applications for " + routes +
                       ". Please ensure each application's route_prefix is unique.",
                   "value_error");
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
  if (parsed->is_array() && parsed->empty()) parsed = Json::object();  // So does Python.
  if (!parsed->is_object()) {
    complaints.add("'__root__'",
                   "ServeDeploySchema expected dict not " + std::string(parsed->type_name()),
                   "type_error");
    return complaints.refusal();
  }
  const auto apps = parsed->find("applications");
  if (apps == parsed->end()) {
    complaints.missing("'applications'");
  } else if (apps->is_null()) {
    complaints.is_null("'applications'");
  } else if (!apps->is_array()) {
    complaints.add("'applications'", "value is not a valid list", "type_error.list");
  } else {
    check_apps(*apps, complaints);
  }
  const bool stumbles = !complaints.empty();
  const Json* capacity = look(*parsed, {"target_capacity"});
  if (capacity != nullptr && capacity->is_number() && (*capacity < 0 || *capacity > 100)) {
    const bool low = *capacity < 0;
    complaints.add("'target_capacity'",
                   low ? "ensure this value is greater than or equal to 0"
                       : "ensure this value is less than or equal to 100",
                   low ? "value_error.number.not_ge" : "value_error.number.not_le",
                   std::string(", 'ctx': {'limit_value': ") + (low ? "0}" : "100}"));
  }
  // Ray's own check of hosts and ports falls over applications that are not there.
  if (stumbles) complaints.add("'__root__'", "'NoneType' object is not iterable", "type_error");
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
