#include "formats/validation.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/limits.h"
#include "core/names.h"
#include "formats/cluster_rules.h"
#include "formats/go_duration.h"
#include "formats/json_object.h"

namespace raycord {
namespace {

// [a-z]([-a-z0-9]*[a-z0-9])?
bool is_dns_label(std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name.empty() || !letter(name.front()) || name.back() == '-') return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || digit(c) || c == '-'; });
}

void check_name(const JsonObject& meta, std::size_t longest, BrokenRules& broken) {
  const std::string name = meta.text("name");
  if (name.size() > longest) {
    broken.add("metadata.name", "is " + quoted(name) + " with " + std::to_string(name.size()) +
                                    " characters: at most " + std::to_string(longest) +
                                    " are allowed");
  }
  if (!is_dns_label(name)) {
    broken.add("metadata.name", "is " + quoted(name) +
                                    ": lower-case letters, digits and '-' are allowed, beginning "
                                    "with a letter and not ending in '-'");
  }
}

void check_service_metadata(const JsonObject& meta, BrokenRules& broken) {
  check_name(meta, kServiceNameMax, broken);
  const JsonObject annotations = meta.object("annotations");
  const std::string timeout = annotations.text("ray.io/initializing-timeout");
  if (!timeout.empty() && !read_initializing_timeout(timeout)) {
    broken.add("metadata.annotations[ray.io/initializing-timeout]",
               "is " + quoted(timeout) +
                   ": a positive duration such as 30m, or whole seconds, is allowed");
  }
  const std::string failover = annotations.text(kFailoverAnnotation);
  if (!failover.empty() && read_failover_mode(failover) == FailoverMode::Unset) {
    broken.add(std::string("metadata.annotations[") + kFailoverAnnotation + "]",
               "is " + quoted(failover) + ": enforce, shadow and off are allowed");
  }
}

constexpr const char* kIncremental = "NewClusterWithIncrementalUpgrade";

void check_service_upgrade(const JsonObject& spec, BrokenRules& broken) {
  const JsonObject strategy = spec.object("upgradeStrategy");
  const std::string type = strategy.text("type");
  if (!strategy.has("type")) return;
  if (type == "NewCluster" || type == "None" || type == kIncremental) return;
  broken.add(strategy.path_of("type"),
             "is " + quoted(type) + ": NewCluster, " + kIncremental + " and None are allowed");
}

void check_percent(const JsonObject& options, const char* key, std::optional<std::int32_t> value,
                   BrokenRules& broken) {
  if (value && *value >= 0 && *value <= 100) return;
  broken.add(options.path_of(key),
             (value ? "is " + std::to_string(*value) : "is not set") + ": 0 to 100 is allowed");
}

// rayservice-behaviour.md 1.4, rule 6.
void check_incremental(const JsonObject& spec, BrokenRules& broken) {
  const JsonObject strategy = spec.object("upgradeStrategy");
  if (strategy.text("type") != kIncremental) return;
  const JsonObject cluster = spec.object("rayClusterConfig");
  if (!cluster.flag("enableInTreeAutoscaling")) {
    broken.add(cluster.path_of("enableInTreeAutoscaling"),
               std::string("is false: only true is allowed with ") + kIncremental +
                   ", since the clusters grow and shrink with their share of the traffic");
  }
  const JsonObject options = strategy.object("clusterUpgradeOptions");
  if (!options.exists()) {
    return broken.add(options.path(), std::string("is not set: needed with ") + kIncremental);
  }
  const std::int32_t surge = options.small_integer("maxSurgePercent").value_or(100);
  const auto step = options.small_integer("stepSizePercent");
  check_percent(options, "maxSurgePercent", surge, broken);
  check_percent(options, "stepSizePercent", step, broken);
  if (step.value_or(0) > surge) {
    broken.add(options.path_of("stepSizePercent"), "is " + std::to_string(*step) +
                                                       ": at most maxSurgePercent, which is " +
                                                       std::to_string(surge) + ", is allowed");
  }
  const auto interval = options.small_integer("intervalSeconds");
  if (interval.value_or(0) <= 0) {
    broken.add(
        options.path_of("intervalSeconds"),
        (interval ? "is " + std::to_string(*interval) : "is not set") + ": 1 or more is allowed");
  }
  if (options.text("gatewayClassName").empty()) {
    broken.add(options.path_of("gatewayClassName"), "is not set: the name of a class is needed");
  }
}

