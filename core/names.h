// Names we give: annotations, labels, finalizers, and objects whose names must be the same on
// replay.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace raycord {

inline constexpr const char* kIntentAnnotation = "raycord.io/intent";
inline constexpr const char* kSpecRevisionAnnotation = "raycord.io/spec-revision";
inline constexpr const char* kPurposeAnnotation = "raycord.io/purpose";
inline constexpr const char* kCounterAnnotation = "raycord.io/counter";
inline constexpr const char* kAttemptAnnotation = "raycord.io/attempt";
inline constexpr const char* kAcceptedConfigAnnotation = "raycord.io/accepted-config";
inline constexpr const char* kDeleteAfterAnnotation = "raycord.io/delete-after";
inline constexpr const char* kFailoverAnnotation = "raycord.io/failover";
inline constexpr const char* kEndDrainAnnotation = "raycord.io/end-drain";
inline constexpr const char* kNameCounterAnnotation = "raycord.io/name-counter";
inline constexpr const char* kAttemptsAnnotation = "raycord.io/attempts";
inline constexpr const char* kBackOffUntilAnnotation = "raycord.io/back-off-until";

inline constexpr const char* kServiceFinalizer = "ray.io/rayservice-finalizer";
inline constexpr const char* kRedisFinalizer = "ray.io/gcs-ft-redis-cleanup-finalizer";

// Five letters of Kubernetes' safe alphabet (no vowels, no look-alikes), a function of the owner's
// UID, what the name is for and a counter: the same on every machine, another for each counter.
std::string name_suffix(std::string_view owner_uid, std::string_view use, std::uint32_t counter);

// "<rayservice>-raycluster-<5>", the prefix cut so that "<name>-serve-svc" fits a label (63).
std::string cluster_name(std::string_view service, std::string_view service_uid,
                         std::uint32_t counter);

// "<cluster cut to 50>-head-<5>" and "<cluster-group cut to 50>-worker-<5>", lower case
// (raycluster-behaviour.md 4.1).
std::string head_pod_name(std::string_view cluster, std::string_view cluster_uid,
                          std::uint32_t counter);
std::string worker_pod_name(std::string_view cluster, std::string_view cluster_uid,
                            std::string_view group, std::uint32_t counter);

// "<group>-<5>": names one replica of a multi-host group.
std::string replica_name(std::string_view cluster_uid, std::string_view group,
                         std::uint32_t counter);

std::string head_service_name(std::string_view owner);      // "<owner>-head-svc"
std::string serve_service_name(std::string_view owner);     // "<owner>-serve-svc"
std::string headless_service_name(std::string_view owner);  // "<owner>-headless"
std::string gateway_name(std::string_view service);         // "<rayservice>-gateway"
std::string route_name(std::string_view service);           // "<rayservice>-httproute"
std::string ingress_name(std::string_view cluster);         // "<cluster>-head-ingress", checked
std::string redis_cleanup_name(std::string_view cluster);   // "<cluster>-redis-cleanup", its end
// "<cluster>-head", for those who ask for a name that stays.
std::string fixed_head_name(std::string_view cluster);

// Names derived from long ones keep their last 50 characters and start with a letter
// (raycluster-behaviour.md 6.1, CheckName): ServiceAccount, Role, RoleBinding, Secret.
std::string checked_name(std::string_view name);

// The last 63 characters, not starting with punctuation: values of labels, and names of Jobs.
std::string checked_label(std::string_view value);

}  // namespace raycord
