#include "formats/manifest.h"

#include <nlohmann/json.hpp>

#include "formats/canonical_json.h"
#include "formats/yaml_json.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

bool has_text(const Json& object, const char* key) {
  const auto field = object.find(key);
  return field != object.end() && field->is_string() &&
         !field->get_ref<const std::string&>().empty();
}

// What is wrong with `object`, or nothing.
std::string add_object(const Json& object, std::vector<std::string>& objects) {
  if (!object.is_object())
    return std::string("an object must be a map, found ") + object.type_name();
  for (const char* key : {"apiVersion", "kind"}) {
    if (!has_text(object, key)) return std::string(key) + " is missing or no string";
  }
  const std::string& kind = object["kind"].get_ref<const std::string&>();
  const auto items = object.find("items");
  if (!kind.ends_with("List") || items == object.end() || !items->is_array()) {
    objects.push_back(canonical_json(object));
    return {};
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string wrong = add_object((*items)[i], objects);
    if (!wrong.empty()) return "items[" + std::to_string(i) + "]: " + wrong;
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> read_manifest(std::string_view text) {
  const auto documents = read_yaml(text);
  if (!documents) return fail(documents.error());
  std::vector<std::string> objects;
  for (const YamlDocument& document : *documents) {
    const std::string wrong = add_object(document.content, objects);
    if (wrong.empty()) continue;
    return fail(ErrorCode::InvalidInput, "document " + std::to_string(document.number) + ", line " +
                                             std::to_string(document.line) + ": " + wrong);
  }
  return objects;
}

}  // namespace raycord
