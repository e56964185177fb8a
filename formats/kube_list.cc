#include "formats/kube_list.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <simdjson.h>

#include "formats/json_object.h"

namespace raycord {
namespace {

namespace ondemand = simdjson::ondemand;

std::uint64_t version_of(std::string_view text) {
  std::uint64_t version = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, version);
  return error == std::errc() && stop == end ? version : 0;
}

Failure unreadable(const char* what, simdjson::error_code error) {
  return fail(ErrorCode::InvalidInput,
              std::string(what) + " is not readable JSON: " + simdjson::error_message(error));
}

simdjson::error_code end_of(ondemand::document& document) {
  const char* rest = nullptr;
  const bool more = document.current_location().get(rest) == simdjson::SUCCESS;
  return more ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
}

// simdjson counts the blanks behind an object to it.
std::string_view without_blanks(std::string_view raw) { return raw.substr(0, raw.rfind('}') + 1); }

// The type of a list's items, from its own.
struct ItemType {
  std::string api_version;
  std::string kind;
};

bool starts_with_type(std::string_view item) {
  ReadTrouble trouble;
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, item);
  return !element || JsonObject(*element, "", trouble).has("kind");
}

std::string typed(std::string_view item, const ItemType& type) {
  if (item.empty() || type.kind.empty() || starts_with_type(item)) return std::string(item);
  std::string text = "{\"apiVersion\":\"" + type.api_version + "\",\"kind\":\"" + type.kind + "\"";
  const bool is_empty = item.find_first_not_of(" \t\r\n", 1) == item.find('}');
  if (!is_empty) text += ',';
  return text.append(item.substr(1));
}

simdjson::error_code read_list_metadata(ondemand::object metadata, KubeListPage& page) {
  for (auto field : metadata) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    if (key != "resourceVersion" && key != "continue") continue;
    const bool is_version = key == "resourceVersion";
    std::string_view text;
    if (const auto error = field.value().get_string().get(text)) return error;
    if (is_version) {
      page.version = version_of(text);
    } else {
      page.next_page = text;
    }
  }
  return simdjson::SUCCESS;
}

simdjson::error_code read_items(ondemand::value value, KubeListPage& page) {
  bool is_null = false;
  if (const auto error = value.is_null().get(is_null)) return error;
  if (is_null) return simdjson::SUCCESS;
  ondemand::array items;
  if (const auto error = value.get_array().get(items)) return error;
  for (auto item : items) {
    ondemand::object object;
    if (const auto error = item.get_object().get(object)) return error;
    std::string_view raw;
    if (const auto error = object.raw_json().get(raw)) return error;
    page.items.emplace_back(without_blanks(raw));
  }
  return simdjson::SUCCESS;
}

simdjson::error_code read_list(ondemand::document& document, KubeListPage& page, ItemType& type) {
  ondemand::object root;
  if (const auto error = document.get_object().get(root)) return error;
  for (auto field : root) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    if (key == "metadata") {
      ondemand::object metadata;
      if (const auto error = field.value().get_object().get(metadata)) return error;
      if (const auto error = read_list_metadata(metadata, page)) return error;
    } else if (key == "items") {
      ondemand::value value;
      if (const auto error = field.value().get(value)) return error;
      if (const auto error = read_items(value, page)) return error;
    } else if (key == "kind" || key == "apiVersion") {
      std::string& into = key == "kind" ? type.kind : type.api_version;
      std::string_view text;
      if (const auto error = field.value().get_string().get(text)) return error;
      into = text;
    }
  }
  return end_of(document);
}

simdjson::error_code read_line(ondemand::document& document, std::string& type,
                               std::string& object) {
  ondemand::object root;
  if (const auto error = document.get_object().get(root)) return error;
  for (auto field : root) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    if (key == "type") {
      std::string_view text;
      if (const auto error = field.value().get_string().get(text)) return error;
      type = text;
    } else if (key == "object") {
      ondemand::object value;
      if (const auto error = field.value().get_object().get(value)) return error;
      std::string_view raw;
      if (const auto error = value.raw_json().get(raw)) return error;
      object = without_blanks(raw);
    }
  }
  return end_of(document);
}

