// Every field that the resource definition knows, edited in turn: those that never start an upgrade
// leave the spec's hash as it is, all others change it (rayservice-behaviour.md 3.10).

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "formats/manifest.h"
#include "formats/spec_hash.h"
#include "test/formats/test_data.h"

namespace raycord {
namespace {

using Json = nlohmann::json;
using Pointer = Json::json_pointer;

// A field, and two values of its type that are not the same.
struct Field {
  std::string path;
  Json one;
  Json other;
};

// Leaves of a schema below `path`; an array's first item stands for all.
void collect(const Json& schema, const std::string& path, std::vector<Field>& fields) {
  const std::string type = schema.value("type", "");
  if (schema.value("x-kubernetes-int-or-string", false)) {
    fields.push_back({path, "3", "5"});
  } else if (type == "object" && schema.contains("properties")) {
    for (const auto& [name, property] : schema["properties"].items()) {
      collect(property, path + "/" + name, fields);
    }
  } else if (type == "array") {
    collect(schema["items"], path + "/0", fields);
  } else if (type == "object") {
    const Json& inner = schema.value("additionalProperties", Json::object());
    const bool texts = inner.is_object() && inner.value("type", "") == "string";
    fields.push_back(
        {path, {{"a", texts ? Json("1") : Json(3)}}, {{"a", texts ? Json("2") : Json(5)}}});
  } else if (type == "boolean") {
    fields.push_back({path, true, false});
  } else if (type == "integer" || type == "number") {
    fields.push_back({path, 3, 5});
  } else {
    fields.push_back({path, "one", "other"});
  }
}

std::vector<Field> all_fields(const char* version) {
  const auto documents = read_manifest(
      read_text(std::string(SOURCE_ROOT) + "/charts/raycord/crds/ray.io_rayclusters.yaml"));
  EXPECT_TRUE(documents);
  std::vector<Field> fields;
  const Json definition = Json::parse(documents->at(0));
  for (const Json& served : definition["spec"]["versions"]) {
    if (served["name"] != version) continue;
    collect(served["schema"]["openAPIV3Schema"]["properties"]["spec"], "", fields);
  }
  return fields;
}

// Fields that never start an upgrade, and what is below them.
bool is_muted(const std::string& path) {
  static const std::vector<std::string> kMuted = {
      "/suspend",
      "/upgradeStrategy",
      "/headGroupSpec/template/spec/tolerations",
      "/headGroupSpec/template/spec/schedulingGates",
      "/workerGroupSpecs/0/replicas",
      "/workerGroupSpecs/0/minReplicas",
      "/workerGroupSpecs/0/maxReplicas",
      "/workerGroupSpecs/0/scaleStrategy/workersToDelete",
      "/workerGroupSpecs/0/template/spec/tolerations",
      "/workerGroupSpecs/0/template/spec/schedulingGates"};
  for (const std::string& muted : kMuted) {
    if (path == muted || path.starts_with(muted + "/")) return true;
  }
  return false;
}

Json base() {
  const Json pod = {{"spec", {{"containers", {{{"name", "ray"}, {"image", "ray:1"}}}}}}};
  return {{"rayVersion", "2.52.1"},
          {"headGroupSpec", {{"template", pod}}},
          {"workerGroupSpecs", {{{"groupName", "a"}, {"template", pod}}}}};
}

Hash hash_with(const std::string& path, const Json& value) {
  Json spec = base();
  spec[Pointer(path)] = value;
  const auto hashes = hash_spec(spec.dump());
  EXPECT_TRUE(hashes);
  return hashes ? hashes->by_groups.back() : Hash{};
}

class SpecFields : public testing::TestWithParam<const char*> {};

TEST_P(SpecFields, StartAnUpgradeUnlessTheyAreMuted) {
  const std::vector<Field> fields = all_fields(GetParam());
  EXPECT_GT(fields.size(), 1000u);  // Pod templates in full.
  const Hash before = hash_spec(base().dump())->by_groups.back();
  std::vector<std::string> wrong;
  std::size_t muted = 0;
  for (const Field& field : fields) {
    const Hash one = hash_with(field.path, field.one);
    const Hash other = hash_with(field.path, field.other);
    if (is_muted(field.path)) {
      ++muted;
      if (one != before || other != before) wrong.push_back(field.path + " starts an upgrade");
    } else if (one == other) {
      wrong.push_back(field.path + " starts none");
    }
  }
  EXPECT_GT(muted, 10u);
  EXPECT_THAT(wrong, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Versions, SpecFields, testing::Values("v1", "v1alpha1"));

}  // namespace
}  // namespace raycord
