#include "formats/cluster_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <tuple>
#include <utility>

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

void check_labels(const JsonObject& group, BrokenRules& broken) {
  const JsonObject labels = group.object("labels");
  for (const std::string& key : labels.keys()) {
    if (!is_qualified_name(key)) {
      broken.add(labels.path(), "has the key " + quoted(key) +
                                    ": a qualified name, such as example.com/zone, is allowed");
      continue;
    }
    const std::string value = labels.text(key);
    if (!value.empty() && !is_label_name(value)) {
      broken.add(labels.path_of(key), "is " + quoted(value) +
                                          ": at most 63 letters, digits, '-', '_' and '.' are "
                                          "allowed, with a letter or digit at both ends");
    }
  }
}

void check_containers(const JsonObject& group, BrokenRules& broken) {
  const JsonObject pod = group.object("template").object("spec");
  if (pod.objects("containers").empty()) {
    broken.add(pod.path_of("containers"), "is empty: one container or more is allowed");
  }
}

void check_resources_and_labels(const JsonObject& group, BrokenRules& broken) {
  const JsonObject parameters = group.object("rayStartParams");
  if (!group.object("resources").keys().empty()) {
    for (const char* key : {"num-cpus", "num-gpus", "memory", "resources"}) {
      const std::string value = parameters.text(key);
      if (value.empty()) continue;
      broken.add(parameters.path_of(key), "is " + quoted(value) + ": not allowed beside " +
                                              group.path_of("resources") + ", use one of them");
    }
  }
  if (parameters.has("labels")) {
    broken.add(parameters.path_of("labels"), "is " + quoted(parameters.text("labels")) +
                                                 ": not allowed, use " + group.path_of("labels"));
  }
  check_labels(group, broken);
}

// Of KubeRay's rules one is left out, that both must be there where nothing scales: the definitions
// fill them in.
void check_replicas(const JsonObject& group, BrokenRules& broken) {
  const std::int32_t min = group.small_integer("minReplicas").value_or(0);
  const std::int32_t max =
      group.small_integer("maxReplicas").value_or(std::numeric_limits<std::int32_t>::max());
  broken.forbid_negative(group.path_of("minReplicas"), min);
  broken.forbid_negative(group.path_of("maxReplicas"), max);
  if (min > max && max >= 0) {
    broken.add(group.path_of("minReplicas"), "is " + std::to_string(min) +
                                                 ": at most maxReplicas, which is " +
                                                 std::to_string(max) + ", is allowed");
  }
}

void check_worker_group(const JsonObject& group, const JsonObject& spec, BrokenRules& broken) {
  check_containers(group, broken);
  const bool autoscaling = spec.flag("enableInTreeAutoscaling");
  check_replicas(group, broken);
  check_resources_and_labels(group, broken);

  const bool autoscaler_v2 = autoscaling && asks_for_autoscaler_v2(spec);
  if (const auto idle = group.small_integer("idleTimeoutSeconds")) {
    const std::string path = group.path_of("idleTimeoutSeconds");
    broken.forbid_negative(path, *idle);
    if (!autoscaler_v2) {
      broken.add(path, "is " + std::to_string(*idle) +
                           ": allowed only with autoscaler v2, that is enableInTreeAutoscaling and "
                           "autoscalerOptions.version: v2");
    }
  }
  const std::int32_t priority = group.small_integer("priority").value_or(0);
  const std::string version = spec.text("rayVersion");
  if (priority != 0 && (!is_at_least(version, kPrioritySince) || !autoscaler_v2)) {
    broken.add(group.path_of("priority"), "is " + std::to_string(priority) +
                                              ": other than 0 is allowed only with autoscaler v2 "
                                              "and rayVersion 2.56.0 or later, which is " +
                                              quoted(version));
  }
}

