#include "formats/patch_json.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/build/patch.h"
#include "core/names.h"
#include "formats/canonical_json.h"
#include "formats/json_object.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

std::optional<std::string> unless_zero(std::uint32_t number) {
  if (number == 0) return std::nullopt;
  return std::to_string(number);
}

std::optional<std::string> time_text(const std::optional<Time>& time) {
  if (!time) return std::nullopt;
  return to_rfc3339(*time);
}

}  // namespace

Result<std::string> finalizer_patch(const SetFinalizer& effect, std::string_view owner_json) {
  simdjson::dom::parser parser;
  const auto document = parse_json(parser, owner_json);
  const std::string what = to_text(ObjectName{effect.kind, effect.ns, effect.name});
  if (!document) return fail(ErrorCode::InvalidInput, what + " is " + document.error().message);
  ReadTrouble trouble;
  const JsonObject meta = JsonObject(*document, "", trouble).object("metadata");
  std::vector<std::string> finalizers = meta.texts("finalizers");
  std::string version = meta.text("resourceVersion");
  if (effect.kind == Kind::RayCluster) version = std::to_string(effect.version);
  if (!trouble.text.empty()) return fail(ErrorCode::InvalidInput, what + ": " + trouble.text);
  if (version.empty()) {
    return fail(ErrorCode::InvalidInput, what + ": metadata.resourceVersion is missing");
  }
  const char* own = effect.kind == Kind::RayCluster ? kRedisFinalizer : kServiceFinalizer;
  std::erase(finalizers, own);
  if (effect.present) finalizers.emplace_back(own);
  const Json patch = {
      {{"op", "test"}, {"path", "/metadata/uid"}, {"value", effect.uid}},
      // Set rather than tested: a mismatch is then a conflict (409), not nonsense (422).
      {{"op", "add"}, {"path", "/metadata/resourceVersion"}, {"value", version}},
      {{"op", "add"}, {"path", "/metadata/finalizers"}, {"value", finalizers}}};
  return canonical_json(patch);
}

std::string label_patch(const LabelPod& effect) {
  MetadataPatch patch;
  patch.uid = effect.uid;
  patch.labels["ray.io/serve"] = effect.serve ? "true" : "false";
  return build_metadata_patch(patch);
}

std::string stamp_patch(const StampHead& effect, const std::string& version) {
  MetadataPatch patch;
  patch.uid = effect.uid;
  patch.annotations["ray.io/kuberay-version"] = version;
  patch.annotations["ray.io/upgrade-strategy-recreate-hash"] = to_hex(effect.revision);
  return build_metadata_patch(patch);
}

std::string annotation_patch(const RememberOnService& effect) {
  MetadataPatch patch;
  patch.uid = effect.uid;
  patch.annotations[kNameCounterAnnotation] = unless_zero(effect.name_counter);
  patch.annotations[kAttemptsAnnotation] = unless_zero(effect.attempts);
  patch.annotations[kBackOffUntilAnnotation] = time_text(effect.back_off_until);
  return build_metadata_patch(patch);
}

std::string annotation_patch(const RememberOnCluster& effect) {
  MetadataPatch patch;
  patch.uid = effect.uid;
  patch.annotations[kDeleteAfterAnnotation] = time_text(effect.delete_after);
  patch.annotations[kAcceptedConfigAnnotation] =
      effect.accepted_config ? std::optional(to_hex(effect.accepted_config)) : std::nullopt;
  return build_metadata_patch(patch);
}

std::string delete_options(const std::string& uid) {
  Json options = {
      {"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}};
  if (!uid.empty()) options["preconditions"] = {{"uid", uid}};
  return canonical_json(options);
}

}  // namespace raycord
