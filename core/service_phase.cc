#include "core/service_phase.h"

#include <algorithm>

#include "core/roles.h"
#include "core/status.h"

namespace raycord {
namespace {

bool is_condition(const Partition& partition, const char* type, const char* status) {
  const Condition* condition = find_condition(partition.status.value.conditions, type);
  return condition != nullptr && condition->status == status;
}

// Objects that only wait for their finalizers are still there.
bool has_nothing_left(const Partition& partition) {
  const bool has_cluster =
      std::any_of(partition.clusters.begin(), partition.clusters.end(),
                  [](const auto& entry) { return entry.second.object.has_value(); });
  return !has_cluster && !roles_of(partition).creating && partition.services.empty() &&
         partition.gateways.empty() && partition.routes.empty();
}

}  // namespace

bool is_suspending(const Partition& partition) {
  if (!partition.service) return false;
  return partition.service->value.suspended || is_condition(partition, "Suspending", "True");
}

bool is_suspended(const Partition& partition) {
  return is_suspending(partition) && has_nothing_left(partition);
}

bool is_resuming(const Partition& partition) {
  return is_suspended(partition) && !partition.service->value.suspended;
}

std::optional<Time> initializing_limit(const Partition& partition) {
  if (!partition.service || !partition.service->value.initializing_timeout_s) return std::nullopt;
  const Condition* ready = find_condition(partition.status.value.conditions, "Ready");
  if (ready == nullptr || ready->status != "False" || ready->reason != "Initializing") {
    return std::nullopt;
  }
  return ready->since + std::chrono::seconds(*partition.service->value.initializing_timeout_s);
}

bool is_given_up(const RayServiceStatus& status) {
  const Condition* ready = find_condition(status.conditions, "Ready");
  return ready != nullptr && ready->reason == "InitializingTimeout";
}

bool is_given_up(const Partition& partition, Time now) {
  if (is_given_up(partition.status.value)) return true;
  const auto limit = initializing_limit(partition);
  // Endpoints that were seen in the last moment count before the status says so.
  return limit && *limit <= now && ready_endpoints(partition, nullptr) == 0;
}

bool may_have_clusters(const Partition& partition, Time now) {
  return partition.service && !partition.service->value.meta.deleting_since &&
         !is_suspending(partition) && !is_given_up(partition, now);
}

}  // namespace raycord
