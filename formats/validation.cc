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

std::string check_name(const JsonObject& meta, std::size_t longest) {
  const std::string name = meta.text("name");
  if (name.size() > longest) {
    return "metadata.name has " + std::to_string(name.size()) + " characters: at most " +
           std::to_string(longest) + " are allowed";
  }
  if (!is_dns_label(name)) {
    return "metadata.name \"" + name +
           "\" must be lower-case letters, digits and '-', begin with a letter and not end in '-'";
  }
  return {};
}

std::string check_service_metadata(const JsonObject& meta) {
  std::string broken = check_name(meta, kServiceNameMax);
  if (!broken.empty()) return broken;
  const JsonObject annotations = meta.object("annotations");
  const std::string timeout = annotations.text("ray.io/initializing-timeout");
  if (!timeout.empty() && !read_initializing_timeout(timeout)) {
    return "metadata.annotations[ray.io/initializing-timeout] is \"" + timeout +
           "\": a positive duration such as 30m, or whole seconds, is allowed";
  }
  const std::string failover = annotations.text(kFailoverAnnotation);
  if (!failover.empty() && read_failover_mode(failover) == FailoverMode::Unset) {
    return std::string("metadata.annotations[") + kFailoverAnnotation + "] is \"" + failover +
           "\": enforce, shadow and off are allowed";
  }
  return {};
}

constexpr const char* kIncremental = "NewClusterWithIncrementalUpgrade";

std::string check_percent(const JsonObject& options, const char* key, std::int32_t otherwise) {
  const std::int32_t value = options.small_integer(key).value_or(otherwise);
  if (value >= 0 && value <= 100) return "";
  return options.path_of(key) +
         (options.has(key) ? " is " + std::to_string(value) : " is missing") +
         ": 0 to 100 is allowed";
}

// rayservice-behaviour.md 1.4, rule 6.
std::string check_incremental(const JsonObject& spec) {
  const JsonObject cluster = spec.object("rayClusterConfig");
  if (!cluster.flag("enableInTreeAutoscaling")) {
    return cluster.path_of("enableInTreeAutoscaling") + " must be true for " + kIncremental +
           ": the clusters grow and shrink with their share of the traffic";
  }
  const JsonObject options = spec.object("upgradeStrategy").object("clusterUpgradeOptions");
  if (!options.exists()) {
    return spec.object("upgradeStrategy").path_of("clusterUpgradeOptions") +
           " is missing: " + kIncremental + " needs it";
  }
  std::string broken = check_percent(options, "maxSurgePercent", 100);
  if (broken.empty()) broken = check_percent(options, "stepSizePercent", -1);
  if (!broken.empty()) return broken;
  const std::int32_t surge = options.small_integer("maxSurgePercent").value_or(100);
  const std::int32_t step = options.small_integer("stepSizePercent").value_or(0);
  if (step > surge) {
    return options.path_of("stepSizePercent") + " is " + std::to_string(step) +
           ": at most maxSurgePercent, " + std::to_string(surge) + ", is allowed";
  }
  if (options.small_integer("intervalSeconds").value_or(0) <= 0) {
    return options.path_of("intervalSeconds") + " must be at least 1";
  }
  if (options.text("gatewayClassName").empty()) {
    return options.path_of("gatewayClassName") + " must not be empty";
  }
  return "";
}

std::string check_service_spec(const JsonObject& spec, const JsonObject& annotations) {
  const JsonObject cluster = spec.object("rayClusterConfig");
  if (cluster.object("authOptions").flag("enableK8sTokenAuth")) {
    return cluster.path_of("authOptions") + ".enableK8sTokenAuth is not allowed for a RayService";
  }
  std::string broken = first_broken_cluster_rule(cluster, annotations);
  if (!broken.empty()) return broken;
  const JsonObject head_service_meta =
      cluster.object("headGroupSpec").object("headService").object("metadata");
  if (!head_service_meta.text("name").empty()) {
    return head_service_meta.path_of("name") + " must be empty: the operator names the Service";
  }
  const std::string type = spec.object("upgradeStrategy").text("type");
  const std::string path = spec.path_of("upgradeStrategy") + ".type";
  const bool known = type == "NewCluster" || type == "None" || type == kIncremental;
  if (spec.object("upgradeStrategy").has("type") && !known) {
    return path + " is \"" + type + "\": NewCluster, " + kIncremental + " and None are allowed";
  }
  if (spec.small_integer("rayClusterDeletionDelaySeconds").value_or(0) < 0) {
    return spec.path_of("rayClusterDeletionDelaySeconds") + " must not be negative";
  }
  if (cluster.object("upgradeStrategy").has("type")) {
    return cluster.path_of("upgradeStrategy") +
           " is not allowed for a RayService: use spec.upgradeStrategy";
  }
  return type == kIncremental ? check_incremental(spec) : "";
}

std::string check_cluster_upgrade(const JsonObject& meta, const JsonObject& spec) {
  const JsonObject strategy = spec.object("upgradeStrategy");
  if (!strategy.has("type")) return {};
  const std::string origin = meta.object("labels").text("ray.io/originated-from-crd");
  if (origin == "RayService" || origin == "RayJob") {
    return strategy.path() + " is not allowed for a RayCluster made from a " + origin;
  }
  const std::string type = strategy.text("type");
  if (type != "Recreate" && type != "None") {
    return strategy.path_of("type") + " is \"" + type + "\": Recreate and None are allowed";
  }
  return {};
}

bool is_true(const std::vector<JsonObject>& conditions, std::string_view type) {
  return std::any_of(conditions.begin(), conditions.end(), [&](const JsonObject& condition) {
    return condition.text("type") == type && condition.text("status") == "True";
  });
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

Invalid validate_ray_service(const JsonObject& root) {
  const JsonObject meta = root.object("metadata");
  std::string broken = check_service_metadata(meta);
  if (!broken.empty()) return {"InvalidRayServiceMetadata", std::move(broken)};
  broken = check_service_spec(root.object("spec"), meta.object("annotations"));
  if (!broken.empty()) return {"InvalidRayServiceSpec", std::move(broken)};
  return {};
}

Invalid validate_ray_cluster(const JsonObject& root) {
  const JsonObject meta = root.object("metadata");
  const JsonObject spec = root.object("spec");
  std::string broken = check_name(meta, kClusterNameMax);
  if (!broken.empty()) return {"InvalidRayClusterMetadata", std::move(broken)};
  broken = first_broken_cluster_rule(spec, meta.object("annotations"));
  if (broken.empty()) broken = check_cluster_upgrade(meta, spec);
  if (!broken.empty()) return {"InvalidRayClusterSpec", std::move(broken)};
  const std::vector<JsonObject> conditions = root.object("status").objects("conditions");
  if (is_true(conditions, "RayClusterSuspending") && is_true(conditions, "RayClusterSuspended")) {
    return {"InvalidRayClusterStatus",
            "status.conditions: RayClusterSuspending and RayClusterSuspended are both True"};
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