void check_ft_options(const JsonObject& options, const JsonObject& head,
                      const JsonObject& annotations, BrokenRules& broken) {
  const JsonObject container = ray_container_of(head);
  const JsonObject parameters = head.object("rayStartParams");
  if (parameters.has("redis-password")) {
    broken.add(parameters.path_of("redis-password"),
               "is set: not allowed, use " + options.path_of("redisPassword"));
  }
  using Moved = std::pair<const char*, const char*>;  // Variable and field of the options.
  for (const auto& [name, instead] :
       {Moved{"REDIS_PASSWORD", "redisPassword"}, Moved{"RAY_REDIS_ADDRESS", "redisAddress"}}) {
    if (!env_of(container, name)) continue;
    broken.add(container.path_of("env"), std::string("has ") + name + ": not allowed beside " +
                                             options.path() + ", use its " + instead);
  }
  const std::string space = annotations.text("ray.io/external-storage-namespace");
  if (!space.empty()) {
    broken.add("metadata.annotations[ray.io/external-storage-namespace]",
               "is " + quoted(space) + ": not allowed beside " + options.path() +
                   ", use its externalStorageNamespace");
  }
  const std::string backend = options.text("backend");
  if (!backend.empty() && backend != "redis") {
    broken.add(options.path_of("backend"), "is " + quoted(backend) + ": redis is allowed");
  }
  if (options.has("storage")) {
    broken.add(options.path_of("storage"), "is set: allowed only with backend rocksdb");
  }
}

void check_fault_tolerance(const JsonObject& spec, const JsonObject& annotations,
                           BrokenRules& broken) {
  const JsonObject options = spec.object("gcsFaultToleranceOptions");
  const JsonObject head = spec.object("headGroupSpec");
  const JsonObject container = ray_container_of(head);
  const std::string switched = annotations.text("ray.io/ft-enabled");
  if (!switched.empty() && options.exists()) {
    broken.add("metadata.annotations[ray.io/ft-enabled]",
               "is " + quoted(switched) + ": not allowed beside " + options.path());
  }
  if (!is_fault_tolerant(spec, annotations) && env_of(container, "RAY_REDIS_ADDRESS")) {
    broken.add(container.path_of("env"),
               "has RAY_REDIS_ADDRESS: allowed only with fault tolerance, use " + options.path());
  }
  if (options.exists()) check_ft_options(options, head, annotations, broken);
  const std::string instead = ": not allowed, use " + options.path_of("redisUsername");
  const JsonObject parameters = head.object("rayStartParams");
  if (parameters.has("redis-username")) {
    broken.add(parameters.path_of("redis-username"), "is set" + instead);
  }
  if (env_of(container, "REDIS_USERNAME")) {
    broken.add(container.path_of("env"), "has REDIS_USERNAME" + instead);
  }
}

// A restart policy that starts containers again behind the autoscaler's back; empty: another one.
std::string odd_restart_policy(const JsonObject& pod) {
  const std::string policy = pod.text("restartPolicy");
  return policy == "Never" ? "" : policy;
}

void check_restart_policy(const JsonObject& group, BrokenRules& broken) {
  const JsonObject pod = group.object("template").object("spec");
  const std::string policy = odd_restart_policy(pod);
  if (policy.empty()) return;
  broken.add(pod.path_of("restartPolicy"),
             "is " + quoted(policy) + ": Never or none is allowed with autoscaler v2");
}

