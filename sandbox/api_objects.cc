#include "sandbox/api_objects.h"

#include "core/check.h"

namespace raycord {
namespace {

std::string key_of(std::string_view name_space, std::string_view name) {
  std::string key;
  key.reserve(name_space.size() + name.size() + 1);
  key.append(name_space).append("/").append(name);
  return key;
}

std::shared_ptr<ApiObject> make_object(ApiKindId kind, Json body, std::uint64_t version) {
  auto object = std::make_shared<ApiObject>();
  body["metadata"]["resourceVersion"] = std::to_string(version);
  object->kind = &api_kind(kind);
  object->version = version;
  object->name_space = text_at(body, {"metadata", "namespace"});
  object->name = text_at(body, {"metadata", "name"});
  object->uid = text_at(body, {"metadata", "uid"});
  object->body = std::move(body);
  return object;
}

// Takes one change back.
void undo(const ApiChange& change, ApiStore::Objects& objects) {
  if (change.before == nullptr) {
    objects.erase(change.after->key());
  } else {
    objects[change.before->key()] = change.before;
  }
}

}  // namespace

const std::string& ApiObject::text() const {
  if (text_.empty()) text_ = body.dump();
  return text_;
}

const std::string& ApiObject::item_text() const {
  if (item_text_.empty()) {
    Json item = body;
    item.erase("apiVersion");
    item.erase("kind");
    item_text_ = item.dump();
  }
  return item_text_;
}

ApiObjectPtr ApiStore::find(ApiKindId kind, std::string_view name_space,
                            std::string_view name) const {
  const Objects& objects = all(kind);
  const auto found = objects.find(key_of(name_space, name));
  return found == objects.end() ? nullptr : found->second;
}

ApiObjectPtr ApiStore::find_uid(std::string_view uid) const {
  const auto found = by_uid_.find(uid);
  return found == by_uid_.end() ? nullptr : found->second;
}

std::pair<ApiStore::Objects::const_iterator, ApiStore::Objects::const_iterator> ApiStore::range(
    ApiKindId kind, std::string_view name_space) const {
  const Objects& objects = all(kind);
  // '0' follows '/': everything "ns/…" lies between.
  return {objects.lower_bound(std::string(name_space) + "/"),
          objects.lower_bound(std::string(name_space) + "0")};
}

ApiObjectPtr ApiStore::put(ApiKindId kind, Json body) {
  ApiObjectPtr object = make_object(kind, std::move(body), ++version_);
  ApiObjectPtr& slot = objects_[index_of(kind)][object->key()];
  ApiObjectPtr before = slot;
  slot = object;
  if (before != nullptr && before->uid != object->uid) by_uid_.erase(before->uid);
  by_uid_[object->uid] = object;
  const auto type = before == nullptr ? ApiChangeType::Added : ApiChangeType::Modified;
  record({type, version_, std::move(before), object});
  return object;
}

void ApiStore::erase(const ApiObject& object) {
  Objects& objects = objects_[index_of(object.kind->id)];
  const auto found = objects.find(object.key());
  if (found == objects.end()) return;
  const ApiObjectPtr before = found->second;
  objects.erase(found);
  by_uid_.erase(before->uid);
  ApiObjectPtr last = make_object(before->kind->id, before->body, ++version_);
  record({ApiChangeType::Deleted, version_, before, std::move(last)});
}

void ApiStore::record(ApiChange change) {
  const std::size_t index = index_of(change.after->kind->id);
  std::deque<ApiChange>& history = history_[index];
  history.push_back(change);
  if (history.size() > history_limit_) {
    forgotten_[index] = history.front().version;
    history.pop_front();
  }
  for (const Observer& observer : observers_) observer(change);
}

void ApiStore::forget_history() {
  for (std::size_t i = 0; i < kApiKindCount; ++i) {
    history_[i].clear();
    forgotten_[i] = version_;
  }
}

bool ApiStore::objects_at(ApiKindId kind, std::uint64_t version, Objects& objects) const {
  if (version < forgotten(kind) || version > version_) return false;
  objects = all(kind);
  const std::deque<ApiChange>& changes = history(kind);
  for (auto change = changes.rbegin(); change != changes.rend() && change->version > version;
       ++change) {
    undo(*change, objects);
  }
  return true;
}

bool ApiStore::restore(std::uint64_t version) {
  if (version > version_) return false;
  for (std::size_t i = 0; i < kApiKindCount; ++i) {
    if (forgotten_[i] > version) return false;
  }
  by_uid_.clear();
  for (std::size_t i = 0; i < kApiKindCount; ++i) {
    std::deque<ApiChange>& changes = history_[i];
    while (!changes.empty() && changes.back().version > version) {
      undo(changes.back(), objects_[i]);
      changes.pop_back();
    }
    for (const auto& [key, object] : objects_[i]) by_uid_[object->uid] = object;
  }
  version_ = version;
  return true;
}

}  // namespace raycord
