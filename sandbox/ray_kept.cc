#include "sandbox/ray_kept.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <string_view>

namespace raycord {
namespace {

using Keys = std::set<std::string_view>;

const Keys kApp = {"name", "route_prefix", "import_path",        "runtime_env", "host",
                   "port", "deployments",  "autoscaling_policy", "args",        "logging_config"};
const Keys kDeployment = {"name",
                          "num_replicas",
                          "max_ongoing_requests",
                          "max_queued_requests",
                          "user_config",
                          "autoscaling_config",
                          "graceful_shutdown_wait_loop_s",
                          "graceful_shutdown_timeout_s",
                          "health_check_period_s",
                          "health_check_timeout_s",
                          "ray_actor_options",
                          "placement_group_bundles",
                          "placement_group_strategy",
                          "max_replicas_per_node",
                          "logging_config",
                          "request_router_config"};
const Keys kActor = {"runtime_env", "num_cpus",  "num_gpus",
                     "memory",      "resources", "accelerator_type"};
const Keys kNumbers = {"num_replicas",
                       "max_ongoing_requests",
                       "max_replicas_per_node",
                       "graceful_shutdown_wait_loop_s",
                       "graceful_shutdown_timeout_s",
                       "health_check_period_s",
                       "health_check_timeout_s",
                       "num_cpus",
                       "num_gpus",
                       "memory"};

void make_number(Json& value) {
  if (value.is_boolean()) value = value.get<bool>() ? 1 : 0;
  if (!value.is_string()) return;
  const std::string text = value.get<std::string>();
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (std::from_chars(text.data(), end, whole).ptr == end) {
    value = whole;
    return;
  }
  double number = 0;
  if (std::from_chars(text.data(), end, number).ptr == end) value = number;
}

void keep(Json& map, const Keys& known) {
  if (!map.is_object()) return;
  for (auto at = map.begin(); at != map.end();) {
    if (!known.contains(at.key())) {
      at = map.erase(at);
      continue;
    }
    if (kNumbers.contains(at.key())) make_number(*at);
    ++at;
  }
}

// Attributes beside those of a record become a list without doubles, in any order.
void keep_logging(Json& owner) {
  if (!owner.is_object() || !owner.contains("logging_config")) return;
  Json& logging = owner["logging_config"];
  if (!logging.is_object()) return;
  static constexpr const char* kLevels[] = {"NOTSET",  "DEBUG", "INFO",
                                            "WARNING", "ERROR", "CRITICAL"};
  if (const auto level = logging.find("log_level");
      level != logging.end() && level->is_number_integer()) {
    const auto number = level->get<std::int64_t>();
    if (number >= 0 && number <= 50 && number % 10 == 0) *level = kLevels[number / 10];
  }
  if (const auto list = logging.find("additional_log_standard_attrs");
      list != logging.end() && list->is_array()) {
    const std::set<Json> attributes(list->begin(), list->end());
    *list = Json(attributes);
  }
}

}  // namespace

Json kept_by_ray(Json app, const Json& config) {
  keep(app, kApp);
  if (const Json* logging = look(config, {"logging_config"});
      logging != nullptr && !logging->is_null()) {
    set_default(app, "logging_config", *logging);
  }
  keep_logging(app);
  if (!app.contains("deployments") || !app["deployments"].is_array()) return app;
  for (Json& deployment : app["deployments"]) {
    keep(deployment, kDeployment);
    keep_logging(deployment);
    if (deployment.contains("ray_actor_options")) keep(deployment["ray_actor_options"], kActor);
  }
  return app;
}

}  // namespace raycord
