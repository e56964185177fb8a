#include "formats/spec_hash.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/build/quantity.h"
#include "formats/canonical_json.h"
#include "formats/json_object.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

// Maps from names to texts, where an empty text is a value like any other.
constexpr std::array<std::string_view, 7> kTextMaps = {"labels",         "annotations",
                                                       "nodeSelector",   "matchLabels",
                                                       "rayStartParams", "headServiceAnnotations",
                                                       "selector"};

// Objects that say something by being there, empty or not.
constexpr std::array<std::string_view, 6> kMeaningfulWhenEmpty = {
    "emptyDir",      "namespaceSelector",        "podSelector",
    "labelSelector", "gcsFaultToleranceOptions", "tlsOptions"};

// Maps from resource names to quantities.
constexpr std::array<std::string_view, 3> kQuantityMaps = {"limits", "requests", "resources"};
constexpr std::array<std::string_view, 3> kQuantities = {"sizeLimit", "size", "divisor"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What the API server fills in, by the field's name; the names are unambiguous in a RayCluster.
bool is_default(std::string_view key, const Json& value) {
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    return (key == "protocol" && text == "TCP") || (key == "pathType" && text == "Prefix") ||
           (key == "deletionPolicy" && text == "DeleteWithCluster");
  }
  if (value.is_boolean()) {
    return !value.get<bool>() &&
           (key == "enableInTreeAutoscaling" || key == "enableIngress" || key == "suspend" ||
            key == "enableK8sTokenAuth" || key == "readOnly" || key == "hostNetwork" ||
            key == "hostPID" || key == "hostIPC" || key == "stdin" || key == "tty" ||
            key == "publishNotReadyAddresses");
  }
  if (value.is_number_integer()) {
    return (key == "numOfHosts" && value == 1) || (key == "priority" && value == 0);
  }
  return false;
}

// 1, "1" and "1000m" are one text. What is no quantity stays what it is.
Json plain_quantity(const Json& value) {
  const std::string text = value.is_string() ? value.get<std::string>() : canonical_json(value);
  const auto quantity = Quantity::parse(text);
  return quantity ? Json(quantity->decimal()) : value;
}

bool is_empty(const Json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         ((value.is_object() || value.is_array()) && value.empty());
}

Json by_meaning(std::string_view key, Json value);

Json fields_by_meaning(std::string_view key, Json value) {
  const bool texts = contains(kTextMaps, key);
  Json kept = Json::object();
  for (auto& [name, field] : value.get_ref<Json::object_t&>()) {
    if (field.is_null()) continue;
    if (texts) {
      kept.emplace(name, std::move(field));
      continue;
    }
    if (contains(kQuantityMaps, key) && (field.is_string() || field.is_number())) {
      kept.emplace(name, plain_quantity(field));
      continue;
    }
    Json inner = by_meaning(name, std::move(field));
    const bool dropped =
        (is_empty(inner) && !contains(kMeaningfulWhenEmpty, name)) || is_default(name, inner);
    if (!dropped) kept.emplace(name, std::move(inner));
  }
  return kept;
}

Json by_meaning(std::string_view key, Json value) {
  if (value.is_object()) return fields_by_meaning(key, std::move(value));
  if (value.is_array()) {
    for (Json& item : value) item = by_meaning("", std::move(item));
    return value;
  }
  if (contains(kQuantities, key) && (value.is_string() || value.is_number())) {
    return plain_quantity(value);
  }
  return value;
}

// Moves field `key` of `from` to `to`, where it counts for nothing when it says the default.
void take(Json& from, const char* key, Json& to, const Json& fallback = nullptr) {
  if (!from.is_object()) return;
  const auto field = from.find(key);
  if (field == from.end()) return;
  Json value = by_meaning(key, std::move(*field));
  from.erase(field);
  if (!is_empty(value) && value != fallback) to[key] = std::move(value);
}

Json* object_at(Json& from, std::initializer_list<const char*> path) {
  Json* at = &from;
  for (const char* key : path) {
    if (!at->is_object() || !at->contains(key)) return nullptr;
    at = &(*at)[key];
  }
  return at->is_object() ? at : nullptr;
}

Json take_muted_of_pod(Json& group) {
  Json muted = Json::object();
  if (Json* pod = object_at(group, {"template", "spec"})) {
    take(*pod, "tolerations", muted);
    take(*pod, "schedulingGates", muted);
  }
  return muted;
}

Json take_muted_of_group(Json& group) {
  Json muted = take_muted_of_pod(group);
  take(group, "replicas", muted, 0);
  take(group, "minReplicas", muted, 0);
  take(group, "maxReplicas", muted, std::numeric_limits<std::int32_t>::max());
  if (Json* scale = object_at(group, {"scaleStrategy"})) take(*scale, "workersToDelete", muted);
  return muted;
}