void check_service_spec(const JsonObject& spec, const JsonObject& annotations,
                        BrokenRules& broken) {
  const JsonObject cluster = spec.object("rayClusterConfig");
  if (cluster.object("authOptions").flag("enableK8sTokenAuth")) {
    broken.add(cluster.path_of("authOptions") + ".enableK8sTokenAuth",
               "is true: only false is allowed for a RayService");
  }
  check_cluster_spec(cluster, annotations, broken);
  const JsonObject head_service_meta =
      cluster.object("headGroupSpec").object("headService").object("metadata");
  const std::string head_service = head_service_meta.text("name");
  if (!head_service.empty()) {
    broken.add(head_service_meta.path_of("name"),
               "is " + quoted(head_service) + ": only none is allowed, the operator names it");
  }
  check_service_upgrade(spec, broken);
  broken.forbid_negative(spec.path_of("rayClusterDeletionDelaySeconds"),
                         spec.small_integer("rayClusterDeletionDelaySeconds").value_or(0));
  const JsonObject strategy = cluster.object("upgradeStrategy");
  if (strategy.has("type")) {
    broken.add(strategy.path_of("type"), "is " + quoted(strategy.text("type")) +
                                             ": not allowed for a RayService, use "
                                             "spec.upgradeStrategy");
  }
  check_incremental(spec, broken);
}

void check_cluster_upgrade(const JsonObject& meta, const JsonObject& spec, BrokenRules& broken) {
  const JsonObject strategy = spec.object("upgradeStrategy");
  if (!strategy.has("type")) return;
  const std::string origin = meta.object("labels").text("ray.io/originated-from-crd");
  const std::string type = strategy.text("type");
  const std::string path = strategy.path_of("type");
  if (origin == "RayService" || origin == "RayJob") {
    broken.add(path, "is " + quoted(type) + ": not allowed for a RayCluster made from a " + origin);
  } else if (type != "Recreate" && type != "None") {
    broken.add(path, "is " + quoted(type) + ": Recreate and None are allowed");
  }
}

bool is_true(const std::vector<JsonObject>& conditions, std::string_view type) {
  return std::any_of(conditions.begin(), conditions.end(), [&](const JsonObject& condition) {
    return condition.text("type") == type && condition.text("status") == "True";
  });
}

// What condition and Event say.
Invalid first_of(const std::vector<BrokenRule>& broken) {
  if (broken.empty()) return {};
  return {broken.front().reason, broken.front().message()};
}

using Validate = Invalid (*)(const JsonObject&);

Result<Invalid> validate_text(std::string_view json, Validate validate) {
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, json);
  if (!element) return fail(element.error());
  ReadTrouble trouble;
  Invalid invalid = validate(JsonObject(*element, "", trouble));
  if (!trouble.text.empty()) return fail(ErrorCode::InvalidInput, trouble.text);
  return invalid;
}

}  // namespace

std::optional<std::int32_t> read_initializing_timeout(const std::string& text) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  std::int64_t seconds = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || rest != end) {
    const auto duration = from_go_duration(text);
    if (!duration) return std::nullopt;
    seconds = std::chrono::ceil<std::chrono::seconds>(*duration).count();
  }
  if (seconds <= 0 || seconds > kMax) return std::nullopt;
  return static_cast<std::int32_t>(seconds);
}

FailoverMode read_failover_mode(const std::string& text) {
  if (text == "enforce") return FailoverMode::Enforce;
  if (text == "shadow") return FailoverMode::Shadow;
  return text == "off" ? FailoverMode::Off : FailoverMode::Unset;
}

std::vector<BrokenRule> broken_service_rules(const JsonObject& root) {
  const JsonObject meta = root.object("metadata");
  BrokenRules broken;
  broken.set_reason("InvalidRayServiceMetadata");
  check_service_metadata(meta, broken);
  broken.set_reason("InvalidRayServiceSpec");
  check_service_spec(root.object("spec"), meta.object("annotations"), broken);
  return broken.take();
}

std::vector<BrokenRule> broken_cluster_rules(const JsonObject& root) {
  const JsonObject meta = root.object("metadata");
  const JsonObject spec = root.object("spec");
  BrokenRules broken;
  broken.set_reason("InvalidRayClusterMetadata");
  check_name(meta, kClusterNameMax, broken);
  broken.set_reason("InvalidRayClusterSpec");
  check_cluster_spec(spec, meta.object("annotations"), broken);
  check_cluster_upgrade(meta, spec, broken);
  return broken.take();
}

Invalid validate_ray_service(const JsonObject& root) {
  return first_of(broken_service_rules(root));
}

Invalid validate_ray_cluster(const JsonObject& root) {
  if (Invalid invalid = first_of(broken_cluster_rules(root)); !invalid.reason.empty()) {
    return invalid;
  }
  const std::vector<JsonObject> conditions = root.object("status").objects("conditions");
  if (is_true(conditions, "RayClusterSuspending") && is_true(conditions, "RayClusterSuspended")) {
    return {"InvalidRayClusterStatus",
            "status.conditions has RayClusterSuspending and RayClusterSuspended, both True: only "
            "one of them is allowed"};
  }
  return {};
}

Result<Invalid> validate_ray_service(std::string_view json) {
  return validate_text(json, static_cast<Validate>(&validate_ray_service));
}

Result<Invalid> validate_ray_cluster(std::string_view json) {
  return validate_text(json, static_cast<Validate>(&validate_ray_cluster));
}

}  // namespace raycord
