// What makes a RayService or RayCluster invalid: the first rule it breaks, in KubeRay's order.
//
// rayservice-behaviour.md 1.3, 1.4; raycluster-behaviour.md 1.9. Beyond them: a RayService whose
// rayClusterConfig has an upgradeStrategy is refused at once, since its RayCluster would be; so are
// the options that need feature gates we do not have, and a failover annotation nobody understands.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/objects.h"
#include "core/result.h"
#include "formats/broken_rules.h"

namespace raycord {

class JsonObject;

inline constexpr std::size_t kServiceNameMax = 47;  // "<name>-xxxxx-serve-svc" fits a label of 63.

Invalid validate_ray_service(const JsonObject& root);
Invalid validate_ray_cluster(const JsonObject& root);

// All rules that metadata and spec break, in the same order.
std::vector<BrokenRule> broken_service_rules(const JsonObject& root);
std::vector<BrokenRule> broken_cluster_rules(const JsonObject& root);

// The same over text, for what is not in a cluster yet. JSON that cannot be read is an error.
Result<Invalid> validate_ray_service(std::string_view json);
Result<Invalid> validate_ray_cluster(std::string_view json);

// Annotation ray.io/initializing-timeout: a positive Go duration or whole seconds, rounded up to
// seconds; nothing when it is neither.
std::optional<std::int32_t> read_initializing_timeout(const std::string& text);

// Annotation raycord.io/failover: enforce, shadow or off; Unset for anything else.
FailoverMode read_failover_mode(const std::string& text);

}  // namespace raycord
