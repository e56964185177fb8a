#include "formats/slice_parts.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/names.h"

namespace raycord {

std::int64_t number_or(const std::string& text, std::int64_t max, std::int64_t fallback) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const bool good = error == std::errc() && rest == end && !text.empty() && text[0] != '-';
  return good && number <= max ? number : fallback;
}

Meta slice_meta(const JsonObject& root) {
  const JsonObject from = root.object("metadata");
  Meta meta;
  meta.ns = from.text("namespace");
  meta.name = from.text("name");
  meta.uid = from.text("uid");
  meta.version = static_cast<std::uint64_t>(
      number_or(from.text("resourceVersion"), std::numeric_limits<std::int64_t>::max(), 0));
  meta.generation = from.integer("generation").value_or(0);
  meta.created = from.time("creationTimestamp").value_or(Time{});
  meta.deleting_since = from.time("deletionTimestamp");
  for (const JsonObject& owner : from.objects("ownerReferences")) {
    if (!owner.flag("controller")) continue;
    meta.owner = {owner.text("kind"), owner.text("name"), owner.text("uid")};
  }
  meta.intent = from.object("annotations").text(kIntentAnnotation);
  return meta;
}

std::vector<Condition> slice_conditions(const JsonObject& status) {
  std::vector<Condition> conditions;
  for (const JsonObject& from : status.objects("conditions")) {
    conditions.push_back({from.text("type"), from.text("status"), from.text("reason"),
                          from.text("message"), from.time("lastTransitionTime").value_or(Time{}),
                          from.integer("observedGeneration").value_or(0)});
  }
  return conditions;
}

}  // namespace raycord
