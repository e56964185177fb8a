#include "core/build/pod_labels.h"

#include "core/build/labels.h"
#include "core/names.h"

namespace raycord {

Labels pod_labels(const RayClusterView& cluster, const Json& group, NodeType type,
                  const BuildOptions& options) {
  const bool head = type == NodeType::Head;
  const Labels fixed = {
      {std::string(kClusterLabel), cluster.name},
      {std::string(kNodeTypeLabel), head ? "head" : "worker"},
      {std::string(kGroupLabel), head ? std::string(kHeadGroup) : text_at(group, {"groupName"})},
  };
  // From strong to weak: merge keeps what is there.
  Labels labels = fixed;
  labels.merge(texts_at(group, {"labels"}));
  labels.merge(texts_at(group, {"template", "metadata", "labels"}));
  labels.merge(Labels{
      {std::string(kRayNodeLabel), "yes"},
      {std::string(kIdentifierLabel), checked_label(cluster.name + (head ? "-head" : "-worker"))},
      {std::string(kAppNameLabel), std::string(kAppName)},
      {std::string(kAppCreatorLabel), std::string(kAppCreator)},
  });
  labels.merge(Labels(options.default_pod_labels));
  return labels;
}

Labels head_selector(const RayClusterView& cluster, const BuildOptions& options) {
  const Labels labels = pod_labels(cluster, cluster.head_group(), NodeType::Head, options);
  Labels selector;
  for (const std::string_view key :
       {kClusterLabel, kNodeTypeLabel, kIdentifierLabel, kAppNameLabel, kAppCreatorLabel}) {
    selector[std::string(key)] = labels.at(std::string(key));
  }
  return selector;
}

}  // namespace raycord