SpecHashes hash_tree(Json spec) {
  Json groups = Json::array();
  Json muted = Json::object();
  if (spec.is_object() && spec.contains("workerGroupSpecs")) {
    if (spec["workerGroupSpecs"].is_array()) groups = std::move(spec["workerGroupSpecs"]);
    spec.erase("workerGroupSpecs");
  }
  take(spec, "suspend", muted, false);
  take(spec, "upgradeStrategy", muted);
  if (Json* head = object_at(spec, {"headGroupSpec"})) muted["head"] = take_muted_of_pod(*head);
  muted["groups"] = Json::array();

  SpecHashes hashes;
  // Each entry chains the one before it, so that many groups cost no more than their text.
  hashes.by_groups.push_back(hash_of(canonical_json(by_meaning("", std::move(spec)))));
  for (Json& group : groups) {
    muted["groups"].push_back(take_muted_of_group(group));
    const std::string text = canonical_json(by_meaning("", std::move(group)));
    hashes.by_groups.push_back(hash_of(to_hex(hashes.by_groups.back()) + text));
  }
  hashes.muted = hash_of(canonical_json(muted));
  return hashes;
}

// As it is hashed, in one piece.
Json without_muted(Json spec) {
  Json muted = Json::object();
  take(spec, "suspend", muted, false);
  take(spec, "upgradeStrategy", muted);
  if (Json* head = object_at(spec, {"headGroupSpec"})) take_muted_of_pod(*head);
  if (spec.is_object() && spec.contains("workerGroupSpecs")) {
    for (Json& group : spec["workerGroupSpecs"]) take_muted_of_group(group);
  }
  return by_meaning("", std::move(spec));
}

struct Comparison {
  std::vector<std::string> paths;
  std::size_t most = 0;

  void look(const std::string& path, const Json* a, const Json* b) {
    if (paths.size() >= most || (a != nullptr && b != nullptr && *a == *b)) return;
    const bool objects = a != nullptr && b != nullptr && a->is_object() && b->is_object();
    const bool arrays = a != nullptr && b != nullptr && a->is_array() && b->is_array();
    if (objects) {
      Json keys = *a;
      keys.update(*b);
      for (const auto& [key, value] : keys.items()) {
        look(path + "." + key, a->contains(key) ? &a->at(key) : nullptr,
             b->contains(key) ? &b->at(key) : nullptr);
      }
    } else if (arrays) {
      for (std::size_t i = 0; i < std::max(a->size(), b->size()); ++i) {
        look(path + "[" + std::to_string(i) + "]", i < a->size() ? &a->at(i) : nullptr,
             i < b->size() ? &b->at(i) : nullptr);
      }
    } else if (a != nullptr || b != nullptr) {
      paths.push_back(path);
    }
  }
};

Result<Json> tree_at(std::string_view json, std::initializer_list<const char*> path) {
  simdjson::dom::parser parser;
  const auto root = parse_json(parser, json);
  if (!root) return fail(root.error());
  Json tree = to_json(*root);
  Json* found = object_at(tree, path);
  return found == nullptr ? Json::object() : std::move(*found);
}

}  // namespace

Result<std::vector<std::string>> differing_fields(std::string_view ray_service,
                                                  std::string_view ray_cluster, std::size_t most) {
  auto asked = tree_at(ray_service, {"spec", "rayClusterConfig"});
  if (!asked) return fail(asked.error());
  auto made_for = tree_at(ray_cluster, {"spec"});
  if (!made_for) return fail(made_for.error());
  const Json wanted = without_muted(std::move(*asked));
  const Json there = without_muted(std::move(*made_for));
  Comparison comparison{{}, most};
  comparison.look("spec.rayClusterConfig", &wanted, &there);
  return std::move(comparison.paths);
}

SpecHashes hash_spec(const simdjson::dom::element& spec) { return hash_tree(to_json(spec)); }

Result<SpecHashes> hash_spec(std::string_view json) {
  simdjson::dom::parser parser;
  const auto root = parse_json(parser, json);
  if (!root) return fail(root.error());
  return hash_spec(*root);
}

Result<Hash> spec_revision_of(std::string_view ray_cluster) {
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, ray_cluster);
  if (!element) return fail(element.error());
  ReadTrouble trouble;
  const auto spec = JsonObject(*element, "", trouble).find("spec");
  if (!trouble.text.empty()) return fail(ErrorCode::InvalidInput, trouble.text);
  return (spec ? hash_spec(*spec) : *hash_spec("{}")).by_groups.back();
}

}  // namespace raycord
