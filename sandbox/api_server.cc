#include "sandbox/api_server.h"

#include <charconv>
#include <utility>

namespace raycord {
namespace {

constexpr Millis kPageLife{300'000};  // As etcd's compaction: a continue token lives 5 min.
constexpr std::size_t kWatchSecondsMin = 1800;  // The server ends a watch after 30 to 60 minutes.

std::optional<std::uint64_t> parse_version(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

ApiFailure bad_version(const std::string& text) {
  return {400, "BadRequest", "invalid resource version \"" + text + "\"", nullptr};
}

ApiFailure too_large_version(std::uint64_t asked, std::uint64_t current) {
  return {504,
          "Timeout",
          "Too large resource version: " + std::to_string(asked) +
              ", current: " + std::to_string(current),
          {{"retryAfterSeconds", 1},
           {"causes", Json::array({{{"reason", "ResourceVersionTooLarge"},
                                    {"message", "Too large resource version"}}})}}};
}

ApiFailure too_old_version(std::uint64_t asked, std::uint64_t oldest) {
  return expired("too old resource version: " + std::to_string(asked) + " (" +
                 std::to_string(oldest) + ")");
}

HttpResponse text_response(int code, std::string body) {
  return {code, {{"content-type", "application/json"}}, std::move(body)};
}

// Served kinds have no subresource but these.
std::optional<ApiFailure> check_subresource(const ApiPath& path) {
  if (path.subresource.empty()) return {};
  if (path.subresource == "status" && path.kind->has_status) return {};
  if (path.subresource == "binding" && path.kind->id == ApiKindId::Pod) return {};
  return not_simulated(path.kind->plural + "/" + path.subresource);
}

}  // namespace

ApiServer::Answer ApiServer::handle(Time now, const HttpRequest& request, const ApiPath& path,
                                    const ApiQuery& query) {
  if (const auto refusal = check_subresource(path)) return failure_response(*refusal);
  if (request.method == "GET") return get(now, request, path, query);
  if (!path.kind->writable) {
    return failure_response(not_simulated("writing " + path.kind->plural + ", which are fixed"));
  }
  if (path.kind->namespaced && path.name_space.empty()) {
    return failure_response({405, "MethodNotAllowed",
                             "the server does not allow this method on the requested resource",
                             Json::object()});
  }
  if (request.method == "POST") return post(now, request, path, query);
  if (request.method == "PUT") return put(now, request, path, query);
  if (request.method == "PATCH") return patch(now, request, path, query);
  if (request.method == "DELETE") {
    return path.name.empty() ? remove_many(now, request, path, query)
                             : remove_one(now, request, path, query);
  }
  return failure_response(not_simulated("the method " + request.method));
}

ApiServer::Answer ApiServer::get(Time now, const HttpRequest& request, const ApiPath& path,
                                 const ApiQuery& query) {
  const ApiRendering rendering = rendering_for(path.at, request, query);
  if (query_true(query, "watch")) return watch(now, path, query, rendering);
  if (path.name.empty()) {
    return query_value(query, "continue").empty() ? list(now, path, query, rendering)
                                                  : next_page(now, path, query, rendering);
  }
  const ApiObjectPtr found = store_.find(path.kind->id, path.name_space, path.name);
  if (found == nullptr) return failure_response(not_found(*path.kind, path.name));
  return text_response(200, render_object(*found, rendering, now));
}

// The objects that a list or a deletion of many means, as of the version it asks for.
std::optional<ApiFailure> ApiServer::select(const ApiPath& path, const ApiQuery& query,
                                            std::vector<ApiObjectPtr>& items,
                                            std::uint64_t& version) const {
  const auto labels = LabelSelector::parse(query_value(query, "labelSelector"));
  if (!labels) return bad_request(labels.error().message);
  const auto fields = FieldSelector::parse(query_value(query, "fieldSelector"), *path.kind);
  if (!fields) return bad_request(fields.error().message);
  version = store_.version();
  ApiStore::Objects past;
  const ApiStore::Objects* objects = &store_.all(path.kind->id);
  if (const std::string text = query_value(query, "resourceVersion"); !text.empty()) {
    const auto asked = parse_version(text);
    if (!asked) return bad_version(text);
    if (*asked > version) return too_large_version(*asked, version);
    if (query_value(query, "resourceVersionMatch") == "Exact") {
      if (!store_.objects_at(path.kind->id, *asked, past)) {
        return too_old_version(*asked, store_.forgotten(path.kind->id));
      }
      objects = &past;
      version = *asked;
    }
  }
  const bool everywhere = path.name_space.empty();
  auto at = everywhere ? objects->begin() : objects->lower_bound(path.name_space + "/");
  for (; at != objects->end(); ++at) {
    const ApiObject& object = *at->second;
    if (!everywhere && object.name_space != path.name_space) break;
    if (!path.name.empty() && object.name != path.name) continue;
    if (!labels->matches(object_at(object.body, {"metadata", "labels"}))) continue;
    if (fields->matches(object)) items.push_back(at->second);
  }
  return {};
}

HttpResponse ApiServer::list(Time now, const ApiPath& path, const ApiQuery& query,
                             const ApiRendering& rendering) {
  ApiListPage page;
  if (const auto refusal = select(path, query, page.items, page.version)) {
    return failure_response(*refusal);
  }
  const auto limit = parse_version(query_value(query, "limit")).value_or(0);
  if (limit == 0 || page.items.size() <= limit) {
    return text_response(200, render_list(*path.kind, page, rendering, now));
  }
  pages_[++last_page_] = {std::move(page.items), page.version, now + kPageLife};
  const bool count =
      query_value(query, "labelSelector").empty() && query_value(query, "fieldSelector").empty();
  return page_response(now, path, last_page_, 0, limit, count, rendering);
}

HttpResponse ApiServer::next_page(Time now, const ApiPath& path, const ApiQuery& query,
                                  const ApiRendering& rendering) {
  std::erase_if(pages_, [now](const auto& page) { return page.second.until <= now; });
  const std::string token = query_value(query, "continue");
  const auto dot = token.find('.');
  const auto id = parse_version(token.substr(0, dot));
  const auto offset =
      parse_version(dot == std::string::npos ? std::string() : token.substr(dot + 1));
  if (!id || !offset) return failure_response(bad_request("continue key is not valid"));
  const auto found = pages_.find(*id);
  if (found == pages_.end() || *offset > found->second.items.size()) {
    return failure_response(
        expired("The provided continue parameter is too old to display a consistent list result. "
                "You can start a new list without the continue parameter."));
  }
  const std::size_t left = found->second.items.size() - *offset;
  const auto limit = parse_version(query_value(query, "limit")).value_or(0);
  return page_response(now, path, *id, *offset, limit == 0 ? left : limit, true, rendering);
}

HttpResponse ApiServer::page_response(Time now, const ApiPath& path, std::uint64_t id,
                                      std::size_t offset, std::size_t limit, bool count,
                                      const ApiRendering& rendering) {
  const Page& whole = pages_.at(id);
  const std::size_t end = std::min(whole.items.size(), offset + limit);
  ApiListPage page;
  page.version = whole.version;
  for (std::size_t i = offset; i < end; ++i) page.items.push_back(whole.items[i]);
  if (end < whole.items.size()) {
    page.next_page = std::to_string(id) + "." + std::to_string(end);
    if (count) page.remaining = static_cast<std::int64_t>(whole.items.size() - end);
  }
  return text_response(200, render_list(*path.kind, page, rendering, now));
}

ApiServer::Answer ApiServer::watch(Time now, const ApiPath& path, const ApiQuery& query,
                                   const ApiRendering& rendering) {
  if (query_true(query, "sendInitialEvents")) {
    return failure_response({422, "Invalid",
                             "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: "
                             "Forbidden: sendInitialEvents is forbidden for watch unless the "
                             "WatchList feature gate is enabled",
                             nullptr});
  }
  auto labels = LabelSelector::parse(query_value(query, "labelSelector"));
  if (!labels) return failure_response(bad_request(labels.error().message));
  auto fields = FieldSelector::parse(query_value(query, "fieldSelector"), *path.kind);
  if (!fields) return failure_response(bad_request(fields.error().message));
  WatchRequest asked;
  asked.kind = path.kind;
  asked.name_space = path.name_space;
  asked.name = path.name;
  asked.labels = std::move(*labels);
  asked.fields = std::move(*fields);
  asked.rendering = rendering;
  asked.bookmarks = query_true(query, "allowWatchBookmarks");
  const auto seconds = parse_version(query_value(query, "timeoutSeconds")).value_or(0);
  asked.timeout = std::chrono::seconds(
      seconds > 0 ? seconds : kWatchSecondsMin + chance_.below(kWatchSecondsMin));
  const std::string text = query_value(query, "resourceVersion");
  if (text.empty() || text == "0") return WatchOpened{watches_.open(now, std::move(asked))};
  asked.from = parse_version(text);
  if (!asked.from) return failure_response(bad_version(text));
  const std::uint64_t oldest = store_.forgotten(path.kind->id);
  if (*asked.from < oldest) {
    const ApiFailure failure = too_old_version(*asked.from, oldest);
    if (settings_.expired_watch_is_http) return failure_response(failure);
    return WatchOpened{watches_.open_failed(status_body(failure).dump())};
  }
  return WatchOpened{watches_.open(now, std::move(asked))};
}

}  // namespace raycord
