#include "replay/decision_difference.h"

#include <algorithm>

#include "replay/json.h"

namespace raycord {
namespace {

std::string text_of(const JsonTree& json) {
  return json.is_string() ? json.get<std::string>() : json.dump();
}

const JsonTree* member(const JsonTree& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::optional<FieldDifference> compare(const std::string& path, const JsonTree& expected,
                                       const JsonTree& got);

std::optional<FieldDifference> compare_members(const std::string& path, const JsonTree& expected,
                                               const JsonTree& got) {
  const auto path_to = [&](const std::string& key) {
    return path.empty() ? key : path + "." + key;
  };
  for (const auto& [key, value] : expected.items()) {
    const JsonTree* other = member(got, key);
    if (other == nullptr) return FieldDifference{path_to(key), text_of(value), "nothing"};
    if (auto found = compare(path_to(key), value, *other)) return found;
  }
  for (const auto& [key, value] : got.items()) {
    if (member(expected, key) == nullptr) {
      return FieldDifference{path_to(key), "nothing", text_of(value)};
    }
  }
  return std::nullopt;
}

std::optional<FieldDifference> compare(const std::string& path, const JsonTree& expected,
                                       const JsonTree& got) {
  if (expected == got) return std::nullopt;
  if (expected.is_object() && got.is_object()) return compare_members(path, expected, got);
  return FieldDifference{path, text_of(expected), text_of(got)};
}

}  // namespace

std::optional<FieldDifference> difference(const Decision& expected, const Decision& got) {
  return compare("", json_of(expected), json_of(got));
}

}  // namespace raycord
