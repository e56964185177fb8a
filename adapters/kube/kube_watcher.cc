#include "adapters/kube/kube_watcher.h"

#include <algorithm>
#include <utility>

#include "adapters/limits.h"
#include "core/overloaded.h"
#include "formats/object_slice.h"

namespace raycord {
namespace {

CallFailure failure_of(const HttpOutcome& outcome) {
  CallFailure failure;
  failure.status = outcome.response.status;
  failure.retry_after = retry_after(outcome);
  failure.message = message_of(outcome);
  if (outcome.failure == HttpFailure::TooLarge) {
    failure.trouble = CallTrouble::TooLarge;
  } else if (outcome.failure) {
    failure.trouble = CallTrouble::NoAnswer;
  } else {
    failure.trouble = is_success(outcome) ? CallTrouble::Ended : CallTrouble::Status;
  }
  return failure;
}

}  // namespace

KubeWatcher::KubeWatcher(Kind kind, std::string ns, const KubeApi& api, HttpTransport& transport)
    : kind_(kind),
      ns_(std::move(ns)),
      where_(std::string("watch ") + name_of(kind) + (ns_.empty() ? "" : " " + ns_)),
      api_(api),
      transport_(transport),
      watch_(kind, ns_) {}

KubeWatcher::~KubeWatcher() {
  for (const std::uint64_t id : {list_, peek_, stream_}) {
    if (id != 0) transport_.cancel(id);
  }
}

void KubeWatcher::tick(Time now, bool crowded) {
  now_ = std::max(now_, now);
  if (crowded) {
    if (stream_ == 0) return;
    transport_.cancel(std::exchange(stream_, 0));
    watch_.on_stream_ended(now_, {CallTrouble::Crowded, 0, Millis(0), "the loop is behind"});
    return;
  }
  while (const auto call = watch_.next_call(now_)) make(*call);
}

void KubeWatcher::make(const WatchCall& call) {
  std::visit(Overloaded{
                 [&](const ListCall& list) {
                   list_ = transport_.start(list_request(list.limit, list.page), *this);
                 },
                 [&](const PeekCall&) { peek_ = transport_.start(list_request(1, ""), *this); },
                 [&](const StreamCall& stream) {
                   line_.clear();
                   line_size_ = 0;
                   stream_ = transport_.start(stream_request(stream), *this);
                 },
                 [&](const CutCall&) {
                   if (stream_ != 0) transport_.cancel(std::exchange(stream_, 0));
                 },
             },
             call);
}

std::string KubeWatcher::collection_url(std::string query) const {
  const std::string selector = selector_query(kind_);
  if (!selector.empty()) query = selector + "&" + query;
  return api_path(kind_, ns_, "") + "?" + query;
}

HttpRequest KubeWatcher::list_request(std::uint32_t limit, const std::string& page) const {
  std::string query = "limit=" + std::to_string(limit);
  if (!page.empty()) query += "&continue=" + url_encode(page);
  HttpRequest request = api_.request("GET", collection_url(std::move(query)), now_);
  request.timeout = kListTimeout;
  request.max_body = kListBodyMax;
  return request;
}

HttpRequest KubeWatcher::stream_request(const StreamCall& call) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(call.time).count();
  HttpRequest request = api_.request(
      "GET",
      collection_url("watch=1&allowWatchBookmarks=true&resourceVersion=" +
                     std::to_string(call.from) + "&timeoutSeconds=" + std::to_string(seconds)),
      now_);
  request.stream = true;
  request.timeout = kStreamSilence;
  return request;
}

// --- Answers ------------------------------------------------------------------------------------

void KubeWatcher::on_done(std::uint64_t id, HttpOutcome outcome) {
  api_.note_answer(outcome);
  if (id == list_) {
    list_ = 0;
    finish_list(outcome);
  } else if (id == peek_) {
    peek_ = 0;
    finish_peek(outcome);
  } else if (id == stream_) {
    stream_ = 0;
    finish_stream(outcome);
  }
}

void KubeWatcher::finish_list(const HttpOutcome& outcome) {
  if (!is_success(outcome)) return watch_.on_list_failed(now_, failure_of(outcome));
  const std::string& body = outcome.response.body;
  Result<KubeListPage> page = split_list(body);
  if (!page) {
    return watch_.on_page_unreadable(now_,
                                     unreadable("list of " + where_, page.error().message, body));
  }
  ListedPage listed{page->version, std::move(page->next_page), {}};
  listed.items.reserve(page->items.size());
  for (std::string& raw : page->items) {
    if (kind_ == Kind::Service || is_routing()) {
      const auto head = read_object_head(raw);
      if (head && !is_ours(*head)) continue;
    }
    listed.items.push_back(read_item(std::move(raw)));
  }
  watch_.on_page(now_, std::move(listed));
}

