// Keys and fixed values of labels and annotations on what we create: KubeRay's, so that selectors
// and scripts of users go on working. Our own keys are in core/names.h.

#pragma once

#include <string_view>

namespace raycord {

inline constexpr std::string_view kClusterLabel = "ray.io/cluster";
inline constexpr std::string_view kNodeTypeLabel = "ray.io/node-type";
inline constexpr std::string_view kGroupLabel = "ray.io/group";
inline constexpr std::string_view kIdentifierLabel = "ray.io/identifier";
inline constexpr std::string_view kRayNodeLabel = "ray.io/is-ray-node";
inline constexpr std::string_view kServeLabel = "ray.io/serve";
inline constexpr std::string_view kHeadlessServiceLabel = "ray.io/headless-worker-svc";
inline constexpr std::string_view kReplicaIndexLabel = "ray.io/worker-group-replica-index";
inline constexpr std::string_view kReplicaNameLabel = "ray.io/worker-group-replica-name";
inline constexpr std::string_view kHostIndexLabel = "ray.io/replica-host-index";
inline constexpr std::string_view kOriginNameLabel = "ray.io/originated-from-cr-name";
inline constexpr std::string_view kOriginKindLabel = "ray.io/originated-from-crd";
inline constexpr std::string_view kAppNameLabel = "app.kubernetes.io/name";
inline constexpr std::string_view kAppCreatorLabel = "app.kubernetes.io/created-by";

inline constexpr std::string_view kAppName = "kuberay";
inline constexpr std::string_view kAppCreator = "kuberay-operator";
inline constexpr std::string_view kHeadGroup = "headgroup";

inline constexpr std::string_view kFaultToleranceAnnotation = "ray.io/ft-enabled";
inline constexpr std::string_view kStorageNamespaceAnnotation = "ray.io/external-storage-namespace";
inline constexpr std::string_view kKeepCommandAnnotation = "ray.io/overwrite-container-cmd";
inline constexpr std::string_view kRecreateHashAnnotation = "ray.io/upgrade-strategy-recreate-hash";
inline constexpr std::string_view kSpecHashAnnotation =
    "ray.io/hash-without-replicas-and-workers-to-delete";
inline constexpr std::string_view kGroupCountAnnotation = "ray.io/num-worker-groups";
inline constexpr std::string_view kVersionAnnotation = "ray.io/kuberay-version";

}  // namespace raycord
