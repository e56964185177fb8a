#include "sandbox/api_watches.h"

#include <utility>

namespace raycord {
namespace {

constexpr Millis kBookmarkEvery{60'000};  // As the API server's watch cache.

const char* name_of(ApiChangeType type) {
  switch (type) {
    case ApiChangeType::Added:
      return "ADDED";
    case ApiChangeType::Modified:
      return "MODIFIED";
    case ApiChangeType::Deleted:
      return "DELETED";
  }
  return "";
}

}  // namespace

ApiWatches::ApiWatches(ApiStore& store, Agenda& agenda) : store_(store), agenda_(agenda) {
  store_.observe([this](const ApiChange& change) {
    const auto kind = static_cast<std::size_t>(change.after->kind->id);
    for (const std::uint64_t watch : by_kind_[kind]) tell(watch, open_.at(watch), change);
  });
}

bool ApiWatches::selects(const WatchRequest& request, const ApiObject& object) {
  if (!request.name_space.empty() && object.name_space != request.name_space) return false;
  if (!request.name.empty() && object.name != request.name) return false;
  return request.labels.matches(object_at(object.body, {"metadata", "labels"})) &&
         request.fields.matches(object);
}

// An object that comes to match is new to this watch, one that no longer matches is gone.
void ApiWatches::tell(std::uint64_t watch, Stream& stream, const ApiChange& change) {
  const WatchRequest& request = stream.request;
  const bool before = change.before != nullptr && selects(request, *change.before);
  const bool after = change.type != ApiChangeType::Deleted && selects(request, *change.after);
  if (!before && !after) return;
  ApiChangeType type = ApiChangeType::Modified;
  if (!before) type = ApiChangeType::Added;
  if (!after) type = ApiChangeType::Deleted;
  say(watch, stream,
      render_event(name_of(type), render_object(*change.after, request.rendering, agenda_.now())));
}

void ApiWatches::say(std::uint64_t watch, Stream& stream, const std::string& bytes) {
  stream.pending += bytes;
  if (stream.chunk_due) return;
  stream.chunk_due = true;
  due_.push_back(watch);
}

std::uint64_t ApiWatches::open(Time now, WatchRequest request) {
  const std::uint64_t watch = ++last_id_;
  const ApiKind& kind = *request.kind;
  Stream& stream = open_[watch];
  stream.request = std::move(request);
  by_kind_[static_cast<std::size_t>(kind.id)].insert(watch);
  const WatchRequest& asked = stream.request;
  if (asked.from) {
    for (const ApiChange& change : store_.history(kind.id)) {
      if (change.version > *asked.from) tell(watch, stream, change);
    }
  } else {
    for (const auto& [key, object] : store_.all(kind.id)) {
      if (!selects(asked, *object)) continue;
      say(watch, stream, render_event("ADDED", render_object(*object, asked.rendering, now)));
    }
  }
  if (asked.bookmarks) {
    agenda_.at(now + kBookmarkEvery, [this, watch](Time when) { bookmark(when, watch); });
  }
  agenda_.at(now + asked.timeout, [this, watch](Time) {
    const auto found = open_.find(watch);
    if (found == open_.end()) return;
    const WatchRequest& over = found->second.request;
    if (over.bookmarks) {
      say(watch, found->second, render_bookmark(*over.kind, over.rendering.at, store_.version()));
    }
    end(watch);
  });
  return watch;
}

std::uint64_t ApiWatches::open_failed(const std::string& status) {
  ended_.push_back({++last_id_, render_event("ERROR", status), true});
  return last_id_;
}

void ApiWatches::bookmark(Time now, std::uint64_t watch) {
  const auto found = open_.find(watch);
  if (found == open_.end()) return;
  const WatchRequest& request = found->second.request;
  say(watch, found->second, render_bookmark(*request.kind, request.rendering.at, store_.version()));
  agenda_.at(now + kBookmarkEvery, [this, watch](Time when) { bookmark(when, watch); });
}

void ApiWatches::end(std::uint64_t watch) {
  const auto found = open_.find(watch);
  ended_.push_back({watch, std::move(found->second.pending), true});
  by_kind_[static_cast<std::size_t>(found->second.request.kind->id)].erase(watch);
  open_.erase(found);
}

void ApiWatches::close(std::uint64_t watch) {
  const auto found = open_.find(watch);
  if (found == open_.end()) return;
  by_kind_[static_cast<std::size_t>(found->second.request.kind->id)].erase(watch);
  open_.erase(found);
}

void ApiWatches::drop_all() {
  while (!open_.empty()) end(open_.begin()->first);
}

std::vector<ApiWatches::Chunk> ApiWatches::take_chunks() {
  std::vector<Chunk> chunks;
  for (const std::uint64_t watch : due_) {
    const auto found = open_.find(watch);
    if (found == open_.end()) continue;
    chunks.push_back({watch, std::move(found->second.pending), false});
    found->second.pending.clear();
    found->second.chunk_due = false;
  }
  due_.clear();
  for (Chunk& last : ended_) chunks.push_back(std::move(last));
  ended_.clear();
  return chunks;
}

}  // namespace raycord