void check_autoscaling(const JsonObject& spec, const std::vector<JsonObject>& groups,
                       BrokenRules& broken) {
  const JsonObject options = spec.object("autoscalerOptions");
  const JsonObject head = spec.object("headGroupSpec");
  const JsonObject container = ray_container_of(head);
  const auto variable = env_of(container, "RAY_enable_autoscaler_v2");
  if (!spec.flag("enableInTreeAutoscaling")) {
    if (variable == "1" || variable == "true") {
      broken.add(container.path_of("env"), "has RAY_enable_autoscaler_v2=" + *variable +
                                               ": allowed only with enableInTreeAutoscaling");
    }
    return;
  }
  for (const JsonObject& group : groups) {
    if (!group.flag("suspend")) continue;
    broken.add(group.path_of("suspend"),
               "is true: only false is allowed with enableInTreeAutoscaling");
  }
  if (variable && options.has("version")) {
    broken.add(container.path_of("env"), "has RAY_enable_autoscaler_v2: not allowed beside " +
                                             options.path_of("version") + ", use one of them");
  }
  if (!asks_for_autoscaler_v2(spec)) return;
  check_restart_policy(head, broken);
  for (const JsonObject& group : groups) check_restart_policy(group, broken);
}

void check_autoscaler_options(const JsonObject& spec, BrokenRules& broken) {
  const JsonObject options = spec.object("autoscalerOptions");
  broken.forbid_negative(options.path_of("idleTimeoutSeconds"),
                         options.small_integer("idleTimeoutSeconds").value_or(0));
  if (env_of(options, "KUBERAY_GEN_AUTOSCALER_START_CMD")) {
    broken.add(options.path_of("env"),
               "has KUBERAY_GEN_AUTOSCALER_START_CMD: not allowed, the operator sets it");
  }
}

void check_auth(const JsonObject& spec, BrokenRules& broken) {
  const JsonObject auth = spec.object("authOptions");
  const bool kubernetes = auth.flag("enableK8sTokenAuth");
  if (auth.text("mode") != "token") {
    if (kubernetes) {
      broken.add(auth.path_of("enableK8sTokenAuth"), "is true: allowed only with mode: token");
    }
    return;
  }
  const std::string version = spec.text("rayVersion");
  const std::string path = spec.path_of("rayVersion");
  if (!is_at_least(version, kTokenAuthSince)) {
    broken.add(path, "is " + quoted(version) + ": authOptions.mode: token needs 2.52.0 or later");
  }
  if (!kubernetes) return;
  if (!is_at_least(version, kKubernetesAuthSince)) {
    broken.add(path,
               "is " + quoted(version) + ": authOptions.enableK8sTokenAuth needs 2.55.0 or later");
  }
  const std::string secret = auth.text("secretName");
  if (!secret.empty()) {
    broken.add(auth.path_of("secretName"),
               "is " + quoted(secret) + ": only none is allowed with enableK8sTokenAuth");
  }
}

}  // namespace

void check_cluster_spec(const JsonObject& spec, const JsonObject& annotations,
                        BrokenRules& broken) {
  const JsonObject head = spec.object("headGroupSpec");
  const std::vector<JsonObject> groups = spec.objects("workerGroupSpecs");
  const auto refuse = [&](const char* option) {
    if (spec.has(option)) broken.add(spec.path_of(option), "is set: not supported, leave it out");
  };
  check_containers(head, broken);
  check_resources_and_labels(head, broken);
  for (const JsonObject& group : groups) check_worker_group(group, spec, broken);
  check_fault_tolerance(spec, annotations, broken);
  check_autoscaling(spec, groups, broken);
  check_autoscaler_options(spec, broken);
  refuse("historyServerOptions");
  check_auth(spec, broken);
  refuse("networkPolicy");
  refuse("tlsOptions");
}

std::string doubt_about_cluster(const JsonObject& spec) {
  const bool first = spec.flag("enableInTreeAutoscaling") &&
                     spec.object("autoscalerOptions").text("version") == "v1";
  if (!first) return {};
  for (const JsonObject& group : spec.objects("workerGroupSpecs")) {
    const JsonObject pod = group.object("template").object("spec");
    const std::string policy = odd_restart_policy(pod);
    if (policy.empty()) continue;
    return pod.path_of("restartPolicy") + " is " + quoted(policy) +
           ": autoscaler v1 may count a worker that is started again twice; use Never";
  }
  return {};
}

}  // namespace raycord
