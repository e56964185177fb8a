#include "sandbox/api_patch.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raycord {
namespace {

// How lists of objects merge, by the field that holds them. `ports` is told apart by its items:
// a container's have containerPort, a service's have port.
struct MergeKey {
  std::string_view field;
  std::array<const char*, 2> keys;  // The second may be null.
};
constexpr MergeKey kMergeKeys[] = {
    {"containers", {"name", nullptr}},
    {"initContainers", {"name", nullptr}},
    {"ephemeralContainers", {"name", nullptr}},
    {"env", {"name", nullptr}},
    {"volumes", {"name", nullptr}},
    {"volumeMounts", {"mountPath", nullptr}},
    {"volumeDevices", {"devicePath", nullptr}},
    {"conditions", {"type", nullptr}},
    {"ownerReferences", {"uid", nullptr}},
    {"imagePullSecrets", {"name", nullptr}},
    {"hostAliases", {"ip", nullptr}},
    {"secrets", {"name", nullptr}},
    {"addresses", {"type", nullptr}},
    {"podIPs", {"ip", nullptr}},
    {"topologySpreadConstraints", {"topologyKey", "whenUnsatisfiable"}},
    {"resourceClaims", {"name", nullptr}},
};

// Lists of plain values that merge as sets.
constexpr std::string_view kSets[] = {"finalizers"};

std::vector<const char*> keys_of_list(std::string_view field, const Json& items) {
  if (field == "ports") {
    const bool container = std::any_of(items.begin(), items.end(), [](const Json& item) {
      return item.is_object() && item.contains("containerPort");
    });
    return {container ? "containerPort" : "port", "protocol"};
  }
  for (const MergeKey& known : kMergeKeys) {
    if (known.field != field) continue;
    std::vector<const char*> keys = {known.keys[0]};
    if (known.keys[1] != nullptr) keys.push_back(known.keys[1]);
    return keys;
  }
  return {};
}

Json key_value(const Json& item, const char* key) {
  const auto found = item.find(key);
  if (found != item.end()) return *found;
  return std::string_view(key) == "protocol" ? Json("TCP") : Json();
}

bool same_item(const Json& left, const Json& right, const std::vector<const char*>& keys) {
  return left.is_object() && right.is_object() &&
         std::all_of(keys.begin(), keys.end(), [&](const char* key) {
           return key_value(left, key) == key_value(right, key);
         });
}

Json::iterator find_item(Json& list, const Json& like, const std::vector<const char*>& keys) {
  return std::find_if(list.begin(), list.end(),
                      [&](const Json& item) { return same_item(item, like, keys); });
}

Result<Json> merge_objects(Json target, const Json& patch);

Result<Json> merge_lists(Json target, const Json& patch, const std::vector<const char*>& keys) {
  for (const Json& item : patch) {
    if (item.is_object() && text_at(item, {"$patch"}) == "replace") {
      Json replaced = Json::array();
      for (const Json& kept : patch) {
        if (!kept.contains("$patch")) replaced.push_back(kept);
      }
      return replaced;
    }
  }
  for (const Json& item : patch) {
    if (!item.is_object() || !item.contains(keys[0])) {
      return fail(ErrorCode::InvalidInput,
                  std::string("map does not contain declared merge key: ") + keys[0]);
    }
    const auto found = find_item(target, item, keys);
    if (text_at(item, {"$patch"}) == "delete") {
      if (found != target.end()) target.erase(found);
      continue;
    }
    auto merged = merge_objects(found == target.end() ? Json::object() : *found, item);
    if (!merged) return merged;
    if (found == target.end()) {
      target.push_back(std::move(*merged));
    } else {
      *found = std::move(*merged);
    }
  }
  return target;
}

Json merge_sets(Json target, const Json& patch) {
  for (const Json& item : patch) {
    if (std::find(target.begin(), target.end(), item) == target.end()) target.push_back(item);
  }
  return target;
}

// Sorts the items named in `order` among themselves; the others keep their places behind.
void reorder(Json& list, const Json& order, const std::vector<const char*>& keys) {
  Json sorted = Json::array();
  for (const Json& wanted : order) {
    const auto found =
        keys.empty() ? std::find(list.begin(), list.end(), wanted) : find_item(list, wanted, keys);
    if (found == list.end()) continue;
    sorted.push_back(*found);
    list.erase(found);
  }
  for (Json& left : list) sorted.push_back(std::move(left));
  list = std::move(sorted);
}

// "$setElementOrder/containers" -> "containers" when the prefix fits.
std::string directive_field(const std::string& key, std::string_view directive) {
  return key.starts_with(directive) ? key.substr(directive.size()) : "";
}

void keep_only(Json& target, const Json& kept) {
  for (auto field = target.begin(); field != target.end();) {
    const bool listed = std::find(kept.begin(), kept.end(), Json(field.key())) != kept.end();
    field = listed ? std::next(field) : target.erase(field);
  }
}

Result<Json> merge_field(const std::string& field, const Json& old, const Json& change) {
  if (change.is_object()) return merge_objects(old.is_object() ? old : Json::object(), change);
  if (!change.is_array()) return change;
  if (std::find(std::begin(kSets), std::end(kSets), field) != std::end(kSets)) {
    return merge_sets(old.is_array() ? old : Json::array(), change);
  }
  const auto keys = keys_of_list(field, change);
  if (keys.empty() || change.empty() || !change[0].is_object()) return change;
  return merge_lists(old.is_array() ? old : Json::array(), change, keys);
}

void delete_from_set(Json& target, const std::string& field, const Json& gone) {
  if (!target.contains(field) || !target[field].is_array()) return;
  Json& list = target[field];
  for (const Json& item : gone) {
    const auto found = std::find(list.begin(), list.end(), item);
    if (found != list.end()) list.erase(found);
  }
}

Result<Json> merge_objects(Json target, const Json& patch) {
  const std::string directive = text_at(patch, {"$patch"});
  if (directive == "delete") return Json::object();
  if (directive == "replace") target = Json::object();
  if (const auto kept = patch.find("$retainKeys"); kept != patch.end()) keep_only(target, *kept);
  for (const auto& [key, change] : patch.items()) {
    if (const auto gone = directive_field(key, "$deleteFromPrimitiveList/"); !gone.empty()) {
      delete_from_set(target, gone, change);
    }
    if (key.starts_with("$")) continue;
    if (change.is_null()) {
      target.erase(key);
      continue;
    }
    auto merged = merge_field(key, target.value(key, Json()), change);
    if (!merged) return merged;
    target[key] = std::move(*merged);
  }
  for (const auto& [key, order] : patch.items()) {
    const auto field = directive_field(key, "$setElementOrder/");
    if (field.empty() || !target.contains(field) || !order.is_array()) continue;
    const bool objects = !order.empty() && order[0].is_object();
    reorder(target[field], order,
            objects ? keys_of_list(field, order) : std::vector<const char*>());
  }
  return target;
}

}  // namespace

Result<Json> apply_json_patch(const Json& target, const Json& patch) {
  if (!patch.is_array()) {
    return fail(ErrorCode::InvalidInput, "a JSON patch is a list of operations");
  }
  try {  // The library reports a bad operation by throwing.
    return target.patch(patch);
  } catch (const Json::exception& problem) {
    return fail(ErrorCode::InvalidInput, problem.what());
  }
}

Json apply_merge_patch(Json target, const Json& patch) {
  target.merge_patch(patch);
  return target;
}

Result<Json> apply_strategic_patch(const Json& target, const Json& patch) {
  if (!patch.is_object()) {
    return fail(ErrorCode::InvalidInput, "a strategic merge patch is an object");
  }
  return merge_objects(target, patch);
}

}  // namespace raycord
