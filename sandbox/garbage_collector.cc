#include "sandbox/garbage_collector.h"

#include <algorithm>

namespace raycord {
namespace {

constexpr const char* kForeground = "foregroundDeletion";
constexpr const char* kOrphan = "orphan";

bool has_finalizer(const ApiObject& object, const char* finalizer) {
  const Json& held = list_at(object.body, {"metadata", "finalizers"});
  return std::find(held.begin(), held.end(), Json(finalizer)) != held.end();
}

const Json& owners_of(const ApiObject& object) {
  return list_at(object.body, {"metadata", "ownerReferences"});
}

}  // namespace

GarbageCollector::GarbageCollector(ApiStore& store, ApiServer& api, Agenda& agenda, Millis delay)
    : store_(store), api_(api), agenda_(agenda), delay_(delay) {
  store_.observe([this](const ApiChange& change) { note(change); });
}

void GarbageCollector::look_again() {
  dependents_.clear();
  for (const ApiKind& kind : api_kinds()) {
    for (const auto& [key, object] : store_.all(kind.id)) {
      note({ApiChangeType::Added, object->version, nullptr, object});
    }
  }
}

void GarbageCollector::note(const ApiChange& change) {
  if (change.before != nullptr) forget_owners(*change.before);
  const ApiObject& object = change.object();
  if (change.type == ApiChangeType::Deleted) {
    if (const auto found = dependents_.find(object.uid); found != dependents_.end()) {
      for (const std::string& uid : found->second) suspect(uid);
    }
    for (const Json& owner : owners_of(object)) suspect(text_at(owner, {"uid"}));
    if (!object.name_space.empty()) {
      const auto home = store_.find(ApiKindId::Namespace, "", object.name_space);
      if (home != nullptr && home->deleting()) suspect(home->uid);
    }
    return;
  }
  for (const Json& owner : owners_of(object)) {
    dependents_[text_at(owner, {"uid"})].insert(object.uid);
  }
  if (!owners_of(object).empty() || object.deleting()) suspect(object.uid);
}

void GarbageCollector::forget_owners(const ApiObject& object) {
  for (const Json& owner : owners_of(object)) {
    const auto found = dependents_.find(text_at(owner, {"uid"}));
    if (found == dependents_.end()) continue;
    found->second.erase(object.uid);
    if (found->second.empty()) dependents_.erase(found);
  }
}

void GarbageCollector::suspect(const std::string& uid) {
  suspects_.insert(uid);
  if (work_due_) return;
  work_due_ = true;
  agenda_.after(delay_, [this](Time now) { work(now); });
}

void GarbageCollector::work(Time now) {
  work_due_ = false;
  std::set<std::string> suspects;
  suspects.swap(suspects_);
  for (const std::string& uid : suspects) {
    const ApiObjectPtr object = store_.find_uid(uid);
    if (object != nullptr) examine(now, *object);
  }
}

void GarbageCollector::examine(Time now, const ApiObject& object) {
  if (object.deleting()) {
    if (object.kind->id == ApiKindId::Namespace) {
      empty_namespace(now, object);
    } else if (has_finalizer(object, kOrphan)) {
      orphan_dependents(object);
    } else if (has_finalizer(object, kForeground)) {
      delete_in_foreground(now, object);
    }
    return;
  }
  const Json& owners = owners_of(object);
  const bool owned = std::any_of(owners.begin(), owners.end(), [this](const Json& owner) {
    return store_.find_uid(text_at(owner, {"uid"})) != nullptr;
  });
  if (!owners.empty() && !owned) api_.remove(now, object);
}

void GarbageCollector::orphan_dependents(const ApiObject& owner) {
  const auto found = dependents_.find(owner.uid);
  const std::set<std::string> uids =
      found == dependents_.end() ? std::set<std::string>() : found->second;
  for (const std::string& uid : uids) {
    const ApiObjectPtr dependent = store_.find_uid(uid);
    if (dependent == nullptr) continue;
    Json body = dependent->body;
    Json kept = Json::array();
    for (const Json& reference : owners_of(*dependent)) {
      if (text_at(reference, {"uid"}) != owner.uid) kept.push_back(reference);
    }
    body["metadata"]["ownerReferences"] = kept;
    if (kept.empty()) body["metadata"].erase("ownerReferences");
    api_.replace(*dependent, std::move(body));
  }
  drop_finalizer(owner, kOrphan);
}

void GarbageCollector::delete_in_foreground(Time now, const ApiObject& owner) {
  const auto found = dependents_.find(owner.uid);
  if (found == dependents_.end()) {
    drop_finalizer(owner, kForeground);
    return;
  }
  const std::set<std::string> uids = found->second;
  for (const std::string& uid : uids) {
    const ApiObjectPtr dependent = store_.find_uid(uid);
    if (dependent != nullptr && !dependent->deleting()) api_.remove(now, *dependent);
  }
}

void GarbageCollector::empty_namespace(Time now, const ApiObject& name_space) {
  bool empty = true;
  for (const ApiKind& kind : api_kinds()) {
    if (!kind.namespaced) continue;
    std::vector<ApiObjectPtr> inside;
    const auto [first, last] = store_.range(kind.id, name_space.name);
    for (auto at = first; at != last; ++at) inside.push_back(at->second);
    for (const ApiObjectPtr& object : inside) {
      if (!object->deleting()) api_.remove(now, *object);
    }
    const auto left = store_.range(kind.id, name_space.name);
    empty = empty && left.first == left.second;
  }
  if (empty) store_.erase(name_space);
}

void GarbageCollector::drop_finalizer(const ApiObject& object, const std::string& finalizer) {
  Json body = object.body;
  Json& held = body["metadata"]["finalizers"];
  held.erase(std::remove(held.begin(), held.end(), Json(finalizer)), held.end());
  if (held.empty()) body["metadata"].erase("finalizers");
  const ApiObjectPtr left = api_.replace(object, std::move(body));
  if (list_at(left->body, {"metadata", "finalizers"}).empty()) store_.erase(*left);
}

}  // namespace raycord
