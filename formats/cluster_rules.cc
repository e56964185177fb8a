#include "formats/cluster_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <tuple>

#include "formats/ray_spec.h"

namespace raycord {
namespace {

using Version = std::tuple<int, int, int>;

constexpr Version kTokenAuthSince{2, 52, 0};
constexpr Version kKubernetesAuthSince{2, 55, 0};
constexpr Version kPrioritySince{2, 56, 0};

// "2.52.0", "v2.52", "2.53.0rc1"; nothing for "nightly" and the like.
std::optional<Version> read_version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  std::array<int, 3> parts{};
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [rest, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc() || parts[i] < 0) return std::nullopt;
    at = rest;
    if (i == 2 || at == end) break;
    if (*at != '.') return std::nullopt;
    ++at;
  }
  return Version{parts[0], parts[1], parts[2]};
}

bool is_at_least(const std::string& ray_version, const Version& since) {
  const auto version = read_version(ray_version);
  return version && *version >= since;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// At most 63 letters, digits, '-', '_', '.'; a letter or digit at both ends.
bool is_label_name(std::string_view text) {
  constexpr std::size_t kLabelMax = 63;
  if (text.empty() || text.size() > kLabelMax) return false;
  if (!is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

// A DNS-1123 subdomain.
bool is_subdomain(std::string_view text) {
  constexpr std::size_t kSubdomainMax = 253;
  if (text.empty() || text.size() > kSubdomainMax) return false;
  char last = '.';
  for (const char c : text) {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    if (!letter && c != '-' && c != '.') return false;
    if ((c == '.' && (last == '.' || last == '-')) || (c == '-' && last == '.')) return false;
    last = c;
  }
  return last != '.' && last != '-';
}

bool is_qualified_name(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return is_label_name(key);
  return is_subdomain(key.substr(0, slash)) && is_label_name(key.substr(slash + 1));
}

std::string check_labels(const JsonObject& group) {
  const JsonObject labels = group.object("labels");
  for (const std::string& key : labels.keys()) {
    if (!is_qualified_name(key)) {
      return labels.path_of(key) + ": the key is not a qualified name, such as example.com/zone";
    }
    const std::string value = labels.text(key);
    if (!value.empty() && !is_label_name(value)) {
      return labels.path_of(key) + ": \"" + value +
             "\" is not a label value: at most 63 letters, digits, '-', '_' or '.', with a letter "
             "or digit at both ends";
    }
  }
  return {};
}

// Containers are checked apart: KubeRay looks at the head's before anything else.
std::string check_containers(const JsonObject& group) {
  const JsonObject pod = group.object("template").object("spec");
  if (pod.objects("containers").empty()) {
    return pod.path_of("containers") + " must have at least one container";
  }
  return {};
}

std::string check_resources_and_labels(const JsonObject& group) {
  const JsonObject parameters = group.object("rayStartParams");
  if (!group.object("resources").keys().empty()) {
    for (const char* key : {"num-cpus", "num-gpus", "memory", "resources"}) {
      if (!parameters.text(key).empty()) {
        return parameters.path_of(key) + " must not be set together with " +
               group.path_of("resources") + ": use one of them";
      }
    }
  }
  if (parameters.has("labels")) {
    return parameters.path_of("labels") + " is not allowed: use " + group.path_of("labels");
  }
  return check_labels(group);
}

std::string check_worker_group(const JsonObject& group, const JsonObject& spec) {
  std::string broken = check_containers(group);
  if (!broken.empty()) return broken;
  const std::int32_t min = group.small_integer("minReplicas").value_or(0);
  const std::int32_t max =
      group.small_integer("maxReplicas").value_or(std::numeric_limits<std::int32_t>::max());
  if (min < 0) return group.path_of("minReplicas") + " must not be negative";
  if (max < 0) return group.path_of("maxReplicas") + " must not be negative";
  if (min > max) {
    return group.path_of("minReplicas") + " is " + std::to_string(min) +
           " and must not be above maxReplicas, which is " + std::to_string(max);
  }
  broken = check_resources_and_labels(group);
  if (!broken.empty()) return broken;

  const bool autoscaler_v2 = spec.flag("enableInTreeAutoscaling") && asks_for_autoscaler_v2(spec);
  if (const auto idle = group.small_integer("idleTimeoutSeconds")) {
    if (*idle < 0) return group.path_of("idleTimeoutSeconds") + " must not be negative";
    if (!autoscaler_v2) {
      return group.path_of("idleTimeoutSeconds") +
             " needs autoscaler v2: set enableInTreeAutoscaling and autoscalerOptions.version: v2";
    }
  }
  if (group.small_integer("priority").value_or(0) != 0) {
    if (!is_at_least(spec.text("rayVersion"), kPrioritySince) || !autoscaler_v2) {
      return group.path_of("priority") + " needs rayVersion 2.56.0 or later and autoscaler v2";
    }
  }
  return {};
}

std::string check_fault_tolerance(const JsonObject& spec, const JsonObject& annotations) {
  const JsonObject options = spec.object("gcsFaultToleranceOptions");
  const JsonObject head = spec.object("headGroupSpec");
  const JsonObject container = ray_container_of(head);
  const std::string switched = annotations.text("ray.io/ft-enabled");
  if (!switched.empty() && options.exists()) {
    return "metadata.annotations[ray.io/ft-enabled] must not be set together with " +
           options.path() + ": use the latter";
  }
  if (!is_fault_tolerant(spec, annotations) && env_of(container, "RAY_REDIS_ADDRESS")) {
    return container.path_of("env") +
           " has RAY_REDIS_ADDRESS, but fault tolerance is off: set gcsFaultToleranceOptions";
  }
  const JsonObject parameters = head.object("rayStartParams");
  if (options.exists()) {
    if (parameters.has("redis-password")) {
      return parameters.path_of("redis-password") + " is not allowed: use " +
             options.path_of("redisPassword");
    }
    for (const char* name : {"REDIS_PASSWORD", "RAY_REDIS_ADDRESS"}) {
      if (!env_of(container, name)) continue;
      return container.path_of("env") + " has " + name + ", which is not allowed together with " +
             options.path();
    }
    if (!annotations.text("ray.io/external-storage-namespace").empty()) {
      return "metadata.annotations[ray.io/external-storage-namespace] is not allowed: use " +
             options.path_of("externalStorageNamespace");
    }
    const std::string backend = options.text("backend");
    if (!backend.empty() && backend != "redis") {
      return options.path_of("backend") + " is \"" + backend + "\": only redis is supported";
    }
    if (options.has("storage")) {
      return options.path_of("storage") + " is not allowed with Redis: it is of backend rocksdb";
    }
  }
  if (parameters.has("redis-username") || env_of(container, "REDIS_USERNAME")) {
    return head.path() + " sets the Redis username, which is not allowed: use " +
           spec.path_of("gcsFaultToleranceOptions") + ".redisUsername";
  }
  return {};
}

// A restart policy that starts containers again behind the autoscaler's back, and the rest of the
// sentence.
std::string odd_restart_policy(const JsonObject& group, const char* rest) {
  const JsonObject pod = group.object("template").object("spec");
  const std::string policy = pod.text("restartPolicy");
  if (policy.empty() || policy == "Never") return {};
  return pod.path_of("restartPolicy") + " is \"" + policy + "\": " + rest;
}

std::string check_restart_policy(const JsonObject& group) {
  return odd_restart_policy(group, "with autoscaler v2 it must be unset or Never");
}

std::string check_autoscaling(const JsonObject& spec, const std::vector<JsonObject>& groups) {
  const JsonObject options = spec.object("autoscalerOptions");
  const JsonObject head = spec.object("headGroupSpec");
  const JsonObject container = ray_container_of(head);
  const auto variable = env_of(container, "RAY_enable_autoscaler_v2");
  if (!spec.flag("enableInTreeAutoscaling")) {
    if (variable == "1" || variable == "true") {
      return container.path_of("env") +
             " has RAY_enable_autoscaler_v2, but enableInTreeAutoscaling is off";
    }
    return {};
  }
  for (const JsonObject& group : groups) {
    if (group.flag("suspend")) {
      return group.path_of("suspend") + " is not allowed with enableInTreeAutoscaling";
    }
  }
  if (variable && options.has("version")) {
    return container.path_of("env") + " has RAY_enable_autoscaler_v2, which is not allowed " +
           "together with " + options.path_of("version");
  }
  if (!asks_for_autoscaler_v2(spec)) return {};
  std::string broken = check_restart_policy(head);
  for (const JsonObject& group : groups) {
    if (broken.empty()) broken = check_restart_policy(group);
  }
  return broken;
}

std::string check_autoscaler_options(const JsonObject& spec) {
  const JsonObject options = spec.object("autoscalerOptions");
  if (options.small_integer("idleTimeoutSeconds").value_or(0) < 0) {
    return options.path_of("idleTimeoutSeconds") + " must not be negative";
  }
  if (env_of(options, "KUBERAY_GEN_AUTOSCALER_START_CMD")) {
    return options.path_of("env") +
           " must not have KUBERAY_GEN_AUTOSCALER_START_CMD: it is set "
           "by the operator";
  }
  if (spec.has("historyServerOptions")) {
    return spec.path_of("historyServerOptions") + " is not supported";
  }
  return {};
}

std::string check_auth(const JsonObject& spec) {
  const JsonObject auth = spec.object("authOptions");
  const bool kubernetes = auth.flag("enableK8sTokenAuth");
  if (auth.text("mode") != "token") {
    if (kubernetes) return auth.path_of("enableK8sTokenAuth") + " needs mode: token";
    return {};
  }
  const std::string version = spec.text("rayVersion");
  if (!is_at_least(version, kTokenAuthSince)) {
    return spec.path_of("rayVersion") + " is \"" + version +
           "\": authOptions.mode: token needs 2.52.0 or later";
  }
  if (!kubernetes) return {};
  if (!is_at_least(version, kKubernetesAuthSince)) {
    return spec.path_of("rayVersion") + " is \"" + version +
           "\": authOptions.enableK8sTokenAuth needs 2.55.0 or later";
  }
  if (!auth.text("secretName").empty()) {
    return auth.path_of("secretName") + " must be empty with enableK8sTokenAuth";
  }
  return {};
}

}  // namespace

std::string first_broken_cluster_rule(const JsonObject& spec, const JsonObject& annotations) {
  const JsonObject head = spec.object("headGroupSpec");
  const std::vector<JsonObject> groups = spec.objects("workerGroupSpecs");
  std::string broken = check_containers(head);
  const auto then = [&broken](std::string next) {
    if (broken.empty()) broken = std::move(next);
  };
  then(check_resources_and_labels(head));
  for (const JsonObject& group : groups) then(check_worker_group(group, spec));
  then(check_fault_tolerance(spec, annotations));
  then(check_autoscaling(spec, groups));
  then(check_autoscaler_options(spec));
  then(check_auth(spec));
  for (const char* option : {"networkPolicy", "tlsOptions"}) {
    if (spec.has(option)) then(spec.path_of(option) + " is not supported");
  }
  return broken;
}

std::string doubt_about_cluster(const JsonObject& spec) {
  const bool first = spec.flag("enableInTreeAutoscaling") &&
                     spec.object("autoscalerOptions").text("version") == "v1";
  if (!first) return {};
  for (const JsonObject& group : spec.objects("workerGroupSpecs")) {
    std::string doubt = odd_restart_policy(
        group, "autoscaler v1 may count a worker that is started again twice; use Never");
    if (!doubt.empty()) return doubt;
  }
  return {};
}

}  // namespace raycord