std::optional<WatchEventType> event_type(std::string_view text) {
  if (text == "ADDED") return WatchEventType::Added;
  if (text == "MODIFIED") return WatchEventType::Modified;
  if (text == "DELETED") return WatchEventType::Deleted;
  if (text == "BOOKMARK") return WatchEventType::Bookmark;
  if (text == "ERROR") return WatchEventType::Error;
  return std::nullopt;
}

}  // namespace

Result<KubeListPage> split_list(std::string_view json) {
  const simdjson::padded_string padded(json);
  ondemand::parser parser;
  ondemand::document document;
  if (const auto error = parser.iterate(padded).get(document)) return unreadable("the list", error);
  KubeListPage page;
  ItemType type;
  if (const auto error = read_list(document, page, type)) return unreadable("the list", error);
  const std::string_view suffix = "List";
  if (!type.kind.ends_with(suffix)) {
    return fail(ErrorCode::InvalidInput, "the answer is of kind \"" + type.kind + "\", no list");
  }
  type.kind.resize(type.kind.size() - suffix.size());
  if (page.version == 0) {
    return fail(ErrorCode::InvalidInput, "metadata.resourceVersion of the list is not a number");
  }
  for (std::string& item : page.items) item = typed(item, type);
  return page;
}

Result<WatchEvent> split_watch_line(std::string_view line) {
  const simdjson::padded_string padded(line);
  ondemand::parser parser;
  ondemand::document document;
  if (const auto error = parser.iterate(padded).get(document)) return unreadable("the line", error);
  std::string type;
  WatchEvent event;
  if (const auto error = read_line(document, type, event.object)) {
    return unreadable("the line", error);
  }
  const auto known = event_type(type);
  if (!known)
    return fail(ErrorCode::InvalidInput, "the line has the unknown type \"" + type + "\"");
  if (event.object.empty()) return fail(ErrorCode::InvalidInput, "the line has no object");
  event.type = *known;
  return event;
}

Result<ObjectHead> read_object_head(std::string_view json) {
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, json);
  if (!element) return fail(element.error());
  ReadTrouble trouble;
  const JsonObject root(*element, "", trouble);
  const JsonObject metadata = root.object("metadata");
  ObjectHead head;
  head.kind = root.text("kind");
  head.ns = metadata.text("namespace");
  head.name = metadata.text("name");
  head.uid = metadata.text("uid");
  head.version = version_of(metadata.text("resourceVersion"));
  head.deleting = metadata.has("deletionTimestamp");
  head.has_finalizers = !metadata.texts("finalizers").empty();
  for (const std::string& key : metadata.object("labels").keys()) {
    head.has_ray_label = head.has_ray_label || key.starts_with("ray.io/");
  }
  for (const JsonObject& owner : metadata.objects("ownerReferences")) {
    head.has_ray_owner = head.has_ray_owner || owner.text("apiVersion").starts_with("ray.io/");
  }
  if (!trouble.text.empty()) return fail(ErrorCode::InvalidInput, trouble.text);
  return head;
}

std::optional<KubeStatus> read_kube_status(std::string_view json) {
  simdjson::dom::parser parser;
  const auto element = parse_json(parser, json);
  if (!element) return std::nullopt;
  ReadTrouble trouble;
  const JsonObject root(*element, "", trouble);
  if (root.text("kind") != "Status") return std::nullopt;
  const JsonObject details = root.object("details");
  KubeStatus status;
  status.success = root.text("status") == "Success";
  status.code = root.small_integer("code").value_or(0);
  status.reason = root.text("reason");
  status.message = root.text("message");
  status.name = details.text("name");
  status.uid = details.text("uid");
  const auto wait = details.small_integer("retryAfterSeconds").value_or(0);
  status.retry_after = std::chrono::seconds(std::max(wait, 0));
  return status;
}

}  // namespace raycord
