#include "core/build/ray_start.h"

#include <array>
#include <map>
#include <optional>

#include "core/build/gpu.h"

namespace raycord {
namespace {

using Parameters = std::map<std::string, std::string>;

constexpr std::string_view kUlimit = "ulimit -n ${RAY_START_ULIMIT_OPEN_FILES:-65536}; ";

struct Accelerator {
  std::string_view resource;
  std::string_view ray_name;
};

// Sorted by resource: the first that a container asks for is the one that Ray is told of.
constexpr std::array kAccelerators = {Accelerator{"aws.amazon.com/neuroncore", "neuron_cores"},
                                      Accelerator{"google.com/tpu", "TPU"}};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// {"TPU":4,"custom":0.5} in single quotes, as the shell wants it.
std::string quoted_resources(const Parameters& amounts) {
  std::string text;
  for (const auto& [name, amount] : amounts) {
    text += (text.empty() ? "" : ",") + dump(Json(name)) + ":" + amount;
  }
  return "'{" + text + "}'";
}

std::string whole_text(const Quantity& quantity) { return std::to_string(quantity.round_up()); }

// The logical resources that the user gave to the group.
void add_group_resources(const Json& group, Parameters& parameters) {
  Parameters custom;
  std::string gpus;
  const Json resources = object_at(group, {"resources"});
  for (const auto& [key, value] : resources.items()) {
    const std::string name = lower(key);
    const Quantity amount = checked_quantity(resources, {key});
    if (name == "cpu") {
      parameters["num-cpus"] = whole_text(amount);
    } else if (name == "memory") {
      parameters["memory"] = whole_text(amount);
    } else if (is_gpu(name)) {
      if (gpus.empty()) gpus = whole_text(amount);
    } else {
      custom[key] = amount.decimal();
    }
  }
  if (!gpus.empty()) parameters["num-gpus"] = gpus;
  if (!custom.empty()) parameters["resources"] = quoted_resources(custom);
}

void add_group_labels(const Json& group, Parameters& parameters) {
  std::string text;
  for (const auto& [key, value] : texts_at(group, {"labels"})) {
    text += (text.empty() ? "" : ",") + key + "=" + value;
  }
  if (!text.empty()) parameters["labels"] = text;
}

void add_redis_credentials(const Json& spec, Parameters& parameters) {
  if (find(spec, {"gcsFaultToleranceOptions", "redisUsername"})) {
    parameters["redis-username"] = "$REDIS_USERNAME";
  }
  if (find(spec, {"gcsFaultToleranceOptions", "redisPassword"})) {
    parameters["redis-password"] = "$REDIS_PASSWORD";
  }
}

void add_cpu_and_memory(const Json& container, Parameters& parameters) {
  Quantity cpu = checked_quantity(container, {"resources", "limits", "cpu"});
  if (cpu.is_zero()) cpu = checked_quantity(container, {"resources", "requests", "cpu"});
  if (!cpu.is_zero()) parameters.emplace("num-cpus", whole_text(cpu));
  const Quantity memory = checked_quantity(container, {"resources", "limits", "memory"});
  if (!memory.is_zero()) parameters.emplace("memory", whole_text(memory));
}

// The amounts in an existing `resources` parameter; nothing where they cannot be read.
std::optional<Parameters> read_resources(const Parameters& parameters) {
  Parameters amounts;
  const auto given = parameters.find("resources");
  if (given == parameters.end()) return amounts;
  std::string_view text = given->second;
  constexpr std::string_view kQuotes = "'\"` \t\n";
  const std::size_t first = text.find_first_not_of(kQuotes);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(kQuotes) - first + 1);
  const Result<Json> parsed = parse_object(text, "resources");
  if (!parsed) return std::nullopt;
  for (const auto& [name, amount] : parsed->items()) {
    if (!amount.is_number()) return std::nullopt;
    amounts[name] = dump(amount);
  }
  return amounts;
}

bool names_an_accelerator(const Parameters& amounts) {
  for (const Accelerator& accelerator : kAccelerators) {
    if (amounts.count(std::string(accelerator.ray_name)) > 0) return true;
  }
  return false;
}

void add_accelerators(const Json& container, Parameters& parameters) {
  std::optional<Parameters> amounts = read_resources(parameters);
  if (!amounts) return;  // as KubeRay: what the user wrote is left alone altogether
  const Json limits = object_at(container, {"resources", "limits"});
  for (const auto& [resource, value] : limits.items()) {
    const Quantity amount = checked_quantity(limits, {resource});
    if (amount.is_zero() || !is_gpu(resource)) continue;
    parameters.emplace("num-gpus", whole_text(amount));
    break;
  }
  if (names_an_accelerator(*amounts)) return;
  for (const Accelerator& accelerator : kAccelerators) {
    const Quantity amount = checked_quantity(limits, {accelerator.resource});
    if (amount.is_zero()) continue;
    (*amounts)[std::string(accelerator.ray_name)] = whole_text(amount);
    parameters["resources"] = quoted_resources(*amounts);
    return;
  }
}

// Flags that Ray wants with their value; all others stand alone or are left out.
bool takes_value(std::string_view key) {
  return key == "log-color" || key == "include-dashboard" || key == "include-log-monitor";
}

std::string render(const Parameters& parameters, NodeType type) {
  std::string text = type == NodeType::Head ? "ray start --head " : "ray start ";
  for (const auto& [key, value] : parameters) {
    const std::string form = lower(value);
    if (takes_value(key) || (form != "true" && form != "false")) {
      text += " --" + key + "=" + value + " ";
    } else if (form == "true") {
      text += " --" + key + " ";
    }
  }
  return text;
}

}  // namespace

std::string ray_start_command(const RayClusterView& cluster, const Json& group, NodeType type,
                              const BuildOptions& options) {
  Parameters parameters = texts_at(group, {"rayStartParams"});
  add_group_resources(group, parameters);
  add_group_labels(group, parameters);
  if (type == NodeType::Head) {
    parameters.emplace("dashboard-host", "0.0.0.0");
  } else {
    parameters.emplace("address", cluster.head_address(options));
  }
  parameters.emplace("metrics-export-port", "8080");
  parameters["block"] = "true";
  parameters.emplace("dashboard-agent-listen-port", "52365");
  if (type == NodeType::Head) {
    if (cluster.autoscaling()) parameters["no-monitor"] = "true";
    add_redis_credentials(cluster.spec(), parameters);
  }
  const Json& container = ray_container(group);
  add_cpu_and_memory(container, parameters);
  add_accelerators(container, parameters);
  return render(parameters, type);
}

void set_ray_command(Json& container, const std::string& ray_start, bool keep_user_command,
                     const BuildOptions& options) {
  std::string user;
  for (const char* part : {"command", "args"}) {
    for (const Json& word : items_at(container, {part})) {
      user += " " + word.get<std::string>() + " ";
    }
  }
  if (keep_user_command || user.find("ray start") != std::string::npos) return;
  const std::string generated = std::string(kUlimit) + ray_start;
  container["command"] = shell_command(options);
  container["args"] = Json::array({user.empty() ? generated : user + " && " + generated});
}

Json shell_command(const BuildOptions& options) {
  return Json::array({"/bin/bash", options.login_shell ? "-cl" : "-c", "--"});
}

}  // namespace raycord
