#include "formats/foreign_objects.h"

#include <algorithm>

#include "formats/json_object.h"

namespace raycord {
namespace {

constexpr const char* kRayGroup = "ray.io";

// Reads `json` by `read`, which gets the whole object; what is of a wrong type is the error.
template <class Value, class Read>
Result<Value> read_by(std::string_view json, Read read) {
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, json);
  if (!element) return fail(element.error());
  ReadTrouble trouble;
  const JsonObject root(*element, "", trouble);
  Value value = read(root);
  if (!trouble.text.empty()) return fail(ErrorCode::InvalidInput, trouble.text);
  return value;
}

bool concerns_ray(const JsonObject& webhook) {
  for (const JsonObject& rule : webhook.objects("rules")) {
    for (const std::string& group : rule.texts("apiGroups")) {
      if (group == kRayGroup) return true;
    }
  }
  return false;
}

}  // namespace

Result<RayJobHead> read_ray_job(std::string_view json) {
  return read_by<RayJobHead>(json, [](const JsonObject& root) {
    const JsonObject meta = root.object("metadata");
    const std::string status = root.object("status").text("jobDeploymentStatus");
    return RayJobHead{meta.text("namespace"), meta.text("name"),
                      status == "Complete" || status == "Failed"};
  });
}

Result<DeploymentHead> read_deployment(std::string_view json) {
  return read_by<DeploymentHead>(json, [](const JsonObject& root) {
    const JsonObject meta = root.object("metadata");
    return DeploymentHead{meta.text("namespace"), meta.text("name"),
                          root.object("spec").integer("replicas").value_or(1)};
  });
}

Result<std::vector<StrictWebhook>> read_strict_webhooks(std::string_view json) {
  return read_by<std::vector<StrictWebhook>>(json, [](const JsonObject& root) {
    std::vector<StrictWebhook> strict;
    for (const JsonObject& webhook : root.objects("webhooks")) {
      if (webhook.text("failurePolicy") == "Ignore" || !concerns_ray(webhook)) continue;
      const JsonObject config = webhook.object("clientConfig");
      const JsonObject service = config.object("service");
      strict.push_back({root.object("metadata").text("name"), webhook.text("name"),
                        service.text("namespace"), service.text("name"), config.text("url")});
    }
    return strict;
  });
}

Result<DefinitionHead> read_definition(std::string_view json) {
  return read_by<DefinitionHead>(json, [](const JsonObject& root) {
    DefinitionHead head;
    for (const JsonObject& version : root.object("spec").objects("versions")) {
      if (version.flag("served")) head.served.push_back(version.text("name"));
      if (version.flag("storage")) head.stored = version.text("name");
    }
    head.by_controller_gen =
        root.object("metadata").object("annotations").has("controller-gen.kubebuilder.io/version");
    return head;
  });
}

Result<WishHead> read_wish(std::string_view json) {
  return read_by<WishHead>(json, [](const JsonObject& root) {
    const JsonObject spec = root.object("spec");
    const JsonObject pending = root.object("status").object("pendingServiceStatus");
    return WishHead{spec.text("managedBy"), spec.object("upgradeStrategy").text("type"),
                    pending.has("trafficRoutedPercent") || pending.has("targetCapacity")};
  });
}

}  // namespace raycord
