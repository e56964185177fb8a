// What a RayCluster has one of: the Job that cleans up after it, and its Ingress.

#include <algorithm>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/build/ingress.h"
#include "formats/canonical_json.h"
#include "formats/slice_parts.h"

namespace raycord {
namespace {

// What others and we write on any object says nothing about what the Ingress is.
bool is_note(std::string_view key) {
  return key.starts_with("raycord.io/") || key.starts_with("kubectl.kubernetes.io/");
}

std::vector<Hash> parts_of(const JsonObject& root) {
  std::vector<Hash> parts;
  const JsonObject meta = root.object("metadata");
  for (const auto& [key, value] : meta.text_map("labels")) {
    parts.push_back(hash_of("label " + key + "=" + value));
  }
  for (const auto& [key, value] : meta.text_map("annotations")) {
    if (!is_note(key)) parts.push_back(hash_of("annotation " + key + "=" + value));
  }
  if (const auto element = root.find("spec")) {
    nlohmann::json spec = to_json(*element);
    if (spec.is_object() && spec.contains("ingressClassName")) {
      parts.push_back(hash_of("class " + canonical_json(spec["ingressClassName"])));
      spec.erase("ingressClassName");
    }
    parts.push_back(hash_of("spec " + canonical_json(spec)));
  }
  std::sort(parts.begin(), parts.end());
  return parts;
}

}  // namespace

JobSlice slice_job(const JsonObject& root) {
  JobSlice job;
  job.meta = slice_meta(root);
  job.cluster = root.object("metadata").object("labels").text("ray.io/cluster");
  for (const Condition& condition : slice_conditions(root.object("status"))) {
    if (condition.status != "True") continue;
    const bool failed = condition.type == "Failed" || condition.type == "FailureTarget";
    job.failed = job.failed || failed;
    job.finished = job.finished || failed || condition.type == "Complete";
  }
  return job;
}

IngressSlice slice_ingress(const JsonObject& root) {
  IngressSlice ingress;
  ingress.meta = slice_meta(root);
  ingress.cluster = root.object("metadata").object("labels").text("ray.io/cluster");
  ingress.parts = parts_of(root);
  return ingress;
}

std::vector<Hash> wanted_ingress(const JsonObject& ray_cluster) {
  nlohmann::json object;
  for (const char* key : {"metadata", "spec"}) {
    if (const auto element = ray_cluster.find(key)) object[key] = to_json(*element);
  }
  const auto built = build_ingress(canonical_json(object), "");
  if (!built) return {};
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, *built);
  if (!element) return {};
  ReadTrouble ignored;
  return parts_of(JsonObject(*element, "", ignored));
}

}  // namespace raycord
