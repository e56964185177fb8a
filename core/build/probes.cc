#include "core/build/probes.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace raycord {
namespace {

constexpr std::int64_t kAgentPort = 52365;
constexpr std::int64_t kDashboardPort = 8265;
constexpr std::int64_t kServePort = 8000;

constexpr int kPeriodSeconds = 5;
constexpr int kLivenessDelaySeconds = 30;
constexpr int kReadinessDelaySeconds = 10;
constexpr int kHeadTimeoutSeconds = 5;
constexpr int kWorkerTimeoutSeconds = 2;
constexpr int kLivenessFailures = 120;
constexpr int kReadinessFailures = 10;
constexpr int kServeReadinessFailures = 1;  // a worker without its proxy leaves the traffic at once

constexpr int kRayletCheckSeconds = 2;
constexpr int kOtherCheckSeconds = 10;

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

// Takes a number and what separates it from the next off the front.
std::optional<std::int64_t> take_number(std::string_view& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (digits == 0 || error != std::errc()) return std::nullopt;
  text.remove_prefix(digits);
  if (!text.empty() && text.front() == '.') text.remove_prefix(1);
  return value;
}

// One HTTP endpoint answers for raylet and GCS since Ray 2.53.
bool has_health_endpoint(std::string_view ray_version) {
  if (!ray_version.empty() && ray_version.front() == 'v') ray_version.remove_prefix(1);
  const auto major = take_number(ray_version);
  const auto minor = take_number(ray_version);
  if (!major || !minor) return false;
  return *major > 2 || (*major == 2 && *minor >= 53);
}

std::int64_t port_parameter(const Json& group, std::string_view key, std::int64_t otherwise) {
  return number(text_at(group, {"rayStartParams", key})).value_or(otherwise);
}

std::string check(int seconds, std::int64_t port, std::string_view path) {
  return "wget --tries 1 -T " + std::to_string(seconds) +
         " -q -O- http://localhost:" + std::to_string(port) + "/" + std::string(path) +
         " | grep success";
}

Json exec(const std::string& text) {
  return {{"exec", {{"command", Json::array({"bash", "-c", text})}}}};
}

Json timed(Json probe, NodeType type, int delay, int failures) {
  probe["initialDelaySeconds"] = delay;
  probe["timeoutSeconds"] = type == NodeType::Head ? kHeadTimeoutSeconds : kWorkerTimeoutSeconds;
  probe["periodSeconds"] = kPeriodSeconds;
  probe["successThreshold"] = 1;
  probe["failureThreshold"] = failures;
  return probe;
}

}  // namespace

void add_probes(Json& container, const RayClusterView& cluster, const Json& group, NodeType type) {
  const std::int64_t agent = port_parameter(group, "dashboard-agent-listen-port", kAgentPort);
  const std::int64_t dashboard = port_parameter(group, "dashboard-port", kDashboardPort);
  const std::string raylet = check(kRayletCheckSeconds, agent, "api/local_raylet_healthz");
  Json probe;
  if (has_health_endpoint(text_at(cluster.spec(), {"rayVersion"}))) {
    probe = {{"httpGet", {{"path", "/api/healthz"}, {"port", agent}}}};
  } else if (type == NodeType::Head) {
    probe = exec(raylet + " && " + check(kOtherCheckSeconds, dashboard, "api/gcs_healthz"));
  } else {
    probe = exec(raylet);
  }
  if (!find(container, {"livenessProbe"})) {
    container["livenessProbe"] = timed(probe, type, kLivenessDelaySeconds, kLivenessFailures);
  }
  if (find(container, {"readinessProbe"})) return;
  const bool serves = type == NodeType::Worker && cluster.of_ray_service();
  if (serves) {
    const std::int64_t serve = port_of(container, "serve", kServePort);
    probe = exec(raylet + " && " + check(kOtherCheckSeconds, serve, "-/healthz"));
  }
  const int failures = serves ? kServeReadinessFailures : kReadinessFailures;
  container["readinessProbe"] = timed(std::move(probe), type, kReadinessDelaySeconds, failures);
}

}  // namespace raycord