void KubeWatcher::finish_peek(const HttpOutcome& outcome) {
  if (!is_success(outcome)) return watch_.on_peek_failed(now_, failure_of(outcome));
  const Result<KubeListPage> page = split_list(outcome.response.body);
  if (page) return watch_.on_peek(now_, page->version);
  watch_.on_peek_failed(now_, {CallTrouble::NoAnswer, 0, Millis(0), page.error().message});
}

// What is left of a line was cut off with the connection, and comes again with the next stream.
void KubeWatcher::finish_stream(const HttpOutcome& outcome) {
  line_.clear();
  watch_.on_stream_ended(now_, failure_of(outcome));
}

void KubeWatcher::on_chunk(std::uint64_t id, std::string_view bytes) {
  if (id != stream_) return;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    line_size_ += part.size();
    if (line_size_ <= kWatchLineMax) line_ += part;
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    const std::string line = std::exchange(line_, {});
    const std::uint64_t size = std::exchange(line_size_, 0);
    if (size > kWatchLineMax) {
      Unreadable fact = unreadable(
          where_, "the line is longer than " + std::to_string(kWatchLineMax) + " bytes", line);
      fact.size = size;
      watch_.on_line(now_, LineGarbage{std::move(fact)});
    } else if (line.find_first_not_of(" \t\r") != std::string::npos) {
      take_line(line);
    }
  }
}

void KubeWatcher::take_line(std::string_view line) {
  Result<WatchEvent> event = split_watch_line(line);
  if (!event) {
    return watch_.on_line(now_, LineGarbage{unreadable(where_, event.error().message, line)});
  }
  switch (event->type) {
    case WatchEventType::Added:
    case WatchEventType::Modified:
      return watch_.on_line(now_, read_object(event->type, std::move(event->object)));
    case WatchEventType::Deleted:
      return watch_.on_line(now_, read_deleted(event->object));
    case WatchEventType::Bookmark: {
      const auto head = read_object_head(event->object);
      return watch_.on_line(now_, LinePassed{head ? head->version : 0});
    }
    case WatchEventType::Error:
      break;
  }
  const auto status = read_kube_status(event->object);
  LineError error{0, short_line(event->object, kServerMessageMax)};
  if (status) error = {status->code, short_line(status->message, kServerMessageMax)};
  watch_.on_line(now_, std::move(error));
}

// --- Objects ------------------------------------------------------------------------------------

// Gateways and HTTPRoutes have no label that KubeRay, too, gives them.
bool KubeWatcher::is_routing() const { return kind_ == Kind::Gateway || kind_ == Kind::HTTPRoute; }

// Any Service that has to do with Ray says so with some label.
bool KubeWatcher::is_ours(const ObjectHead& head) const {
  if (is_routing()) return head.has_ray_owner;
  return kind_ != Kind::Service || head.has_ray_label;
}

WatchLine KubeWatcher::read_object(WatchEventType type, std::string raw) const {
  const Result<ObjectHead> head = read_object_head(raw);
  if (!head) return LineGarbage{unreadable(where_, head.error().message, raw)};
  if (!is_ours(*head)) {
    const ObjectName name{kind_, head->ns, head->name};
    if (type == WatchEventType::Added) return LinePassed{head->version};
    return LineNotOurs{head->version, {name, head->uid, head->version, GoneHow::Watched}};
  }
  Result<Object> object = slice_object(kind_, raw);
  if (object) return LineObject{head->version, ObjectSeen{std::move(*object)}, std::move(raw)};
  const std::string where = to_text(ObjectName{kind_, head->ns, head->name});
  return LineObject{head->version, unreadable(where, object.error().message, raw), ""};
}

WatchLine KubeWatcher::read_deleted(const std::string& raw) const {
  const Result<ObjectHead> head = read_object_head(raw);
  if (!head || head->name.empty()) {
    return LineGarbage{unreadable(where_, head ? "it has no name" : head.error().message, raw)};
  }
  ObjectGone gone{{kind_, head->ns, head->name}, head->uid, head->version, GoneHow::Watched};
  if (!is_ours(*head)) return LineNotOurs{head->version, std::move(gone)};
  return LineObject{head->version, std::move(gone), ""};
}

ListedItem KubeWatcher::read_item(std::string raw) const {
  Result<Object> object = slice_object(kind_, raw);
  if (object) return {name_of(*object), ObjectSeen{std::move(*object)}, std::move(raw)};
  const Result<ObjectHead> head = read_object_head(raw);
  const ObjectName name = head ? ObjectName{kind_, head->ns, head->name} : ObjectName{};
  const std::string where = head ? to_text(name) : "list of " + where_;
  return {name, unreadable(where, object.error().message, raw), ""};
}

Unreadable KubeWatcher::unreadable(const std::string& where, const std::string& why,
                                   std::string_view bytes) const {
  return {where, short_line(why, kServerMessageMax), bytes.size(), hash_of(bytes)};
}

}  // namespace raycord
