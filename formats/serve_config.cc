#include "formats/serve_config.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "formats/canonical_json.h"
#include "formats/json_object.h"
#include "formats/yaml_json.h"

namespace raycord {
namespace {

using Json = nlohmann::json;

constexpr const char* kField = "serveConfigV2";

Failure wrong(const std::string& why) {
  return fail(ErrorCode::InvalidInput, std::string(kField) + why);
}

Result<Json> read_config(std::string_view yaml) {
  auto documents = read_yaml(yaml);
  if (!documents) return wrong(": " + documents.error().message);
  if (documents->empty()) return Json(Json::object());
  if (documents->size() > 1) {
    return wrong(": line " + std::to_string((*documents)[1].line) +
                 ": a second document begins: one is allowed");
  }
  Json config = std::move((*documents)[0].content);
  if (!config.is_object()) {
    return wrong(std::string(" must be a map with the key applications, found a ") +
                 config.type_name());
  }
  return config;
}

// Without its name: the config and the answer have it as the key, and Ray may leave it out where
// it is the default.
Hash hash_of_app(Json app) {
  app.erase("name");
  return hash_of(canonical_json(app));
}

Result<std::map<std::string, Hash>> hash_apps(const Json& config) {
  std::map<std::string, Hash> apps;
  const auto listed = config.find("applications");
  if (listed == config.end() || listed->is_null()) return apps;
  if (!listed->is_array()) {
    return wrong(std::string(": applications must be a list, found a ") + listed->type_name());
  }
  for (std::size_t i = 0; i < listed->size(); ++i) {
    const std::string place = ": applications[" + std::to_string(i) + "]";
    const Json& app = (*listed)[i];
    if (!app.is_object()) return wrong(place + " must be a map, found a " + app.type_name());
    const auto name = app.find("name");
    if (name != app.end() && !name->is_string()) {
      return wrong(place + ".name must be a string, found a " + name->type_name());
    }
    const std::string key = name == app.end() ? kDefaultApp : name->get<std::string>();
    if (!apps.emplace(key, hash_of_app(app)).second) {
      return wrong(place + ".name: two applications are called \"" + key + "\"");
    }
  }
  return apps;
}

}  // namespace

ServeConfig read_serve_config(std::string_view yaml) {
  ServeConfig config;
  const auto read = read_config(yaml);
  if (!read) {
    config.error = read.error().message;
    return config;
  }
  auto apps = hash_apps(*read);
  if (!apps) {
    config.error = apps.error().message;
    return config;
  }
  config.hash = hash_of(canonical_json(*read));
  config.apps = std::move(*apps);
  return config;
}

Result<std::string> serve_config_json(std::string_view yaml) {
  const auto read = read_config(yaml);
  if (!read) return fail(read.error());
  const auto apps = hash_apps(*read);
  if (!apps) return fail(apps.error());
  return canonical_json(*read);
}

Result<std::string> serve_config_json(std::string_view yaml, std::int32_t target_capacity) {
  auto read = read_config(yaml);
  if (!read) return fail(read.error());
  const auto apps = hash_apps(*read);
  if (!apps) return fail(apps.error());
  (*read)["target_capacity"] = target_capacity;
  return canonical_json(*read);
}

Hash app_config_hash(const simdjson::dom::element& app) {
  Json tree = to_json(app);
  return tree.is_object() ? hash_of_app(std::move(tree)) : Hash{};
}

}  // namespace raycord
